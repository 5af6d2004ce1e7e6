"""Fates: where each source row ended for an entity.  Exactly one each (promise P1).

Grain: (entity, row, part).  A row that became several records shows its least settled part.
"""

from enum import StrEnum


class Fate(StrEnum):
    """The five places where a source row can end, most settled first."""

    EXPORTED = "exported"
    MERGED = "merged"
    EXCLUDED = "excluded"
    DEFERRED = "deferred"
    UNRESOLVED = "unresolved"


class Reason(StrEnum):
    """What kind of thing settled (or did not settle) a row."""

    READY = "ready"
    """Every gate let it through: this export creates its record."""
    UPDATE = "update"
    """Its record is in the product already; this export brings the values that changed since."""
    LIVE = "live"
    """Its record is in the product already, from an export before this one, and nothing new goes out for it."""
    DECISION = "decision"
    MAPPING = "mapping"
    """The mapping's `only` says that the row is no record of this entity."""
    VANISHED = "vanished"
    """A later delivery of its source no longer holds it, and the source's policy leaves such rows out."""
    WAVE = "wave"
    """The row launches with a later wave."""
    UNREADABLE = "unreadable"
    """The record could not be read, and no decision excludes it."""
    RULE = "rule"
    """A rule holds it, and no decision covers that."""
    GATE = "gate"
    """The gate of its entity (or of an entity it depends on) is closed."""
    PARENT = "parent"
    """It shares the fate of the record that it belongs to."""
    PARTNER = "partner"
    """It is part of a merged record of which another part is not ready."""

    @classmethod
    def _missing_(cls, value: object) -> "Reason | None":
        """Return the reason that ledgers of before called otherwise."""
        return cls.LIVE if value == "earlier_wave" else None


class Change(StrEnum):
    """What an export does about a row's record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    """It is in the product already, and nothing goes out for it."""


class ConservationBreach(Exception):
    """A source row has no fate, two fates, or a record has no source row.  Nothing may be published."""
