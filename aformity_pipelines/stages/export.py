"""export: fates settled, only ready records written, published in one step with a manifest and the ledger."""

from pathlib import Path

from aformity_pipelines import __version__
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.domain.stage_record import StageRecord, verdict_record
from aformity_pipelines.export.manifest import problems_of
from aformity_pipelines.export.records import (
    HELD_CHANGES,
    create_changed,
    create_export_table,
    create_held_table,
    create_update_table,
    note_blanked,
    note_changes,
    start_blanked,
    start_changes,
)
from aformity_pipelines.fates.assign import (
    LEDGER,
    EntityTables,
    create_ledger,
    create_records,
    name_deferrals,
    settle_updates,
)
from aformity_pipelines.fates.conserve import check_against_live, check_records, check_same_rows
from aformity_pipelines.mapping.compile import row_reference
from aformity_pipelines.quality.suites import all_waves
from aformity_pipelines.review.effects import create_merges
from aformity_pipelines.stages.gates import closed_by, records_before_export, taken_in
from aformity_pipelines.stages.gating import Judging, cover, decisions_about, judge_table
from aformity_pipelines.stages.graph import EXPORT as STAGE
from aformity_pipelines.stages.graph import PACKAGE, TRANSFORMED, VALIDATED, sources_behind
from aformity_pipelines.stages.live import (
    KEPT_CLAIMS,
    KEPT_ROWS,
    LIVE_KEYS,
    goes_out,
    live_names_of,
    live_versions,
    open_live,
    open_live_values,
)
from aformity_pipelines.stages.log_kept import require_kept_log
from aformity_pipelines.stages.mapped import all_rows
from aformity_pipelines.stages.outputs import (
    FINDINGS,
    TABLE,
    count,
    folder_of,
    parquet,
    read_record,
    write_record,
)
from aformity_pipelines.stages.packing import KEPT_BACK, Package, pack
from aformity_pipelines.stages.published import current_version
from aformity_pipelines.stages.rejected import rejected_rows
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.suites import entity_suite, for_no_rows


def inputs_of(run: Run) -> dict[str, str]:
    """Return the fingerprints of all that the export depends on: every record before it, and the log's head."""
    records = records_before_export(run).values()
    before = {
        f"{record.stage}/{record.name}": digest_of(record.model_dump(mode="json")) for record in records
    }
    policies = run.migration.customer.policies.model_dump(mode="json")
    return {
        **before,
        "log": run.migration.head.sha256,
        "destination": digest_of(run.migration.destination.model_dump(mode="json")),
        "policies": digest_of(policies),
        "waves": digest_of([wave.model_dump(mode="json") for wave in run.migration.customer.waves]),
        "suites": digest_of([_suite(run, entity) for entity in run.migration.entities()]),
        "live": digest_of([each.model_dump(mode="json") for each in live_versions(run)]),
        "package": __version__,
    }


def _suite(run: Run, entity: str) -> dict[str, object]:
    return entity_suite(run.workspace, run.migration, entity, Gate.EXPORT)


def run_export(run: Run) -> tuple[StageRecord, bool]:
    """Settle every fate and publish what is ready; entities with a closed gate are left out and say why.

    Raises ConservationBreach before anything is published, ConfigInvalid where the log has lost decisions that an
    earlier export was made with.
    """
    require_kept_log(run)
    closed = {entity: why for entity in run.migration.entities() if (why := closed_by(run, entity))}
    inputs = inputs_of(run)
    stored = read_record(run, STAGE, PACKAGE)
    if stored and stored.inputs == inputs and _is_published(run, stored):
        return stored, False
    return pack(run, inputs, settle_fates(run, closed)), True


def is_up_to_date(run: Run) -> bool:
    """Whether the current published version was made from exactly what is there now."""
    stored = read_record(run, STAGE, PACKAGE)
    return stored is not None and stored.inputs == inputs_of(run) and _is_published(run, stored)


def _is_published(run: Run, record: StageRecord) -> bool:
    folder = package_folder(run, record)
    return folder is not None and not problems_of(folder)


def package_folder(run: Run, record: StageRecord) -> Path | None:
    """Return where the files of an export lie: published, or kept back while no entity's gates are open."""
    published = current_version(run.workspace.published(run.slug, run.wave))
    if published is not None and published.name.endswith(record.output[:8]):
        return published
    kept_back = folder_of(run, STAGE, PACKAGE) / KEPT_BACK
    return kept_back if not record.rows_out and kept_back.is_dir() else None


def settle_fates(run: Run, closed: dict[str, str], *, keeps_verdicts: bool = True) -> Package:
    """Settle every fate and judge what would leave; nothing is published.

    Leaves the temp tables `ledger`, `records`, `holds`, `blanked`, `updates` and `held_updates`.  Without `keeps_verdicts` the stored verdicts of
    the export's gate stay those of the last export.
    """
    connection, entities = run.connection, run.migration.entities()
    sources = dict.fromkeys(source for entity in entities for source in sources_behind(run.migration, entity))
    package = Package(
        raw=open_all(run, taken_in(run, sources)),
        closed=dict(closed),
        ungated=frozenset(closed),
        records=records_before_export(run),
        builds_on=live_names_of(run),
    )
    decisions = decisions_about(run, (*entities, *sources))
    cover(run, package.raw, decisions)
    create_merges(connection, decisions)
    open_live(run, package.raw, entities, kept=_kept(run, package, KEPT_ROWS))
    package.claims |= _kept(run, package, KEPT_CLAIMS)
    package.live = {entity: open_live_values(run, entity) for entity in entities}
    _create_holds(run, package)
    while True:
        _settle(run, package)
        newly_closed = _judge_export(run, package, keeps_verdicts=keeps_verdicts)
        if not newly_closed:
            return package
        package.closed |= newly_closed


def _kept(run: Run, package: Package, name: str) -> dict[str, str]:
    """Return entity -> relation of what its transformed stage, which was made of the same live records, kept of them."""
    folders = {
        entity: folder_of(run, TRANSFORMED, entity)
        for stage, entity in package.records
        if stage == TRANSFORMED
    }
    return {
        entity: parquet(folder / name)
        for entity, folder in folders.items()
        if entity not in package.ungated and package.builds_on and (folder / name).is_file()
    }


def _create_holds(run: Run, package: Package) -> None:
    """Create `holds` (entity, row_id, because, work): every row that a rule keeps back, at whatever stage.

    `work` is the follow-up or question that somebody opened about it, or NULL.
    """
    selects = ["select '' as entity, '' as row_id, '' as because, '' as work where false"]
    for stage, name in package.records:
        path = folder_of(run, stage, name) / FINDINGS
        if not path.is_file():
            continue
        if stage != VALIDATED:
            selects.append(_held(name, "row_id", path))
            continue
        for entity in run.migration.readers_of(name):
            reads = (read for read in run.migration.reads_of(entity) if read.source == name)
            selects += [_held(entity, row_reference("row_id", read.part), path) for read in reads]
    run.connection.execute(f"create or replace temp table holds as {' union all '.join(selects)}")


def _held(entity: str, row: str, path: Path) -> str:
    return f"select {literal(entity)}, {row}, rule, followed_by from {parquet(path)} where held"


def _settle(run: Run, package: Package) -> None:
    connection, destination = run.connection, run.migration.destination
    tables = [_entity_tables(run, package, entity) for entity in run.migration.entities()]
    create_records(connection, destination, tables, waves_in_scope=run.waves_in_scope())
    for each in tables:
        if each.transformed:
            create_changed(
                connection,
                each.entity,
                destination.entities[each.entity],
                each.transformed,
                live=package.live[each.entity],
                goes_out=goes_out(run, each.entity, record="r.record", wave="r.wave"),
            )
    settle_updates(connection, destination, tables)
    create_ledger(connection, tables)
    name_deferrals(connection)
    package.tables, package.updates = {}, {}
    start_blanked(connection)
    start_changes(connection)
    for each in tables:
        expected = all_rows(run, each.entity, package.raw)
        found = f"select row_id from {LEDGER} where entity = {literal(each.entity)}"
        check_same_rows(connection, expected=expected, found=found, where=f"fates of {each.entity}")
        if each.transformed:
            described, held = destination.entities[each.entity], create_held_table(connection, each.entity)
            live = package.live[each.entity]
            note_changes(connection, each.entity, described, held, live=live, into=HELD_CHANGES)
        if each.transformed and each.entity not in package.closed:
            _create_exports(run, package, each, each.transformed)


def _create_exports(run: Run, package: Package, each: EntityTables, transformed: str) -> None:
    """Create the tables of the records of an entity that leave, new ones and changed ones, and prove them."""
    connection, described = run.connection, run.migration.destination.entities[each.entity]
    live = package.live[each.entity]
    exported = create_export_table(connection, each.entity, described, transformed)
    updated = create_update_table(connection, each.entity)
    package.tables[each.entity], package.updates[each.entity] = exported, updated
    for table in (exported, updated):
        note_blanked(connection, each.entity, described, each.mapped, table)
    note_changes(connection, each.entity, described, updated, live=live)
    check_records(connection, entity=each.entity, exported=exported, updated=updated, ledger=LEDGER)
    if package.builds_on:
        check_against_live(
            connection,
            entity=each.entity,
            key=described.key,
            fields=described.fields,
            exported=exported,
            updated=updated,
            compared=f"compared_{each.entity}",
            live=live,
        )


def _entity_tables(run: Run, package: Package, entity: str) -> EntityTables:
    why = package.closed.get(entity)
    mapped, transformed = (folder_of(run, stage, entity) / TABLE for stage in ("mapped", "transformed"))
    is_mapped = ("mapped", entity) in package.records
    return EntityTables(
        entity=entity,
        key=run.migration.destination.entities[entity].key,
        mapped=parquet(mapped) if is_mapped else f"({_unmapped_rows(run, package, entity)})",
        transformed=None if entity in package.ungated else parquet(transformed),
        closed_by=why,
        rejected=rejected_rows(run.migration, entity, package.raw),
        claims=package.claims.get(entity),
    )


def _unmapped_rows(run: Run, package: Package, entity: str) -> str:
    selects = [
        f"select {row_reference('r.row_id', read.part)} as row_id, {literal(read.source)} as source, r.wave,"
        f" cast(null as varchar) as set_aside from {package.raw[read.source].relation} r"
        for read in run.migration.reads_of(entity)
        if read.source in package.raw
    ]
    nothing = "select '' as row_id, '' as source, '' as wave, cast(null as varchar) as set_aside where false"
    return " union all ".join(selects) or nothing


def _judge_export(run: Run, package: Package, *, keeps_verdicts: bool) -> dict[str, str]:
    """Judge what is about to be written; return the entities that the safety net holds back, and why."""
    newly_closed: dict[str, str] = {}
    destination = run.migration.destination
    for entity in run.migration.entities():
        _open_exported(run, package, entity)
    for entity, table in package.tables.items():
        leaving = f"select * from {table} union all select * from {package.updates[entity]}"
        run.connection.execute(
            f"create or replace temp view about_to_leave as select row_ids[1] as row_id, * from ({leaving})"
        )
        asked = Judging(
            gate=Gate.EXPORT,
            subject=entity,
            table="about_to_leave",
            row_column="row_id",
            suite=for_no_rows(_suite(run, entity)) if package.builds_on else _suite(run, entity),
        )
        folder = folder_of(run, STAGE, entity)
        findings = folder / FINDINGS if keeps_verdicts else run.workspace.scratch(run.slug) / FINDINGS
        verdict = judge_table(run, asked, findings_into=findings)
        if keeps_verdicts:
            rows = count(run.connection, "about_to_leave")
            write_record(
                run,
                StageRecord(
                    stage=STAGE, name=entity, wave=run.wave, inputs={}, output="", rows_in=rows, rows_out=rows,
                    verdict=verdict_record(verdict),
                ),
            )  # fmt: skip
        if not verdict.is_open:
            newly_closed[entity] = verdict.explanation().splitlines()[0].rstrip(":")
    for entity in destination.load_order(frozenset(package.tables)):
        for parent in destination.parents_of(entity) & newly_closed.keys():
            newly_closed.setdefault(entity, newly_closed[parent])
    return newly_closed


def _open_exported(run: Run, package: Package, entity: str) -> None:
    """Create `<entity>__all`: the records that are or will be in the destination after this export."""
    described = run.migration.destination.entities[entity]
    keys = [
        f"select record_key as {identifier(described.key)} from {LIVE_KEYS} where entity = {literal(entity)}"
    ]
    if entity in package.tables:
        keys.append(f"select {identifier(described.key)} from {package.tables[entity]}")
    union = " union all ".join(keys)
    run.connection.execute(f"create or replace temp view {all_waves(entity)} as {union}")
