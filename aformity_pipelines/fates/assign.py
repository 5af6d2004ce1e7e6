"""The ledger of fates: where each source row of a wave's run ended, and what settled it.

Set-wise in DuckDB.  Records are settled first (what is live, holds, waves, closed gates, then parents until nothing
changes); every source row then takes the fate of its record, or of what set it aside.  A record that could not be read
is a source row too, and never leads to a record of the product.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import duckdb

from aformity_pipelines.domain.destination import Destination, ParentAbsent, Relationship, RelationshipKind
from aformity_pipelines.domain.fates import Change, Fate, Reason
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.fates.claims import LIVE_ROWS, create_claims

RECORDS = "records"
LEDGER = "ledger"
PRESENT = "present"
"""Temp table (entity, own_key, record_key): what is in the product after the export; `own_key` is what today's rows call it."""
LEDGER_COLUMNS = (
    "entity varchar, row_id varchar, source varchar, wave varchar, fate varchar, reason varchar,"
    " because varchar, record varchar, record_key varchar, change varchar, live_since varchar"
)
BECOMES = (
    f"case when r.fate = '{Fate.EXPORTED}' then case r.reason when '{Reason.READY}' then '{Change.CREATED}'"
    f" when '{Reason.UPDATE}' then '{Change.UPDATED}' when '{Reason.LIVE}' then '{Change.UNCHANGED}' end end"
)
"""SQL of what becomes of a record `r` of the product."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityTables:
    """The relations that one entity's fates are made from."""

    entity: str
    key: str  # the destination's key field
    mapped: str  # row_id, source, wave, set_aside
    transformed: str | None  # row_ids, wave, fields; None while a gate before it is closed
    closed_by: str | None  # the gate that keeps the entity back, or None
    rejected: str | None = None
    """SELECT of (row_id, source, wave, because, decision): records that could not be read, and what excludes them."""
    claims: str | None = None
    """What `create_claims` would create of these tables, where that is there already."""


def create_records(
    connection: duckdb.DuckDBPyConnection,
    destination: Destination,
    tables: Iterable[EntityTables],
    *,
    waves_in_scope: Iterable[str],
) -> None:
    """Create the tables `records` and `present`: which new records leave, and which are live already.

    Needs the relations `holds(entity, row_id, because)` of every row that a rule keeps back, `live_keys(entity,
    record_key, since)` and `live_rows(entity, row_id, record_key, is_lead)` of what is in the product, and
    `merges(entity, row_id, survivor, decision)`.  `settle_updates` says which live records change.
    """
    entities = tuple(tables)
    scope = ", ".join(literal(wave) for wave in waves_in_scope)
    connection.execute(
        f"create or replace temp table {RECORDS} (entity varchar, record varchar, own_key varchar, record_key varchar,"
        " wave varchar, fate varchar, reason varchar, because varchar, parts integer, live_since varchar,"
        " is_second boolean, is_rekeyed boolean, held_by varchar)"
    )
    for each in entities:
        if each.transformed is not None:
            _insert_records(connection, each, each.transformed, scope)
    _follow_parents(connection, destination, entities)
    _create_present(connection, destination)


def settle_updates(
    connection: duckdb.DuckDBPyConnection, destination: Destination, tables: Iterable[EntityTables]
) -> None:
    """Settle the live records that would change: they leave as updates, or wait as new records would.

    Needs `changed_<entity>` with the `row_ids` and links of these records, of every entity that was transformed.
    """
    for each in tables:
        if each.transformed is None:
            continue
        changed, closed = f"changed_{each.entity}", literal(each.closed_by or "")
        connection.execute(
            f"update {RECORDS} set"
            f" fate = case when {closed} <> '' or held_by is not null then '{Fate.UNRESOLVED}' else fate end,"
            f" reason = case when {closed} <> '' then '{Reason.GATE}' when held_by is not null then '{Reason.RULE}'"
            f" else '{Reason.UPDATE}' end,"
            f" because = case when {closed} <> '' then {closed} else held_by end"
            f" where entity = {literal(each.entity)} and live_since is not null"
            f" and record in (select row_ids[1] from {changed})"
        )
        for field, target in links(destination, each.entity):
            if _takes_along(target):
                _follow(connection, each, changed, field, target, to=Reason.UPDATE)


def create_ledger(connection: duckdb.DuckDBPyConnection, tables: Iterable[EntityTables]) -> None:
    """Create the table `ledger` from `records` and from what set rows aside."""
    connection.execute(f"create or replace temp table {LEDGER} ({LEDGER_COLUMNS})")
    for each in tables:
        _insert_rows(connection, each)
        _insert_rejected(connection, each)


def name_deferrals(connection: duckdb.DuckDBPyConnection) -> None:
    """Name the decision behind each row whose record a decision (and no condition) put into a later wave.

    Needs `ledger`, and `covered` of the standing decisions.
    """
    connection.execute(
        f"update {LEDGER} set reason = '{Reason.DECISION}', because = c.decision from ("
        " select subject, row_id, max(decision) as decision from covered"
        " where kind = 'rows_deferred' and matches group by all) c"
        f" where {LEDGER}.fate = '{Fate.DEFERRED}' and {LEDGER}.reason = '{Reason.WAVE}'"
        f" and c.subject = {LEDGER}.entity and c.row_id = {LEDGER}.record"
    )


def _insert_records(
    connection: duckdb.DuckDBPyConnection, each: EntityTables, transformed: str, scope: str
) -> None:
    closed, entity = literal(each.closed_by or ""), literal(each.entity)
    claims = each.claims or create_claims(connection, each.entity, each.key, transformed)
    # A second record that takes a live key is not that record: it waits, or, where that was accepted, nothing of it goes out.
    is_live = "(c.record is not null and not (c.is_second and h.record is not null))"
    held = f"{closed} <> '' or h.record is not null"
    connection.execute(
        f"insert into {RECORDS}"
        f" with parts as (select row_ids[1] as record, unnest(row_ids) as row_id from {transformed}),"
        " held as (select p.record, min(h.because) as because from parts p join holds h"
        f" on h.entity = {entity} and h.row_id = p.row_id group by 1)"
        f" select {entity}, t.row_ids[1], cast(t.{identifier(each.key)} as varchar),"
        f" coalesce(c.record_key, cast(t.{identifier(each.key)} as varchar)), t.wave,"
        f" case when {is_live} then '{Fate.EXPORTED}' when {held} then '{Fate.UNRESOLVED}'"
        f" when t.wave not in ({scope}) then '{Fate.DEFERRED}' else '{Fate.EXPORTED}' end,"
        f" case when {is_live} then '{Reason.LIVE}' when {closed} <> '' then '{Reason.GATE}'"
        f" when h.record is not null then '{Reason.RULE}'"
        f" when t.wave not in ({scope}) then '{Reason.WAVE}' else '{Reason.READY}' end,"
        f" case when {is_live} then null when {closed} <> '' then {closed}"
        f" when h.record is not null then h.because when t.wave not in ({scope}) then t.wave end, len(t.row_ids),"
        f" case when {is_live} then c.since end, coalesce(c.is_second, false),"
        " coalesce(c.is_disputed and not c.is_second, false), h.because"
        f" from {transformed} t left join held h on h.record = t.row_ids[1]"
        f" left join {claims} c on c.record = t.row_ids[1]"
    )


def links(destination: Destination, entity: str) -> Iterator[tuple[str, Relationship]]:
    """Yield the fields of an entity that point to other records, with their relationship."""
    for name, field in destination.entities[entity].fields.items():
        if field.relationship:
            yield name, field.relationship


def _takes_along(target: Relationship) -> bool:
    return target.when_not_exported is ParentAbsent.FOLLOW and target.kind is RelationshipKind.PARENT


def _follow_parents(
    connection: duckdb.DuckDBPyConnection, destination: Destination, entities: tuple[EntityTables, ...]
) -> None:
    by_name = {each.entity: each for each in entities if each.transformed}
    order = destination.load_order(frozenset(by_name))
    changed = set(by_name)
    while changed:
        before, changed = changed, set()
        for entity in order:
            for field, target in links(destination, entity):
                has_new = target.entity in before | changed
                child = by_name[entity]
                if (
                    _takes_along(target)
                    and has_new
                    and child.transformed
                    and _follow(connection, child, child.transformed, field, target, to=Reason.READY)
                ):
                    changed.add(entity)


def _follow(
    connection: duckdb.DuckDBPyConnection,
    child: EntityTables,
    rows: str,
    field: str,
    target: Relationship,
    *,
    to: Reason,
) -> int:
    """Let records share the fate of a parent that is not in the product; return how many do now and did not before.

    `rows` has the `row_ids` and the link of the records; `to` is what kind of record that leaves they are.
    """
    # Of two parents with one key the least settled leads: `unresolved` sorts behind `deferred`.
    is_new = "r.live_since is null" if to is Reason.READY else "r.live_since is not null"
    # Replaced, not updated in place: that costs a multiple where many rows follow.
    moved = "following_records"
    connection.execute(
        f"create or replace temp table {moved} as select r.* replace (f.fate as fate,"
        f" '{Reason.PARENT}' as reason, f.because as because), r.rowid as place from {RECORDS} r join ("
        f" select t.row_ids[1] as record, p.fate, p.because from {rows} t join ("
        f" select own_key, fate, entity || ' ' || record as because from {RECORDS}"
        f" where entity = {literal(target.entity)} and fate in ('{Fate.DEFERRED}', '{Fate.UNRESOLVED}')"
        " and live_since is null"
        " qualify row_number() over (partition by own_key order by fate desc, record) = 1) p"
        f" on p.own_key = cast(t.{identifier(field)} as varchar)) f"
        f" on r.entity = {literal(child.entity)} and r.record = f.record and {is_new}"
        f" and (r.fate = '{Fate.EXPORTED}' or (r.fate = '{Fate.DEFERRED}' and f.fate = '{Fate.UNRESOLVED}'))"
    )
    connection.execute(f"delete from {RECORDS} where rowid in (select place from {moved})")
    (number,) = connection.execute(
        f"insert into {RECORDS} by name select * exclude (place) from {moved}"
    ).fetchall()
    return int(number[0])


def _create_present(connection: duckdb.DuckDBPyConnection, destination: Destination) -> None:
    """Create `present` of every entity that links point to; each `own_key` once."""
    targets = {target.entity for entity in destination.entities for _, target in links(destination, entity)}
    wanted = ", ".join(map(literal, sorted(targets))) or "''"
    connection.execute(
        f"create or replace temp table {PRESENT} as select entity, own_key,"
        " coalesce(min(record_key) filter (record_key = own_key), min(record_key)) as record_key from"
        f" (select entity, own_key, record_key from {RECORDS} where fate = '{Fate.EXPORTED}'"
        " union all select entity, record_key, record_key from live_keys)"
        f" where entity in ({wanted}) and own_key is not null group by all"
    )


def _insert_rows(connection: duckdb.DuckDBPyConnection, each: EntityTables) -> None:
    entity = literal(each.entity)
    live = (
        f" left join {LIVE_ROWS} e on e.entity = {entity} and e.row_id = m.row_id"
        f" left join live_keys k on k.entity = {entity} and k.record_key = e.record_key"
    )
    is_live = f"case when e.is_lead then '{Fate.EXPORTED}' else '{Fate.MERGED}' end"
    connection.execute(
        f"insert into {LEDGER} select {entity}, m.row_id, m.source, m.wave,"
        f" case when e.row_id is null then '{Fate.EXCLUDED}' else {is_live} end,"
        f" case when e.row_id is not null then '{Reason.LIVE}'"
        f" when m.set_aside in ('{Reason.MAPPING}', '{Reason.VANISHED}') then m.set_aside else '{Reason.DECISION}' end,"
        " m.set_aside, null, e.record_key,"
        f" case when e.row_id is not null then '{Change.UNCHANGED}' end, k.since"
        f" from {each.mapped} m{live} where m.set_aside is not null"
    )
    if each.transformed is None:
        connection.execute(
            f"insert into {LEDGER} select {entity}, m.row_id, m.source, m.wave,"
            f" case when e.row_id is null then '{Fate.UNRESOLVED}' else {is_live} end,"
            f" case when e.row_id is null then '{Reason.GATE}' else '{Reason.LIVE}' end,"
            f" case when e.row_id is null then {literal(each.closed_by or 'gate')} end, null, e.record_key,"
            f" null, k.since from {each.mapped} m{live} where m.set_aside is null"
        )
        return
    parts = f"select row_ids[1] as record, unnest(row_ids) as row_id from {each.transformed} where len(row_ids) <> 1"
    together = f"join ({parts}) p on p.row_id = m.row_id join {RECORDS} r on r.entity = {entity} and r.parts <> 1 and r.record = p.record"
    _insert_alone(connection, each)
    _insert_settled(connection, each, together)


def _insert_rejected(connection: duckdb.DuckDBPyConnection, each: EntityTables) -> None:
    """Insert the records that could not be read: unresolved whatever their gate says, unless a decision excludes them."""
    if each.rejected:
        connection.execute(
            f"insert into {LEDGER} select {literal(each.entity)}, row_id, source, wave,"
            f" case when decision is null then '{Fate.UNRESOLVED}' else '{Fate.EXCLUDED}' end,"
            f" case when decision is null then '{Reason.UNREADABLE}' else '{Reason.DECISION}' end,"
            f" coalesce(decision, because), null, null, null, null from ({each.rejected})"
        )


def _insert_alone(connection: duckdb.DuckDBPyConnection, each: EntityTables) -> None:
    """Insert the mapped rows that are a record by themselves, with its fate and its wave: nearly all of them."""
    entity = literal(each.entity)
    connection.execute(
        f"insert into {LEDGER} select {entity}, m.row_id, m.source, r.wave, r.fate,"
        f" case when r.reason = '{Reason.RULE}' and h.row_id is null then '{Reason.PARTNER}' else r.reason end,"
        f" coalesce(h.because, r.because), r.record, r.record_key, {BECOMES}, r.live_since"
        f" from {each.mapped} m join {RECORDS} r on r.entity = {entity} and r.parts = 1 and r.record = m.row_id"
        f" left join ({_holding(entity)}) h on h.row_id = m.row_id and r.reason = '{Reason.RULE}'"
        " where m.set_aside is null"
    )


def _holding(entity: str) -> str:
    """Return the SELECT of (row_id, because) of the rows of an entity that a rule keeps back."""
    return f"select row_id, min(because) as because from holds where entity = {entity} group by all"


def _insert_settled(connection: duckdb.DuckDBPyConnection, each: EntityTables, found: str) -> None:
    """Insert the mapped rows `m` that the join `found` leads to their record `r`, with its fate and its wave.

    A part that went live as a record of its own, before it was merged, still has that record in the product.
    """
    entity = literal(each.entity)
    is_merged = f"r.fate = '{Fate.EXPORTED}' and m.row_id <> r.record"
    has_own = f"({is_merged} and coalesce(e.is_lead and e.record_key <> r.record_key, false))"
    connection.execute(
        f"insert into {LEDGER} select {entity}, m.row_id, m.source, r.wave,"
        f" case when {is_merged} then '{Fate.MERGED}' else r.fate end,"
        f" case when {has_own} then '{Reason.LIVE}'"
        f" when {is_merged} and r.reason <> '{Reason.LIVE}' then '{Reason.DECISION}'"
        f" when r.reason = '{Reason.RULE}' and h.row_id is null then '{Reason.PARTNER}' else r.reason end,"
        f" case when {is_merged} then g.decision else coalesce(h.because, r.because) end, r.record,"
        f" case when {has_own} then e.record_key else r.record_key end,"
        f" {BECOMES},"
        f" case when {has_own} then (select since from live_keys k where k.entity = {entity}"
        " and k.record_key = e.record_key) else r.live_since end"
        f" from {each.mapped} m {found}"
        f" left join ({_holding(entity)}) h on h.row_id = m.row_id and r.reason = '{Reason.RULE}'"
        f" left join merges g on g.entity = {entity} and g.row_id = m.row_id"
        f" left join {LIVE_ROWS} e on e.entity = {entity} and e.row_id = m.row_id"
        " where m.set_aside is null"
    )
