"""Names in `owners`, `field_groups` and `approvals`: each is something here, and none can mean two things.

Whether a decision meets an approval is `domain.approval`'s.
"""

from collections.abc import Iterable, Iterator

from aformity_pipelines.config.documents import Defs, Written
from aformity_pipelines.config.folder import Folder
from aformity_pipelines.config.problems import Problem, did_you_mean
from aformity_pipelines.domain.approval import can_second, deciders
from aformity_pipelines.domain.customer import GROUP, MOMENT, RISK, ApprovalRule, Customer
from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.domain.findings import Severity

GROUPS = ("attributes", "field_groups")


def check_routing(folder: Folder) -> Iterator[Problem]:
    """Yield every name about owners, field groups and approvals that does not resolve, at the key that holds it."""
    if folder.defs is None:
        return
    if folder.destination:
        yield from _check_owners(folder.defs, folder.destination)
        yield from _check_groups(folder.defs, folder.destination)
    for number, rule in enumerate(folder.defs.value.attributes.approvals):
        yield from _check_rule(folder.defs, folder.destination, number, rule)


def _check_owners(defs: Written[Defs], destination: Destination) -> Iterator[Problem]:
    customer = defs.value.attributes
    for subject in customer.owners:
        if advice := _owner_advice(subject, destination, customer):
            says = f"owners names {subject!r}, which is nothing here"
            yield defs.problem(("attributes", "owners", subject), says, advice)


def _owner_advice(subject: str, destination: Destination, customer: Customer) -> str | None:
    """Return what to do about an owner's subject, or None where it names something."""
    name, _, rest = subject.partition(".")
    prefixed: dict[str, Iterable[str]] = {
        GROUP: customer.field_groups,
        MOMENT: destination.moments,
        RISK: [each.value for each in Severity],
    }
    known = prefixed.get(f"{name}.")
    entity = destination.entities.get(name)
    if known is not None and rest and (entity is None or rest not in entity.fields):
        return None if rest in known else did_you_mean(rest, known)
    if subject == "default" or name in customer.sources:
        return None
    if entity is None:
        kinds = (prefix.removesuffix(".") for prefix in prefixed)
        return did_you_mean(name, [*destination.entities, *customer.sources, *kinds, "default"])
    return did_you_mean(rest, entity.fields) if rest and rest not in entity.fields else None


def _check_groups(defs: Written[Defs], destination: Destination) -> Iterator[Problem]:
    known = destination.field_names()
    for group, names in defs.value.attributes.field_groups.items():
        if group in destination.entities:
            says = f"field group {group!r} has the name of an entity"
            yield defs.problem((*GROUPS, group), says, "give the group another name")
        for number, name in enumerate(names):
            if name not in known:
                says = f"field group {group!r} names {name!r}, which is no `entity.field`"
                yield defs.problem((*GROUPS, group, number), says, did_you_mean(name, known))
    yield from _check_owned_twice(defs)


def _check_owned_twice(defs: Written[Defs]) -> Iterator[Problem]:
    """Yield fields that would have two owners because two groups list them."""
    customer = defs.value.attributes
    listed = {name for names in customer.field_groups.values() for name in names}
    for name in sorted(listed - customer.owners.keys()):
        owning = [group for group in customer.groups_with(name) if GROUP + group in customer.owners]
        if len({customer.owners[GROUP + group] for group in owning}) > 1:
            says = f"{name} is in the field groups {' and '.join(owning)}, which have different owners"
            yield defs.problem((*GROUPS, owning[-1]), says, f"take it out of one, or give `{name}` an owner")


def _check_rule(
    defs: Written[Defs], destination: Destination | None, number: int, rule: ApprovalRule
) -> Iterator[Problem]:
    customer, place = defs.value.attributes, ("attributes", "approvals", number)
    known: dict[str, Iterable[str]] = {
        "people": customer.people,
        "roles": sorted({person.role for person in customer.people.values()}),
    }
    if destination:
        known["fields"] = (*customer.field_groups, *destination.entities, *destination.field_names())
        known["moments"] = destination.moments
    for key, there in known.items():
        for at, name in enumerate(getattr(rule, key)):
            folded = {each.casefold() for each in there}
            if name not in there and not (key == "roles" and name.casefold() in folded):
                says = f"this approval names {name!r} in `{key}`, which is nothing here"
                yield defs.problem((*place, key, at), says, did_you_mean(name, there))
    yield from _check_can_be_met(defs, number, rule)


def _check_can_be_met(defs: Written[Defs], number: int, rule: ApprovalRule) -> Iterator[Problem]:
    """Yield rules that nobody, or too few of `people`, could ever meet."""
    customer, place = defs.value.attributes, ("attributes", "approvals", number)
    deciding = {customer.people[name].name.casefold() for name in deciders(customer, rule)}
    others = {person.name.casefold() for person in customer.people.values() if can_second(rule, person)}
    if not deciding:
        if rule.sides and not (rule.people or rule.roles):
            says = f"nobody of `people` is on the {' or '.join(rule.sides)} side, so nobody could decide"
            yield defs.problem((*place, "sides"), says, "add such a person to `people`, or correct the rule")
        return
    there = max(1 + len(others - {name}) for name in deciding)
    if there < rule.persons:
        says = f"this approval asks for {rule.persons} people, and only {there} of `people` could stand by a decision"
        yield defs.problem((*place, "persons"), says, "add people, or ask for fewer")
