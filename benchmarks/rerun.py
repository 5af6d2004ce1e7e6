"""What a refreshed file costs: the first run, its export loaded, one contact in a hundred changed, and the run after it."""

import shutil
from collections.abc import Iterator

import duckdb

from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.deciding import record
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.published import current_version
from benchmarks.measure import own_peak_mib
from benchmarks.project import SLUG, SPOKEN, WAVE, open_run
from benchmarks.stages import Wave, measure_again, measure_wave
from benchmarks.table import Line

RERUN_FLOOR = 0.5
CHANGED = 100
"""Of so many contacts one has another title and another phone number."""


def measure_rerun(workspace: Workspace) -> Iterator[Line]:
    """Run a delivery, load its export, deliver it again with one row in a hundred changed, and run again."""
    first = measure_wave(workspace)
    _load(workspace)
    changed = _deliver_again(workspace)
    again = measure_again(workspace)
    for name in dict.fromkeys((*first.steps, *again.steps)):
        yield _line(name, first.steps.get(name, 0.0), again.steps.get(name, 0.0))
    for name in sorted({*first.watched, *again.watched}, key=lambda each: -again.watched.get(each, 0.0)):
        yield _line(f"  of which {name}", first.watched.get(name, 0.0), again.watched.get(name, 0.0))
    note = f"{_spent(first)} first, {_spent(again)} again; {changed} rows changed, {_left(workspace)}; peak {own_peak_mib():.0f} MiB"
    yield Line(
        measure="run after a refreshed file / first run", floor=RERUN_FLOOR, reached=again.cpu / first.cpu, unit="x",
        note=note,
    )  # fmt: skip


def _line(name: str, first: float, again: float) -> Line:
    note = f"{again:.2f} CPU s, first {first:.2f}"
    return Line(measure=name, reached=again / first if first else float("nan"), unit="x", note=note)


def _spent(wave: Wave) -> str:
    return f"{wave.cpu:.1f} CPU s"


def _load(workspace: Workspace) -> None:
    version = current_version(workspace.published(SLUG, WAVE))
    assert version is not None, "nothing was published"
    with open_run(workspace) as run:
        record(run, Draft(kind="export_loaded", wave=WAVE, version=version.name, **SPOKEN))


def _deliver_again(workspace: Workspace) -> int:
    """Replace the contacts by a refreshed file; return how many of its rows are others."""
    path = workspace.intake(SLUG) / "contacts.csv"
    fresh = workspace.root / "fresh.csv"
    read = f"read_csv('{path}', all_varchar = true, header = true, nullstr = '', parallel = false)"
    is_changed = f"row_number() over () % {CHANGED} = 0"
    with duckdb.connect() as connection:
        connection.execute(
            f'copy (select * replace (case when {is_changed} then \'Head of IT, EMEA\' else "Job title" end as "Job title",'
            f" case when {is_changed} then '+49 30 7654321' else Phone end as Phone) from {read})"
            f" to '{fresh}' (format csv, header true)"
        )
        ((rows,),) = connection.execute(f"select count(*) // {CHANGED} from {read}").fetchall()
    shutil.move(fresh, path)
    return int(rows)


def _left(workspace: Workspace) -> str:
    with open_run(workspace) as run:
        exported = read_record(run, "export", "package")
    assert exported is not None
    created, updated = (sum(each.values()) for each in (exported.created, exported.updated))
    return f"{created} records created, {updated} updated"
