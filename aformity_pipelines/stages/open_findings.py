"""The work list: everything that somebody must still settle in a wave, each once, with one owner and a date.

Read from what the stages stored; nothing is judged here.  A stage behind a closed gate says what was so before it
closed, so its findings are left out until it has run again.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.decisions import FollowUpOpened, QuestionAsked, assigned
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, Severity
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.open_finding import OpenFinding
from aformity_pipelines.domain.stage_record import RuleRecord, StageRecord, WaitingDelivery
from aformity_pipelines.stages.graph import (
    EXPORT,
    MAPPED,
    RAW_FILE,
    TRANSFORMED,
    VALIDATED,
    behind_stops,
    project_in,
)
from aformity_pipelines.stages.idle_work import IdleWork, idle_work
from aformity_pipelines.stages.open_detail import open_detail
from aformity_pipelines.stages.open_since import keyed, open_since
from aformity_pipelines.stages.outputs import FINDINGS, folder_of, parquet, read_record, stops
from aformity_pipelines.stages.routing import decide_command, of_wave, routed, settle_command
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.settling import kinds_for, kinds_for_work

DELIVERY = "delivery.taken_in"
"""End of the id under which a delivery that waits is listed."""


def open_findings(run: Run) -> tuple[OpenFinding, ...]:
    """Return all open work of the run's wave, what touches a product moment first, then what blocks, then by date."""
    moments = {name: place for place, name in enumerate(run.migration.destination.moments)}
    found = [*_waiting(run), *_in_stages(run)]
    return tuple(sorted(found, key=lambda each: _impact(each, moments)))


def _impact(each: OpenFinding, moments: dict[str, int]) -> tuple[Any, ...]:
    return (moments.get(each.moment, len(moments)), not each.is_blocking, each.due, each.subject, each.id)


def _waiting(run: Run) -> Iterator[OpenFinding]:
    for source in run.migration.customer.sources:
        record = read_record(run, RAW_FILE, source)
        if record and record.waits:
            yield _delivery(run, source, record.waits)


def _delivery(run: Run, source: str, waits: WaitingDelivery) -> OpenFinding:
    rule = f"{source}.{DELIVERY}"
    to_whom = routed(run, source, risk=Severity.CRITICAL)
    asked = "; ".join(question.says for question in waits.questions)
    return OpenFinding(
        id=f"{Gate.INTAKE}/{source}/{rule}",
        gate=Gate.INTAKE,
        subject=source,
        rule=rule,
        policy=Policy.BLOCK,
        severity=Severity.CRITICAL,
        says=f"{waits.file_name} waits for {'another file' if waits.refused else 'an answer'}.",
        detail=waits.refused or asked,
        moment="",
        fields=(),
        owner=to_whom.owner,
        since=to_whom.since,
        due=to_whom.due,
        is_overdue=to_whom.due < run.as_of,
        is_blocking=True,
        answers=() if waits.refused else ("intake_answered",),
        settle=f"aformity run {run.slug}{of_wave(run)}" if waits.refused else decide_command(run),
    )


def _in_stages(run: Run) -> Iterator[OpenFinding]:
    customer = run.migration.customer
    names = [(VALIDATED, source) for source in customer.sources]
    names += [(stage, e) for stage in (MAPPED, TRANSFORMED, EXPORT) for e in run.migration.entities()]
    raw = {(RAW_FILE, source): read_record(run, RAW_FILE, source) for source in customer.sources}
    records = {step: read_record(run, *step) for step in names} | raw
    stopped = {step: "/".join(step) for step, record in records.items() if record and stops(record)}
    gates = {step: name for step, name in stopped.items() if step[0] != EXPORT}
    behind = behind_stops(run.migration, project_in(run.workspace.transforms), gates)
    today = {}
    for step in names:
        record = records[step]
        gate_before = (TRANSFORMED, step[1]) if step[0] == EXPORT else step
        is_old = gate_before in behind or (step[0] == EXPORT and gate_before in stopped)
        if record and record.verdict and not is_old:
            today[step] = record
    files: dict[str, list[Path]] = {}
    for stage, name in today:
        if (path := folder_of(run, stage, name) / FINDINGS).is_file():
            files.setdefault(name, []).append(path)
    first_days = open_since(run, keyed(run, files)) if files else {}
    found = [each for record in today.values() for each in _in_record(run, record, first_days)]
    yield from found
    busy = frozenset(each.follow_up for each in found if each.follow_up)
    yield from (_idle(run, each) for each in idle_work(run, today, busy))


def _in_record(run: Run, record: StageRecord, first_days: Mapping[str, date]) -> Iterator[OpenFinding]:
    assert record.verdict is not None
    rows = _rows_of(run, record)
    for rule in record.verdict.rules:
        for (of_rule, work), ids in rows.items():
            if of_rule == rule.rule and (work or rule.policy is not Policy.REPORT):
                yield _finding(run, record, rule, ids, work, first_days.get(f"{record.name}/{rule.rule}"))
        if rule.standing is Standing.BLOCKED and not rule.failing:
            yield _finding(run, record, rule, (), None, None)


def _rows_of(run: Run, record: StageRecord) -> dict[tuple[str, str | None], tuple[str, ...]]:
    """Return (rule, follow-up or question) -> ids of the rows that nothing accepts, in order."""
    path = folder_of(run, record.stage, record.name) / FINDINGS
    if not path.is_file():
        return {}
    found = run.connection.execute(
        f"select rule, followed_by, list_sort(list(row_id)) from {parquet(path)}"
        " where accepted_by is null group by all order by all"
    ).fetchall()
    return {(rule, work): tuple(ids) for rule, work, ids in found}


def _finding(
    run: Run,
    record: StageRecord,
    rule: RuleRecord,
    rows: tuple[str, ...],
    work: str | None,
    first_day: date | None,
) -> OpenFinding:
    assert record.verdict is not None
    gate, subject = record.verdict.gate, record.name
    owner, since, due = _whose(run, subject, rule, work, first_day)
    entry = _work(run, work)
    return OpenFinding(
        id="/".join(filter(None, (gate, subject, rule.rule, work))),
        gate=gate,
        subject=subject,
        rule=rule.rule,
        policy=rule.policy,
        severity=rule.severity,
        says=entry.says if entry else rule.says,
        detail="; ".join(filter(None, (open_detail(run, rule, rows, len(rows)), *rule.idle))),
        moment=rule.moment,
        fields=rule.fields,
        owner=owner,
        since=since,
        due=due,
        is_overdue=due < run.as_of,
        follow_up=work,
        stale=rule.stale,
        is_blocking=rule.standing is Standing.BLOCKED and work is None,
        answers=kinds_for_work(run, gate, subject, rule, entry)
        if entry
        else kinds_for(run, gate, subject, rule, has_rows=bool(rows)),
        settle=settle_command(run, rule.rule, has_rows=bool(rows)),
        rows=rows,
    )


def _idle(run: Run, work: IdleWork) -> OpenFinding:
    """Return a follow-up or a question that holds no row, and what ends it."""
    entry, rule = work.entry, work.rule
    owner, due = assigned(in_force(run.migration), entry)
    ends = "question_answered" if isinstance(entry, QuestionAsked) else "follow_up_closed"
    named = entry.covers.rule or ""
    return OpenFinding(
        id="/".join(filter(None, (work.gate, entry.covers.subject, named, entry.id))),
        gate=work.gate,
        subject=entry.covers.subject,
        rule=named,
        policy=rule.policy if rule else Policy.REPORT,
        severity=rule.severity if rule else Severity.INFO,
        says=entry.says,
        detail=work.next_step,
        moment=rule.moment if rule else "",
        fields=entry.covers.fields,
        owner=owner,
        since=entry.on,
        due=due,
        is_overdue=due < run.as_of,
        follow_up=entry.id,
        is_blocking=False,
        answers=(ends, "follow_up_reassigned"),
        settle=settle_command(run, named, has_rows=True) if work.rows else decide_command(run),
        rows=work.rows,
    )


def _whose(
    run: Run, subject: str, rule: RuleRecord, work: str | None, first_day: date | None
) -> tuple[Person, date, date]:
    """Return owner, first day and due date: those of a follow-up or question, else those that defs.yaml gives."""
    if entry := _work(run, work):
        owner, due = assigned(in_force(run.migration), entry)
        return owner, entry.on, due
    to_whom = routed(
        run, subject, fields=rule.fields, moment=rule.moment, risk=rule.severity, open_since=first_day
    )
    return to_whom.owner, to_whom.since, to_whom.due


def _work(run: Run, decision: str | None) -> FollowUpOpened | QuestionAsked | None:
    found = next((entry for entry in run.migration.log if entry.id == decision), None)
    return found if isinstance(found, FollowUpOpened | QuestionAsked) else None
