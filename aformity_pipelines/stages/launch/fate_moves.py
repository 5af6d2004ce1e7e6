"""Rows that ended in another place than in an earlier version: two ledgers compared, set-wise.

A row that was delivered again has another id; its business key and part say which one it is.  Of several rows with
one key the first then is the first now.  Rows without a key are compared by id alone.  Keys are compared, never shown.
"""

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch.changes import FateMove
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.stages.launch.previous import Previous
from aformity_pipelines.stages.launch.source import SHOWN_ROWS, Sources

COLUMNS = "entity, row_id, part, row, row_key, fate"
MOVES = """
with then_ as (select {columns} from {then}), now_ as (select {columns} from {now}),
same as (
  select n.entity, n.row_id, t.fate as before, n.fate as after
  from now_ n join then_ t using (entity, row_id) where t.fate != n.fate
),
gone as (
  select *, row_number() over (partition by entity, row_key, part order by row, row_id) as place
  from then_ anti join now_ using (entity, row_id)
),
came as (
  select *, row_number() over (partition by entity, row_key, part order by row, row_id) as place
  from now_ anti join then_ using (entity, row_id)
),
again as (
  select entity, coalesce(c.row_id, g.row_id) as row_id, g.fate as before, c.fate as after
  from came c full join gone g using (entity, row_key, part, place)
  where g.fate is distinct from c.fate
)
select entity, before, after, count(*), min(row_id, {shown})
from (from same union all from again) group by all
"""
"""`using` never joins two rows without a key: NULL is no key, so those stand on one side only."""


def fate_moves(sources: Sources, previous: Previous) -> tuple[FateMove, ...]:
    """Return how many rows of each entity moved from where to where, entities in load order.

    A grain of the ledger is a row: several rows of one record count as several.
    """
    query = MOVES.format(
        columns=COLUMNS,
        then=previous.relation("ledger"),
        now=f"read_parquet({literal(str(sources.folder / 'ledger.parquet'))})",
        shown=SHOWN_ROWS,
    )
    found = sources.masked.counted(query)
    order = {entity: place for place, entity in enumerate(sources.run.migration.entities())}
    fates: dict[str | None, int] = {fate.value: place for place, fate in enumerate(Fate)}
    # An entity that is mapped no more stands last; rows that were or are not delivered, before any fate.
    found.sort(key=lambda m: (order.get(m[0], len(order)), m[0], fates.get(m[1], -1), fates.get(m[2], -1)))
    return tuple(
        FateMove(
            entity=entity,
            before=Fate(before) if before else None,
            after=Fate(after) if after else None,
            number=number,
            rows=tuple(rows),
        )
        for entity, before, after, number, rows in found
    )
