"""export: fates settled, only ready records written, published in one step with a manifest and the ledger."""

from pathlib import Path

from aformity_pipelines import __version__
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.domain.stage_record import StageRecord, verdict_record
from aformity_pipelines.export.manifest import problems_of
from aformity_pipelines.export.records import (
    create_export_table,
    note_blanked,
    start_blanked,
)
from aformity_pipelines.fates.assign import LEDGER, EntityTables, create_ledger, name_deferrals
from aformity_pipelines.fates.conserve import check_records, check_same_rows
from aformity_pipelines.mapping.compile import row_reference
from aformity_pipelines.quality.suites import all_waves
from aformity_pipelines.review.effects import create_merges
from aformity_pipelines.stages.earlier import current_version, earlier_exports, open_earlier
from aformity_pipelines.stages.gates import closed_by, records_before_export, taken_in
from aformity_pipelines.stages.gating import Judging, cover, decisions_about, judge_table
from aformity_pipelines.stages.graph import EXPORT as STAGE
from aformity_pipelines.stages.graph import PACKAGE, VALIDATED, sources_behind
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
from aformity_pipelines.stages.rejected import rejected_rows
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.suites import entity_suite


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
        "earlier": earlier_exports(run),
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
    return _export(run, inputs, closed), True


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


def _export(run: Run, inputs: dict[str, str], closed: dict[str, str]) -> StageRecord:
    connection, entities = run.connection, run.migration.entities()
    sources = dict.fromkeys(source for entity in entities for source in sources_behind(run.migration, entity))
    package = Package(
        raw=open_all(run, taken_in(run, sources)),
        closed=dict(closed),
        ungated=frozenset(closed),
        records=records_before_export(run),
    )
    decisions = decisions_about(run, (*entities, *sources))
    cover(run, package.raw, decisions)
    create_merges(connection, decisions)
    open_earlier(run, package.raw, entities)
    _create_holds(run, package)
    while True:
        _settle(run, package)
        newly_closed = _judge_export(run, package)
        if not newly_closed:
            break
        package.closed |= newly_closed
    return pack(run, inputs, package)


def _create_holds(run: Run, package: Package) -> None:
    """Create `holds` (entity, row_id, because): every row that a rule keeps back, at whatever stage."""
    selects = ["select '' as entity, '' as row_id, '' as because where false"]
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
    return f"select {literal(entity)}, {row}, rule from {parquet(path)} where held"


def _settle(run: Run, package: Package) -> None:
    connection = run.connection
    destination = run.migration.destination
    tables = [_entity_tables(run, package, entity) for entity in run.migration.entities()]
    create_ledger(connection, destination, tables, waves_in_scope=run.waves_in_scope())
    name_deferrals(connection)
    package.tables = {}
    start_blanked(connection)
    for each in tables:
        expected = all_rows(run, each.entity, package.raw)
        found = f"select row_id from {LEDGER} where entity = {literal(each.entity)}"
        check_same_rows(connection, expected=expected, found=found, where=f"fates of {each.entity}")
        if each.transformed and each.entity not in package.closed:
            package.tables[each.entity] = create_export_table(
                connection,
                each.entity,
                destination.entities[each.entity],
                each.transformed,
            )
            note_blanked(
                connection,
                each.entity,
                destination.entities[each.entity],
                each.mapped,
                package.tables[each.entity],
            )
            check_records(connection, entity=each.entity, exported=package.tables[each.entity], ledger=LEDGER)


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


def _judge_export(run: Run, package: Package) -> dict[str, str]:
    """Judge what is about to be written; return the entities that the safety net holds back, and why."""
    newly_closed: dict[str, str] = {}
    destination = run.migration.destination
    for entity in run.migration.entities():
        _open_exported(run, package, entity)
    for entity, table in package.tables.items():
        run.connection.execute(
            f"create or replace temp view about_to_leave as select row_ids[1] as row_id, * from {table}"
        )
        asked = Judging(
            gate=Gate.EXPORT,
            subject=entity,
            table="about_to_leave",
            row_column="row_id",
            suite=_suite(run, entity),
        )
        verdict = judge_table(run, asked, findings_into=folder_of(run, STAGE, entity) / FINDINGS)
        rows = count(run.connection, table)
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
    keys = [f"select record_key as {identifier(described.key)} from earlier where entity = {literal(entity)}"]
    if entity in package.tables:
        keys.append(f"select {identifier(described.key)} from {package.tables[entity]}")
    union = " union all ".join(keys)
    run.connection.execute(f"create or replace temp view {all_waves(entity)} as {union}")
