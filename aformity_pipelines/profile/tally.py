"""The different values of a batch of columns, counted: everything else about a column follows from them.

Keep out: what the values mean.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from aformity_pipelines.domain.sql_text import identifier, literal

TALLY = "profile_tally"
"""A temporary table with `number` (of the column), `value`, `n` (rows that hold it), `row` (the first of them),
`is_odd` (worth a closer look)."""
SAMPLE = "profile_sample"
"""The same for at most about a thousand values of each column, spread evenly."""

ODD = "profile_odd"
"""The values of TALLY that are odd."""

_CELLS = 16_000_000
_TALL = 10_000
_TALL_COLUMNS = 16
_WIDE_COLUMNS = 500
_SAMPLED = 500


def column(number: int) -> str:
    """Return the name of column `number` (from 1) in a raw table."""
    return f"c{number:04d}"


def batches(columns: int, rows: int) -> Iterator[range]:
    """Yield the numbers 1 to `columns` in batches that neither memory nor the query planner minds."""
    most = _TALL_COLUMNS if rows > _TALL else _WIDE_COLUMNS
    size = max(1, min(most, _CELLS // max(rows, 1)))
    for first in range(1, columns + 1, size):
        yield range(first, min(first + size, columns + 1))


def tally(
    connection: duckdb.DuckDBPyConnection, parquet: Path, numbers: range, *, rows: int, is_odd: str
) -> None:
    """Count the values of these columns of a raw table of `rows` rows into TALLY and SAMPLE.  NULL is no value.

    `is_odd` is SQL about `value`.
    """
    select = _by_column(parquet, numbers, is_odd) if rows > _TALL else _at_once(parquet, numbers, is_odd)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {TALLY} AS {select}")
    sizes = connection.execute(
        f"SELECT number, count(*) FROM {TALLY} GROUP BY number ORDER BY number"
    ).fetchall()
    large = {number: size // _SAMPLED for number, size in sizes if size >= 2 * _SAMPLED}
    every = " ".join(f"WHEN {number} THEN hash(row) % {step} = 0" for number, step in large.items())
    where = f"WHERE CASE number {every} ELSE true END" if large else ""
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {SAMPLE} AS SELECT * FROM {TALLY} {where}")


def forget(connection: duckdb.DuckDBPyConnection) -> None:
    """Drop the temporary tables, which hold a batch of the customer's values."""
    for table in (TALLY, SAMPLE, ODD):
        connection.execute(f"DROP TABLE IF EXISTS {table}")


def raw(parquet: Path) -> str:
    """Return the SQL that reads a raw table."""
    return f"read_parquet({literal(str(parquet))})"


def _by_column(parquet: Path, numbers: range, is_odd: str) -> str:
    # Ten times cheaper than one grouping of everything where rows are many; too many parts where columns are.
    return " UNION ALL ".join(
        f"SELECT {number} AS number, {column(number)} AS value, count(*) AS n, min(row) AS row, {is_odd} AS is_odd"
        f" FROM {raw(parquet)} WHERE {column(number)} IS NOT NULL GROUP BY value"
        for number in numbers
    )


def _at_once(parquet: Path, numbers: range, is_odd: str) -> str:
    names = ", ".join(identifier(column(number)) for number in numbers)
    return (
        f"WITH cells AS (SELECT unnest([{', '.join(map(str, numbers))}]) AS number, unnest([{names}]) AS value, row"
        f" FROM {raw(parquet)})"
        f" SELECT number, value, count(*) AS n, min(row) AS row, {is_odd} AS is_odd FROM cells WHERE value IS NOT NULL GROUP BY number, value"
    )
