"""The two sides of a difference: a published version, or what lies in the build today, also behind closed gates.

Nothing is published and no stage is run; where fates are not settled yet, they are settled in the scratch folder.
"""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from aformity_pipelines.domain.fates import ConservationBreach
from aformity_pipelines.domain.kept_stages import KeptStages, Place
from aformity_pipelines.domain.migration import LogHead
from aformity_pipelines.domain.sql_text import PARQUET, literal
from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.export.live_records import LiveFile
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.export.publish import MANIFEST
from aformity_pipelines.fates.assign import LEDGER
from aformity_pipelines.review.shown import shown_rows
from aformity_pipelines.stages import export
from aformity_pipelines.stages.difference.versions import NOT_KEPT
from aformity_pipelines.stages.gates import closed_by, records_before_export
from aformity_pipelines.stages.graph import EXPORT, HANDOFF_REPORT, PACKAGE, steps
from aformity_pipelines.stages.keeping_stages import LEDGER_FILE, counted_fates, export_gates, kept_stages
from aformity_pipelines.stages.kept_stages import read_kept_stages
from aformity_pipelines.stages.live import live_versions
from aformity_pipelines.stages.outputs import StageMissing, read_record
from aformity_pipelines.stages.packing import Package
from aformity_pipelines.stages.plan import stale
from aformity_pipelines.stages.published import folder_of_version, manifest_of
from aformity_pipelines.stages.run import Run

NOW = "as it is now"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of two states."""

    name: str
    kept: KeptStages
    deliveries: dict[str, str]
    """Source -> SHA-256."""
    log: LogHead
    folder: Path | None = None
    """Where its ledger lies; None where nobody knows the fates."""
    files: Mapping[str, tuple[LiveFile, ...]] = field(default_factory=dict)
    """Entity -> the files that hold its records once this side's export is in the product, in order."""
    not_run: frozenset[Place] = frozenset()
    """What has still to run before its numbers are known."""
    notes: tuple[str, ...] = ()


def published_side(run: Run, wave: str, folder: Path) -> Side:
    """Return a published version as one side."""
    manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    name, kept = f"{wave}/{folder.name}", read_kept_stages(folder)
    notes = () if kept else (NOT_KEPT.format(name=name),)
    if kept is None:
        fates, exports = counted_fates(run, folder / LEDGER_FILE)
        kept = KeptStages(fates=fates, exports=exports)
    return Side(
        name=name,
        kept=kept,
        deliveries=manifest.deliveries,
        log=LogHead(seq=manifest.log_seq, sha256=manifest.log_sha256),
        folder=folder,
        files=_files(run, (*manifest.builds_on, name)),
        notes=notes,
    )


def nothing() -> Side:
    """Return the side of a wave that was never published."""
    return Side(name="", kept=KeptStages(), deliveries={}, log=LogHead(seq=0, sha256=""))


def published_now(run: Run) -> Path | None:
    """Return the current published version where today's files, configuration and decisions lead to exactly that."""
    if any(stage != HANDOFF_REPORT for stage, _ in stale(run)):
        return None
    record = read_record(run, EXPORT, PACKAGE)
    folder = export.package_folder(run, record) if record else None
    return folder if folder and folder.parent == run.workspace.published(run.slug, run.wave) else None


def side_of_today(run: Run) -> Side:
    """Return what lies in the build, closed gates or not, with a note for each thing that is not of today."""
    records = tuple(records_before_export(run).values())
    notes = list(_not_run(run))
    folder: Path | None = None
    gates: tuple[StageRecord, ...] = ()
    try:
        closed = {entity: why for entity in run.migration.entities() if (why := closed_by(run, entity))}
        record = read_record(run, EXPORT, PACKAGE)
        if record and export.is_up_to_date(run):
            folder, gates = export.package_folder(run, record), export_gates(run, closed)
        folder = folder or _settled(run, closed)
    except (StageMissing, ConservationBreach) as why:
        notes.append(f"where rows would end now cannot be told: {str(why).splitlines()[0]}")
    return Side(
        name=NOW,
        kept=kept_stages(run, (*records, *gates), folder / LEDGER_FILE if folder else None),
        deliveries={each.name: each.delivery.sha256 for each in records if each.delivery},
        log=run.migration.head,
        folder=folder,
        files=_files_of_today(run, folder),
        not_run=_without_numbers(run, records, knows_fates=folder is not None),
        notes=tuple(notes),
    )


def _files_of_today(run: Run, folder: Path | None) -> dict[str, tuple[LiveFile, ...]]:
    """Return the files of what is live, and after them those of an export that is settled or kept back."""
    if folder is None:
        return {}
    found = _files(run, tuple(each.name for each in live_versions(run)))
    for entity in run.migration.entities():
        for pattern, is_update in (
            (f"[0-9][0-9]_{entity}.parquet", False),
            (f"[0-9][0-9]_{entity}.updates.parquet", True),
        ):
            own = tuple(
                LiveFile(version=NOW, path=str(path), is_update=is_update)
                for path in sorted(folder.glob(pattern))
            )
            found[entity] = (*found.get(entity, ()), *own)
    return found


def _files(run: Run, names: Iterable[str]) -> dict[str, tuple[LiveFile, ...]]:
    """Return entity -> the files that hold its records in published versions, in their order."""
    found: dict[str, tuple[LiveFile, ...]] = {}
    for name in names:
        for file in manifest_of(run.workspace, run.slug, name).files:
            entity = file.entity or file.updates
            if entity and file.format == "parquet":
                path = folder_of_version(run.workspace, run.slug, name) / file.path
                own = LiveFile(version=name, path=str(path), is_update=file.updates is not None)
                found[entity] = (*found.get(entity, ()), own)
    return found


def _without_numbers(run: Run, records: Iterable[StageRecord], *, knows_fates: bool) -> frozenset[Place]:
    """Return the steps that have no record of today, and the export of every entity where no fate is known."""
    ran = {(record.stage, record.name) for record in records}
    ended = () if knows_fates else ((EXPORT, entity) for entity in run.migration.entities())
    return frozenset({*steps(run.migration), *ended} - ran - {(EXPORT, PACKAGE)})


def _not_run(run: Run) -> Iterator[str]:
    steps = [f"{stage} {name}" for stage, name in stale(run) if stage not in (EXPORT, HANDOFF_REPORT)]
    if steps:
        named = ", ".join(steps[:3]) + (f" and {len(steps) - 3} more" if len(steps) > 3 else "")
        yield (
            f"not run on today's files, configuration and decisions: {named};"
            f" `aformity run {run.slug} --wave {run.wave}` brings them up to date"
        )


def _settled(run: Run, closed: dict[str, str]) -> Path:
    """Settle the fates of now and return the scratch folder with their ledger and what would go out."""
    package = export.settle_fates(run, closed, keeps_verdicts=False)
    folder = run.workspace.scratch(run.slug) / "difference"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    _copy(run, _ledger(run, package), folder / LEDGER_FILE)
    for place, entity in enumerate(package.tables, start=1):
        _copy(
            run,
            f"select * from {package.tables[entity]} order by row_ids[1]",
            folder / f"{place:02d}_{entity}.parquet",
        )
    return folder


def _ledger(run: Run, package: Package) -> str:
    """Return the settled ledger with the keys that tell a row again in another delivery."""
    keys = " union all ".join(
        f"select {literal(entity)} as entity, row_id, row_key"
        f" from ({shown_rows(run.migration, package.raw, entity, ())})"
        for entity in run.migration.entities()
    )
    return (
        "select l.*, split_part(l.row_id, '/', 1) as source_row, case when contains(l.row_id, '/')"
        " then split_part(l.row_id, '/', 2) else 'main' end as part, k.row_key"
        f" from {LEDGER} l left join ({keys}) k on k.entity = l.entity and k.row_id = l.row_id order by l.entity, l.row_id"
    )


def _copy(run: Run, select: str, path: Path) -> None:
    run.connection.execute(f"copy ({select}) to {literal(str(path))} {PARQUET}")
