"""export: fates settled, only ready records written, published in one step with a manifest and the ledger."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aformity_pipelines import __version__
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.stage_record import StageRecord, verdict_record
from aformity_pipelines.export.manifest import FileEntry, LeftOut, Manifest, Versions, file_entry, problems_of
from aformity_pipelines.export.publish import keep_back, publish
from aformity_pipelines.export.records import (
    BLANKED,
    count_blanked,
    create_export_table,
    note_blanked,
    start_blanked,
)
from aformity_pipelines.export.write_files import keys_in_csv, write_csv, write_parquet, write_xlsx
from aformity_pipelines.fates.assign import LEDGER, EntityTables, create_ledger, name_deferrals
from aformity_pipelines.fates.conserve import check_records, check_same_rows
from aformity_pipelines.files.fingerprint import fingerprint
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import MAIN, row_reference
from aformity_pipelines.mapping.sql import identifier, literal
from aformity_pipelines.quality.suites import all_waves
from aformity_pipelines.review.effects import create_merges
from aformity_pipelines.stages.earlier import current_version, earlier_exports, open_earlier
from aformity_pipelines.stages.gates import closed_by, records_before_export
from aformity_pipelines.stages.gating import Judging, cover, decisions_about, judge_table
from aformity_pipelines.stages.mapped import VALUES, expected_rows, sources_of
from aformity_pipelines.stages.outputs import (
    FINDINGS,
    TABLE,
    count,
    folder_of,
    parquet,
    read_record,
    require,
    write_record,
)
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.suites import entity_suite
from aformity_pipelines.transform.project import load_project

STAGE = "export"
PACKAGE = "package"
KEPT_BACK = "kept_back"


@dataclass(slots=True, kw_only=True)
class _Package:
    """What is being put together."""

    raw: Mapping[str, RawRelation]
    closed: dict[str, str]  # entity -> why it is left out
    ungated: frozenset[str]  # entities that a gate before export closed
    tables: dict[str, str] = field(default_factory=dict)  # entity -> relation of its export records


def inputs_of(run: Run) -> dict[str, str]:
    """Return the fingerprints of all that the export depends on: every record before it, and the log's head."""
    before = {f"{r.stage}/{r.name}": digest_of(r.model_dump(mode="json")) for r in records_before_export(run)}
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

    Raises ConservationBreach before anything is published.
    """
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
    sources = dict.fromkeys(source for entity in entities for source in sources_of(run, entity))
    package = _Package(raw=open_all(run, sources), closed=dict(closed), ungated=frozenset(closed))
    decisions = decisions_about(run, (*entities, *sources))
    cover(run, package.raw, decisions)
    create_merges(connection, decisions)
    open_earlier(run)
    _create_holds(run)
    while True:
        _settle(run, package)
        newly_closed = _judge_export(run, package)
        if not newly_closed:
            break
        package.closed |= newly_closed
    return _publish(run, inputs, package)


def _create_holds(run: Run) -> None:
    """Create `holds` (entity, row_id, because): every row that a rule keeps back, at whatever stage."""
    selects = ["select '' as entity, '' as row_id, '' as because where false"]
    for entity in run.migration.entities():
        for read in run.migration.reads_of(entity):
            path = folder_of(run, "validated", read.source) / FINDINGS
            if path.is_file():
                row = row_reference("row_id", read.part)
                selects.append(_held(entity, row, path))
        for stage in ("mapped", "transformed"):
            path = folder_of(run, stage, entity) / FINDINGS
            if path.is_file():
                selects.append(_held(entity, "row_id", path))
    run.connection.execute(f"create or replace temp table holds as {' union all '.join(selects)}")


def _held(entity: str, row: str, path: Path) -> str:
    return f"select {literal(entity)}, {row}, rule from {parquet(path)} where held"


def _settle(run: Run, package: _Package) -> None:
    connection = run.connection
    destination = run.migration.destination
    tables = [_entity_tables(run, package, entity) for entity in run.migration.entities()]
    create_ledger(connection, destination, tables, waves_in_scope=run.waves_in_scope())
    name_deferrals(connection)
    package.tables = {}
    start_blanked(connection)
    for each in tables:
        expected = expected_rows(run, each.entity, package.raw)
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


def _entity_tables(run: Run, package: _Package, entity: str) -> EntityTables:
    why = package.closed.get(entity)
    mapped, transformed = (folder_of(run, stage, entity) / TABLE for stage in ("mapped", "transformed"))
    is_mapped = mapped.is_file() and read_record(run, "mapped", entity) is not None
    return EntityTables(
        entity=entity,
        key=run.migration.destination.entities[entity].key,
        mapped=parquet(mapped) if is_mapped else f"({_unmapped_rows(run, package, entity)})",
        transformed=None if entity in package.ungated else parquet(transformed),
        closed_by=why,
    )


def _unmapped_rows(run: Run, package: _Package, entity: str) -> str:
    return " union all ".join(
        f"select {row_reference('r.row_id', read.part)} as row_id, {literal(read.source)} as source, r.wave,"
        f" cast(null as varchar) as set_aside from {package.raw[read.source].relation} r"
        for read in run.migration.reads_of(entity)
    )


def _judge_export(run: Run, package: _Package) -> dict[str, str]:
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


def _open_exported(run: Run, package: _Package, entity: str) -> None:
    """Create `<entity>__all`: the records that are or will be in the destination after this export."""
    described = run.migration.destination.entities[entity]
    keys = [f"select record_key as {identifier(described.key)} from earlier where entity = {literal(entity)}"]
    if entity in package.tables:
        keys.append(f"select {identifier(described.key)} from {package.tables[entity]}")
    union = " union all ".join(keys)
    run.connection.execute(f"create or replace temp view {all_waves(entity)} as {union}")


def _publish(run: Run, inputs: dict[str, str], package: _Package) -> StageRecord:
    staging = run.workspace.scratch(run.slug) / f"export_{run.wave}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    files, notes = _write_entities(run, package, staging)
    files += _write_ledgers(run, staging)
    manifest = _manifest(run, package, tuple(files), tuple(notes))
    if package.tables:
        publish(staging, run.workspace.published(run.slug, run.wave), manifest)
    else:
        keep_back(staging, folder_of(run, STAGE, PACKAGE) / KEPT_BACK, manifest)
    fates = manifest.fates
    return write_record(
        run,
        StageRecord(
            stage=STAGE,
            name=PACKAGE,
            wave=run.wave,
            inputs=inputs,
            output=manifest.content_id(),
            rows_in=sum(sum(each.values()) for each in fates.values()),
            rows_out=sum(count(run.connection, table) for table in package.tables.values()),
            decisions=manifest.decisions,
            fates=fates,
        ),
    )


def _write_entities(run: Run, package: _Package, staging: Path) -> tuple[list[FileEntry], list[str]]:
    connection, files, notes = run.connection, [], []
    limit = run.migration.customer.policies.human_copy_rows
    order = run.migration.destination.load_order(frozenset(package.tables))
    for place, entity in enumerate(order, start=1):
        table, described = package.tables[entity], run.migration.destination.entities[entity]
        rows, stem = count(connection, table), f"{place:02d}_{entity}"
        write_csv(connection, table, described, staging / f"{stem}.csv")
        write_parquet(connection, table, described, staging / f"{stem}.parquet")
        check_same_rows(
            connection,
            expected=f"select {identifier(described.key)} from {table}",
            found=keys_in_csv(described, staging / f"{stem}.csv"),
            where=f"file {stem}.csv",
        )
        check_same_rows(
            connection,
            expected=f"select unnest(row_ids) from {table}",
            found=f"select unnest(row_ids) from {parquet(staging / f'{stem}.parquet')}",
            where=f"file {stem}.parquet",
        )
        paths = [staging / f"{stem}.csv", staging / f"{stem}.parquet"]
        if rows <= limit:
            write_xlsx(connection, table, described, staging / f"{stem}.xlsx")
            paths.append(staging / f"{stem}.xlsx")
        else:
            notes.append(
                f"{entity}: no workbook for people, {rows} records exceed `human_copy_rows` ({limit})"
            )
        files += [file_entry(path, entity=entity, rows=rows) for path in paths]
    return files, notes


def _write_ledgers(run: Run, staging: Path) -> list[FileEntry]:
    connection = run.connection
    queries = {"ledger": _ledger(run), "findings": _findings(run), "values": _values(run)}
    queries["merges"] = "select entity, row_id, survivor, decision from merges order by all"
    queries["blanked"] = f"select entity, record, field from {BLANKED} order by all"
    files = []
    for name, select in queries.items():
        path = staging / f"{name}.parquet"
        connection.execute(f"copy ({select}) to {literal(str(path))} (format parquet, compression zstd)")
        files.append(file_entry(path, entity=None, rows=count(connection, parquet(path))))
    check_same_rows(
        connection,
        expected=f"select entity || ' ' || row_id from {LEDGER}",
        found=f"select entity || ' ' || row_id from {parquet(staging / 'ledger.parquet')}",
        where="file ledger.parquet",
    )
    return files


def _ledger(run: Run) -> str:
    """Return the ledger with file and row number beside each row reference."""
    records = {source: require(run, "raw_file", source) for source in run.migration.customer.sources}
    files = ", ".join(
        f"({literal(source)}, {literal(record.delivery.file_name)})"
        for source, record in records.items()
        if record.delivery
    )
    return (
        f"select l.entity, l.row_id, split_part(l.row_id, '/', 1) as source_row, case when contains(l.row_id, '/')"
        f" then split_part(l.row_id, '/', 2) else '{MAIN}' end as part, l.source, f.file,"
        " cast(split_part(split_part(l.row_id, '#', 2), '/', 1) as integer) as row, l.wave, l.fate, l.reason,"
        f" l.because, l.record, l.record_key from {LEDGER} l left join (values {files}) f(source, file)"
        " on f.source = l.source order by l.entity, l.row_id"
    )


def _findings(run: Run) -> str:
    columns = "rule, row_id, accepted_by, followed_by, held"
    selects = [
        "select '' as stage, '' as subject, '' as rule, '' as row_id, '' as accepted_by, '' as followed_by,"
        " false as held where false"
    ]
    names = [("validated", s) for s in run.migration.customer.sources]
    names += [(stage, e) for stage in ("mapped", "transformed", STAGE) for e in run.migration.entities()]
    for stage, name in names:
        path = folder_of(run, stage, name) / FINDINGS
        if path.is_file():
            selects.append(f"select {literal(stage)}, {literal(name)}, {columns} from {parquet(path)}")
    return f"select * from ({' union all '.join(selects)}) order by all"


def _values(run: Run) -> str:
    selects = [
        f"select {literal(entity)} as entity, * from {parquet(path)}"
        for entity in run.migration.entities()
        if (path := folder_of(run, "mapped", entity) / VALUES).is_file()
    ]
    return (
        f"select * from ({' union all '.join(selects)}) order by all" if selects else "select 1 where false"
    )


def _manifest(run: Run, package: _Package, files: tuple[FileEntry, ...], notes: tuple[str, ...]) -> Manifest:
    migration = run.migration
    records = records_before_export(run)
    return Manifest(
        customer=migration.slug,
        wave=run.wave,
        load_order=migration.destination.load_order(frozenset(package.tables)),
        files=files,
        fates=_fates(run),
        left_out=tuple(LeftOut(entity=entity, why=why) for entity, why in package.closed.items()),
        blanked_links=count_blanked(run.connection),
        decisions=tuple(sorted({each for record in records for each in record.decisions})),
        log_seq=migration.head.seq,
        log_sha256=migration.head.sha256,
        deliveries={r.name: r.delivery.sha256 for r in records if r.delivery},
        versions=_versions(run),
        notes=notes,
    )


def _versions(run: Run) -> Versions:
    migration = run.migration
    gates = (Gate.MAPPED, Gate.TRANSFORMED, Gate.EXPORT)
    return Versions(
        package=__version__,
        destination=migration.destination.destination,
        destination_version=migration.destination.version,
        suites={
            f"{entity}/{gate}": digest_of(entity_suite(run.workspace, migration, entity, gate))
            for entity in migration.entities()
            for gate in gates
        },
        models=fingerprint(*(model.sql for model in load_project(run.workspace.transforms).models)),
        mappings={e: digest_of(m.model_dump(mode="json")) for e, m in migration.mappings.items()},
    )


def _fates(run: Run) -> dict[str, dict[str, int]]:
    rows = run.connection.execute(
        f"select entity, fate, count(*) from {LEDGER} group by all order by all"
    ).fetchall()
    found: dict[str, dict[str, int]] = {entity: {} for entity in run.migration.entities()}
    for entity, fate, number in rows:
        found[entity][fate] = number
    return found
