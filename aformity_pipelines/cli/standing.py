"""Where a wave stands: its waiting deliveries, gates, fates, unresolved work, last export and handoff, from what the stages stored."""

from datetime import date
from pathlib import Path

from pydantic import ValidationError

from aformity_pipelines.cli.waiting import WaitingLine, waiting_lines
from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.launch_record import LaunchRecord, UnresolvedWork
from aformity_pipelines.stages.earlier import current_version
from aformity_pipelines.stages.graph import (
    EXPORT,
    MAPPED,
    PACKAGE,
    RAW_FILE,
    TRANSFORMED,
    VALIDATED,
    Step,
    before,
    project_in,
    steps,
)
from aformity_pipelines.stages.handoff_report import RECORD_FILE, REPORT_FILE, current_handoff
from aformity_pipelines.stages.outputs import StageMissing, read_record
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.waiting import waiting_files


class GateLine(Document):
    """One gate that has been judged."""

    gate: str
    subject: str
    is_open: bool
    explanation: str
    waits_for: str = ""
    """The closed gate or waiting delivery in front of it; until then, this one says what was so before."""


class Standing(Document):
    """Where one wave of one customer stands."""

    customer: str
    wave: str
    launches_on: date
    waiting: tuple[WaitingLine, ...] = ()
    """Deliveries that were not taken in."""
    gates: tuple[GateLine, ...]
    fates: dict[str, dict[str, int]]
    unresolved: tuple[UnresolvedWork, ...]
    """By due date, then owner."""
    package: Path | None
    report: Path | None

    @property
    def closed(self) -> tuple[GateLine, ...]:
        """The gates that are closed."""
        return tuple(gate for gate in self.gates if not gate.is_open)


def standing_of(run: Run) -> Standing:
    """Return where the run's wave stands; empty where nothing has run."""
    exported = read_record(run, EXPORT, PACKAGE)
    handoff = current_handoff(run)
    return Standing(
        customer=run.slug,
        wave=run.wave,
        launches_on=run.migration.customer.wave(run.wave).launches_on,
        waiting=waiting_lines(run),
        gates=_gates(run),
        fates=exported.fates if exported else {},
        unresolved=_unresolved(handoff),
        package=current_version(run.workspace.published(run.slug, run.wave)),
        report=handoff / REPORT_FILE if handoff else None,
    )


def _gates(run: Run) -> tuple[GateLine, ...]:
    names = [(VALIDATED, source) for source in run.migration.customer.sources]
    names += [(stage, e) for stage in (MAPPED, TRANSFORMED) for e in run.migration.entities()]
    verdicts = {step: r.verdict for step in names if (r := read_record(run, *step)) and r.verdict}
    closed = {step: f"{v.gate} {step[1]}" for step, v in verdicts.items() if not v.is_open}
    waiting = {(RAW_FILE, file.source): f"delivery {file.source}" for file in waiting_files(run)}
    behind = _behind(run, closed | waiting)
    return tuple(
        GateLine(
            gate=v.gate.value,
            subject=step[1],
            is_open=v.is_open,
            explanation=v.explanation,
            waits_for=behind.get(step, ""),
        )
        for step, v in verdicts.items()
    )


def _behind(run: Run, closed: dict[Step, str]) -> dict[Step, str]:
    """Return the steps that a closed gate or a delivery keeps from running, each with the first of these."""
    project = project_in(run.workspace.transforms)
    found: dict[Step, str] = {}
    for step in steps(run.migration):
        upstream = before(run.migration, project, step)
        if gates := [name for each in upstream if (name := found.get(each) or closed.get(each))]:
            found[step] = gates[0]
    return found


def _unresolved(handoff: Path | None) -> tuple[UnresolvedWork, ...]:
    if handoff is None:
        return ()
    path = handoff / RECORD_FILE
    try:
        record = LaunchRecord.model_validate_json(path.read_bytes())
    except ValidationError as unknown:
        raise StageMissing(
            f"{path}: another version of this program wrote it; run the wave again"
        ) from unknown
    return tuple(sorted(record.unresolved, key=lambda work: (work.due, work.owner.name, work.id)))
