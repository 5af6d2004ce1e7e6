"""handoff_report: the launch record of a wave, and the report rendered from it alone."""

import shutil
from pathlib import Path

from aformity_pipelines import __version__
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.files.atomic import point_to, publish_folder, write_bytes
from aformity_pipelines.files.fingerprint import fingerprint
from aformity_pipelines.stages.export import package_folder
from aformity_pipelines.stages.gates import records_before_export
from aformity_pipelines.stages.graph import PACKAGE
from aformity_pipelines.stages.handoffs import (
    CURRENT,
    RECORD_FILE,
    REPORT_FILE,
    WORKBOOK_FILE,
    config_inputs,
    current_handoff,
)
from aformity_pipelines.stages.launch.proved import (
    require_proved_counts,
    require_proved_tests,
    require_published_tables,
)
from aformity_pipelines.stages.launch.source import open_sources
from aformity_pipelines.stages.outputs import StageMissing, read_record, write_record
from aformity_pipelines.stages.revalidation.history import last_revalidation
from aformity_pipelines.stages.run import Run, digest_of

STAGE = "handoff_report"
REPORT = "report"
FILES = (RECORD_FILE, REPORT_FILE, WORKBOOK_FILE)


def inputs_of(run: Run) -> dict[str, str]:
    """Return the fingerprints of all that the handoff depends on; the date is one of them."""
    package = read_record(run, "export", PACKAGE)
    if package is None:
        raise StageMissing(f"export of {run.slug} has not run for {run.wave}; run it first")
    return {
        "export": digest_of(package.model_dump(mode="json")),
        **config_inputs(run.migration),
        "log": run.migration.head.sha256,
        "revalidations": digest_of(_tested(run)),
        "as_of": run.as_of.isoformat(),
        "package": __version__,
    }


def _tested(run: Run) -> list[int]:
    """Return the number of the last re-validation of every wave; 0 where there is none."""
    waves = run.migration.customer.waves
    found = (last_revalidation(run.workspace, run.slug, wave.name) for wave in waves)
    return [each.number if each else 0 for each in found]


def is_up_to_date(run: Run) -> bool:
    """Whether the current handoff says what is so now."""
    stored = read_record(run, STAGE, REPORT)
    folder = current_handoff(run)
    is_there = folder is not None and all((folder / name).is_file() for name in FILES)
    return stored is not None and stored.inputs == inputs_of(run) and is_there


def run_handoff_report(run: Run) -> tuple[StageRecord, bool]:
    """Write the wave's launch record and report; return the stage's record and whether anything was done."""
    inputs = inputs_of(run)
    stored = read_record(run, STAGE, REPORT)
    if stored and is_up_to_date(run):
        return stored, False
    record = launch_record(run)
    from aformity_pipelines.handoff.render import render  # noqa: PLC0415 - a template engine, only for reports
    from aformity_pipelines.handoff.workbook import render_workbook  # noqa: PLC0415 - a library, only for workbooks

    folder = _publish(run, record, report=render(record), workbook=render_workbook(record))
    return write_record(
        run,
        StageRecord(
            stage=STAGE,
            name=REPORT,
            wave=run.wave,
            inputs=inputs,
            output=fingerprint(*(path.read_bytes() for path in sorted(folder.iterdir()))),
            rows_in=sum(outcome.delivered for outcome in record.outcomes),
            rows_out=sum(outcome.records for outcome in record.outcomes),
            decisions=tuple(line.id for line in record.history),
        ),
    ), True


def launch_record(run: Run) -> LaunchRecord:
    """Put the launch record together from the current export.

    Raises StageMissing where there is none, Unproved where the export is not what was published
    or does not yield a number of the record.
    """
    from aformity_pipelines.stages.launch.build import (  # noqa: PLC0415 - loads polars, only for reports
        build_launch_record,
    )

    package = read_record(run, "export", PACKAGE)
    folder = package_folder(run, package) if package else None
    if package is None or folder is None:
        raise StageMissing(f"export of {run.slug} is not there for {run.wave}; run it first")
    require_published_tables(folder)
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    exported = {("export", entity): read_record(run, "export", entity) for entity in manifest.load_order}
    records = records_before_export(run) | {step: record for step, record in exported.items() if record}
    records["export", PACKAGE] = package
    record = build_launch_record(
        open_sources(run, folder=folder, manifest=manifest, package=package, records=records)
    )
    require_proved_counts(run.connection, folder, run.migration, record)
    require_proved_tests(run, record)
    return record


def _publish(run: Run, record: LaunchRecord, *, report: str, workbook: bytes) -> Path:
    text = record.model_dump_json(indent=1) + "\n"
    name = f"{record.as_of.isoformat()}-{fingerprint(text, report)[:8]}"
    handoffs = run.workspace.handoff(run.slug, run.wave)
    final = handoffs / name
    if not final.is_dir():
        staging = run.workspace.scratch(run.slug) / f"handoff_{run.wave}"
        shutil.rmtree(staging, ignore_errors=True)
        write_bytes(staging / RECORD_FILE, text.encode())
        write_bytes(staging / REPORT_FILE, report.encode())
        write_bytes(staging / WORKBOOK_FILE, workbook)
        publish_folder(staging, final)
    point_to(handoffs / CURRENT, name)
    return final
