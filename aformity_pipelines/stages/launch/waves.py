"""What is in the product from exports before, what this one updates, what vanished, and how waves stood when they were tested."""

from collections.abc import Mapping
from functools import partial

from aformity_pipelines.domain.customer import Vanished
from aformity_pipelines.domain.decisions import ExportLoaded, RowsExcluded
from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch.count_names import vanished_count
from aformity_pipelines.domain.launch.waves import (
    BuiltFrom,
    FieldUpdate,
    LiveExport,
    Loaded,
    UpdateExample,
    VanishedRows,
)
from aformity_pipelines.domain.revalidation import Revalidation
from aformity_pipelines.intake.register import all_deliveries
from aformity_pipelines.stages.launch.source import Sources
from aformity_pipelines.stages.published_order import Version, versions_named
from aformity_pipelines.stages.revalidation.history import history
from aformity_pipelines.stages.vanished import delivered_rule_id

EXAMPLES = 5
"""Records that a changed field shows."""
LISTED = 30
"""Vanished rows that a source shows."""


def loaded(sources: Sources, version: str | None = None) -> Loaded | None:
    """Return who said that a version was loaded, by default this export; None where nobody did."""
    name = version or f"{sources.run.wave}/{sources.folder.name}"
    said = [each for each in sources.standing() if isinstance(each, ExportLoaded)]
    entry = next((each for each in said if f"{each.wave}/{each.version}" == name), None)
    return Loaded(decision=entry.id, by=entry.by, on=entry.on) if entry else None


def builds_on(sources: Sources) -> tuple[LiveExport, ...]:
    """Return the exports that are in the product, or go there before this one, in order."""
    run = sources.run
    received = {
        (each.source, each.sha256): each for each in all_deliveries(run.workspace.deliveries(run.slug))
    }
    return tuple(_live(sources, each, received) for each in versions_named(run, sources.manifest.builds_on))


def _live(sources: Sources, version: Version, received: Mapping[tuple[str, str], Delivery]) -> LiveExport:
    known = (
        (source, received.get((source, sha256))) for source, sha256 in version.manifest.deliveries.items()
    )
    return LiveExport(
        wave=version.wave,
        version=version.folder.name,
        as_of=version.as_of,
        created=_in_load_order(version, version.manifest.created),
        updated=_in_load_order(version, version.manifest.updated),
        built_from=tuple(
            BuiltFrom(source=source, file=each.file_name, received_on=each.received_on, sha256=each.sha256)
            for source, each in known
            if each
        ),
        loaded=loaded(sources, version.name),
    )


def _in_load_order(version: Version, records: Mapping[str, int]) -> dict[str, int]:
    order = dict.fromkeys((*version.manifest.load_order, *records))
    return {entity: records[entity] for entity in order if records.get(entity)}


def updates(sources: Sources) -> tuple[FieldUpdate, ...]:
    """Return the fields that this export changes in live records, entities in load order, with masked examples."""
    rows = sources.query(
        "select entity, field, count(*), count(*) filter (before is null), count(*) filter (after is null)"
        " from {updates} group by all order by all"
    )
    fields = sources.run.migration.destination.field_names()
    order = {name: place for place, name in enumerate(fields)}
    rows.sort(key=lambda row: order[f"{row[0]}.{row[1]}"])
    return tuple(
        FieldUpdate(
            entity=entity,
            field=field,
            records=number,
            filled=filled,
            cleared=cleared,
            examples=_examples(sources, entity, field),
        )
        for entity, field, number, filled, cleared in rows
    )


def _examples(sources: Sources, entity: str, field: str) -> tuple[UpdateExample, ...]:
    rows = sources.query(
        "select row_id, before, after from {updates} where entity = ? and field = ? order by all limit ?",
        [entity, field, EXAMPLES],
    )
    return tuple(UpdateExample(row=row, before=before, after=after) for row, before, after in rows)


def vanished(sources: Sources) -> tuple[VanishedRows, ...]:
    """Return the rows that a later delivery no longer holds, by source, and what was decided about them."""
    found = (_gone(sources, name) for name in sources.run.migration.customer.sources)
    return tuple(each for each in found if each)


def _gone(sources: Sources, source: str) -> VanishedRows | None:
    record = sources.records.get(("raw_file", source))
    if record is None or record.delivery is None or not record.delivery.carried:
        return None
    declared, rule = sources.run.migration.customer.sources[source], delivered_rule_id(source)
    counted = _left_out if declared.vanished is Vanished.EXCLUDE else _asked
    rows, is_open, left_out, examples = counted(sources, source)
    if not rows:
        return None
    named = partial(vanished_count, source)
    evidence = rule if declared.vanished is not Vanished.EXCLUDE else "ledger"
    return VanishedRows(
        source=source,
        policy=declared.vanished,
        file=record.delivery.file_name,
        received_on=record.delivery.received_on,
        rows=rows,
        open=is_open,
        left_out=left_out,
        kept=rows - is_open - left_out,
        evidence=(evidence, named()),
        examples=examples,
    )


def _asked(sources: Sources, source: str) -> tuple[int, int, int, tuple[str, ...]]:
    """Return (rows, open, left out, examples) of a source whose vanished rows a rule tells of."""
    asks = sources.run.migration.customer.sources[source].vanished is Vanished.ASK
    (row,) = sources.query(
        "select count(distinct row_id), count(distinct row_id) filter (accepted_by is null),"
        " count(distinct row_id) filter (list_contains(?, accepted_by)), min(row_id, ?)"
        " from {findings} where subject = ? and rule = ?",
        [list(exclusions(sources)), LISTED, source, delivered_rule_id(source)],
    )
    return row[0], row[1] if asks else 0, row[2], tuple(row[3] or ())


def _left_out(sources: Sources, source: str) -> tuple[int, int, int, tuple[str, ...]]:
    """Return the same of a source whose policy leaves them out; what is in the product stays there."""
    (row,) = sources.query(
        "select count(distinct source_row), count(distinct source_row) filter (fate = ?), min(source_row, ?)"
        " from {ledger} where source = ? and because = ?",
        [Fate.EXCLUDED, LISTED, source, Reason.VANISHED],
    )
    return row[0], 0, row[1], tuple(dict.fromkeys(row[2] or ()))


def exclusions(sources: Sources) -> tuple[str, ...]:
    """Return the ids of the decisions that exclude rows, in log order."""
    return tuple(each.id for each in sources.run.migration.log if isinstance(each, RowsExcluded))


def revalidations(sources: Sources) -> tuple[Revalidation, ...]:
    """Return the last re-validation of the wave and of each later one, as of the day of the record, in the waves' order."""
    run = sources.run
    waves = run.migration.customer.waves[run.migration.customer.rank(run.wave) :]
    known = (history(run.workspace, run.slug, wave.name) for wave in waves)
    until = ([each for each in tested if each.as_of <= run.as_of] for tested in known)
    return tuple(tested[-1] for tested in until if tested)
