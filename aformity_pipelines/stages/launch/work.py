"""Accepted risks, unresolved work and what is only listed: lists that nothing moves between."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from aformity_pipelines.domain.approval import stands_by
from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.decisions import (
    FollowUpOpened,
    FollowUpReassigned,
    QuestionAsked,
    RiskAccepted,
    RuleWaived,
    assigned,
)
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.launch.risks import AcceptedRisk, ReportedFinding
from aformity_pipelines.domain.launch.unresolved import Handover, UnresolvedWork, WorkSort
from aformity_pipelines.domain.responsible import responsible
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.stages.idle_work import IdleWork, idle_work
from aformity_pipelines.stages.launch.held import held_by_rule
from aformity_pipelines.stages.launch.source import SHOWN_ROWS, Sources, day
from aformity_pipelines.stages.open_detail import open_detail
from aformity_pipelines.stages.open_since import of_export, open_since
from aformity_pipelines.stages.rejected import is_about_reading
from aformity_pipelines.stages.validated import STAGE as VALIDATED
from aformity_pipelines.stages.vanished import is_about_delivery


def accepted_risks(sources: Sources) -> tuple[AcceptedRisk, ...]:
    """Return every standing acceptance that covers rows of this wave, in log order."""
    # One rule may be judged at several gates; a row that breaks it at two is one row.
    rows = sources.query(
        "select accepted_by, max(stage), subject, rule, list_sort(list(distinct row_id))[:?], count(distinct row_id)"
        " from {findings} where accepted_by is not null group by all",
        [SHOWN_ROWS],
    )
    covered = {(decision): (stage, subject, rule, ids, n) for decision, stage, subject, rule, ids, n in rows}
    rules = sources.rules()
    found = []
    for entry in sources.standing():
        if isinstance(entry, RiskAccepted | RuleWaived) and entry.id in covered:
            stage, subject, rule, ids, number = covered[entry.id]
            judged = rules[stage, subject, rule]
            found.append(
                AcceptedRisk(
                    decision=entry.id,
                    says=entry.says,
                    why=entry.why,
                    approver=entry.by,
                    seconded_by=stands_by(sources.run.migration, entry)[1:],
                    accepted_on=entry.on,
                    evidence=entry.evidence,
                    rule=rule,
                    rule_says=judged.says,
                    moment=judged.moment,
                    rows=tuple(ids),
                    row_count=number,
                    is_for_every_row=isinstance(entry, RuleWaived),
                )
            )
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    """Failing rows of one rule that somebody must look at."""

    stage: str
    subject: str
    rule: RuleRecord
    follow_up: str | None
    rows: tuple[str, ...]
    number: int


def unresolved_work(sources: Sources) -> tuple[UnresolvedWork, ...]:
    """Return all work that is open, the most urgent first; each with an owner and a date."""
    holds, first_days = held_by_rule(sources), open_since(sources.run, of_export(sources.folder))
    found = [
        _work(
            sources,
            each,
            holds.get((each.stage, each.subject, each.rule.rule, each.follow_up), 0),
            first_days.get(f"{each.subject}/{each.rule.rule}"),
        )
        for each in (*_open_rows(sources), *_open_tables(sources))
    ]
    busy = frozenset(work.id for work in found)
    found += [_idle(sources, each) for each in idle_work(sources.run, sources.records, busy)]
    return tuple(sorted(found, key=lambda work: (work.due, work.entity, work.id)))


def _idle(sources: Sources, work: IdleWork) -> UnresolvedWork:
    """Return a follow-up or a question that holds no row."""
    taken, covers = _taken_up(sources, work.entry.id), work.entry.covers
    rows = work.rows or (f"{sources.label(covers.subject)} of an earlier delivery",)
    return UnresolvedWork(
        id=work.entry.id,
        sort=taken.sort,
        says=taken.says,
        entity=covers.subject,
        owner=taken.owner,
        due=taken.due,
        is_overdue=taken.due < sources.run.as_of,
        handover=taken.handover,
        rule=covers.rule or "",
        moment=work.rule.moment if work.rule else "",
        rows=rows[:SHOWN_ROWS],
        row_count=len(work.rows) or covers.size,
        next_step=work.next_step,
        why=taken.why,
    )


def _open_rows(sources: Sources) -> Iterator[_Open]:
    rows = sources.query(
        "select stage, subject, rule, followed_by, list_sort(list(row_id))[:?], count(*) from {findings}"
        " where accepted_by is null group by all order by all",
        [SHOWN_ROWS],
    )
    rules = sources.rules()
    for stage, subject, rule, follow_up, ids, number in rows:
        judged = rules[stage, subject, rule]
        if follow_up or judged.policy in (Policy.HOLD, Policy.BLOCK):
            yield _Open(
                stage=stage, subject=subject, rule=judged, follow_up=follow_up, rows=tuple(ids), number=number
            )


def _open_tables(sources: Sources) -> Iterator[_Open]:
    for (stage, subject, _), rule in sources.rules().items():
        if rule.standing is Standing.BLOCKED and not rule.failing:
            whole = f"{sources.label(subject)} as a whole"
            yield _Open(stage=stage, subject=subject, rule=rule, follow_up=None, rows=(whole,), number=1)


def _work(sources: Sources, each: _Open, holds: int, first_day: date | None) -> UnresolvedWork:
    taken = _taken_up(sources, each.follow_up) if each.follow_up else _found(sources, each, first_day)
    return UnresolvedWork(
        id=each.follow_up or each.rule.rule,
        sort=taken.sort,
        says=taken.says,
        entity=each.subject,
        owner=taken.owner,
        due=taken.due,
        is_overdue=taken.due < sources.run.as_of,
        handover=taken.handover,
        rule=each.rule.rule,
        gate=_gate(each.stage),
        moment=each.rule.moment,
        rows=each.rows,
        row_count=each.number,
        next_step=taken.next_step,
        why=taken.why,
        holds=holds,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Taken:
    """Who has open work, until when, and what it is about."""

    sort: WorkSort
    owner: Person
    due: date
    says: str
    next_step: str
    why: str = ""
    handover: Handover | None = None


def _taken_up(sources: Sources, decision: str) -> _Taken:
    """Return who has the work of a follow-up or a question today."""
    entry = sources.decision(decision)
    assert isinstance(entry, FollowUpOpened | QuestionAsked)
    owner, due = assigned(sources.standing(), entry)
    is_question = isinstance(entry, QuestionAsked)
    step = (
        f"Waits for an answer from {owner.name} by {day(due)}; what follows from it is decided then."
        if is_question
        else f"{owner.name} settles this by {day(due)}; then the rule judges the rows again."
    )
    return _Taken(
        sort=WorkSort.QUESTION if is_question else WorkSort.FOLLOW_UP,
        owner=owner,
        due=due,
        says=entry.says,
        next_step=step,
        why=entry.why,
        handover=_handover(sources, entry),
    )


def _handover(sources: Sources, work: FollowUpOpened | QuestionAsked) -> Handover | None:
    moves = [e for e in sources.standing() if isinstance(e, FollowUpReassigned) and e.follow_up == work.id]
    if not moves:
        return None
    before, due_before = assigned(moves[:-1], work)
    last = moves[-1]
    return Handover(decision=last.id, on=last.on, before=before, due_before=due_before, why=last.why)


def _found(sources: Sources, each: _Open, first_day: date | None) -> _Taken:
    """Return who has to see to what nobody has taken up; the days count from its rows' first day, if it has rows."""
    settles = responsible(
        sources.run.migration,
        each.subject,
        each.rule.fields,
        _received(sources),
        moment=each.rule.moment,
        risk=each.rule.severity,
    )
    since = first_day or settles.since or sources.run.as_of
    due = since + timedelta(days=settles.due_days)
    about_open = open_detail(sources.run, each.rule, each.rows, each.number)
    detail = f" ({about_open})" if about_open else ""
    return _Taken(
        sort=WorkSort.FINDING,
        owner=settles.person,
        due=due,
        says=f"{each.rule.says}{detail}",
        next_step=_next_step(each.rule),
    )


def _next_step(rule: RuleRecord) -> str:
    if is_about_reading(rule.rule):
        return (
            "Send the file again with these lines repaired, or exclude them; until then they are held back."
        )
    if is_about_delivery(rule.rule):
        return (
            "Find out why the latest file lacks these rows: keep them (accept the risk) or exclude them; until then they"
            " are held back."
        )
    if rule.policy is Policy.BLOCK:
        return "Decide: until then nothing of this kind goes live."
    return "Correct, accept, defer or exclude these rows; until then they are held back."


def _received(sources: Sources) -> dict[str, date]:
    """Return for each delivered source when it came."""
    return {
        name: record.delivery.received_on
        for (stage, name), record in sources.records.items()
        if stage == "raw_file" and record.delivery
    }


def reported_findings(sources: Sources) -> tuple[ReportedFinding, ...]:
    """Return what rules that only report have found and no decision is about, in the order of the stages."""
    rows = sources.query(
        "select stage, subject, rule, list_sort(list(row_id))[:?], count(*) from {findings}"
        " where accepted_by is null and followed_by is null group by all",
        [SHOWN_ROWS],
    )
    listed = {(stage, subject, rule): (ids, number) for stage, subject, rule, ids, number in rows}
    found = []
    for key, rule in sources.rules().items():
        ids, number = listed.get(key, ((), 0))
        is_about_all = rule.standing is Standing.REPORTED and not rule.failing
        if rule.policy is Policy.REPORT and (number or is_about_all):
            found.append(
                ReportedFinding(
                    rule=rule.rule,
                    gate=_gate(key[0]),
                    says=rule.says,
                    entity=key[1],
                    moment=rule.moment,
                    rows=tuple(ids),
                    row_count=number,
                    detail=rule.detail,
                )
            )
    return tuple(found)


def _gate(stage: str) -> str:
    return Gate.INTAKE if stage == VALIDATED else stage
