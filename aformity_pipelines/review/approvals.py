"""Which field mappings are approved exactly as they stand, and which value maps."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.customer import Side
from aformity_pipelines.domain.decisions import MappingApproved
from aformity_pipelines.domain.mapping import ValueMap, digest_of_mapping, digest_of_values
from aformity_pipelines.domain.migration import Migration


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """The state of one field mapping's approval, its value map included."""

    name: str  # "source/part/field"
    decision: str | None  # the approval that fits the mapping exactly
    stale: (
        str | None
    )  # the last approval of an earlier form, of the mapping or of its value map, where none fits
    value_map: str | None = None  # the approval that fits its value map, where that is another one

    @property
    def words(self) -> str:
        """The state in the report's words."""
        if self.decision:
            return "approved"
        return "approval is stale" if self.stale else "not approved"


def mapping_digests(migration: Migration, entity: str) -> dict[str, str]:
    """Return `source/part/field` -> digest of the field mapping as it stands, its value map left out."""
    return {
        f"{read.source}/{read.part}/{name}": digest_of_mapping(mapping)
        for read in migration.reads_of(entity)
        for name, mapping in read.fields.items()
    }


def value_maps_of(migration: Migration, entity: str) -> dict[str, ValueMap]:
    """Return `source/part/field` -> the value map that the field mapping uses, of those that use one."""
    return {
        f"{read.source}/{read.part}/{name}": values
        for read in migration.reads_of(entity)
        for name, mapping in read.fields.items()
        if (values := migration.value_map_of(mapping))
    }


def value_map_digests(migration: Migration, entity: str) -> dict[str, str]:
    """Return value map -> digest of its lines, of those that the entity's field mappings use."""
    maps = value_maps_of(migration, entity).values()
    return {values.name: digest_of_values(values) for values in maps}


def approvals(migration: Migration, entity: str) -> tuple[Approval, ...]:
    """Return the approval of every field mapping of an entity, in the order of its file.

    It is the customer's data: what somebody on another side approved does not count.
    """
    return tuple(_approvals(migration, entity))


def _approvals(migration: Migration, entity: str) -> Iterator[Approval]:
    given = [
        entry
        for entry in in_force(migration)
        if isinstance(entry, MappingApproved)
        and entry.covers.entity == entity
        and entry.by.side is Side.CUSTOMER
    ]
    maps = value_maps_of(migration, entity)
    for name, digest in mapping_digests(migration, entity).items():
        fits, stale = _last(((entry.id, entry.covers.fields.get(name)) for entry in given), digest)
        if fits is None or name not in maps:
            yield Approval(name=name, decision=fits, stale=stale)
            continue
        values = maps[name]
        shown = ((entry.id, entry.covers.value_maps.get(values.name)) for entry in given)
        map_fits, map_stale = _last(shown, digest_of_values(values))
        yield Approval(
            name=name,
            decision=fits if map_fits else None,
            stale=map_stale if not map_fits else None,
            value_map=map_fits if map_fits != fits else None,
        )


def _last(shown: Iterable[tuple[str, str | None]], now: str) -> tuple[str | None, str | None]:
    """Return the last approval that was shown what is so now, or else the last that was shown something else."""
    naming = [(id_, digest) for id_, digest in shown if digest is not None]
    fitting = [id_ for id_, digest in naming if digest == now]
    return (fitting[-1], None) if fitting else (None, naming[-1][0] if naming else None)


def cited_in_vain(migration: Migration, entity: str) -> tuple[str, ...]:
    """Return the value map lines of an entity that cite a decision which is not in force."""
    effective = {entry.id for entry in in_force(migration)}
    maps = {values.name: values for values in value_maps_of(migration, entity).values()}
    return tuple(
        f"values/{name}.csv line for {entry.source!r}, which cites {entry.decision}"
        for name, values in maps.items()
        for entry in values.entries
        if entry.decision and entry.decision not in effective
    )
