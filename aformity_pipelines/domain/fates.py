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
    """Every gate let it through."""
    EARLIER_WAVE = "earlier_wave"
    """Exported by a wave before this one."""
    DECISION = "decision"
    MAPPING = "mapping"
    """The mapping's `only` says that the row is no record of this entity."""
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


class ConservationBreach(Exception):
    """A source row has no fate, two fates, or a record has no source row.  Nothing may be published."""
