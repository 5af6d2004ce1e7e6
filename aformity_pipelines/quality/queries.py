"""The text of a failing-rows query, written and read back in one place.

`metrics` writes such a query for each rule, Great Expectations hands it through in its result, and
`findings_table` reads the condition back to judge many rules in one scan.
"""

from aformity_pipelines.domain.sql_text import identifier


def failing_rows(row_column: str, table: str, condition: str) -> str:
    """Return the query for the ids of the rows of `table` that fulfil a failing condition."""
    return f"{_head(row_column, table)}{condition}"


def condition_of(query: str, row_column: str, table: str) -> str | None:
    """Return the condition that `failing_rows` was given; None for a query of another shape."""
    head = _head(row_column, table)
    return query.removeprefix(head) if query.startswith(head) else None


def _head(row_column: str, table: str) -> str:
    return f"SELECT {identifier(row_column)} FROM {identifier(table.lower())} WHERE "
