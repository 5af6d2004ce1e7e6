"""The text of a failing-rows query, written and read back in one place.

`metrics` writes such a query for each rule, Great Expectations hands it through in its result, and
`findings_table` reads the condition back to judge many rules in one scan.
"""


def quoted(name: str) -> str:
    """Return an identifier as DuckDB reads it, whatever characters it holds."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def failing_rows(row_column: str, table: str, condition: str) -> str:
    """Return the query for the ids of the rows of `table` that fulfil a failing condition."""
    return f"{_head(row_column, table)}{condition}"


def condition_of(query: str, row_column: str, table: str) -> str | None:
    """Return the condition that `failing_rows` was given; None for a query of another shape."""
    head = _head(row_column, table)
    return query.removeprefix(head) if query.startswith(head) else None


def _head(row_column: str, table: str) -> str:
    return f"SELECT {quoted(row_column)} FROM {quoted(table.lower())} WHERE "
