"""The launch record: every section, from one export."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aformity_pipelines.domain.launch.changes import Changes
from aformity_pipelines.domain.launch.review import LogEnd
from aformity_pipelines.domain.launch.waves import FieldUpdate, VanishedRows
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.domain.revalidation import Revalidation
from aformity_pipelines.stages.launch import (
    columns,
    counts,
    field_map,
    glance,
    held,
    labels,
    losses,
    merging,
    overview,
    rows,
    waves,
    work,
)
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.build import answered
from aformity_pipelines.stages.launch.changes import changes
from aformity_pipelines.stages.launch.source import Sources
from aformity_pipelines.stages.waiting import waiting_files


def build_launch_record(sources: Sources) -> LaunchRecord:
    """Return the launch record: a pure function of deliveries, config, decisions, the export and the date."""
    record = _sections(sources)
    numbers = counts.counts_of(record, blanked=sources.manifest.blanked_links)
    return record.model_copy(update={"counts": numbers})


def _sections(sources: Sources) -> LaunchRecord:
    """Return the record without the counts behind its numbers."""
    held.create_held(sources)
    accepted, unresolved = work.accepted_risks(sources), work.unresolved_work(sources)
    reported, counted = work.reported_findings(sources), overview.outcomes(sources)
    deferred, excluded, merged = rows.deferrals(sources), rows.exclusions(sources), merging.merges(sources)
    apart, files = rows.kept_apart(sources), waiting_files(sources.run)
    mapping = field_map.field_map(sources)
    asked = answered(
        Basis(
            sources=sources, mapping=mapping, merged=merged, apart=apart, unresolved=unresolved, waiting=files
        )
    )
    over_waves = _over_waves(sources)
    named = labels.rows_named(
        accepted=accepted,
        listed=(*unresolved, *reported),
        shown=(*deferred, *excluded),
        merged=merged,
        apart=apart,
        answered=asked.rows_listed(),
        changed=over_waves.rows_shown(),
    )
    return LaunchRecord(
        **_head(sources),
        glance=glance.glance(sources, counted, unresolved, files, over_waves.revalidations),
        outcomes=counted,
        fates=overview.fate_rows(sources),
        gates=overview.gates(sources),
        moments=held.moments(sources, accepted, counted),
        mapping=mapping,
        columns=columns.column_lines(sources),
        questions=asked.questions,
        open_questions=asked.open_questions,
        answers=asked.answers,
        open_answers=asked.open_answers,
        losses=losses.losses(sources),
        accepted_risks=accepted,
        unresolved=unresolved,
        reported=reported,
        waiting=files,
        deferred=deferred,
        excluded=excluded,
        merged=merged,
        kept_apart=apart,
        row_labels=labels.row_labels(sources, named),
        history=overview.history(sources),
        deliveries=overview.deliveries(sources),
        export=overview.export_of(sources),
        graph=overview.graph(sources),
        overrides=sources.run.migration.overridden,
        loaded=waves.loaded(sources),
        builds_on=waves.builds_on(sources),
        updates=over_waves.updates,
        vanished=over_waves.vanished,
        revalidations=over_waves.revalidations,
        changes=over_waves.changes,
        notices=(*overview.notices(sources), *asked.notices),
        rules=counts.rule_lines(sources),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _OverWaves:
    """What a handoff says beyond its own export: against the product, the files, the waves after it, the last handoff."""

    updates: tuple[FieldUpdate, ...]
    vanished: tuple[VanishedRows, ...]
    revalidations: tuple[Revalidation, ...]
    changes: Changes | None

    def rows_shown(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """Yield an entity or source, and the row ids that are listed of it: each needs a label."""
        yield from ((each.entity, tuple(one.row for one in each.examples)) for each in self.updates)
        yield from ((each.source, each.examples) for each in self.vanished)
        yield from ((each.entity, each.rows) for each in (self.changes.released if self.changes else ()))


def _over_waves(sources: Sources) -> _OverWaves:
    return _OverWaves(
        updates=waves.updates(sources),
        vanished=waves.vanished(sources),
        revalidations=waves.revalidations(sources),
        changes=changes(sources),
    )


def _head(sources: Sources) -> dict[str, Any]:
    """Return what names the launch: who, what is replaced, which wave and when, and what it was made with."""
    run, migration = sources.run, sources.run.migration
    customer, wave = migration.customer, migration.customer.wave(run.wave)
    return {
        "customer": migration.slug,
        "label": customer.customer,
        "replaces": customer.replaces.what,
        "replaces_why": customer.replaces.why,
        "wave": wave.name,
        "wave_says": wave.says,
        "launches_on": wave.launches_on,
        "as_of": run.as_of,
        "destination": migration.destination.label,
        "destination_version": migration.destination.version,
        "log": LogEnd(seq=migration.head.seq, sha256=migration.head.sha256),
    }
