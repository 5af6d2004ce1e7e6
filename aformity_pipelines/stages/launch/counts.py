"""The counts of a launch record: what each of its numbers asks the export's tables, and the rules that were judged.

Nothing is counted here: a number is what its section says, and `proved` asks the tables whether that is so.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.launch import count_names as names
from aformity_pipelines.domain.launch.field_map import MappingKind
from aformity_pipelines.domain.launch.numbers import (
    count_of_deferral,
    count_of_exclusion,
    decision_among,
    exact_file,
    follow_up,
    is_about_the_whole,
    numbers,
)
from aformity_pipelines.domain.launch.outcomes import MomentState
from aformity_pipelines.domain.launch.statements import Choice, Count, Meeting, RuleLine, Table
from aformity_pipelines.domain.launch.unresolved import UnresolvedWork
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.stages.launch.source import Sources
from aformity_pipelines.stages.launch.wave_counts import counts_of_waves
from aformity_pipelines.stages.validated import STAGE as VALIDATED

Asked = Iterator[Count]
BY_THE_WAVE = tuple(reason for reason in Reason if reason not in (Reason.PARENT, Reason.DECISION))
"""Reasons of rows that launch later since their wave does, and nothing else says so."""


def rule_lines(sources: Sources) -> tuple[RuleLine, ...]:
    """Return every rule that was judged, in the order of the stages."""
    return tuple(
        RuleLine(
            rule=rule.rule,
            gate=record.verdict.gate,
            subject=name,
            says=rule.says,
            policy=rule.policy,
            moment=rule.moment,
            checked=rule.checked,
            failing=rule.failing,
        )
        for (_, name), record in sources.records.items()
        if record.verdict
        for rule in record.verdict.rules
    )


def counts_of(record: LaunchRecord, *, blanked: Mapping[str, int]) -> tuple[Count, ...]:
    """Return the counts behind a record's numbers, by name; `blanked`: `entity.field` -> records with a blank link."""
    values: dict[str, int] = defaultdict(int)
    for number in numbers(record):
        values[number.count] += number.value
    asked = [
        each
        for of in (
            _of_fates,
            _of_held_updates,
            _of_outcomes,
            _of_moments,
            _of_findings,
            _of_rows,
            counts_of_waves,
        )
        for each in of(record)
    ]
    found = {each.name: each.model_copy(update={"value": values[each.name]}) for each in asked}
    for link, records in blanked.items():
        entity, field = link.split(".", 1)
        where = {"entity": (entity,), "field": (field,)}
        name = names.blanked_count(entity, field)
        found[name] = Count(name=name, value=records, table=Table.BLANKED, where=where)
    return tuple(found[name] for name in sorted(found))


def _of_fates(record: LaunchRecord) -> Asked:
    yield _ledger(names.rows_count())
    for row in record.fates:
        name = names.rows_count(row.entity, source=row.source, fate=row.fate, reason=row.reason)
        yield _ledger(name, entity=row.entity, source=row.source, fate=row.fate, reason=row.reason)
    for fate in dict.fromkeys(row.fate for row in record.fates):
        yield _ledger(names.rows_count(fate=fate), fate=fate)
    others = tuple(reason for reason in Reason if reason not in names.FOLLOWING_REASONS)
    for name, reasons in ((names.HELD, others), (names.FOLLOWING, names.FOLLOWING_REASONS)):
        if any(row.fate is Fate.UNRESOLVED and row.reason in reasons for row in record.fates):
            yield _ledger(name, fate=Fate.UNRESOLVED, reason=reasons)


def _of_held_updates(record: LaunchRecord) -> Asked:
    # The ledger of an older version has no column about what is live, and nothing of it is counted.
    if any(outcome.held_updates for outcome in record.outcomes):
        where = {"fate": (str(Fate.UNRESOLVED),)}
        yield Count(
            name=names.HELD_UPDATES, value=0, table=Table.LEDGER, where=where, present=("live_since",)
        )


def _of_outcomes(record: LaunchRecord) -> Asked:
    for outcome in record.outcomes:
        entity = outcome.entity
        yield _ledger(names.rows_count(entity), entity=entity)
        for fate in outcome.fates:
            yield _ledger(names.rows_count(entity, fate=fate), entity=entity, fate=fate)
        if file := exact_file(record.export, entity):
            yield Count(name=names.records_count(entity), value=0, table=Table.FILE, file=file.path)
        if file := exact_file(record.export, entity, updates=True):
            yield Count(name=names.updated_count(entity), value=0, table=Table.FILE, file=file.path)


def _of_moments(record: LaunchRecord) -> Asked:
    for moment in record.moments:
        accepted = tuple(risk.decision for risk in record.accepted_risks if risk.moment == moment.moment)
        if accepted:
            yield Count(
                name=names.moment_count(moment.moment, "accepted"),
                value=0,
                table=Table.FINDINGS,
                where={"accepted_by": tuple(sorted(accepted))},
                distinct=("accepted_by", "row_id"),
            )
        if waits := tuple(_waits_for(record, moment)):
            yield _waiting(names.moment_count(moment.moment, "unresolved"), *waits)
        if needed := _entities_of(record, moment):
            yield _ledger(names.moment_count(moment.moment, "records"), entity=needed, fate=Fate.EXPORTED)


def _entities_of(record: LaunchRecord, moment: MomentState) -> tuple[str, ...]:
    mapped = (field for field in record.mapping if field.kind is not MappingKind.NOT_MAPPED)
    return tuple(dict.fromkeys(field.entity for field in mapped if field.moment == moment.moment))


def _waits_for(record: LaunchRecord, moment: MomentState) -> Iterator[Choice]:
    """Yield the ways in which rows wait for open work that touches a moment."""
    rules: dict[tuple[str, str], list[str]] = defaultdict(list)
    for rule in record.rules:
        if rule.moment == moment.moment and rule.failing and _can_hold(rule):
            rules[rule.gate, rule.subject].append(rule.rule)
    for (gate, subject), found in rules.items():
        yield _meets(gate, subject, {"rule": tuple(sorted(set(found)))})
    for work in record.unresolved:
        if work.moment == moment.moment and is_about_the_whole(record, work):
            yield from _as_a_whole(work)


def _of_findings(record: LaunchRecord) -> Asked:
    for risk in record.accepted_risks:
        yield Count(
            name=names.accepted_count(risk.decision),
            value=0,
            table=Table.FINDINGS,
            where={"rule": (risk.rule,), "accepted_by": (risk.decision,)},
            distinct=("row_id",),
        )
    for work in record.unresolved:
        if work.gate:
            yield from _of_work(record, work)
    for found in record.reported:
        if found.row_count:
            yield Count(
                name=names.reported_count(found.gate, found.rule),
                value=0,
                table=Table.FINDINGS,
                where=_found_at(found.gate, found.entity, {"rule": (found.rule,)}),
                absent=("accepted_by", "followed_by"),
            )


def _of_work(record: LaunchRecord, work: UnresolvedWork) -> Asked:
    taken_up = follow_up(work)
    holds = names.holds_count(work.gate, work.rule, decision=taken_up)
    if is_about_the_whole(record, work):
        yield _waiting(holds, *_as_a_whole(work))
        return
    where = {"rule": (work.rule,)} | ({"followed_by": (taken_up,)} if taken_up else {})
    absent = ("accepted_by",) if taken_up else ("accepted_by", "followed_by")
    yield Count(
        name=names.open_count(work.gate, work.rule, decision=taken_up),
        value=0,
        table=Table.FINDINGS,
        where=_found_at(work.gate, work.entity, where),
        absent=absent,
    )
    if any(_can_hold(rule) for rule in record.rules if (rule.rule, rule.gate) == (work.rule, work.gate)):
        yield _waiting(holds, _meets(work.gate, work.entity, where, absent))


def _of_rows(record: LaunchRecord) -> Asked:
    for deferral in record.deferred:
        name, entity = count_of_deferral(record, deferral), deferral.entity
        decision = decision_among(record, deferral.evidence)
        if deferral.follows:
            where = {"entity": (entity,), "fate": (Fate.DEFERRED,), "reason": (Reason.PARENT,)}
            yield Count(
                name=name, value=0, table=Table.LEDGER, where=where, first_word={"because": deferral.follows}
            )
        elif decision:
            yield _ledger(name, entity=entity, wave=deferral.wave, fate=Fate.DEFERRED, because=decision)
        else:
            yield _ledger(name, entity=entity, wave=deferral.wave, fate=Fate.DEFERRED, reason=BY_THE_WAVE)
    for each in record.excluded:
        decision = decision_among(record, each.evidence)
        settled = {"because": decision} if decision else {"reason": str(each.reason)}
        of = {column: text for column, text in (("source", each.source), ("part", each.part)) if text}
        name = count_of_exclusion(record, each)
        yield _ledger(name, entity=each.entity, fate=Fate.EXCLUDED, **settled, **of)
    for merge in record.merged:
        name = names.merged_count(merge.entity, merge.decision)
        yield _ledger(name, entity=merge.entity, fate=Fate.MERGED, because=merge.decision)


def _ledger(name: str, **where: str | tuple[str, ...]) -> Count:
    """Return a count of ledger lines whose columns hold these texts."""
    held = {column: (text,) if isinstance(text, str) else text for column, text in where.items()}
    return Count(name=name, value=0, table=Table.LEDGER, where=held)


def _waiting(name: str, *choices: Choice) -> Count:
    """Return a count of rows that are not live, in one of several ways."""
    return Count(name=name, value=0, table=Table.LEDGER, where={"fate": (Fate.UNRESOLVED,)}, any_of=choices)


def _as_a_whole(work: UnresolvedWork) -> Iterator[Choice]:
    yield Choice(where={"entity": (work.entity,)})
    if work.gate == Gate.INTAKE:
        yield Choice(where={"source": (work.entity,)})


def _meets(
    gate: str, subject: str, where: Mapping[str, tuple[str, ...]], absent: tuple[str, ...] = ("accepted_by",)
) -> Choice:
    """Return the rows that a rule found: at intake all that was made of a row, later the row of the entity."""
    rows = (
        {"source": "subject", "source_row": "row_id"}
        if gate == Gate.INTAKE
        else {"entity": "subject", "row_id": "row_id"}
    )
    return Choice(
        meets=Meeting(table=Table.FINDINGS, on=rows, where=_found_at(gate, subject, where), absent=absent)
    )


def _found_at(gate: str, subject: str, where: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    stage = VALIDATED if gate == Gate.INTAKE else str(gate)
    return {"stage": (stage,), "subject": (subject,), **where}


def _can_hold(rule: RuleLine) -> bool:
    return rule.policy in (Policy.HOLD, Policy.BLOCK)
