"""What became of the rows, in numbers: fates, gates and product moments."""

from typing import Self

from pydantic import model_validator

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.fates import Fate, Reason


class GateState(Document):
    """One gate of this wave."""

    gate: str
    subject: str
    is_open: bool
    rules: int
    failing_rules: int
    reasons: tuple[str, ...] = ()
    """Why it is closed, one line a rule."""


class EntityOutcome(Document):
    """What became of an entity's source rows."""

    entity: str
    label: str
    plural: str
    delivered: int
    fates: dict[Fate, int]
    records: int
    """Records that this export creates; fewer than exported rows where some are in the product already."""
    updated: int = 0
    """Records that are in the product already and that it changes."""
    held_updates: int = 0
    """Unresolved rows whose record is in the product already: it stays as it is, and only what changed since waits."""

    @model_validator(mode="after")
    def _fates_add_up(self) -> Self:
        total = sum(self.fates.values())
        if total != self.delivered:
            raise ValueError(f"{self.entity}: fates add up to {total}, delivered were {self.delivered}")
        return self


class FateRow(Document):
    """Rows of one source and entity that ended in one place for one reason."""

    entity: str
    source: str
    fate: Fate
    reason: Reason
    rows: int


class MomentState(Document):
    """How ready one product moment is."""

    moment: str
    label: str
    says: str
    accepted: int
    """Records that live with an accepted risk here."""
    unresolved: int
    """Rows that are not live because of open work that touches it; each counted once."""
    records: int = 0
    """Live records of the entities that have a mapped field with this moment."""
    absent: tuple[str, ...] = ()
    """Those of these entities that have no live record, in the plural."""
