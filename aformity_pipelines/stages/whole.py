"""A whole wave without Dagster: every stage in order, closed gates respected, the others going on.

Tests and benchmarks call this; what people run goes through Dagster, which calls the same stages.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.stages.export import run_export
from aformity_pipelines.stages.graph import PACKAGE, STAGES, Step, before, up_to
from aformity_pipelines.stages.handoff_report import run_handoff_report
from aformity_pipelines.stages.mapped import run_mapped
from aformity_pipelines.stages.outputs import Stopped
from aformity_pipelines.stages.raw_file import run_raw_file
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.transformed import run_transformed
from aformity_pipelines.stages.validated import run_validated
from aformity_pipelines.transform.project import load_project

GATED = {
    "raw_file": run_raw_file,
    "validated": run_validated,
    "mapped": run_mapped,
    "transformed": run_transformed,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of one step."""

    step: Step
    record: StageRecord | None  # None where it or a stage before it is stopped
    was_made: bool  # False where nothing had changed
    closed: str = ""  # why its own gate is closed, or its delivery waits


def run_step(run: Run, step: Step) -> tuple[StageRecord, bool]:
    """Run one stage of one source or entity, export or handoff."""
    stage, name = step
    if stage in GATED:
        return GATED[stage](run, name)
    return run_export(run) if name == PACKAGE else run_handoff_report(run)


def run_wave(run: Run, *, until: str = STAGES[-1]) -> Iterator[Outcome]:
    """Run every step of a wave, or those up to a stage, and yield what came of each.

    A step behind a closed gate or a delivery that waits is left out; export and handoff always run, since they say why.
    """
    stopped: set[Step] = set()
    project = load_project(run.workspace.transforms)
    for step in up_to(run.migration, until):
        if step[0] in GATED and stopped & set(before(run.migration, project, step)):
            stopped.add(step)
            yield Outcome(step=step, record=None, was_made=False)
            continue
        try:
            record, was_made = run_step(run, step)
        except Stopped as why:
            stopped.add(step)
            yield Outcome(step=step, record=None, was_made=True, closed=str(why))
        else:
            yield Outcome(step=step, record=record, was_made=was_made)
