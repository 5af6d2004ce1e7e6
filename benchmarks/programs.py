"""Whole processes: start-up, one small customer, a sample customer, peak memory and a tight memory limit."""

import shutil
import statistics
from collections.abc import Iterator
from pathlib import Path

import duckdb

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.drafts import StoryStep
from aformity_pipelines.stages.deciding import record
from aformity_pipelines.stages.run import Run, secure
from aformity_pipelines.stages.story import NumberedStep, copy_project, play
from aformity_pipelines.stages.story_answers import drafts_of
from aformity_pipelines.stages.whole import run_wave
from benchmarks.measure import REPEATS, Child, run_child
from benchmarks.project import AS_OF, HERE, SLUG, THREADS, WAVE, lay_out_small
from benchmarks.table import Line

ONE_FLOOR = 15.0
IMPORTS_FLOOR = 9.0
SAMPLE_FLOOR = 25.0
SAMPLE = "lumen_labs"
COMMAND = ["-m", "aformity_pipelines.cli.main"]
IMPORTS = (
    "import aformity_pipelines.cli.main, aformity_pipelines.orchestration.in_process,"
    " aformity_pipelines.stages.plan, aformity_pipelines.quality.run_suite,"
    " aformity_pipelines.stages.launch.build, aformity_pipelines.handoff.render"
)
ENOUGH = frozenset({0, 3})
"""Exit codes of a run that went as far as its gates let it."""


def measure_programs(folder: Path) -> Iterator[Line]:
    """Yield start-up, one file with one entity, and the sample customer, each as a whole process."""
    shown = [run_child([*COMMAND, "--help"]).cpu for _ in range(REPEATS)]
    yield Line(measure="aformity --help", reached=statistics.median(shown), unit="CPU s")
    imported = statistics.median(run_child(["-c", IMPORTS]).cpu for _ in range(REPEATS))
    yield Line(measure="imports of a run that judges", floor=IMPORTS_FLOOR, reached=imported, unit="CPU s")
    small = lay_out_small(folder / "small")
    yield _run("one file, one entity, end to end", ONE_FLOOR, small.root, SLUG, AS_OF.isoformat())
    root, day = _played(folder / "sample")
    yield _run(f"{SAMPLE}, end to end", SAMPLE_FLOOR, root, SAMPLE, day)


def measure_child(rows: int, folder: Path, memory: str) -> Child:
    """Run the wave of a project that is laid out already in a process of its own."""
    return run_child(["-m", "benchmarks.one_wave", str(folder), str(rows), memory])


def _run(measure: str, floor: float, root: Path, slug: str, as_of: str) -> Line:
    arguments = [*COMMAND, "run", slug, "--wave", WAVE, "--as-of", as_of, "--root", str(root), "--json"]
    child = run_child(arguments, AFORMITY_STORAGE=str(root / "storage"))
    note = "" if child.code in ENOUGH else f"exit code {child.code}: {child.output[-300:]}"
    return Line(measure=measure, floor=floor, reached=child.cpu, unit="CPU s", note=note)


def _played(into: Path) -> tuple[Path, str]:
    """Play the sample's story in a copy, forget what its runs made, and return the copy and its last day."""
    shutil.rmtree(into, ignore_errors=True)
    workspace = copy_project(HERE.parent, into, (SAMPLE,))
    days: list[str] = []

    def a_run(step: StoryStep, wave: str) -> Run:
        connection = duckdb.connect(config={"threads": THREADS})
        secure(connection, workspace, SAMPLE)
        migration = load_migration(workspace.root, SAMPLE)
        return Run(
            migration=migration,
            workspace=workspace,
            connection=connection,
            wave=wave,
            as_of=step.as_of,
            by="benchmark",
        )

    def decide(numbered: NumberedStep) -> None:
        for draft in drafts_of(a_run(numbered.step, WAVE), numbered):
            record(a_run(numbered.step, WAVE), draft)

    def run(step: StoryStep) -> None:
        days.append(step.as_of.isoformat())
        list(run_wave(a_run(step, step.run or WAVE)))

    list(play(workspace, SAMPLE, decide=decide, run=run))
    shutil.rmtree(workspace.of_customer(SAMPLE))
    return into, days[-1]
