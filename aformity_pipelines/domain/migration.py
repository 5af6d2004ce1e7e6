"""A migration: everything that is known about one customer, loaded and frozen."""

from collections.abc import Mapping as Lookup
from dataclasses import dataclass, field

from aformity_pipelines.domain.customer import Customer
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.destination import Destination, Entity, Field
from aformity_pipelines.domain.destination_changes import Overridden
from aformity_pipelines.domain.findings import Severity
from aformity_pipelines.domain.mapping import FieldMapping, Mapping, Read, ValueMap


@dataclass(frozen=True, slots=True, kw_only=True)
class LogHead:
    """The end of a decision log: what every manifest and report carries."""

    seq: int
    sha256: str


NO_LOG = LogHead(seq=0, sha256="0" * 64)


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenRule:
    """What a rule that people wrote into a suite says of its weight."""

    severity: Severity
    moment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One customer's folder as values: config, mappings, value maps and decisions."""

    slug: str
    customer: Customer
    destination: Destination
    """The pinned version as this customer sees it: with its overrides."""
    mappings: dict[str, Mapping]  # by entity, in load order
    value_maps: dict[str, ValueMap]
    log: tuple[Entry, ...]
    head: LogHead
    shared: Lookup[str, Entity] = field(default_factory=dict)
    """Entities with the fields of all versions of the destination: what the SQL models, which customers share, may read."""
    overridden: tuple[Overridden, ...] = ()
    """Where the destination is another one for this customer than for all others."""
    written_rules: Lookup[str, WrittenRule] = field(default_factory=dict)
    """By id; read only where `approvals` speak of risks or product moments."""

    def entities(self) -> tuple[str, ...]:
        """Return the mapped entities, parents first."""
        return tuple(self.mappings)

    def described(self, entity: str) -> Entity:
        """Return an entity as SQL models may read it, whether this version of the destination has it or another one."""
        return self.shared[entity] if entity in self.shared else self.destination.entities[entity]

    def fields_elsewhere(self, entity: str) -> dict[str, Field]:
        """Return the fields of an entity that only other versions of the destination have."""
        own = self.destination.entities[entity].fields
        return {name: each for name, each in self.described(entity).fields.items() if name not in own}

    def reads_of(self, entity: str) -> tuple[Read, ...]:
        """Return how sources feed `entity`."""
        return self.mappings[entity].reads

    def readers_of(self, source: str) -> tuple[str, ...]:
        """Return the entities whose mapping reads `source`."""
        return tuple(
            entity
            for entity, mapping in self.mappings.items()
            if any(read.source == source for read in mapping.reads)
        )

    def value_map_of(self, mapping: FieldMapping) -> ValueMap | None:
        """Return the value map that a field mapping uses."""
        return self.value_maps[mapping.values] if mapping.values else None
