"""What differs between two versions of a destination, part by part, and between two sets of rules.

Parts are named as locks and overrides name them: `account.region.required`.  What that moves in a customer's rows
is not said here.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from aformity_pipelines.domain.base import Document, Sentence
from aformity_pipelines.domain.destination import AllowedValue, Destination, Entity, Field, Relationship
from aformity_pipelines.domain.findings import Rule
from aformity_pipelines.domain.locks import is_within
from aformity_pipelines.domain.overrides import MOMENTS, Override, as_seen

OF_ENTITIES = ("label", "plural", "says", "key")
OF_FIELDS = ("type", "required", "unique", "format", "max_length", "personal", "moment", "says")
OF_RULES = ("policy", "severity", "says", "moment", "expectation")
LOCKS = "locks"


class Change(StrEnum):
    """What became of a part."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class PartChange(Document):
    """One part of a destination, or one rule, that is another one."""

    part: str
    """`account.region`, `account.name.max_length`, `moments.billing.says`; of a rule its gate and id."""
    change: Change
    before: str = ""
    """In words; empty where the part is added."""
    after: str = ""


class Overridden(PartChange):
    """One part that is another one for a single customer, and why."""

    why: Sentence


Words = Mapping[str, str]
"""Part -> what it says."""


def destination_changes(before: Destination, after: Destination) -> tuple[PartChange, ...]:
    """Return what differs between two versions, by part; an added or removed whole is said once, not part by part."""
    found = [*_named(MOMENTS, _moments(before), _moments(after))]
    were, are = before.entities, after.entities
    for name in dict.fromkeys((*were, *are)):
        if name not in were:
            found.append(_added(name, are[name].says))
        elif name not in are:
            found.append(_removed(name, were[name].says))
        else:
            found += _entity_changes(name, were[name], are[name])
    found += _differences(_locks(before), _locks(after))
    return tuple(found)


def overridden(template: Destination, overrides: Mapping[str, Override]) -> tuple[Overridden, ...]:
    """Return what a customer's overrides change in the destination that all customers share, each with its reason."""
    return tuple(
        Overridden(**change.model_dump(), why=why)
        for change in destination_changes(template, as_seen(template, overrides))
        for why in [each.why for name, each in overrides.items() if is_within(change.part, name)][:1]
    )


def rule_changes(before: Mapping[str, Rule], after: Mapping[str, Rule]) -> tuple[PartChange, ...]:
    """Return what differs between the rules of a customer, each named by its gate and id."""
    return tuple(
        change
        for name in dict.fromkeys((*before, *after))
        for change in _rule_changes(name, before.get(name), after.get(name))
    )


def _rule_changes(name: str, before: Rule | None, after: Rule | None) -> Iterator[PartChange]:
    if before is None and after is not None:
        yield _added(name, f"{after.policy}: {after.says}")
    elif after is None and before is not None:
        yield _removed(name, f"{before.policy}: {before.says}")
    elif before is not None and after is not None:
        yield from _differences(_words(before, OF_RULES, name), _words(after, OF_RULES, name))


def _moments(destination: Destination) -> dict[str, Words]:
    return {
        name: {"label": moment.label, "says": moment.says} for name, moment in destination.moments.items()
    }


def _named(whole: str, before: Mapping[str, Words], after: Mapping[str, Words]) -> Iterator[PartChange]:
    for name in dict.fromkeys((*before, *after)):
        part = f"{whole}.{name}"
        if name not in before:
            yield _added(part, after[name]["says"])
        elif name not in after:
            yield _removed(part, before[name]["says"])
        else:
            yield from _differences(
                {f"{part}.{key}": text for key, text in before[name].items()},
                {f"{part}.{key}": text for key, text in after[name].items()},
            )


def _entity_changes(name: str, before: Entity, after: Entity) -> Iterator[PartChange]:
    yield from _differences(_words(before, OF_ENTITIES, name), _words(after, OF_ENTITIES, name))
    yield from _named(
        name,
        {field: _field(each) for field, each in before.fields.items()},
        {field: _field(each) for field, each in after.fields.items()},
    )


def _field(field: Field) -> Words:
    """Return everything that a field demands and says, one text a part; what it does not have is empty."""
    return {
        **_words(field, OF_FIELDS),
        "relationship": _relationship(field.relationship) if field.relationship else "",
        **{f"allowed.{each.value}": _allowed(each) for each in field.allowed},
        **{f"policies.{check}": field.policy(check).value for check in field.checks()},
    }


def _relationship(target: Relationship) -> str:
    acyclic = ", acyclic" if target.acyclic else ""
    return f"{target.kind} {target.entity}.{target.field}, {target.when_not_exported}{acyclic}"


def _allowed(value: AllowedValue) -> str:
    aliases = f", also {', '.join(value.aliases)}" if value.aliases else ""
    return f"{value.says or value.value}{aliases}"


def _locks(destination: Destination) -> Words:
    return {
        f"{LOCKS}.{part}": f"{lock.unlock}: {lock.says}" for lock in destination.locks for part in lock.parts
    }


def _words(described: object, keys: Iterable[str], whole: str = "") -> dict[str, str]:
    named = {key: getattr(described, key) for key in keys}
    return {
        f"{whole}.{key}" if whole else key: "" if value is None else _word(value)
        for key, value in named.items()
    }


def _word(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _differences(before: Words, after: Words) -> Iterator[PartChange]:
    for part in dict.fromkeys((*before, *after)):
        was, then = before.get(part, ""), after.get(part, "")
        if was and not then:
            yield _removed(part, was)
        elif then and not was:
            yield _added(part, then)
        elif was != then:
            yield PartChange(part=part, change=Change.CHANGED, before=was, after=then)


def _added(part: str, says: str) -> PartChange:
    return PartChange(part=part, change=Change.ADDED, after=says)


def _removed(part: str, says: str) -> PartChange:
    return PartChange(part=part, change=Change.REMOVED, before=says)
