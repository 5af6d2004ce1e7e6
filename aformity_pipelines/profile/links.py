"""Which columns of which tables point to which other table's key.  Keep out: profiles of single tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import duckdb

from aformity_pipelines.domain.profile import ColumnSummary, Link, TableSummary, ValueType
from aformity_pipelines.profile.tally import column, raw
from aformity_pipelines.profile.words import words_of

ENOUGH = 0.7
"""The share of a column's values that the key must hold."""
_FEWEST = 3
_MOST_PAIRS = 400
_POINTING = {
    ValueType.INTEGER,
    ValueType.CODE,
    ValueType.CHOICE,
    ValueType.TEXT,
    ValueType.EMAIL,
    ValueType.UUID,
}
_VAGUE = frozenset({"id", "name"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Profiled:
    """One table, where it lies, and what it looks like."""

    name: str
    parquet: Path
    summary: TableSummary


def links(connection: duckdb.DuckDBPyConnection, tables: Sequence[Profiled]) -> tuple[Link, ...]:
    """Return the likely relationships between and within `tables`; blanks around values do not count.

    Of very many candidates only the first 400 are tried.
    """
    found = []
    for key_table, key, table, one in islice(_candidates(tables), _MOST_PAIRS):
        x, k = column(one.number), column(key.number)
        tested = (
            f"SELECT count(*), count(k) FROM (SELECT DISTINCT trim({x}) AS x FROM {raw(table.parquet)} WHERE trim({x}) <> '')"
            f" LEFT JOIN (SELECT DISTINCT trim({k}) AS k FROM {raw(key_table.parquet)}) ON x = k"
        )
        ((values, hits),) = connection.execute(tested).fetchall()
        if hits >= max(_FEWEST, ENOUGH * values):
            link = Link(
                table=table.name,
                header=one.header,
                key_table=key_table.name,
                key_header=key.header,
                values=values,
                found=hits,
            )
            found.append(link)
    return tuple(found)


def _candidates(
    tables: Sequence[Profiled],
) -> Iterator[tuple[Profiled, ColumnSummary, Profiled, ColumnSummary]]:
    for key_table in tables:
        for key in _key_columns(key_table.summary):
            for table in tables:
                for one in table.summary.columns:
                    is_itself = table is key_table and one.number == key.number
                    if not is_itself and _may_point(table, one, key_table, key):
                        yield key_table, key, table, one


def _key_columns(summary: TableSummary) -> Iterator[ColumnSummary]:
    single = [key.columns[0] for key in summary.keys if len(key.columns) == 1]
    for number in (*single, *(near.column for near in summary.near_keys)):
        yield summary.columns[number - 1]


def _may_point(table: Profiled, one: ColumnSummary, key_table: Profiled, key: ColumnSummary) -> bool:
    if one.type not in _POINTING or one.distinct < _FEWEST or one.shortest > key.longest:
        return False
    if ValueType.INTEGER not in {one.type, key.type}:
        return True
    if table is key_table and one.distinct == table.summary.rows:
        return False
    # Small numbers are found in every running number: the names must say the same, too.
    target = words_of(key.header) | words_of(key_table.name)
    return one.type is key.type and bool((words_of(one.header) - _VAGUE) & target)
