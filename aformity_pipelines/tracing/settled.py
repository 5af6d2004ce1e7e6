"""What settles a finding of a record, or who does and by when."""

from datetime import date, timedelta

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import (
    FollowUpOpened,
    FollowUpReassigned,
    MergeRefused,
    QuestionAsked,
    RowsExcluded,
    RuleWaived,
    assigned,
)
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.responsible import responsible
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.tracing.answer import Step, StepKind
from aformity_pipelines.tracing.published import Finding
from aformity_pipelines.tracing.sources import Sources
from aformity_pipelines.tracing.words import day, said, sentence, told


def finding_steps(sources: Sources, findings: tuple[Finding, ...]) -> tuple[Step, ...]:
    """Return each finding with the rule's sentence and what settles it, or who does and by when."""
    steps = []
    for each in findings:
        says = sentence(each.record.says) if each.record else f"Rule {each.rule}"
        kind, settled = _settled(sources, each)
        moves = [move.id for move in _moves(sources, each.followed_by)]
        refs = (each.rule, each.row_id, *filter(None, (each.accepted_by, each.followed_by)), *moves)
        steps.append(Step(kind=kind, says=f"{says}: not so here. {settled}", refs=refs))
    return tuple(steps)


def owner_and_due(sources: Sources, finding: Finding) -> str:
    """Say who settles an open finding and by when: the follow-up's words, else the customer's owners."""
    entry = sources.decision(finding.followed_by) if finding.followed_by else None
    if isinstance(entry, FollowUpOpened | QuestionAsked):
        return _taken_up(sources, entry)
    return settled_by(sources, finding.subject, finding.record)


def _taken_up(sources: Sources, work: FollowUpOpened | QuestionAsked) -> str:
    """Say who has the work of a follow-up, or owes the answer to a question, today; and from whom it came."""
    log = in_force(sources.migration)
    owner, due = assigned(log, work)
    moves = _moves(sources, work.id)
    since = f" (handed over by {assigned(moves[:-1], work)[0].name}: {told(moves[-1])})" if moves else ""
    if isinstance(work, QuestionAsked):
        return f"it waits for an answer from {owner.name} by {_when(sources, due)}{since}: {told(work)}"
    return f"{owner.name} settles it by {_when(sources, due)}{since}: {told(work)}"


def _moves(sources: Sources, work: str | None) -> tuple[FollowUpReassigned, ...]:
    """Return how a follow-up or a question came from one person to another, in log order."""
    log = in_force(sources.migration)
    return tuple(each for each in log if isinstance(each, FollowUpReassigned) and each.follow_up == work)


def _when(sources: Sources, due: date) -> str:
    """Return a date, and that it has passed where it has."""
    is_late = sources.as_of is not None and due < sources.as_of
    return f"{day(due)} (overdue)" if is_late else day(due)


def settled_by(sources: Sources, subject: str, rule: RuleRecord | None) -> str:
    """Say who settles what no decision speaks of yet, and by when."""
    received = {name: each.received_on for name, each in sources.delivered.items()}
    settles = responsible(
        sources.migration,
        subject,
        rule.fields if rule else (),
        received,
        moment=rule.moment if rule else "",
        risk=rule.severity if rule else None,
    )
    since = (sources.opened(subject, rule.rule) if rule else None) or settles.since
    due = since + timedelta(days=settles.due_days) if since else None
    by = f"by {_when(sources, due)}" if due else f"within {settles.due_days} days"
    return f"{settles.person.name} settles it {by}"


def _settled(sources: Sources, finding: Finding) -> tuple[StepKind, str]:
    if finding.accepted_by:
        entry = sources.decision(finding.accepted_by)
        agreed = said(entry) if entry else finding.accepted_by
        if isinstance(entry, RowsExcluded):
            return StepKind.DECISION, f"Decided: {agreed}."
        if isinstance(entry, MergeRefused):
            return StepKind.DECISION, f"Kept apart on purpose: {agreed}."
        if isinstance(entry, RuleWaived):
            return StepKind.ACCEPTED_RISK, f"Known, and waived for every row: {agreed}."
        return StepKind.ACCEPTED_RISK, f"Known and accepted: {agreed}."
    if finding.is_open:
        blocks = finding.record is not None and finding.record.standing is Standing.BLOCKED
        closed = " Until then it keeps the gate closed." if blocks else ""
        return StepKind.UNRESOLVED_WORK, f"Open: {owner_and_due(sources, finding)}.{closed}"
    return StepKind.FINDING, "Listed; it holds nothing back."
