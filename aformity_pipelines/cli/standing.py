"""Where a wave stands: its waiting deliveries, gates, fates, open work, last export and handoff, from what the stages stored."""

from datetime import date
from pathlib import Path

from pydantic import Field as Setting

from aformity_pipelines.cli.log_notice import log_notices
from aformity_pipelines.cli.revalidate_view import RetestedLine, line_of
from aformity_pipelines.cli.waiting import WaitingLine, waiting_lines
from aformity_pipelines.domain.approval import without_effect
from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.decision_state import DecisionState
from aformity_pipelines.domain.open_finding import OpenFinding
from aformity_pipelines.domain.revalidation import Revalidation
from aformity_pipelines.stages.export_notes import export_notes
from aformity_pipelines.stages.graph import (
    EXPORT,
    MAPPED,
    PACKAGE,
    RAW_FILE,
    TRANSFORMED,
    VALIDATED,
    behind_stops,
    project_in,
)
from aformity_pipelines.stages.handoffs import REPORT_FILE, current_handoff
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.published import current_version
from aformity_pipelines.stages.revalidation.history import last_revalidation
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.site.collect import current_freshness
from aformity_pipelines.stages.waiting import waiting_files

ROWS_LISTED = 20


class WorkLine(OpenFinding):
    """One piece of open work; of its rows the first 20 are listed."""

    row_count: int
    """0 where it is about a file, a table or the field map as a whole."""
    age_days: int


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
    notices: tuple[str, ...] = ()
    """What to know about the decision log."""
    waiting: tuple[WaitingLine, ...] = ()
    """Deliveries that were not taken in."""
    gates: tuple[GateLine, ...]
    fates: dict[str, dict[str, int]]
    unresolved: tuple[WorkLine, ...]
    """By owner, then due date, the oldest first."""
    attention: tuple[DecisionState, ...] = ()
    """Decisions that do not simply apply to today's data, the worst first; their changed values are for the terminal."""
    retested: RetestedLine | None = None
    """Its last re-validation; None where it was never tested again."""
    to_export: int = 0
    """Of the rows that were ready then, those that no export of the wave holds yet."""
    created: dict[str, int] = Setting(default_factory=dict)
    """Entity -> records that the last export brings to the product as new."""
    updated: dict[str, int] = Setting(default_factory=dict)
    """Entity -> records of the product that the last export changes."""
    export_notes: tuple[str, ...] = ()
    """What to know about the current export: not loaded though its day has passed, from before, or not to be loaded."""
    package: Path | None
    report: Path | None
    freshness: str = ""
    """Whether the report says what is so now, in a sentence; empty where there is none."""

    @property
    def closed(self) -> tuple[GateLine, ...]:
        """The gates that are closed."""
        return tuple(gate for gate in self.gates if not gate.is_open)


def standing_of(run: Run) -> Standing:
    """Return where the run's wave stands; empty where nothing has run."""
    exported = read_record(run, EXPORT, PACKAGE)
    handoff = current_handoff(run)
    retested = last_revalidation(run.workspace, run.slug, run.wave)
    return Standing(
        customer=run.slug,
        wave=run.wave,
        launches_on=run.migration.customer.wave(run.wave).launches_on,
        notices=log_notices(run.workspace, run.slug),
        waiting=waiting_lines(run),
        gates=_gates(run),
        fates=exported.fates if exported else {},
        unresolved=_unresolved(run),
        attention=_attention(run),
        retested=line_of(retested),
        to_export=_to_export(run, retested),
        created=exported.created if exported else {},
        updated=exported.updated if exported else {},
        export_notes=export_notes(run),
        package=current_version(run.workspace.published(run.slug, run.wave)),
        report=handoff / REPORT_FILE if handoff else None,
        freshness=current_freshness(run.workspace, run.slug, handoff).words if handoff else "",
    )


def _to_export(run: Run, retested: Revalidation | None) -> int:
    """Return how many rows the last re-validation found ready that the wave's current export does not hold."""
    if retested is None or not retested.ready:
        return 0
    from aformity_pipelines.stages.revalidation.rows import (  # noqa: PLC0415 - imports Arrow
        held_by_export,
        lines_of,
    )

    lines = lines_of(run.connection, run.workspace, run.slug, retested)
    return retested.ready - held_by_export(run, lines)


def _gates(run: Run) -> tuple[GateLine, ...]:
    names = [(VALIDATED, source) for source in run.migration.customer.sources]
    names += [(stage, e) for stage in (MAPPED, TRANSFORMED) for e in run.migration.entities()]
    verdicts = {step: r.verdict for step in names if (r := read_record(run, *step)) and r.verdict}
    closed = {step: f"{v.gate} {step[1]}" for step, v in verdicts.items() if not v.is_open}
    waiting = {(RAW_FILE, file.source): f"delivery {file.source}" for file in waiting_files(run)}
    behind = behind_stops(run.migration, project_in(run.workspace.transforms), closed | waiting)
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


def _attention(run: Run) -> tuple[DecisionState, ...]:
    """Return the decisions that ask for attention; the stage records say whether it is worth working them out."""
    steps = [(VALIDATED, source) for source in run.migration.customer.sources]
    steps += [(stage, entity) for stage in (MAPPED, TRANSFORMED) for entity in run.migration.entities()]
    records = [record for step in steps if (record := read_record(run, *step))]
    rules = [rule for record in records if record.verdict for rule in record.verdict.rules]
    outdated = any(
        rule.stale or (rule.decisions and rule.failing > rule.accepted + rule.followed) for rule in rules
    )
    if not outdated and not without_effect(run.migration):
        return ()
    from aformity_pipelines.stages.decision_states import (  # noqa: PLC0415 - imports Polars
        attention,
        decision_states,
    )

    return attention(decision_states(run))


def _unresolved(run: Run) -> tuple[WorkLine, ...]:
    from aformity_pipelines.stages.open_findings import open_findings  # noqa: PLC0415 - imports Polars

    lines = [
        WorkLine(
            **each.model_copy(update={"rows": each.rows[:ROWS_LISTED]}).model_dump(),
            row_count=len(each.rows),
            age_days=each.age(run.as_of),
        )
        for each in open_findings(run)
    ]
    return tuple(sorted(lines, key=lambda each: (each.owner.name, each.due, -each.age_days)))
