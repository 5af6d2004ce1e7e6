"""Which decisions are not recorded because of who made them, by the rules in `approvals` of defs.yaml.

What waits for a second person is recorded; whether it has an effect is asked of `domain.approval` at every use.
"""

from collections.abc import Iterator

from aformity_pipelines.domain.approval import can_second, deciders, stands_by, unmet
from aformity_pipelines.domain.customer import ApprovalRule, Person
from aformity_pipelines.domain.decision_kinds import in_words
from aformity_pipelines.domain.decisions import DecisionSeconded, Entry
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.stages.refusing import DraftRefused, Fault


def refuse_not_allowed(migration: Migration, entry: Entry) -> None:
    """Raise DraftRefused with every rule that keeps somebody from deciding, or from seconding to any use."""
    faults = list(_not_allowed(migration, entry))
    if isinstance(entry, DecisionSeconded):
        faults += _of_no_use(migration, entry)
    if faults:
        raise DraftRefused(faults)


def waiting_words(migration: Migration, entry: Entry) -> str:
    """Say that a decision has no effect yet and what it takes; empty where it has one."""
    missing = unmet(migration, entry)
    if not missing:
        return ""
    needs = "; ".join(each.words for each in missing)
    return f"{entry.id} has no effect yet: it {needs}; they record `decision_seconded` with `seconds: {entry.id}`"


def _not_allowed(migration: Migration, entry: Entry) -> Iterator[Fault]:
    for each in unmet(migration, entry):
        if not each.waits:
            says = f"{_kind(entry)}: {_name(entry.by)}, may not decide this: {each.rule.says}"
            yield Fault(says=says, do=_who_may(migration, each.rule), at=("by",))


def _of_no_use(migration: Migration, entry: DecisionSeconded) -> Iterator[Fault]:
    """Yield why seconding a decision changes nothing about it."""
    target = next((each for each in migration.log if each.id == entry.seconds), None)
    if target is None:
        return
    if entry.by.name.casefold() in {each.name.casefold() for each in stands_by(migration, target)}:
        says = f"{_kind(entry)}: {entry.by.name} stands by {target.id} already"
        yield Fault(says=says, do="another person has to second it", at=("by",))
        return
    before = unmet(migration, target)
    if not before:
        yield Fault(says=f"{_kind(entry)}: {target.id} needs nobody else", do="remove it", at=("seconds",))
    elif not _helps(migration, target, entry.by):
        people = migration.customer.people
        helping = tuple(name for name, person in people.items() if _helps(migration, target, person))
        for each in before:
            says = f"{_kind(entry)}: {_name(entry.by)}, cannot second {target.id}, which {each.words}"
            yield Fault(says=says, do=_let(migration, helping), at=("by",))


def _helps(migration: Migration, target: Entry, person: Person) -> bool:
    """Whether a decision lacks fewer people once somebody stands by it too."""
    before, after = unmet(migration, target), unmet(migration, target, also=(person,))
    return sum(each.missing for each in after) < sum(each.missing for each in before)


def _who_may(migration: Migration, rule: ApprovalRule) -> str:
    """Return who may decide by a rule; those who can only second make a decision too, and it waits."""
    people = migration.customer.people
    names = [*deciders(migration.customer, rule), *(n for n, p in people.items() if can_second(rule, p))]
    return _let(migration, tuple(dict.fromkeys(names)))


def _let(migration: Migration, names: tuple[str, ...]) -> str:
    people = migration.customer.people
    named = " or ".join(f"`{name}` ({_name(people[name])})" for name in names)
    return f"let {named} do it" if named else "add somebody to `people` in defs.yaml who may"


def _name(person: Person) -> str:
    return f"{person.name}, {person.role}"


def _kind(entry: Entry) -> str:
    return in_words(entry.kind)
