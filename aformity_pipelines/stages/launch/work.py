"""Accepted risks and unresolved work: two lists that nothing moves between."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.decisions import FollowUpOpened, RiskAccepted
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.launch_record import AcceptedRisk, MomentState, UnresolvedWork
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.stages.launch.source import SHOWN_ROWS, Sources


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
    found = [_work(sources, each) for each in (*_open_rows(sources), *_open_tables(sources))]
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


def _work(sources: Sources, each: _Open) -> UnresolvedWork:
    owner, due, says, step = _owner(sources, each)
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
    )


def _owner(sources: Sources, each: _Open) -> tuple[Person, date, str, str]:
    """Return owner, due date, sentence and next step of open work."""
    if each.follow_up:
        entry = sources.decision(each.follow_up)
        assert isinstance(entry, FollowUpOpened)
        return entry.owner, entry.due, entry.says, entry.why
    customer = sources.run.migration.customer
    field = each.rule.fields[0] if each.rule.fields else None
    declared = customer.owner_of(each.subject, field)
    due = _received(sources, each.subject) + timedelta(days=declared.due_days)
    blocks = each.rule.policy is Policy.BLOCK
    step = (
        "Decide: until then nothing of this kind goes live."
        if blocks
        else "Correct, accept, defer or exclude these rows; until then they are held back."
    )
    detail = f" ({each.rule.detail})" if each.rule.detail else ""
    return customer.people[declared.person], due, f"{each.rule.says}{detail}", step


def _received(sources: Sources, subject: str) -> date:
    """Return the day from which open work counts: the last delivery that feeds the subject."""
    migration = sources.run.migration
    names = [subject] if subject in migration.customer.sources else []
    if subject in migration.mappings:
        names = [read.source for read in migration.reads_of(subject)]
    days = [
        record.delivery.received_on
        for name in names
        if (record := sources.records.get(("raw_file", name))) and record.delivery
    ]
    return max(days, default=sources.run.as_of)


def moments(
    sources: Sources, accepted: tuple[AcceptedRisk, ...], unresolved: tuple[UnresolvedWork, ...]
) -> tuple[MomentState, ...]:
    """Return how ready each product moment is."""
    return tuple(
        MomentState(
            moment=name,
            label=moment.label,
            says=moment.says,
            accepted=sum(each.row_count for each in accepted if each.moment == name),
            unresolved=sum(each.row_count for each in unresolved if each.moment == name),
        )
        for name, moment in sources.run.migration.destination.moments.items()
    )
