"""Overrides and unlocked parts in defs.yaml: each names something, says what it can, and is not locked.

How an override changes a destination is the domain's.
"""

from collections.abc import Iterator

from aformity_pipelines.config.documents import Defs, Written
from aformity_pipelines.config.folder import Folder
from aformity_pipelines.config.problems import Problem, did_you_mean
from aformity_pipelines.domain.customer import Customer
from aformity_pipelines.domain.destination import Destination, Field
from aformity_pipelines.domain.locks import ANY, Lock, Unlocked, is_within
from aformity_pipelines.domain.overrides import MOMENTS, Override, allowed_then

OVERRIDES = ("attributes", "overrides")
UNLOCKED = ("attributes", "unlocked")
OF_A_MOMENT = frozenset({"says", "label"})
SAME_DEMAND = {
    "required": ("policies.required",),
    "policies.required": ("required",),
    "policies.allowed": ("allowed",),
    "policies.length": ("max_length",),
}
"""What is overridden -> what it takes the force of, too: a demand that is only reported is none."""


def check_overrides(folder: Folder) -> Iterator[Problem]:
    """Yield every override that names nothing, says what it cannot or is locked, and what opens no lock."""
    if folder.defs is None or folder.template is None:
        return
    customer, template = folder.defs.value.attributes, folder.template
    for name, override in customer.overrides.items():
        described = _described(template, name)
        if described is None:
            says = f"overrides names {name!r}, which is no `entity.field` and no `{MOMENTS}.<moment>`"
            yield folder.defs.problem((*OVERRIDES, name), says, did_you_mean(name, nameable(template)))
            continue
        yield from _unfit(folder.defs, template, name, override)
        yield from _locked(folder.defs, template, name, override)
    for number, opened in enumerate(customer.unlocked):
        yield from _opens_nothing(folder.defs, template, number, opened)


def nameable(template: Destination) -> tuple[str, ...]:
    """Return everything that an override can name."""
    return (*template.field_names(), *(f"{MOMENTS}.{name}" for name in template.moments))


def _described(template: Destination, name: str) -> object | None:
    """Return the field or moment that an override names, or None."""
    entity, _, rest = name.partition(".")
    if entity == MOMENTS and rest in template.moments:
        return template.moments[rest]
    return template.entities[entity].fields.get(rest) if entity in template.entities else None


def _unfit(defs: Written[Defs], template: Destination, name: str, override: Override) -> Iterator[Problem]:
    """Yield what an override says that its field or moment cannot have."""
    described, at = _described(template, name), (*OVERRIDES, name)
    aspects = tuple(override.aspects())
    if not aspects:
        yield defs.problem(
            at, f"the override of {name} changes nothing", "say what is otherwise, or remove it"
        )
    for aspect in aspects:
        key = aspect.partition(".")[0]
        if not isinstance(described, Field) and aspect not in OF_A_MOMENT:
            says = f"{name} is a product moment, and has no `{key}`"
            yield defs.problem((*at, key), says, "a moment has `says` and `label`")
    if not isinstance(described, Field):
        return
    if override.label is not None:
        yield defs.problem((*at, "label"), f"{name} has no `label`", "use `says`")
    entity, _, field = name.partition(".")
    if override.required is False and template.entities[entity].key == field:
        says = f"{name} names a record, so it is always required"
        yield defs.problem((*at, "required"), says, "remove it")
    yield from _unfit_checks(defs, name, described, override)
    yield from _unfit_values(defs, name, described, override)


def _unfit_checks(defs: Written[Defs], name: str, field: Field, override: Override) -> Iterator[Problem]:
    changed = {
        key: value for key in ("required", "max_length") if (value := getattr(override, key)) is not None
    }
    implied = field.model_copy(update=changed).checks()
    for check in override.policies:
        if check not in implied:
            says = f"{name} is not checked for `{check}`"
            do = did_you_mean(check, [each.value for each in implied])
            yield defs.problem((*OVERRIDES, name, "policies", check), says, do)


def _unfit_values(defs: Written[Defs], name: str, field: Field, override: Override) -> Iterator[Problem]:
    """Yield values that cannot be added or removed."""
    if override.allowed is None:
        return
    at, known = (*OVERRIDES, name, "allowed"), [each.value for each in field.allowed]
    if not field.allowed:
        yield defs.problem(at, f"{name} has no list of allowed values", "remove `allowed`")
        return
    for number, value in enumerate(override.allowed.remove):
        if value not in known:
            says = f"{value!r} is not a value of {name}"
            yield defs.problem((*at, "remove", number), says, did_you_mean(value, known))
    for number, added in enumerate(override.allowed.add):
        if added.value in known:
            says = f"{added.value!r} is a value of {name} already"
            yield defs.problem((*at, "add", number), says, "remove it here")
    if not allowed_then(field, override.allowed):
        yield defs.problem(at, f"no value of {name} would be left", "leave one, or add one")


def _locked(defs: Written[Defs], template: Destination, name: str, override: Override) -> Iterator[Problem]:
    """Yield what is overridden and locked, with who may open it."""
    customer = defs.value.attributes
    for aspect in override.aspects():
        for part, lock in _held(template, name, aspect):
            if not _is_open(customer, lock, part):
                says = f"{part} is locked: {lock.says}"
                do = f"{_who(customer, lock)} may open it, as an entry of `unlocked`; or remove this"
                yield defs.problem((*OVERRIDES, name, *aspect.split(".")), says, do)


def _held(template: Destination, name: str, aspect: str) -> Iterator[tuple[str, Lock]]:
    """Yield each lock of what an override changes, with the part of it that is locked."""
    parts = [f"{name}.{each}" for each in (aspect, *SAME_DEMAND.get(aspect, ()))]
    for lock in template.locks:
        yield from [(part, lock) for part in parts if lock.holds(part)][:1]


def _is_open(customer: Customer, lock: Lock, part: str) -> bool:
    """Whether somebody who may do so opened a locked part."""
    return any(
        is_within(part, opened.part) and _may_open(customer, lock, opened) for opened in customer.unlocked
    )


def _may_open(customer: Customer, lock: Lock, opened: Unlocked) -> bool:
    person = customer.people.get(opened.by)
    return person is not None and person.role.casefold() == lock.unlock.casefold()


def _who(customer: Customer, lock: Lock) -> str:
    """Say who may open a lock: by name where one of the people has the role."""
    names = [each.name for each in customer.people.values() if each.role.casefold() == lock.unlock.casefold()]
    return (
        f"{' or '.join(names)} ({lock.unlock})"
        if names
        else f"whoever is {lock.unlock!r}, nobody of `people`,"
    )


def _opens_nothing(
    defs: Written[Defs], template: Destination, number: int, opened: Unlocked
) -> Iterator[Problem]:
    """Yield an entry of `unlocked` that names no locked part, or whose person may not open it."""
    about = [lock for lock in template.locks if any(_meet(opened.part, each) for each in lock.parts)]
    if not about:
        says = f"unlocked names {opened.part!r}, which no lock of {template.destination} holds"
        known = [part for lock in template.locks for part in lock.parts]
        yield defs.problem((*UNLOCKED, number, "part"), says, did_you_mean(opened.part, known))
    for lock in about:
        if not _may_open(defs.value.attributes, lock, opened):
            says = f"{opened.by!r} may not open {opened.part}: that takes the role {lock.unlock!r}"
            do = f"have it opened by {_who(defs.value.attributes, lock)}".rstrip(",")
            yield defs.problem((*UNLOCKED, number, "by"), says, do)


def _meet(part: str, locked: str) -> bool:
    """Whether a part that was opened and one that is locked have anything in common."""
    pairs = zip(part.split("."), locked.split("."), strict=False)
    return all(one == other or ANY in (one, other) for one, other in pairs)
