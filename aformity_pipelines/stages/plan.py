"""What is stale: which stages of a wave would do something, in the order they have to run."""

from collections.abc import Callable

from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.intake.register import find_deliveries
from aformity_pipelines.stages import export, handoff_report, mapped, raw_file, transformed, validated
from aformity_pipelines.stages.earlier_delivery import registered
from aformity_pipelines.stages.graph import EXPORT, HANDOFF_REPORT, Step, before, steps
from aformity_pipelines.stages.outputs import StageMissing, Stopped, is_current, read_record, stops
from aformity_pipelines.stages.run import Run
from aformity_pipelines.transform.project import load_project


def stale(run: Run) -> tuple[Step, ...]:
    """Return the steps whose inputs changed, and all that depends on them, in running order.

    A step behind a gate that is closed or a delivery that waits, and stays so, is not stale: nothing it could read
    has changed.
    """
    found: list[Step] = []
    waiting: set[Step] = set()
    project = load_project(run.workspace.transforms)
    for step in steps(run.migration):
        upstream = before(run.migration, project, step)
        is_gated = step[0] not in (EXPORT, HANDOFF_REPORT)
        if is_gated and waiting & set(upstream):
            waiting.add(step)
        elif any(each in found for each in upstream) or _is_stale(run, step):
            found.append(step)
        elif is_gated and _is_stopped(run, step):
            waiting.add(step)
    return tuple(found)


def _is_stopped(run: Run, step: Step) -> bool:
    record = read_record(run, *step)
    return record is not None and stops(record)


def _is_stale(run: Run, step: Step) -> bool:
    stage, name = step
    inputs: dict[str, Callable[[], dict[str, str]]] = {
        "raw_file": lambda: _raw_inputs(run, name),
        "validated": lambda: validated.inputs_of(run, name),
        "mapped": lambda: mapped.inputs_of(run, name),
        "transformed": lambda: transformed.inputs_of(run, name),
    }
    try:
        if stage == EXPORT:
            return not export.is_up_to_date(run)
        if stage == HANDOFF_REPORT:
            return not handoff_report.is_up_to_date(run)
        return not is_current(read_record(run, stage, name), run, inputs[stage]())
    except Stopped:
        return False
    except StageMissing:
        return True


def _raw_inputs(run: Run, source: str) -> dict[str, str]:
    """Return the inputs that the raw stage would have now, without registering anything."""
    record = read_record(run, raw_file.STAGE, source)
    declared = run.migration.customer.sources[source]
    waiting = [
        sha256_of(path)
        for path in find_deliveries(run.workspace.intake(run.slug), declared.file)
        if path.is_file() and not path.is_symlink()
    ]
    known = record.inputs["delivery"] if record else ""
    came = [each.sha256 for each in registered(run, source)]
    is_latest = bool(came) and came[-1] == known and all(sha256 in came for sha256 in waiting)
    return raw_file.inputs_of(run, source, known) if is_latest else {"delivery": "a new delivery"}
