"""The ledger of fates: where each source row of a wave's run ended, and what settled it.

Set-wise in DuckDB.  Records are settled first (holds, waves, closed gates, then parents until nothing
changes); every source row then takes the fate of its record, or of what set it aside.  A record that could not
be read is a source row too, and never leads to a record of the product.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import duckdb

from aformity_pipelines.domain.destination import Destination, ParentAbsent, Relationship, RelationshipKind
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.sql_text import identifier, literal

RECORDS = "records"
LEDGER = "ledger"
LEDGER_COLUMNS = (
    "entity varchar, row_id varchar, source varchar, wave varchar, fate varchar, reason varchar,"
    " because varchar, record varchar, record_key varchar"
)


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


def create_ledger(
    connection: duckdb.DuckDBPyConnection,
    destination: Destination,
    tables: Iterable[EntityTables],
    *,
    waves_in_scope: Iterable[str],
) -> None:
    """Create the tables `records` and `ledger`.

    Needs the relations `holds(entity, row_id, because)` of every row that a rule keeps back,
    `earlier(entity, row_id, record_key)` of every row that an earlier wave exported, and
    `merges(entity, row_id, survivor, decision)`.
    """
    entities = tuple(tables)
    scope = ", ".join(literal(wave) for wave in waves_in_scope)
    _create_records(connection, entities, scope)
    _follow_parents(connection, destination, entities)
    connection.execute(f"create or replace temp table {LEDGER} ({LEDGER_COLUMNS})")
    for each in entities:
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


def _create_records(
    connection: duckdb.DuckDBPyConnection, entities: tuple[EntityTables, ...], scope: str
) -> None:
    connection.execute(
        f"create or replace temp table {RECORDS} (entity varchar, record varchar, record_key varchar,"
        " wave varchar, fate varchar, reason varchar, because varchar, parts integer)"
    )
    for each in entities:
        if each.transformed is None:
            continue
        closed = literal(each.closed_by or "")
        connection.execute(
            f"insert into {RECORDS}"
            f" with parts as (select row_ids[1] as record, unnest(row_ids) as row_id from {each.transformed}),"
            " held as (select p.record, min(h.because) as because from parts p join holds h"
            f" on h.entity = {literal(each.entity)} and h.row_id = p.row_id group by 1),"
            " gone as (select p.record, min(e.record_key) as record_key from parts p join earlier e"
            f" on e.entity = {literal(each.entity)} and e.row_id = p.row_id group by 1)"
            f" select {literal(each.entity)}, t.row_ids[1],"
            f" coalesce(g.record_key, cast(t.{identifier(each.key)} as varchar)), t.wave,"
            f" case when g.record is not null then '{Fate.EXPORTED}'"
            f" when {closed} <> '' or h.record is not null then '{Fate.UNRESOLVED}'"
            f" when t.wave not in ({scope}) then '{Fate.DEFERRED}' else '{Fate.EXPORTED}' end,"
            f" case when g.record is not null then '{Reason.EARLIER_WAVE}'"
            f" when {closed} <> '' then '{Reason.GATE}' when h.record is not null then '{Reason.RULE}'"
            f" when t.wave not in ({scope}) then '{Reason.WAVE}' else '{Reason.READY}' end,"
            f" case when g.record is not null then null when {closed} <> '' then {closed}"
            f" when h.record is not null then h.because when t.wave not in ({scope}) then t.wave end, len(t.row_ids)"
            f" from {each.transformed} t left join held h on h.record = t.row_ids[1]"
            " left join gone g on g.record = t.row_ids[1]"
        )


def links(destination: Destination, entity: str) -> Iterator[tuple[str, Relationship]]:
    """Yield the fields of an entity that point to other records, with their relationship."""
    for name, field in destination.entities[entity].fields.items():
        if field.relationship:
            yield name, field.relationship


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
                follows = target.when_not_exported is ParentAbsent.FOLLOW
                has_new = target.entity in before | changed
                if (
                    follows
                    and target.kind is RelationshipKind.PARENT
                    and has_new
                    and _follow(connection, by_name[entity], field, target)
                ):
                    changed.add(entity)


def _follow(
    connection: duckdb.DuckDBPyConnection, child: EntityTables, field: str, target: Relationship
) -> int:
    # Of two parents with one key the least settled leads: `unresolved` sorts behind `deferred`.
    row = connection.execute(
        f"update {RECORDS} set fate = f.fate, reason = '{Reason.PARENT}', because = f.because from ("
        f" select t.row_ids[1] as record, p.fate, p.entity || ' ' || p.record as because"
        f" from {child.transformed} t join {RECORDS} p on p.entity = {literal(target.entity)}"
        f" and p.record_key = t.{identifier(field)} and p.fate in ('{Fate.DEFERRED}', '{Fate.UNRESOLVED}')"
        " qualify row_number() over (partition by t.row_ids[1] order by p.fate desc, p.record) = 1) f"
        f" where {RECORDS}.entity = {literal(child.entity)} and {RECORDS}.record = f.record"
        f" and {RECORDS}.reason <> '{Reason.EARLIER_WAVE}' and ({RECORDS}.fate = '{Fate.EXPORTED}'"
        f" or ({RECORDS}.fate = '{Fate.DEFERRED}' and f.fate = '{Fate.UNRESOLVED}'))"
    ).fetchone()
    return int(row[0]) if row else 0


def _insert_rows(connection: duckdb.DuckDBPyConnection, each: EntityTables) -> None:
    entity = literal(each.entity)
    connection.execute(
        f"insert into {LEDGER} select {entity}, m.row_id, m.source, m.wave,"
        f" case when e.row_id is null then '{Fate.EXCLUDED}' else '{Fate.EXPORTED}' end,"
        f" case when e.row_id is not null then '{Reason.EARLIER_WAVE}'"
        f" when m.set_aside = 'mapping' then '{Reason.MAPPING}' else '{Reason.DECISION}' end,"
        " case when e.row_id is null then m.set_aside end, null, e.record_key"
        f" from {each.mapped} m left join earlier e on e.entity = {entity} and e.row_id = m.row_id"
        " where m.set_aside is not null"
    )
    if each.transformed is None:
        connection.execute(
            f"insert into {LEDGER} select {entity}, m.row_id, m.source, m.wave,"
            f" case when e.row_id is null then '{Fate.UNRESOLVED}' else '{Fate.EXPORTED}' end,"
            f" case when e.row_id is null then '{Reason.GATE}' else '{Reason.EARLIER_WAVE}' end,"
            f" case when e.row_id is null then {literal(each.closed_by or 'gate')} end, null, e.record_key"
            f" from {each.mapped} m left join earlier e on e.entity = {entity} and e.row_id = m.row_id"
            " where m.set_aside is null"
        )
        return
    alone = f"join {RECORDS} r on r.entity = {entity} and r.parts = 1 and r.record = m.row_id"
    parts = f"select row_ids[1] as record, unnest(row_ids) as row_id from {each.transformed} where len(row_ids) <> 1"
    together = f"join ({parts}) p on p.row_id = m.row_id join {RECORDS} r on r.entity = {entity} and r.parts <> 1 and r.record = p.record"
    for found in (alone, together):
        _insert_settled(connection, each, found)


def _insert_rejected(connection: duckdb.DuckDBPyConnection, each: EntityTables) -> None:
    """Insert the records that could not be read: unresolved whatever their gate says, unless a decision excludes them."""
    if each.rejected:
        connection.execute(
            f"insert into {LEDGER} select {literal(each.entity)}, row_id, source, wave,"
            f" case when decision is null then '{Fate.UNRESOLVED}' else '{Fate.EXCLUDED}' end,"
            f" case when decision is null then '{Reason.UNREADABLE}' else '{Reason.DECISION}' end,"
            f" coalesce(decision, because), null, null from ({each.rejected})"
        )


def _insert_settled(connection: duckdb.DuckDBPyConnection, each: EntityTables, found: str) -> None:
    """Insert the mapped rows `m` that the join `found` leads to their record `r`, with its fate and its wave."""
    entity = literal(each.entity)
    is_merged = f"r.fate = '{Fate.EXPORTED}' and m.row_id <> r.record"
    connection.execute(
        f"insert into {LEDGER} select {entity}, m.row_id, m.source, r.wave,"
        f" case when {is_merged} then '{Fate.MERGED}' else r.fate end,"
        f" case when {is_merged} and r.reason <> '{Reason.EARLIER_WAVE}' then '{Reason.DECISION}'"
        f" when r.reason = '{Reason.RULE}' and h.row_id is null then '{Reason.PARTNER}' else r.reason end,"
        f" case when {is_merged} then g.decision else coalesce(h.because, r.because) end, r.record, r.record_key"
        f" from {each.mapped} m {found}"
        f" left join (select row_id, min(because) as because from holds where entity = {entity} group by all) h"
        f" on h.row_id = m.row_id and r.reason = '{Reason.RULE}'"
        f" left join merges g on g.entity = {entity} and g.row_id = m.row_id"
        " where m.set_aside is null"
    )
