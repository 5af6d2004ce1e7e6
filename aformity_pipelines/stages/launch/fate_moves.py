"""Rows that ended in another place than in an earlier version: two ledgers compared, set-wise.

A row that was delivered again has another id; its business key and part say which one it is.  Of several rows with
one key the first then is the first now.  Rows without a key are compared by id alone.  Keys are compared, never shown.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch.changes import FateMove
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.stages.found_again import IS_SHARED, again_ctes
from aformity_pipelines.stages.launch.previous import Previous
from aformity_pipelines.stages.launch.source import SHOWN_ROWS, Sources

THEN = "entity, row_id, part, row, row_key, fate, reason, because, wave"
NOW = "entity, row_id, part, row, row_key, fate"
MOVES = """
with quiet as materialized (
  select h from (
    select hash(entity, row_key, part) as h, hash(fate) as f, 1 as n from {then} where row_key is not null union all
    select hash(entity, row_key, part), hash(fate), -1 from {now} where row_key is not null
  ) group by h having sum(n) = 0 and count(*) = 2 and min(f) = max(f)
),
then_ as materialized (select {then_columns} from {then} where row_key is null or {moves}),
now_ as materialized (select {now_columns}, {live} as live from {now} where row_key is null or {moves}),
{found_again},
same as (
  select n.entity, n.row_id, t.fate as before, n.fate as after, n.live, t.reason, t.because, t.wave
  from (select * from now_ where {is_shared}) n join (select * from then_ where {is_shared}) t using (entity, row_id)
  where t.fate != n.fate
),
again as (
  select entity, coalesce(c.row_id, g.row_id) as row_id, g.fate as before, c.fate as after, c.live, g.reason,
  g.because, g.wave
  from came c full join gone g using (entity, row_key, part, nth)
  where g.fate is distinct from c.fate
)
select entity, before, after, coalesce(live, false), reason,
case when reason = '{parent}' then split_part(because, ' ', 1) when because in ({known}) then because end,
wave, count(*), min(row_id, {shown})
from (from same union all from again) group by all order by all
"""
"""`using` never joins two rows without a key: NULL is no key, so those stand on one side only.

`quiet` are the keys that one row each has then and now, with one fate: nearly all, so they are left out at once.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """Rows of an entity that moved from one place to another, and what had put them where they were."""

    entity: str
    before: Fate | None
    after: Fate | None
    is_live: bool  # whether their records were in the product before this export
    reason: Reason | None  # of then; None where they were in none of the files
    because: str  # of then: the rule, the decision, or the entity of the record that they followed
    wave: str  # that they were to launch with
    number: int
    rows: tuple[str, ...]  # row ids of now (of then where they are gone), the first 200


def moved_rows(sources: Sources, previous: Previous) -> tuple[Moved, ...]:
    """Return how many rows of each entity moved from where to where, and what for, entities in load order.

    A grain of the ledger is a row: several rows of one record count as several.
    """
    now = f"read_parquet({literal(str(sources.folder / 'ledger.parquet'))})"
    has_live = sources.masked.has_column(now, "live_since")
    rules = {rule for _, _, rule in sources.rules()}
    known = frozenset({*rules, *(entry.id for entry in sources.run.migration.log), ""})
    query = MOVES.format(
        then_columns=THEN,
        now_columns=NOW,
        live="live_since is not null" if has_live else "false",
        then=previous.relation("ledger"),
        now=now,
        found_again=again_ctes(by=("entity", "row_key", "part"), order="row, row_id"),
        is_shared=IS_SHARED,
        moves="hash(entity, row_key, part) not in (from quiet)",
        parent=Reason.PARENT,
        known=", ".join(map(literal, sorted(known))),
        shown=SHOWN_ROWS,
    )
    found = [_moved(*row) for row in sources.masked.counted(query, also=known)]
    order = {entity: place for place, entity in enumerate(sources.run.migration.entities())}
    fates: dict[Fate | None, int] = {fate: place for place, fate in enumerate(Fate)}
    # An entity that is mapped no more stands last; rows that were or are not delivered, before any fate.
    found.sort(
        key=lambda m: (
            order.get(m.entity, len(order)),
            m.entity,
            fates.get(m.before, -1),
            fates.get(m.after, -1),
        )
    )
    return tuple(found)


def _moved(
    entity: str,
    before: str | None,
    after: str | None,
    is_live: bool,
    reason: str | None,
    because: str | None,
    wave: str | None,
    number: int,
    rows: list[str],
) -> Moved:
    return Moved(
        entity=entity,
        before=Fate(before) if before else None,
        after=Fate(after) if after else None,
        is_live=is_live,
        reason=Reason(reason) if reason else None,
        because=because or "",
        wave=wave or "",
        number=number,
        rows=tuple(rows),
    )


def fate_moves(moved: Iterable[Moved]) -> tuple[FateMove, ...]:
    """Return the moves from where to where, whatever had put the rows there."""
    found: dict[tuple[str, Fate | None, Fate | None, bool], list[Moved]] = defaultdict(list)
    for each in moved:
        found[each.entity, each.before, each.after, each.is_live].append(each)
    return tuple(
        FateMove(
            entity=entity,
            before=before,
            after=after,
            is_live=is_live,
            number=sum(each.number for each in parts),
            rows=tuple(sorted(row for each in parts for row in each.rows)[:SHOWN_ROWS]),
        )
        for (entity, before, after, is_live), parts in found.items()
    )
