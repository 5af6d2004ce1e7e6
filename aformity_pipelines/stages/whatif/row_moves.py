"""Which rows would end elsewhere: the ledgers of before and after, row by row and never by counts alone.

Two rows that swap fates leave every count as it was.
"""

from pathlib import Path

import duckdb

from aformity_pipelines.domain.effect import FateMove, WaveMove
from aformity_pipelines.stages.outputs import parquet
from aformity_pipelines.stages.published import LEDGER

BEFORE = "ledger_before"
AFTER = "ledger_after"
PAIRS = "same_rows"
"""Temp table (entity, before_id, after_id): each row of either ledger once; a side is NULL where the row is not there."""
COLUMNS = "entity, row_id, source_row, part, wave, fate, reason, row_key"


def create_ledgers(connection: duckdb.DuckDBPyConnection, before: Path | None, after: Path | None) -> None:
    """Create the temp tables of both ledgers and of the rows that are the same in both.

    `before` and `after` are folders of packages; without one its ledger is empty.  A row of another delivery has
    another id: it is the same where its business key names one row on both sides.
    """
    for name, folder in ((BEFORE, before), (AFTER, after)):
        relation = parquet(folder / LEDGER) if folder else None
        nothing = ", ".join(f"cast(null as varchar) as {column}" for column in COLUMNS.split(", "))
        select = f"select {COLUMNS} from {relation}" if relation else f"select {nothing} where false"
        connection.execute(f"create or replace temp table {name} as {select}")
    connection.execute(
        f"create or replace temp table {PAIRS} as with"
        f" same as (select entity, b.row_id as before_id, a.row_id as after_id from {BEFORE} b join {AFTER} a"
        " using (entity, row_id)),"
        f" gone as ({_alone(BEFORE, AFTER)}), come as ({_alone(AFTER, BEFORE)}),"
        " moved as (select entity, g.row_id as before_id, c.row_id as after_id from gone g join come c"
        " using (entity, part, row_key) where g.times = 1 and c.times = 1)"
        " select * from same union all select * from moved"
        " union all select entity, row_id, null from gone where (entity, row_id) not in"
        " (select entity, before_id from moved)"
        " union all select entity, null, row_id from come where (entity, row_id) not in"
        " (select entity, after_id from moved)"
    )


def _alone(ledger: str, other: str) -> str:
    """Return the rows that only one ledger has by id, with how often their key occurs among them."""
    return (
        "select *, count(*) over (partition by entity, part, row_key) as times"
        f" from {ledger} where not exists (select 1 from {other} o"
        f" where o.entity = {ledger}.entity and o.row_id = {ledger}.row_id)"
    )


def fate_moves(connection: duckdb.DuckDBPyConnection) -> tuple[FateMove, ...]:
    """Return the rows whose fate or its reason would be another one, grouped by both."""
    rows = connection.execute(
        "select p.entity, b.fate, b.reason, a.fate, a.reason, count(*),"
        " list_sort(list(coalesce(p.after_id, p.before_id)))[1:3]"
        f" from {_joined()} where (b.fate, b.reason) is distinct from (a.fate, a.reason) group by all order by all"
    ).fetchall()
    return tuple(
        FateMove(
            entity=entity,
            before=before,
            before_reason=before_reason,
            after=after,
            after_reason=after_reason,
            rows=number,
            examples=tuple(examples),
        )
        for entity, before, before_reason, after, after_reason, number, examples in rows
    )


def wave_moves(connection: duckdb.DuckDBPyConnection) -> tuple[WaveMove, ...]:
    """Return the rows that would launch with another wave."""
    rows = connection.execute(
        f"select p.entity, b.wave, a.wave, count(*) from {_joined()}"
        " where b.wave is not null and a.wave is not null and b.wave <> a.wave group by all order by all"
    ).fetchall()
    return tuple(
        WaveMove(entity=entity, before=before, after=after, rows=number)
        for entity, before, after, number in rows
    )


def _joined() -> str:
    return (
        f"{PAIRS} p left join {BEFORE} b on b.entity = p.entity and b.row_id = p.before_id"
        f" left join {AFTER} a on a.entity = p.entity and a.row_id = p.after_id"
    )
