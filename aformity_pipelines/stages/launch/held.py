"""Which rows are not live because of which open finding, and what that means for each product moment."""

from collections.abc import Iterable, Iterator, Sequence

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.launch.outcomes import EntityOutcome, MomentState
from aformity_pipelines.domain.launch.risks import AcceptedRisk
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.stages.launch.source import Sources
from aformity_pipelines.stages.validated import STAGE as VALIDATED

Key = tuple[str, str, str, str | None]
"""Stage, subject, rule and follow-up, None where nobody opened one: what one piece of open work is about."""


HELD = "answer_held"
"""Temp table (stage, subject, rule, followed_by, entity, row_id): every row that is not live, and what it waits for."""


def create_held(sources: Sources) -> None:
    """Create `answer_held`, which the counts by rule and by moment need."""
    sources.query(f"create or replace temp table {HELD} as {_held(sources)}")


def held_by_rule(sources: Sources) -> dict[Key, int]:
    """Return the rows that are not live because of each piece of open work; no key where it is none."""
    rows = sources.query(
        f"select stage, subject, rule, followed_by, count(distinct (entity, row_id)) from {HELD} group by all"
    )
    return {(stage, subject, rule, follow_up): number for stage, subject, rule, follow_up, number in rows}


def moments(
    sources: Sources, accepted: Sequence[AcceptedRisk], counted: Sequence[EntityOutcome]
) -> tuple[MomentState, ...]:
    """Return how ready each product moment is, and whether anything that it needs is live at all."""
    held = _held_by_moment(sources)
    live = {each.entity: each.fates[Fate.EXPORTED] for each in counted}
    plurals = {each.entity: each.plural for each in counted}
    found = []
    for name, moment in sources.run.migration.destination.moments.items():
        needed = tuple(_entities_with(sources, name))
        found.append(
            MomentState(
                moment=name,
                label=moment.label,
                says=moment.says,
                accepted=sum(each.row_count for each in accepted if each.moment == name),
                unresolved=held.get(name, 0),
                records=sum(live[entity] for entity in needed),
                absent=tuple(plurals[entity] for entity in needed if not live[entity]),
            )
        )
    return tuple(found)


def _entities_with(sources: Sources, moment: str) -> Iterator[str]:
    """Yield the entities that have a mapped field with this moment."""
    migration = sources.run.migration
    for entity in migration.entities():
        mapped = {name for read in migration.reads_of(entity) for name in read.fields}
        fields = migration.destination.entities[entity].fields
        if any(fields[name].moment == moment for name in mapped):
            yield entity


def _held_by_moment(sources: Sources) -> dict[str, int]:
    of_rules = {key: rule.moment for key, rule in sources.rules().items() if rule.moment}
    if not of_rules:
        return {}
    named = _values((*key, moment) for key, moment in of_rules.items())
    rows = sources.query(
        f"select m.moment, count(distinct (h.entity, h.row_id)) from {HELD} h"
        f" join (values {named}) m(stage, subject, rule, moment)"
        " on m.stage = h.stage and m.subject = h.subject and m.rule = h.rule group by 1"
    )
    return dict(rows)


def _held(sources: Sources) -> str:
    """Return the SELECT behind `answer_held`."""
    rules = sources.rules()
    holding = [key for key, rule in rules.items() if rule.policy in (Policy.HOLD, Policy.BLOCK)]
    whole = [key for key, rule in rules.items() if _closes_without_rows(rule)]
    waiting = f"l.fate = {literal(Fate.UNRESOLVED)}"
    named = "stage, subject, rule"
    nothing = "select '' as stage, '' as subject, '' as rule, '' as followed_by, '' as entity, '' as row_id where false"
    selects = [nothing]
    for stages, meets in (
        (f"f.stage <> {literal(VALIDATED)}", "l.entity = f.subject and l.row_id = f.row_id"),
        (f"f.stage = {literal(VALIDATED)}", "l.source = f.subject and l.source_row = f.row_id"),
    ):
        if holding:
            selects.append(
                f"select f.stage, f.subject, f.rule, f.followed_by, l.entity, l.row_id from {{findings}} f"
                f" join {{ledger}} l on {meets} where {stages} and {waiting} and f.accepted_by is null"
                f" and (f.stage, f.subject, f.rule) in (values {_values(holding)})"
            )
    if whole:
        selects.append(
            f"select {', '.join(f'w.{each}' for each in named.split(', '))}, null, l.entity, l.row_id"
            f" from (values {_values(whole)}) w({named}) join {{ledger}} l"
            f" on (l.entity = w.subject or (w.stage = {literal(VALIDATED)} and l.source = w.subject)) and {waiting}"
        )
    return " union all ".join(selects)


def _closes_without_rows(rule: RuleRecord) -> bool:
    return rule.standing is Standing.BLOCKED and not rule.failing


def _values(rows: Iterable[Sequence[str]]) -> str:
    return ", ".join(f"({', '.join(literal(each) for each in row)})" for row in rows)
