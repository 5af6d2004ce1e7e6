"""Packing an export: the files of every open entity, the ledger beside them, one manifest, one publication."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aformity_pipelines import __version__
from aformity_pipelines.domain.destination import Entity
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.sql_text import PARQUET, identifier, literal
from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.export.manifest import FileEntry, LeftOut, Manifest, Versions, file_entry
from aformity_pipelines.export.publish import keep_back, publish
from aformity_pipelines.export.records import BLANKED, CHANGES, HELD_CHANGES, count_blanked
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
from aformity_pipelines.stages.export_notes import current_is_older
from aformity_pipelines.stages.graph import EXPORT as STAGE
from aformity_pipelines.stages.graph import PACKAGE, Step
from aformity_pipelines.stages.keeping_stages import export_gates, write_kept_stages
from aformity_pipelines.stages.mapped import VALUES
from aformity_pipelines.stages.outputs import FINDINGS, count, folder_of, parquet, require, write_record
from aformity_pipelines.stages.published import current_version
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
    builds_on: tuple[str, ...] = ()  # the versions that are live, in order
    live: dict[str, str] = field(default_factory=dict)  # entity -> relation of its live records
    claims: dict[str, str] = field(
        default_factory=dict
    )  # entity -> relation of its records of today that are live
    tables: dict[str, str] = field(default_factory=dict)  # entity -> relation of its new records
    updates: dict[str, str] = field(default_factory=dict)  # entity -> relation of its records that change


def pack(run: Run, inputs: dict[str, str], package: Package) -> StageRecord:
    """Write every file of the export, publish them in one step, and return the stage's record."""
    staging = run.workspace.scratch(run.slug) / f"export_{run.wave}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    files, notes = _write_entities(run, package, staging)
    files += _write_ledgers(run, package, staging)
    judged = (*package.records.values(), *export_gates(run, package.ungated))
    files.append(write_kept_stages(run, judged, staging))
    manifest = _manifest(run, package, tuple(files), tuple(notes))
    is_published = _is_to_be_published(run, package, manifest)
    if not is_published and (older := current_is_older(run, is_closed=not package.tables)):
        manifest = manifest.model_copy(update={"notes": (*manifest.notes, older)})
    if is_published:
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
            rows_out=leaving(manifest),
            decisions=manifest.decisions,
            fates=fates,
            created=manifest.created,
            updated=manifest.updated,
            builds_on=manifest.builds_on,
        ),
    )


def leaving(manifest: Manifest) -> int:
    """Return how many records an export brings to the product, new ones and changed ones."""
    return sum(manifest.created.values()) + sum(manifest.updated.values())


def _is_to_be_published(run: Run, package: Package, manifest: Manifest) -> bool:
    """Whether an export becomes a version: it brings something, or takes the place of one that is not live yet."""
    if not package.tables:
        return False
    current = current_version(run.workspace.published(run.slug, run.wave))
    is_replaced = current is not None and f"{run.wave}/{current.name}" not in package.builds_on
    return bool(leaving(manifest) or not package.builds_on or is_replaced)


def _write_entities(run: Run, package: Package, staging: Path) -> tuple[list[FileEntry], list[str]]:
    connection, files, notes = run.connection, [], []
    limit = run.migration.customer.policies.human_copy_rows
    order = run.migration.destination.load_order(frozenset(package.tables))
    for place, entity in enumerate(order, start=1):
        table, described = package.tables[entity], run.migration.destination.entities[entity]
        rows, stem = count(connection, table), f"{place:02d}_{entity}"
        paths = _write_records(run, described, table, staging / stem)
        changed = package.updates[entity]
        if updates := count(connection, changed):
            updated = _write_records(run, described, changed, staging / f"{stem}.updates")
            files += [file_entry(path, updates=entity, rows=updates) for path in updated]
        if why := why_no_workbook(connection, table, described, most_rows=limit):
            notes.append(f"{entity}: no workbook for people, {why}")
        else:
            write_xlsx(connection, table, described, staging / f"{stem}.xlsx")
            paths.append(staging / f"{stem}.xlsx")
        files += [file_entry(path, entity=entity, rows=rows) for path in paths]
        notes += _merged_since(run, entity)
    return sorted(files, key=lambda each: each.path), notes


def _write_records(run: Run, described: Entity, table: str, stem: Path) -> list[Path]:
    """Write the CSV and the Parquet file of a table of records, and prove both; return where they lie."""
    connection, paths = run.connection, [stem.with_name(f"{stem.name}.{kind}") for kind in ("csv", "parquet")]
    write_csv(connection, table, described, paths[0])
    write_parquet(connection, table, described, paths[1])
    check_same_rows(
        connection,
        expected=f"select {identifier(described.key)} from {table}",
        found=keys_in_csv(described, paths[0]),
        where=f"file {paths[0].name}",
    )
    check_same_rows(
        connection,
        expected=f"select unnest(row_ids) from {table}",
        found=f"select unnest(row_ids) from {parquet(paths[1])}",
        where=f"file {paths[1].name}",
    )
    return paths


def _merged_since(run: Run, entity: str) -> Iterator[str]:
    """Say how many records of the product were merged into another one after both went live."""
    number = count(
        run.connection,
        f"{LEDGER} l join {LEDGER} s on s.entity = l.entity and s.row_id = l.record",
        f"l.entity = {literal(entity)} and l.fate = '{Fate.MERGED}' and l.reason = '{Reason.LIVE}'"
        " and l.record_key <> s.record_key",
    )
    if number:
        one = number == 1
        yield (
            f"{entity}: {number} record{'' if one else 's'} of the product {'was' if one else 'were'} merged into"
            f" {'another one' if one else 'others'} since; nothing is removed there, so both are in the product until"
            " somebody merges them in it"
        )


def _write_ledgers(run: Run, package: Package, staging: Path) -> list[FileEntry]:
    connection = run.connection
    queries = {
        "ledger": _ledger(run, package.raw),
        "findings": _findings(run, package),
        "values": _values(run, package),
        "updates": f"select entity, record_key, row_id, field, before, after from {CHANGES} order by all",
        "held_updates": f"select entity, record_key, row_id, field, before, after from {HELD_CHANGES} order by all",
    }
    queries["merges"] = "select entity, row_id, survivor, decision from merges order by all"
    queries["blanked"] = f"select entity, record, field from {BLANKED} order by all"
    files = []
    for name, select in queries.items():
        path = staging / f"{name}.parquet"
        connection.execute(f"copy ({select}) to {literal(str(path))} {PARQUET}")
        files.append(file_entry(path, rows=count(connection, parquet(path))))
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
        f"({literal(f'{source}@{sha256[:8]}')}, {literal(name)})"
        for source, record in records.items()
        for sha256, name in (record.delivery.files if record.delivery else ())
    )
    files = files or "(cast(null as varchar), cast(null as varchar))"
    return (
        f"select l.entity, l.row_id, split_part(l.row_id, '/', 1) as source_row, case when contains(l.row_id, '/')"
        f" then split_part(l.row_id, '/', 2) else '{MAIN}' end as part, l.source, f.file,"
        " cast(split_part(split_part(l.row_id, '#', 2), '/', 1) as integer) as row, l.wave, l.fate, l.reason,"
        f" l.because, l.record, l.record_key, k.row_key, l.change, l.live_since from {LEDGER} l left join (values {files}) f(delivery, file)"
        f" on f.delivery = split_part(l.row_id, '#', 1) left join ({keys}) k on k.entity = l.entity and k.row_id = l.row_id order by l.entity, l.row_id"
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
        builds_on=package.builds_on,
        load_order=migration.destination.load_order(frozenset(package.tables)),
        files=files,
        fates=_fates(run),
        created={entity: count(run.connection, table) for entity, table in package.tables.items()},
        updated={entity: count(run.connection, table) for entity, table in package.updates.items()},
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
