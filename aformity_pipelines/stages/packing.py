"""Packing an export: the files of every open entity, the ledger beside them, one manifest, one publication."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aformity_pipelines import __version__
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.sql_text import PARQUET, identifier, literal
from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.export.manifest import FileEntry, LeftOut, Manifest, Versions, file_entry
from aformity_pipelines.export.publish import keep_back, publish
from aformity_pipelines.export.records import BLANKED, count_blanked
from aformity_pipelines.export.write_files import (
    keys_in_csv,
    why_no_workbook,
    write_csv,
    write_parquet,
    write_xlsx,
)
from aformity_pipelines.fates.assign import LEDGER
from aformity_pipelines.fates.conserve import check_same_rows
from aformity_pipelines.files.fingerprint import fingerprint
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import MAIN
from aformity_pipelines.review.shown import shown_rows
from aformity_pipelines.stages.graph import EXPORT as STAGE
from aformity_pipelines.stages.graph import PACKAGE, Step
from aformity_pipelines.stages.mapped import VALUES
from aformity_pipelines.stages.outputs import FINDINGS, count, folder_of, parquet, require, write_record
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.suites import entity_suite
from aformity_pipelines.transform.project import load_project

KEPT_BACK = "kept_back"


@dataclass(slots=True, kw_only=True)
class Package:
    """An export that is being put together."""

    raw: Mapping[str, RawRelation]
    closed: dict[str, str]  # entity -> why it is left out
    ungated: frozenset[str]  # entities that a gate before export closed
    records: Mapping[Step, StageRecord]  # the stages before, as far as gates are open
    tables: dict[str, str] = field(default_factory=dict)  # entity -> relation of its export records


def pack(run: Run, inputs: dict[str, str], package: Package) -> StageRecord:
    """Write every file of the export, publish them in one step, and return the stage's record."""
    staging = run.workspace.scratch(run.slug) / f"export_{run.wave}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    files, notes = _write_entities(run, package, staging)
    files += _write_ledgers(run, package, staging)
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


def _write_entities(run: Run, package: Package, staging: Path) -> tuple[list[FileEntry], list[str]]:
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
        if why := why_no_workbook(connection, table, described, most_rows=limit):
            notes.append(f"{entity}: no workbook for people, {why}")
        else:
            write_xlsx(connection, table, described, staging / f"{stem}.xlsx")
            paths.append(staging / f"{stem}.xlsx")
        files += [file_entry(path, entity=entity, rows=rows) for path in paths]
    return files, notes


def _write_ledgers(run: Run, package: Package, staging: Path) -> list[FileEntry]:
    connection = run.connection
    queries = {
        "ledger": _ledger(run, package.raw),
        "findings": _findings(run, package),
        "values": _values(run, package),
    }
    queries["merges"] = "select entity, row_id, survivor, decision from merges order by all"
    queries["blanked"] = f"select entity, record, field from {BLANKED} order by all"
    files = []
    for name, select in queries.items():
        path = staging / f"{name}.parquet"
        connection.execute(f"copy ({select}) to {literal(str(path))} {PARQUET}")
        files.append(file_entry(path, entity=None, rows=count(connection, parquet(path))))
    check_same_rows(
        connection,
        expected=f"select entity || ' ' || row_id from {LEDGER}",
        found=f"select entity || ' ' || row_id from {parquet(staging / 'ledger.parquet')}",
        where="file ledger.parquet",
    )
    return files


def _ledger(run: Run, raw: Mapping[str, RawRelation]) -> str:
    """Return the ledger with file, row number and business key beside each row reference."""
    keys = " union all ".join(
        f"select {literal(entity)} as entity, row_id, row_key"
        f" from ({shown_rows(run.migration, raw, entity, ())})"
        for entity in run.migration.entities()
    )
    records = {source: require(run, "raw_file", source) for source in raw}
    files = ", ".join(
        f"({literal(source)}, {literal(record.delivery.file_name)})"
        for source, record in records.items()
        if record.delivery
    )
    files = files or "(cast(null as varchar), cast(null as varchar))"
    return (
        f"select l.entity, l.row_id, split_part(l.row_id, '/', 1) as source_row, case when contains(l.row_id, '/')"
        f" then split_part(l.row_id, '/', 2) else '{MAIN}' end as part, l.source, f.file,"
        " cast(split_part(split_part(l.row_id, '#', 2), '/', 1) as integer) as row, l.wave, l.fate, l.reason,"
        f" l.because, l.record, l.record_key, k.row_key from {LEDGER} l left join (values {files}) f(source, file)"
        f" on f.source = l.source left join ({keys}) k on k.entity = l.entity and k.row_id = l.row_id order by l.entity, l.row_id"
    )


def _findings(run: Run, package: Package) -> str:
    columns = "rule, row_id, accepted_by, followed_by, held"
    selects = [
        "select '' as stage, '' as subject, '' as rule, '' as row_id, '' as accepted_by, '' as followed_by,"
        " false as held where false"
    ]
    for stage, name in (*package.records, *((STAGE, entity) for entity in package.tables)):
        path = folder_of(run, stage, name) / FINDINGS
        if path.is_file():
            selects.append(f"select {literal(stage)}, {literal(name)}, {columns} from {parquet(path)}")
    return f"select * from ({' union all '.join(selects)}) order by all"


def _values(run: Run, package: Package) -> str:
    selects = [
        f"select {literal(entity)} as entity, * from {parquet(path)}"
        for stage, entity in package.records
        if stage == "mapped" and (path := folder_of(run, stage, entity) / VALUES).is_file()
    ]
    return (
        f"select * from ({' union all '.join(selects)}) order by all" if selects else "select 1 where false"
    )


def _manifest(run: Run, package: Package, files: tuple[FileEntry, ...], notes: tuple[str, ...]) -> Manifest:
    migration = run.migration
    records = package.records.values()
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
        rejected={r.name: r.delivery.rejected for r in records if r.delivery and r.delivery.rejected},
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
