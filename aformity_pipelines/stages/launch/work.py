"""Accepted risks, unresolved work and what is only listed: lists that nothing moves between."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.decisions import FollowUpOpened, RiskAccepted
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.launch_record import AcceptedRisk, ReportedFinding, UnresolvedWork
from aformity_pipelines.domain.responsible import responsible
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.stages.launch.held import held_by_rule
from aformity_pipelines.stages.launch.source import SHOWN_ROWS, Sources, day
from aformity_pipelines.stages.rejected import is_about_reading


def accepted_risks(sources: Sources) -> tuple[AcceptedRisk, ...]:
    """Return every standing acceptance that covers rows of this wave, in log order."""
    rows = sources.query(
        "select accepted_by, stage, subject, rule, list_sort(list(row_id))[:?], count(*) from {findings}"
        " where accepted_by is not null group by all",
        [SHOWN_ROWS],
    )
    covered = {(decision): (stage, subject, rule, ids, n) for decision, stage, subject, rule, ids, n in rows}
    rules = sources.rules()
    found = []
    for entry in sources.standing():
        if isinstance(entry, RiskAccepted) and entry.id in covered:
            stage, subject, rule, ids, number = covered[entry.id]
            judged = rules[stage, subject, rule]
            found.append(
                AcceptedRisk(
                    decision=entry.id,
                    says=entry.says,
                    why=entry.why,
                    approver=entry.by,
                    accepted_on=entry.on,
                    evidence=entry.evidence,
                    rule=rule,
                    rule_says=judged.says,
                    moment=judged.moment,
                    rows=tuple(ids),
                    row_count=number,
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
    holds = held_by_rule(sources)
    found = [
        _work(sources, each, holds.get((each.stage, each.subject, each.rule.rule, each.follow_up), 0))
        for each in (*_open_rows(sources), *_open_tables(sources))
    ]
    return tuple(sorted(found, key=lambda work: (work.due, work.entity, work.id)))


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


def _work(sources: Sources, each: _Open, holds: int) -> UnresolvedWork:
    owner, due, says, step, why = _owner(sources, each)
    return UnresolvedWork(
        id=each.follow_up or each.rule.rule,
        says=says,
        entity=each.subject,
        owner=owner,
        due=due,
        is_overdue=due < sources.run.as_of,
        rule=each.rule.rule,
        moment=each.rule.moment,
        rows=each.rows,
        row_count=each.number,
        next_step=step,
        why=why,
        holds=holds,
    )


def _owner(sources: Sources, each: _Open) -> tuple[Person, date, str, str, str]:
    """Return owner, due date, sentence, next step and reason of open work."""
    if each.follow_up:
        entry = sources.decision(each.follow_up)
        assert isinstance(entry, FollowUpOpened)
        step = f"{entry.owner.name} settles this by {day(entry.due)}; then the rule judges the rows again."
        return entry.owner, entry.due, entry.says, step, entry.why
    settles = responsible(sources.run.migration, each.subject, each.rule.fields, _received(sources))
    due = settles.due or sources.run.as_of + timedelta(days=settles.due_days)
    detail = f" ({each.rule.detail})" if each.rule.detail else ""
    return settles.person, due, f"{each.rule.says}{detail}", _next_step(each.rule), ""


def _next_step(rule: RuleRecord) -> str:
    if is_about_reading(rule.rule):
        return (
            "Send the file again with these lines repaired, or exclude them; until then they are held back."
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
                    says=rule.says,
                    entity=key[1],
                    moment=rule.moment,
                    rows=tuple(ids),
                    row_count=number,
                    detail=rule.detail,
                )
            )
    return tuple(found)
