"""The launch record: every section, from one export."""

from aformity_pipelines.domain.launch.review import LogEnd
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.stages.launch import field_map, glance, held, labels, overview, rows, work
from aformity_pipelines.stages.launch.source import Sources
from aformity_pipelines.stages.waiting import waiting_files


def build_launch_record(sources: Sources) -> LaunchRecord:
    """Return the launch record: a pure function of deliveries, config, decisions, the export and the date."""
    run, migration = sources.run, sources.run.migration
    customer, wave = migration.customer, migration.customer.wave(run.wave)
    accepted, unresolved = work.accepted_risks(sources), work.unresolved_work(sources)
    reported, counted = work.reported_findings(sources), overview.outcomes(sources)
    deferred, excluded, merged = rows.deferrals(sources), rows.exclusions(sources), rows.merges(sources)
    apart, files = rows.kept_apart(sources), waiting_files(run)
    named = labels.rows_named(
        accepted=accepted,
        listed=(*unresolved, *reported),
        shown=(*deferred, *excluded),
        merged=merged,
        apart=apart,
    )
    return LaunchRecord(
        customer=migration.slug,
        label=customer.customer,
        replaces=customer.replaces.what,
        replaces_why=customer.replaces.why,
        wave=wave.name,
        wave_says=wave.says,
        launches_on=wave.launches_on,
        as_of=run.as_of,
        destination=migration.destination.label,
        destination_version=migration.destination.version,
        log=LogEnd(seq=migration.head.seq, sha256=migration.head.sha256),
        glance=glance.glance(sources, counted, unresolved, files),
        outcomes=counted,
        fates=overview.fate_rows(sources),
        gates=overview.gates(sources),
        moments=held.moments(sources, accepted, counted),
        mapping=field_map.field_map(sources),
        columns=field_map.columns_left(sources),
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
        notices=overview.notices(sources),
    )
