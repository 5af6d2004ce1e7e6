"""What names a row: keys of one column or two, what keeps a column from being one, and rows that are equal.

Keep out: what single columns look like.
"""

from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import duckdb

from aformity_pipelines.domain.profile import ColumnSummary, Key, NearKey, ValueType
from aformity_pipelines.profile.tally import column, raw
from aformity_pipelines.profile.words import words_of

GROUPS = 3
"""How many groups of equal rows are named."""
_MANY = 20
"""Rows of one group that are named."""
_NEARLY = 0.98
_PAIRED = 8
_KEYS = 5
_FIRST_LOOK = 50_000
_NEVER_A_KEY = {
    ValueType.EMPTY,
    ValueType.BOOLEAN,
    ValueType.CHOICE,
    ValueType.DECIMAL,
    ValueType.MONEY,
    ValueType.PERCENT,
}
_NAMING = {ValueType.CODE, ValueType.INTEGER, ValueType.UUID, ValueType.EMAIL, ValueType.IBAN}
_NO_LETTERS = {ValueType.INTEGER, ValueType.DATE, ValueType.PHONE}
_SMALLEST = 2

Groups = tuple[tuple[int, ...], ...]


def keys(
    connection: duckdb.DuckDBPyConnection, parquet: Path, columns: Sequence[ColumnSummary], *, rows: int
) -> tuple[Key, ...]:
    """Return the columns that name a row, the likeliest first; two columns together where no single one does."""
    if rows < _SMALLEST:
        return ()
    unique = [one for one in columns if one.filled == one.distinct == rows and one.type not in _NEVER_A_KEY]
    if unique:
        return tuple(_key(connection, parquet, (one,)) for one in sorted(unique, key=_unlikeliness)[:_KEYS])
    full = [
        one
        for one in columns
        if one.filled == rows and one.distinct > 1 and one.type not in _NEVER_A_KEY | {ValueType.TEXT}
    ]
    most = sorted(full, key=lambda one: (-one.distinct, one.number))[:_PAIRED]
    pairs = [pair for pair in combinations(most, 2) if pair[0].distinct * pair[1].distinct >= rows]
    for pair in sorted(pairs, key=lambda pair: tuple(one.number for one in pair)):
        if _is_key(connection, parquet, pair, rows):
            return (_key(connection, parquet, pair),)
    return ()


def near_keys(
    connection: duckdb.DuckDBPyConnection, parquet: Path, columns: Sequence[ColumnSummary], *, rows: int
) -> tuple[NearKey, ...]:
    """Return the columns in which nearly every value is another, and the rows that hold one twice."""
    found = []
    for one in columns:
        blank, repeated = rows - one.filled, one.filled - one.distinct
        is_near = one.distinct >= _NEARLY * rows and (blank or repeated) and rows >= _PAIRED
        if is_near and one.type not in _NEVER_A_KEY | {ValueType.TEXT, ValueType.TIMESTAMP}:
            name = column(one.number)
            _, groups = _alike(connection, parquet, name, f"{name} <> ''")
            near = NearKey(
                column=one.number, header=one.header, blank=blank, repeated=repeated, repeated_rows=groups
            )
            found.append(near)
    return tuple(found[:_KEYS])


def duplicates(
    connection: duckdb.DuckDBPyConnection, parquet: Path, columns: Sequence[ColumnSummary], *, rows: int
) -> tuple[int, Groups]:
    """Return how many rows equal an earlier one in every column, and the first few groups of such rows."""
    if not columns or any(one.distinct == rows for one in columns):
        return 0, ()
    together = f"hash({', '.join(column(one.number) for one in columns)})"
    return _alike(connection, parquet, together)


def _key(connection: duckdb.DuckDBPyConnection, parquet: Path, columns: tuple[ColumnSummary, ...]) -> Key:
    folded = " || chr(31) || ".join(f"lower(trim({column(one.number)}))" for one in columns)
    is_plain = all(one.type in _NO_LETTERS and not one.unusual_rows for one in columns)
    alike, groups = (0, ()) if is_plain else _alike(connection, parquet, folded)
    return Key(
        columns=tuple(one.number for one in columns),
        headers=tuple(one.header for one in columns),
        alike=alike,
        alike_rows=groups,
    )


def _is_key(
    connection: duckdb.DuckDBPyConnection, parquet: Path, pair: tuple[ColumnSummary, ...], rows: int
) -> bool:
    names = ", ".join(column(one.number) for one in pair)
    for many in (_FIRST_LOOK, rows):
        counted = (
            f"SELECT count(*) - count(DISTINCT hash({names}))"
            f" FROM (SELECT {names} FROM {raw(parquet)} LIMIT {many})"
        )
        if connection.execute(counted).fetchone() != (0,):
            return False
    return True


def _alike(
    connection: duckdb.DuckDBPyConnection, parquet: Path, value: str, where: str = "true"
) -> tuple[int, Groups]:
    """Return how many rows have a `value` (SQL) that an earlier row has, and the first groups of rows."""
    marks = f"SELECT hash({value}) AS mark, row FROM {raw(parquet)} WHERE {where}"
    groups = f"SELECT count(*) AS n, min(row) AS first, mark FROM ({marks}) GROUP BY mark HAVING n > 1"
    ((repeated,),) = connection.execute(f"SELECT coalesce(sum(n - 1), 0)::BIGINT FROM ({groups})").fetchall()
    if not repeated:
        return 0, ()
    first = connection.execute(
        f"WITH few AS (SELECT mark FROM ({groups}) ORDER BY first LIMIT {GROUPS})"
        f" SELECT list(row ORDER BY row)[:{_MANY}] AS together FROM ({marks}) JOIN few USING (mark)"
        " GROUP BY mark ORDER BY min(row)"
    ).fetchall()
    return repeated, tuple(tuple(together) for (together,) in first)


def _unlikeliness(one: ColumnSummary) -> tuple[bool, bool, int]:
    """Sort what is called an id first, then codes, numbers and addresses, each in file order."""
    return ("id" not in words_of(one.header), one.type not in _NAMING, one.number)
