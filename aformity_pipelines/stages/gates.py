"""Which gates and deliveries stand before an entity's export, and which of them is closed or waits."""

from collections.abc import Callable, Iterable

from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.stages import mapped, transformed, validated
from aformity_pipelines.stages.graph import RAW_FILE, Step, before, sources_behind, up_to
from aformity_pipelines.stages.outputs import StageMissing, is_current, read_record, stops
from aformity_pipelines.stages.run import Run
from aformity_pipelines.transform.project import load_project


def closed_by(run: Run, entity: str) -> str | None:
    """Return why an entity may not be exported now, or None where every gate before it is open.

    The closed gate of an entity that it refers to closes it too.  Raises StageMissing where a stage has never
    run, or ran on other inputs than today's: that is work to do, not a verdict.
    """
    near = transformed.neighbours(run, entity)
    for parent in (each for each, stage in near.items() if stage == transformed.STAGE):
        if why := closed_by(run, parent):
            return why
    behind = transformed.entities_behind(run, load_project(run.workspace.transforms), entity)
    for other in dict.fromkeys((*behind, *near)):
        if why := _closed_until_mapped(run, other):
            return why
    return _closed_at(run, transformed.STAGE, entity, transformed.inputs_of)


def _closed_until_mapped(run: Run, entity: str) -> str | None:
    for source in sources_behind(run.migration, entity):
        if why := waits_for(run, source):
            return why
        if why := _closed_at(run, validated.STAGE, source, validated.inputs_of):
            return why
    return _closed_at(run, mapped.STAGE, entity, mapped.inputs_of)


def _closed_at(
    run: Run, stage: str, name: str, inputs_of: Callable[[Run, str], dict[str, str]]
) -> str | None:
    record = read_record(run, stage, name)
    if record is None or not is_current(record, run, inputs_of(run, name)):
        raise StageMissing(f"{stage} {name} of {run.slug} is not up to date for {run.wave}; run it first")
    if record.verdict and not record.verdict.is_open:
        return first_line(record.verdict.explanation)
    return None


def waits_for(run: Run, source: str) -> str | None:
    """Return which delivery of a source waits and for what, or None where it was read."""
    record = read_record(run, RAW_FILE, source)
    return first_line(record.waits.explanation(source)) if record and record.waits else None


def taken_in(run: Run, sources: Iterable[str]) -> tuple[str, ...]:
    """Return those of `sources` whose delivery does not wait."""
    return tuple(source for source in dict.fromkeys(sources) if waits_for(run, source) is None)


def first_line(explanation: str) -> str:
    """Return what is closed, without the list of reasons."""
    return explanation.splitlines()[0].rstrip(":")


def records_before_export(run: Run) -> dict[Step, StageRecord]:
    """Return the records of the stages before export, in order.

    What lies behind a closed gate or a delivery that waits is left out: it was made before and says nothing about now.
    """
    project = load_project(run.workspace.transforms)
    found: dict[Step, StageRecord] = {}
    stopped: set[Step] = set()
    for step in up_to(run.migration, transformed.STAGE):
        record = None if stopped & set(before(run.migration, project, step)) else read_record(run, *step)
        if record is not None:
            found[step] = record
        if record is None or stops(record):
            stopped.add(step)
    return found
