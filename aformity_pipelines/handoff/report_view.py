"""What the report derives from the launch record: the launch state, groups, orders and totals.

Pure, and no markup: every figure here is a sum or a choice of what the record already says.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch.field_map import ColumnLine, MappedField, MappingKind
from aformity_pipelines.domain.launch.outcomes import EntityOutcome, FateRow
from aformity_pipelines.domain.launch.rows import Deferral
from aformity_pipelines.domain.launch.state import LaunchState, launch_state
from aformity_pipelines.domain.launch.unresolved import UnresolvedWork
from aformity_pipelines.domain.launch_record import LaunchRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityMap:
    """The field map of one entity, by kind of mapping in a fixed order."""

    entity: str
    label: str
    kinds: tuple[tuple[MappingKind, tuple[MappedField, ...]], ...]

    @property
    def fields(self) -> tuple[MappedField, ...]:
        """Every mapped field of the entity, in report order."""
        return tuple(field for _, fields in self.kinds for field in fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveDeferrals:
    """What waits for one later wave."""

    wave: str
    deferrals: tuple[Deferral, ...]

    @property
    def rows(self) -> int:
        """Rows that launch with this wave."""
        return sum(deferral.rows for deferral in self.deferrals)


@dataclass(frozen=True, slots=True, kw_only=True)
class FateLine:
    """One line of the totals: fates of a source's rows for an entity, or of all of an entity's."""

    source: str  # empty in the entity's own line
    fates: dict[Fate, int]

    @property
    def delivered(self) -> int:
        """The sum of the fates, which is what the line has to prove."""
        return sum(self.fates.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportView:
    """One launch record and what the report derives from it."""

    record: LaunchRecord

    @property
    def state(self) -> LaunchState:
        """Say where the launch stands, by export, gates and open work."""
        export, unresolved = self.record.export, self.record.unresolved
        is_closed = any(not gate.is_open for gate in self.record.gates)
        return launch_state(
            is_exported=export is not None,
            is_whole=not ((export and export.left_out) or self.record.waiting or is_closed),
            has_open_work=bool(unresolved or self.all_fates.fates[Fate.UNRESOLVED]),
        )

    @property
    def held_updates(self) -> int:
        """Rows of records in the product of which only what changed since waits."""
        return sum(outcome.held_updates for outcome in self.record.outcomes)

    @property
    def is_loaded(self) -> bool:
        """Whether somebody said that the export was loaded into the product."""
        return self.record.loaded is not None

    def entity_label(self, entity: str, *, plural: bool = True) -> str:
        """Return what customers call an entity; its own name where the record has no outcome for it."""
        for outcome in self.record.outcomes:
            if outcome.entity == entity:
                return outcome.plural if plural else outcome.label
        return entity

    @property
    def plurals(self) -> dict[str, str]:
        """Entity -> plural label."""
        return {outcome.entity: outcome.plural for outcome in self.record.outcomes}

    def moment_label(self, moment: str) -> str:
        """Return what customers call a product moment; its own name where the record does not list it."""
        return next((each.label for each in self.record.moments if each.moment == moment), moment)

    @property
    def pressing(self) -> tuple[UnresolvedWork, ...]:
        """Unresolved work, the most pressing first: overdue, then by due date, then by rows held."""
        return tuple(
            sorted(
                self.record.unresolved,
                key=lambda work: (not work.is_overdue, work.due, -work.row_count, work.id),
            )
        )

    @property
    def field_maps(self) -> tuple[EntityMap, ...]:
        """The field map by entity, in the order of the record."""
        entities = dict.fromkeys(field.entity for field in self.record.mapping)
        return tuple(self._field_map(entity) for entity in entities)

    def _field_map(self, entity: str) -> EntityMap:
        fields = [field for field in self.record.mapping if field.entity == entity]
        kinds = ((kind, tuple(field for field in fields if field.kind is kind)) for kind in MappingKind)
        return EntityMap(
            entity=entity,
            label=self.entity_label(entity),
            kinds=tuple((kind, found) for kind, found in kinds if found),
        )

    @property
    def columns(self) -> tuple[tuple[str, tuple[ColumnLine, ...]], ...]:
        """Every delivered column by source, in the order of the record."""
        sources = dict.fromkeys(line.source for line in self.record.columns)
        return tuple(
            (source, tuple(line for line in self.record.columns if line.source == source))
            for source in sources
        )

    @property
    def waves(self) -> tuple[WaveDeferrals, ...]:
        """Deferrals by wave, in launch order."""
        ordered = sorted(self.record.deferred, key=lambda each: (each.launches_on, each.wave))
        return tuple(
            WaveDeferrals(wave=wave, deferrals=tuple(each for each in ordered if each.wave == wave))
            for wave in dict.fromkeys(each.wave for each in ordered)
        )

    def fate_lines(self, outcome: EntityOutcome) -> tuple[FateLine, ...]:
        """Return an entity's totals source by source, then its own line."""
        rows = [row for row in self.record.fates if row.entity == outcome.entity]
        sources = dict.fromkeys(row.source for row in rows)
        lines = [
            FateLine(source=source, fates=_by_fate([row for row in rows if row.source == source]))
            for source in sources
        ]
        return (*lines, FateLine(source="", fates={fate: outcome.fates.get(fate, 0) for fate in Fate}))

    @property
    def all_fates(self) -> FateLine:
        """The totals over all entities."""
        return FateLine(source="", fates=_by_fate(self.record.fates))


def _by_fate(rows: Sequence[FateRow]) -> dict[Fate, int]:
    return {fate: sum(row.rows for row in rows if row.fate is fate) for fate in Fate}
