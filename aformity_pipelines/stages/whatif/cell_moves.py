"""Which values would change: as they are mapped, as records are made of them, and as they leave.

A cell is said once, where it changes first; rows that come, go or end elsewhere are told by their fates.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from aformity_pipelines.domain.effect import CellExample, CellMove
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.stages.graph import MAPPED, TRANSFORMED
from aformity_pipelines.stages.outputs import TABLE, columns_of, folder_of, parquet
from aformity_pipelines.stages.whatif.played import Played
from aformity_pipelines.stages.whatif.row_moves import PAIRS

CHANGED = "changed_cells"
"""Temp table (entity, field, row_id, before, after)."""


def cell_moves(connection: duckdb.DuckDBPyConnection, before: Played, after: Played) -> tuple[CellMove, ...]:
    """Return the values that would change, by field; needs the rows of `row_moves`."""
    connection.execute(
        f"create or replace temp table {CHANGED}"
        " (entity varchar, field varchar, row_id varchar, before varchar, after varchar)"
    )
    for entity in after.run.migration.entities():
        _note_mapped(connection, before, after, entity)
        _note_records(connection, after, entity, *(_transformed(side, entity) for side in (before, after)))
        _note_records(connection, after, entity, *(_exported(side, entity) for side in (before, after)))
    rows = connection.execute(
        "select entity, field, count(*), list({'row': row_id, 'before': before, 'after': after} order by row_id)[1:3]"
        f" from {CHANGED} group by all order by all"
    ).fetchall()
    return tuple(
        CellMove(
            entity=entity, field=field, rows=number, examples=tuple(CellExample(**each) for each in examples)
        )
        for entity, field, number, examples in rows
    )


def _note_mapped(connection: duckdb.DuckDBPyConnection, before: Played, after: Played, entity: str) -> None:
    """Note the cells of rows that are there on both sides and would be mapped to something else."""
    tables = [_table(side, MAPPED, entity) for side in (before, after)]
    if tables[0] is None or tables[1] is None:
        return
    old, new = tables[0], tables[1]
    for field, b, a in _fields(connection, after, entity, old, new):
        connection.execute(
            f"insert into {CHANGED} select {literal(entity)}, {literal(field)}, p.after_id, {b}, {a}"
            f" from {PAIRS} p join {old} b on b.row_id = p.before_id join {new} a on a.row_id = p.after_id"
            f" where p.entity = {literal(entity)} and {b} is distinct from {a}"
        )


def _note_records(
    connection: duckdb.DuckDBPyConnection, after: Played, entity: str, old: str | None, new: str | None
) -> None:
    """Note the cells of records, told apart by their key, of which no row was mapped to something else."""
    if old is None or new is None:
        return
    key = identifier(after.run.migration.destination.entities[entity].key)
    once = f"qualify count(*) over (partition by {key}) = 1"
    for field, b, a in _fields(connection, after, entity, old, new):
        connection.execute(
            f"insert into {CHANGED} select {literal(entity)}, {literal(field)}, a.row_ids[1], {b}, {a}"
            f" from (select * from {old} {once}) b join (select * from {new} {once}) a"
            f" on b.{key}::varchar = a.{key}::varchar where {b} is distinct from {a} and not exists"
            f" (select 1 from {CHANGED} c where c.entity = {literal(entity)} and c.field = {literal(field)}"
            " and list_contains(a.row_ids, c.row_id))"
        )


def _fields(
    connection: duckdb.DuckDBPyConnection, after: Played, entity: str, old: str, new: str
) -> Iterator[tuple[str, str, str]]:
    """Yield each field that either table has, and its text in `b` and `a`; a field that is not there is empty."""
    were, are = columns_of(connection, old), columns_of(connection, new)
    for field in after.run.migration.destination.entities[entity].fields:
        if field in were or field in are:
            b, a = (
                f"cast({side}.{identifier(field)} as varchar)"
                if field in columns
                else "cast(null as varchar)"
                for side, columns in (("b", were), ("a", are))
            )
            yield field, b, a


def _table(side: Played, stage: str, entity: str) -> str | None:
    path = folder_of(side.run, stage, entity) / TABLE
    return parquet(path) if side.is_reached(stage, entity) and path.is_file() else None


def _transformed(side: Played, entity: str) -> str | None:
    return _table(side, TRANSFORMED, entity)


def _exported(side: Played, entity: str) -> str | None:
    found: list[Path] = sorted(side.package.glob(f"[0-9][0-9]_{entity}.parquet")) if side.package else []
    return parquet(found[0]) if found else None
