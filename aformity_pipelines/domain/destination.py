"""The destination: the product that the data goes to, as its importer and its users see it.

Belongs here: entities, fields, allowed values, relationships, product moments.  What a customer's
files look like does not.  Rules that follow from a field (required, type, allowed values ...) are
derived from here by `quality`, so that no rule is written twice.
"""

from collections.abc import Iterator
from enum import StrEnum
from graphlib import TopologicalSorter
from typing import Annotated, Self

from pydantic import Field as Setting
from pydantic import StringConstraints, model_validator

from aformity_pipelines.domain.base import Document, Sentence, Slug
from aformity_pipelines.domain.locks import Lock

Version = Annotated[str, StringConstraints(pattern=r"^[0-9A-Za-z][0-9A-Za-z._-]{0,31}$")]
"""The name of a version: it names a folder, too."""
VERSIONS = "versions"
"""The folder of a destination that keeps its older versions; no entity is called so."""


class FieldType(StrEnum):
    """The types that an import file can carry."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    BOOLEAN = "boolean"


class Format(StrEnum):
    """A shape that text must have beyond its type."""

    EMAIL = "email"
    PHONE = "phone"
    COUNTRY_CODE = "country_code"


class Policy(StrEnum):
    """What a failing rule does to its rows while no decision covers them."""

    BLOCK = "block"
    """The gate closes until somebody decides."""
    HOLD = "hold"
    """The failing rows become unresolved work with an owner and a date; the rest go on."""
    REPORT = "report"
    """The rows go on; the finding is listed."""


class Check(StrEnum):
    """The rules that a field's description implies; the last part of a derived rule's id."""

    REQUIRED = "required"
    TYPE = "type"
    ALLOWED = "allowed"
    FORMAT = "format"
    LENGTH = "length"
    UNIQUE = "unique"
    RELATIONSHIP = "relationship"


class RelationshipKind(StrEnum):
    """How strongly a record depends on the one that it points to."""

    PARENT = "parent"
    """Loaded first; when the parent is not exported, `when_not_exported` says what happens to the child."""
    LOOKUP = "lookup"
    """Linked after loading: does not order the load and takes no record along."""


class ParentAbsent(StrEnum):
    """What happens to a child whose parent exists but is not exported now."""

    FOLLOW = "follow"
    """The child shares the parent's fate: deferred with it, unresolved with it."""
    BLANK = "blank"
    """The child is exported without the link; the handoff counts it."""


class Moment(Document):
    """A product moment: visible behaviour that depends on a field."""

    label: Sentence
    says: Sentence


class AllowedValue(Document):
    """One value of a closed list and what customers call it."""

    value: str
    aliases: tuple[str, ...] = ()
    says: Sentence | None = None


class Relationship(Document):
    """A field that holds the key of another record."""

    entity: Slug
    field: Slug
    kind: RelationshipKind = RelationshipKind.PARENT
    when_not_exported: ParentAbsent = ParentAbsent.FOLLOW
    acyclic: bool = False
    """Whether following the link from record to record may never lead back (hierarchies)."""


class Field(Document):
    """One field of an entity: what the importer demands and what a customer is told."""

    type: FieldType = FieldType.TEXT
    says: Sentence
    moment: Slug
    required: bool = False
    unique: bool = False
    allowed: tuple[AllowedValue, ...] = ()
    format: Format | None = None
    max_length: int | None = Setting(default=None, gt=0)
    relationship: Relationship | None = None
    personal: bool = False
    """Whether values name or reach a person; such values stay out of reports unless policy allows."""
    policies: dict[Check, Policy] = Setting(default_factory=dict)

    def policy(self, check: Check) -> Policy:
        """Return what a failure of `check` does; `hold` where the destination says nothing."""
        return self.policies.get(check, Policy.HOLD)

    def checks(self) -> tuple[Check, ...]:
        """Return the rules that this description implies, in a fixed order."""
        implied = {
            Check.REQUIRED: self.required,
            Check.TYPE: self.type is not FieldType.TEXT,
            Check.ALLOWED: bool(self.allowed),
            Check.FORMAT: self.format is not None,
            Check.LENGTH: self.max_length is not None,
            Check.UNIQUE: self.unique,
            Check.RELATIONSHIP: self.relationship is not None,
        }
        return tuple(check for check, holds in implied.items() if holds)


class Entity(Document):
    """One kind of record of the destination."""

    label: Sentence
    plural: Sentence
    says: Sentence
    key: Slug
    """The field that names a record; required and unique."""
    fields: dict[Slug, Field]

    @model_validator(mode="after")
    def _key_is_required_and_unique(self) -> Self:
        key = self.fields.get(self.key)
        if key is None:
            raise ValueError(f"key {self.key!r} is not one of the fields; add it or name another")
        if not (key.required and key.unique):
            raise ValueError(f"key {self.key!r} must be `required: true` and `unique: true`")
        return self


class Destination(Document):
    """A product's import model at one version."""

    destination: Slug
    version: Version
    label: Sentence
    moments: dict[Slug, Moment]
    entities: dict[Slug, Entity]
    locks: tuple[Lock, ...] = ()
    """What customers cannot override; everything else they can."""

    @model_validator(mode="after")
    def _names_resolve(self) -> Self:
        problems = list(self._unresolved_names())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _unresolved_names(self) -> Iterator[str]:
        if VERSIONS in self.entities:
            yield f"no entity can be called {VERSIONS!r}: older versions lie in a folder of that name"
        for entity_name, entity in self.entities.items():
            for field_name, field in entity.fields.items():
                where = f"{entity_name}.{field_name}"
                if field.moment not in self.moments:
                    yield f"{where}: moment {field.moment!r} is not declared under `moments`"
                target = field.relationship
                if target and target.entity not in self.entities:
                    yield f"{where}: relationship to unknown entity {target.entity!r}"
                elif target and target.field not in self.entities[target.entity].fields:
                    yield f"{where}: relationship to unknown field {target.entity}.{target.field}"

    def field_names(self) -> tuple[str, ...]:
        """Return the `entity.field` of every field, in the order of the file."""
        return tuple(f"{name}.{field}" for name, entity in self.entities.items() for field in entity.fields)

    def load_order(self, entities: frozenset[str] | None = None) -> tuple[str, ...]:
        """Return entity names, parents first; ties in the order of the file."""
        wanted = [name for name in self.entities if entities is None or name in entities]
        sorter = TopologicalSorter({name: self.parents_of(name) & set(wanted) for name in wanted})
        sorter.prepare()
        ordered: list[str] = []
        while sorter.is_active():
            ready = sorted(sorter.get_ready(), key=wanted.index)
            ordered.extend(ready)
            sorter.done(*ready)
        return tuple(ordered)

    def parents_of(self, entity: str) -> set[str]:
        """Return the entities that must be loaded before `entity`, itself left out."""
        return {
            field.relationship.entity
            for field in self.entities[entity].fields.values()
            if field.relationship
            and field.relationship.kind is RelationshipKind.PARENT
            and field.relationship.entity != entity
        }
