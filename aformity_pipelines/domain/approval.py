"""Who may decide what, and how many it takes: rules over the log, declared in defs.yaml.

Asked when a decision is recorded and again whenever it is used: a decision that a rule does not allow, or that
waits for a second person, stands in the log and has no effect.  While it waits, it ends no earlier decision; one
that is not allowed any more may have been when it was made, and what it ended does not come back.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from aformity_pipelines.domain.customer import ApprovalRule, Customer, Person
from aformity_pipelines.domain.decision_kinds import SETTLING
from aformity_pipelines.domain.decisions import (
    DecisionSeconded,
    Entry,
    IntakeAnswered,
    RowDecision,
)
from aformity_pipelines.domain.endings import Endings
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.touched import Touched, touched

COUNTED = {2: "a second person", 3: "a third person"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unmet:
    """A rule that a decision does not meet, and what it takes to meet it."""

    rule: ApprovalRule
    needs: str  # `the Finance lead`, `a second person`
    missing: int  # how many people have to second it
    waits: bool  # whether it was made by one of those whom the rule asks for, and others are to come

    @property
    def words(self) -> str:
        """What is missing and why, for people: `needs a second person (Two people agree on billing.)`."""
        return f"needs {self.needs} ({self.rule.says})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """A decision that stands and has no effect."""

    entry: Entry
    unmet: tuple[Unmet, ...]
    ended_by: str = ""
    """The decision that ended it before a rule disallowed that one: what is about the same can be decided anew."""

    @property
    def waits(self) -> bool:
        """Whether it only waits for others; else somebody decided who may not."""
        return not self.ended_by and _waits(self.unmet)

    @property
    def words(self) -> str:
        """Why it has no effect, without its id: `waits: needs a second person (...)`."""
        if self.ended_by:
            return f"ended by {self.ended_by}, which is not allowed any more"
        reasons = "; ".join(each.words for each in self.unmet)
        return f"waits: {reasons}" if self.waits else f"is not allowed: {reasons}"


def in_force(migration: Migration) -> tuple[Entry, ...]:
    """Return the entries of a customer's log that have an effect, in log order."""
    return _stand(_Itself(migration)).in_force


def without_effect(migration: Migration) -> tuple[Idle, ...]:
    """Return the entries that no later one in force ended and that a rule keeps from having an effect, in log order."""
    return _stand(_Itself(migration)).idle


def ended(migration: Migration) -> Mapping[str, str]:
    """Return the id of each entry that one in force ended -> the id of the first that did."""
    return _stand(_Itself(migration)).ended


def row_decisions(migration: Migration) -> Iterator[RowDecision]:
    """Yield the decisions in force that cover rows, in log order."""
    for entry in in_force(migration):
        if isinstance(entry, RowDecision):
            yield entry


def intake_answers(migration: Migration, source: str) -> tuple[IntakeAnswered, ...]:
    """Return the answers in force about how a source's files are read, in log order: of two, the later one holds."""
    return tuple(
        e for e in in_force(migration) if isinstance(e, IntakeAnswered) and e.covers.source == source
    )


def unmet(migration: Migration, entry: Entry, *, also: Iterable[Person] = ()) -> tuple[Unmet, ...]:
    """Return the rules that a decision, in the log or about to be, does not meet; `also` stand by it as well."""
    if not migration.customer.approvals:
        return ()
    people = (entry.by, *_backers(migration).get(entry.id, ()), *also)
    return _unmet(migration, entry, people, {each.id: each for each in migration.log})


def stands_by(migration: Migration, entry: Entry) -> tuple[Person, ...]:
    """Return who made a decision and who seconded it, the maker first."""
    return (entry.by, *_backers(migration).get(entry.id, ()))


def deciders(customer: Customer, rule: ApprovalRule) -> tuple[str, ...]:
    """Return the short names of those of the customer's people who decide by a rule."""
    return tuple(name for name, person in customer.people.items() if _decides(customer, rule, person))


def can_second(rule: ApprovalRule, person: Person) -> bool:
    """Whether somebody may be one of the further people that a rule asks for."""
    return rule.persons > 1 and (not rule.seconded_by or person.side in rule.seconded_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stand:
    in_force: tuple[Entry, ...]
    idle: tuple[Idle, ...]
    backers: dict[str, tuple[Person, ...]]
    ended: dict[str, str]


class _Itself:
    """A migration as a key: equal to itself only, for what is in it cannot be hashed."""

    __slots__ = ("migration",)

    def __init__(self, migration: Migration) -> None:
        self.migration = migration

    def __hash__(self) -> int:
        return id(self.migration)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Itself) and other.migration is self.migration


@lru_cache(maxsize=16)
def _stand(key: _Itself) -> _Stand:
    """Return what the log comes to, read from its end: by then it is known what ended an entry or stands by it."""
    migration = key.migration
    by_id = {entry.id: entry for entry in migration.log}
    endings = Endings()
    backers: dict[str, tuple[Person, ...]] = {}
    effective: list[Entry] = []
    idle: list[Idle] = []
    for entry in reversed(migration.log):
        missing = _unmet(migration, entry, (entry.by, *backers.get(entry.id, ())), by_id)
        endings.take(entry, is_met=not missing, waits=_waits(missing))
        if entry.id in endings.ended:
            continue
        if missing or entry.id in endings.lapsed:
            idle.append(Idle(entry=entry, unmet=missing, ended_by=endings.lapsed.get(entry.id, "")))
        else:
            effective.append(entry)
            if isinstance(entry, DecisionSeconded):
                backers[entry.seconds] = (entry.by, *backers.get(entry.seconds, ()))
    return _Stand(
        in_force=tuple(reversed(effective)),
        idle=tuple(reversed(idle)),
        backers=backers,
        ended=endings.ended,
    )


def _backers(migration: Migration) -> dict[str, tuple[Person, ...]]:
    return _stand(_Itself(migration)).backers


def _unmet(
    migration: Migration, entry: Entry, people: Iterable[Person], by_id: dict[str, Entry]
) -> tuple[Unmet, ...]:
    customer, found = migration.customer, []
    asked = tuple(
        (each.kind, touched(migration, each, by_id))
        for each in (_in_the_place_of(entry, by_id) if customer.approvals else ())
    )
    there = {person.name.casefold(): person for person in reversed(tuple(people))}
    for rule in customer.approvals:
        kinds = rule.kinds or SETTLING
        governs = any(kind in kinds and _is_about(customer, rule, about) for kind, about in asked)
        if governs and (short := _short(customer, rule, there)):
            needs, missing = short
            is_asked = _decides(customer, rule, entry.by) or can_second(rule, entry.by)
            found.append(Unmet(rule=rule, needs=needs, missing=missing, waits=rule.persons > 1 and is_asked))
    return tuple(found)


def _in_the_place_of(entry: Entry, by_id: Mapping[str, Entry]) -> Iterator[Entry]:
    """Yield an entry and what it supersedes, back to the first: whoever replaces a decision needs what that needed."""
    found: Entry | None = entry
    while found is not None:
        yield found
        found = by_id.get(found.supersedes) if found.supersedes else None


def _waits(missing: Iterable[Unmet]) -> bool:
    return all(each.waits for each in missing)


def _is_about(customer: Customer, rule: ApprovalRule, about: Touched) -> bool:
    """Whether a rule speaks of what a decision touches: every key that it gives has to fit."""
    groups = {name: frozenset(fields) for name, fields in customer.field_groups.items()}
    fields = frozenset().union(*(groups.get(name, {name}) for name in rule.fields))
    return (
        (not rule.fields or bool(fields & (about.fields | about.entities)))
        and (not rule.moments or bool(about.moments & frozenset(rule.moments)))
        and (not rule.risks or about.risk in rule.risks)
    )


def _short(customer: Customer, rule: ApprovalRule, there: dict[str, Person]) -> tuple[str, int] | None:
    """Return who is missing, in words, and how many; None where the rule is met by those who are there."""
    deciding = [name for name, person in there.items() if _decides(customer, rule, person)]
    others = [name for name, person in there.items() if can_second(rule, person)]
    if not deciding:
        more = max(0, rule.persons - 1 - len(others))
        also = f" and {_more(rule, more, 1 + len(others))}" if more else ""
        return f"{_who(customer, rule)}{also}", 1 + more
    more = min(max(0, rule.persons - 1 - len(set(others) - {name})) for name in deciding)
    return (_more(rule, more, rule.persons - more), more) if more else None


def _decides(customer: Customer, rule: ApprovalRule, person: Person) -> bool:
    if not (rule.people or rule.roles or rule.sides):
        return True
    named = {customer.people[name].name.casefold() for name in rule.people if name in customer.people}
    roles = {role.casefold() for role in rule.roles}
    return person.name.casefold() in named or person.role.casefold() in roles or person.side in rule.sides


def _who(customer: Customer, rule: ApprovalRule) -> str:
    people = [customer.people[name].name for name in rule.people if name in customer.people]
    roles = [
        f"the {role[:1].lower()}{role[1:]}" if not role[1:2].isupper() else f"the {role}"
        for role in rule.roles
    ]
    sides = [f"somebody on the {side.value} side" for side in rule.sides]
    return " or ".join((*people, *roles, *sides)) or "somebody"


def _more(rule: ApprovalRule, more: int, have: int) -> str:
    """Return how many further people, in words: `a second person on the customer side`."""
    words = COUNTED.get(have + 1, "another person") if more == 1 else f"{more} more people"
    where = f" on the {' or '.join(rule.seconded_by)} side" if rule.seconded_by else ""
    return f"{words}{where}"
