"""How people find a row: by its key, a token where that is personal, and by file and row number."""

from collections.abc import Iterable, Mapping, Sequence

from aformity_pipelines.domain.launch.risks import AcceptedRisk, ReportedFinding
from aformity_pipelines.domain.launch.rows import Deferral, Exclusion, KeptApart, Merge
from aformity_pipelines.domain.launch.unresolved import UnresolvedWork
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.launch.masked import Rows
from aformity_pipelines.stages.launch.source import Sources

NAMED = "answer_named"
"""Temp table (name, file, row, row_id, record_key): rows of one entity by the ids that the record calls them."""


def rows_named(
    *,
    accepted: Iterable[AcceptedRisk],
    listed: Iterable[UnresolvedWork | ReportedFinding],
    shown: Iterable[Deferral | Exclusion],
    merged: Iterable[Merge],
    apart: Iterable[KeptApart] = (),
    answered: Iterable[tuple[str, tuple[str, ...]]] = (),
    changed: Iterable[tuple[str, tuple[str, ...]]] = (),
) -> dict[str, set[str]]:
    """Return every row id that these sections name -> the subjects, entities or sources, that it is named for."""
    named = [(risk.rule.split(".")[0], risk.rows) for risk in accepted]
    named += [(each.entity, each.rows) for each in listed]
    named += [(each.entity, each.examples) for each in shown]
    named += [(merge.entity, tuple(part.row for part in merge.parts)) for merge in merged]
    named += [(each.entity, each.rows) for each in apart]
    named += answered
    named += changed
    found: dict[str, set[str]] = {}
    for subject, rows in named:
        for row in rows:
            found.setdefault(row, set()).add(subject)
    return found


def row_labels(sources: Sources, named: Mapping[str, set[str]]) -> dict[str, str]:
    """Return row id -> label, such as `A-00001 (accounts.csv, row 7)`; ids that the ledger lacks have none.

    A row that serves several of the entities that it is named for has a label of each beside it, under `entity row_id`.
    """
    entities = sources.run.migration.entities()
    made_of = sources.query("select distinct entity, source from {ledger}")
    keys: dict[str, dict[str, str]] = {}
    places: dict[str, str] = {}
    # A part of a row is named only where the row itself is a record of no entity.
    for column in ("row_id", "source_row"):
        sought = sorted(row for row in named if row not in places)
        for entity in entities:
            own = [row for row in sought if (entity, row.partition("@")[0]) in made_of]
            for row, file, number, key in _named_rows(sources, entity, column, own) if own else ():
                places[row] = f"{file}, row {number}"
                is_meant = entity in named[row] or named[row].isdisjoint(entities)
                if is_meant and key is not None:
                    keys.setdefault(row, {}).setdefault(entity, key)
    labels = {
        row: _label(tuple(dict.fromkeys(keys.get(row, {}).values())), place) for row, place in places.items()
    }
    labels |= {
        f"{entity} {row}": _label((key,), places[row])
        for row, own_keys in keys.items()
        if len(set(own_keys.values())) > 1
        for entity, key in own_keys.items()
    }
    labels |= _rejected_labels(sources, named)
    return dict(sorted(labels.items()))


def _rejected_labels(sources: Sources, named: Iterable[str]) -> dict[str, str]:
    """Return the labels of rows that could not be read, with the reason and without their text."""
    found: dict[str, str] = {}
    for (stage, name), record in sources.records.items():
        rejected = sources.rejected(name) if stage == RAW_FILE else None
        if rejected and record.delivery and record.delivery.rejected:
            rows = sources.query(
                f"select w.row, r.row, r.reason from (select unnest(?::varchar[]) as row) w"
                f" join {rejected} r on r.row_id = split_part(w.row, '/', 1)",
                [sorted(named)],
            )
            file = record.delivery.file_name
            found |= {row: f"{file}, row {number}: {reason}" for row, number, reason in rows}
    return found


def _label(keys: Sequence[str], place: str) -> str:
    return f"{' / '.join(keys)} ({place})" if keys else place


def _named_rows(sources: Sources, entity: str, column: str, rows: Sequence[str]) -> Rows:
    """Return (row_id, file, number, key) of an entity's rows; the row's own key before its record's.

    A personal key is a token, and the kind of record stands before it: a token alone says nothing to a reader.
    """
    # The few rows stand in a table of their own, so that no token is made of another row's key.
    sources.query(
        f"create or replace temp table {NAMED} as select w.name, l.file, l.row, l.row_id, l.record_key"
        f" from (select unnest(?::varchar[]) as name) w join {{ledger}} l on l.{column} = w.name where l.entity = ?",
        [rows, entity],
    )
    described, mapped = sources.run.migration.destination.entities[entity], sources.mapped(entity)
    key = f"cast(m.{identifier(described.key)} as varchar)" if mapped else "null"
    own = f"coalesce({key}, n.record_key)"
    joined = f" left join {mapped} m on m.row_id = n.row_id" if mapped else ""
    if sources.is_personal(entity, described.key):
        own = f"{literal(described.label.lower() + ' ')} || {own}"
    return sources.query(f"select n.name, n.file, n.row, {own} from {NAMED} n{joined} order by 1, 4")
