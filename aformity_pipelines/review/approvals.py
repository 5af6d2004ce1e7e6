"""Which field mappings are approved exactly as they stand."""

from collections.abc import Iterator
from dataclasses import dataclass

from aformity_pipelines.domain.customer import Side
from aformity_pipelines.domain.decisions import MappingApproved, standing
from aformity_pipelines.domain.mapping import digest_of_mapping
from aformity_pipelines.domain.migration import Migration


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The state of one field mapping's approval."""

    name: str  # "source/part/field"
    decision: str | None  # the approval that fits it exactly
    stale: str | None  # the last approval of an earlier form, where none fits

    @property
    def words(self) -> str:
        """The state in the report's words."""
        if self.decision:
            return "approved"
        return "approval is stale" if self.stale else "not approved"


def mapping_digests(migration: Migration, entity: str) -> dict[str, str]:
    """Return `source/part/field` -> digest of the field mapping as it stands."""
    return {
        f"{read.source}/{read.part}/{name}": digest_of_mapping(mapping, migration.value_map_of(mapping))
        for read in migration.reads_of(entity)
        for name, mapping in read.fields.items()
    }


def approvals(migration: Migration, entity: str) -> tuple[Approval, ...]:
    """Return the approval of every field mapping of an entity, in the order of its file.

    It is the customer's data: what somebody on another side approved does not count.
    """
    return tuple(_approvals(migration, entity))


def _approvals(migration: Migration, entity: str) -> Iterator[Approval]:
    given = [
        entry
        for entry in standing(migration.log)
        if isinstance(entry, MappingApproved)
        and entry.covers.entity == entity
        and entry.by.side is Side.CUSTOMER
    ]
    for name, digest in mapping_digests(migration, entity).items():
        naming = [entry for entry in given if name in entry.covers.fields]
        fitting = [entry.id for entry in naming if entry.covers.fields[name] == digest]
        yield Approval(
            name=name,
            decision=fitting[-1] if fitting else None,
            stale=naming[-1].id if naming and not fitting else None,
        )


def cited_in_vain(migration: Migration, entity: str) -> tuple[str, ...]:
    """Return the value map lines of an entity that cite a decision which does not stand."""
    in_force = {entry.id for entry in standing(migration.log)}
    maps = {
        values.name: values
        for read in migration.reads_of(entity)
        for mapping in read.fields.values()
        if (values := migration.value_map_of(mapping))
    }
    return tuple(
        f"values/{name}.csv line for {entry.source!r}, which cites {entry.decision}"
        for name, values in maps.items()
        for entry in values.entries
        if entry.decision and entry.decision not in in_force
    )
