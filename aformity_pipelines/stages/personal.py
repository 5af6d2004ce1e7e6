"""What the CSM's copy may not show of a migration, by the customer's policy.

A field is personal because the destination says so, because it links to a record whose key is, or because it is made of
a column that such a field is made of.  A column that no field reads, and the key of a row, are personal until somebody
says otherwise: nobody has told us what stands in them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from aformity_pipelines.domain.destination import Field, FieldType
from aformity_pipelines.domain.mapping import FieldMapping
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.tokens import KEYS
from aformity_pipelines.mapping.facts import headers_of

Column = tuple[str, str]
"""A source and the header of one of its columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Personal:
    """The fields, columns and keys whose values are replaced by tokens; none where the policy shows all."""

    fields: frozenset[str] = frozenset()
    """`entity.field`s whose values are personal."""
    delivered: frozenset[str] = frozenset()
    """`entity.field`s whose delivered text is: these fields, and the ones with a closed list that are made of the same."""
    keyed: frozenset[str] = frozenset()
    """Sources whose row keys are."""
    open_columns: frozenset[Column] | None = None
    """The columns whose cells are not; None where the policy shows all."""
    subjects: dict[str, str] = field(default_factory=dict)
    """`entity.field` of a link -> the key that it holds, so that both have one token."""

    def hides(self, entity: str, name: str) -> bool:
        """Whether the values of a field are personal."""
        return f"{entity}.{name}" in self.fields

    def hides_delivered(self, entity: str, name: str) -> bool:
        """Whether the texts that a field is made of are personal."""
        return f"{entity}.{name}" in self.delivered

    def hides_column(self, source: str, header: str) -> bool:
        """Whether the cells of a delivered column are personal."""
        return self.open_columns is not None and (source, header) not in self.open_columns

    def subject(self, entity: str, name: str) -> str:
        """Return what a field's tokens are tokens of: itself or, of a link, the key of the other record."""
        return self.subjects.get(f"{entity}.{name}", f"{entity}.{name}")


def personal(migration: Migration) -> Personal:
    """Return what the customer's policy keeps out of the CSM's copy."""
    allowed = migration.customer.policies.show_personal_values
    linked = subjects(migration)
    if allowed is True:
        return Personal(subjects=linked)
    shown = frozenset(allowed or ())
    declared = _declared(migration, shown, linked)
    closed_columns = {
        column
        for name, mapping, source, _ in _mapped(migration)
        if name in declared
        for column in columns_of(mapping, source)
    }
    reading = {
        name: described
        for name, mapping, source, described in _mapped(migration)
        if closed_columns.intersection(columns_of(mapping, source)) and name not in shown
    }
    made = {name for name, described in reading.items() if not _is_closed(described)}
    open_columns = {
        column for _, mapping, source, _ in _mapped(migration) for column in columns_of(mapping, source)
    } - closed_columns
    return Personal(
        fields=frozenset(declared | made),
        delivered=frozenset(declared | reading.keys()),
        keyed=frozenset(
            name
            for name, source in migration.customer.sources.items()
            if not {(name, header) for header in source.key} <= open_columns
        ),
        open_columns=frozenset(open_columns),
        subjects=linked,
    )


def subjects(migration: Migration) -> dict[str, str]:
    """Return `entity.field` of every link -> `entity.key` of the record that it leads to."""
    return {
        f"{entity}.{name}": f"{link.entity}.{link.field}"
        for entity, described in migration.destination.entities.items()
        for name, each in described.fields.items()
        if (link := each.relationship)
    }


def columns_of(mapping: FieldMapping, source: str) -> tuple[Column, ...]:
    """Return every column that a field is made of, also of the sources that it looks something up in."""
    looked_up = [step.lookup for step in mapping.rule if step.lookup]
    return (
        *((source, header) for header in headers_of(mapping)),
        *((each.source, header) for each in looked_up for header in (each.key, each.take)),
    )


def key_subject(source: str) -> str:
    """Return what the tokens of a source's row keys are tokens of."""
    return f"{source}.{KEYS}"


def column_subject(source: str, header: str) -> str:
    """Return what the tokens of a delivered column's cells are tokens of; the header in letters, digits and `_`."""
    name = "_".join(re.findall(r"[a-z0-9]+", header.lower())) or "column"
    return f"{source}.{name if name[0].isalpha() else f'column_{name}'}"


def _declared(migration: Migration, shown: frozenset[str], linked: dict[str, str]) -> set[str]:
    """Return the fields that the destination calls personal, and the links to records whose key is."""
    named = {
        f"{entity}.{name}": each
        for entity, described in migration.destination.entities.items()
        for name, each in described.fields.items()
    }
    declared = {name for name, each in named.items() if each.personal and name not in shown}
    # A link to a link ends at a key that says itself what it is.
    return declared | {name for name, target in linked.items() if target in declared and name not in shown}


def _mapped(migration: Migration) -> Iterator[tuple[str, FieldMapping, str, Field]]:
    """Yield `entity.field`, its mapping, source and description, read by read."""
    for entity in migration.entities():
        fields = migration.destination.entities[entity].fields
        for read in migration.reads_of(entity):
            for name, mapping in read.fields.items():
                yield f"{entity}.{name}", mapping, read.source, fields[name]


def _is_closed(described: Field) -> bool:
    """Whether a field holds the product's own words only, whatever it is made of."""
    return bool(described.allowed) or described.type is FieldType.BOOLEAN
