"""Overrides: where the destination is another one for a single customer, and the destination as that customer sees it.

What an override may say is `config`'s to check; what makes no sense here is left as the destination says.
"""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document, Sentence
from aformity_pipelines.domain.destination import (
    AllowedValue,
    Check,
    Destination,
    Entity,
    Field,
    Moment,
    Policy,
)
from aformity_pipelines.domain.mapping import Names

MOMENTS = "moments"
"""What stands before the name of a product moment in `overrides` and in the parts of a lock."""


class AllowedOverride(Document):
    """Values of a closed list that one customer has besides, or does without."""

    add: tuple[AllowedValue, ...] = ()
    remove: Names = ()


class Override(Document):
    """What is otherwise about one field, or one product moment, for one customer."""

    why: Sentence
    """The reason; the handoff prints it."""
    required: bool | None = None
    policies: dict[Check, Policy] = Setting(default_factory=dict)
    allowed: AllowedOverride | None = None
    max_length: Annotated[int, Setting(gt=0)] | None = None
    says: Sentence | None = None
    label: Sentence | None = None
    """Of a product moment only."""

    def aspects(self) -> Iterator[str]:
        """Yield what is overridden, in a fixed order: `required`, `policies.unique`, `allowed` ..."""
        yield from (
            name for name in ("required", "allowed", "max_length", "says", "label") if self._has(name)
        )
        yield from (f"policies.{check}" for check in sorted(self.policies))

    def _has(self, name: str) -> bool:
        return getattr(self, name) is not None


def as_seen(destination: Destination, overrides: Mapping[str, Override]) -> Destination:
    """Return the destination as a customer sees it: its overrides applied, as far as they name something."""
    if not overrides:
        return destination
    moments = {
        name: _moment(moment, overrides.get(f"{MOMENTS}.{name}"))
        for name, moment in destination.moments.items()
    }
    entities = {name: _entity(name, entity, overrides) for name, entity in destination.entities.items()}
    return destination.model_copy(update={"moments": moments, "entities": entities})


def _moment(moment: Moment, override: Override | None) -> Moment:
    changed = {name: getattr(override, name) for name in ("says", "label") if getattr(override, name, None)}
    return moment.model_copy(update=changed)


def _entity(name: str, entity: Entity, overrides: Mapping[str, Override]) -> Entity:
    fields = {
        field: _field(described, overrides[f"{name}.{field}"], is_key=field == entity.key)
        if f"{name}.{field}" in overrides
        else described
        for field, described in entity.fields.items()
    }
    return entity.model_copy(update={"fields": fields})


def _field(field: Field, override: Override, *, is_key: bool) -> Field:
    changed: dict[str, Any] = {
        name: value for name in ("max_length", "says") if (value := getattr(override, name)) is not None
    }
    if override.required is not None and not is_key:
        changed["required"] = override.required
    if override.policies:
        changed["policies"] = {**field.policies, **override.policies}
    if override.allowed:
        changed["allowed"] = allowed_then(field, override.allowed) or field.allowed
    return field.model_copy(update=changed)


def allowed_then(field: Field, changed: AllowedOverride) -> tuple[AllowedValue, ...]:
    """Return a closed list with what is added and without what is removed; none for a field without a list."""
    known = {each.value for each in field.allowed}
    kept = tuple(each for each in field.allowed if each.value not in changed.remove)
    added = tuple(each for each in changed.add if each.value not in known)
    return (*kept, *added) if field.allowed else ()
