"""How a standing decision fits today's data: as it is, for some rows, not any more, or against another decision.

The differences hold values, tokens in place of personal ones; they never leave for a record or Dagster.
"""

from enum import StrEnum

from aformity_pipelines.domain.base import Document


class Fit(StrEnum):
    """How a decision in the log stands today.  Of several, the first of these is said."""

    NOT_ALLOWED = "not_allowed"
    """A rule about who decides does not allow it; it has no effect."""
    WAITS_FOR_ANOTHER = "waits_for_another"
    """It needs another person, who has not seconded it; it has no effect."""
    CONFLICTS = "conflicts"
    """It contradicts another decision about the same row."""
    NO_LONGER_MATCHES = "no_longer_matches"
    """At least one row that it was shown is another one now, or gone."""
    COVERS_SOME = "covers_some"
    """It holds for what it was shown, and more rows are in question than that."""
    APPLIES = "applies"
    """It holds exactly as it is."""


class ChangedValue(Document):
    """One delivered cell that was shown, then and now.  `before` is None where the old delivery cannot be read any more."""

    header: str
    before: str | None
    after: str | None


class ChangedRow(Document):
    """One row that a decision was shown and that is another one now."""

    key: str
    row: str | None
    """Row id today; None where the row is gone."""
    because: str
    """What changed, in words without values: `Role changed`, `the row is gone`, `another row shares its value`."""
    changes: tuple[ChangedValue, ...] = ()


class DecisionState(Document):
    """How one standing decision fits today's data."""

    decision: str
    kind: str
    fit: Fit
    says: str
    """One sentence without values: `covers 12 of 15 rows; 3 are new`."""
    covered: int = 0
    """Rows that it holds for today."""
    shown: int = 0
    """Rows that it was shown."""
    in_question: int = 0
    """Rows that break its rule today (for other decisions: the rows that it was shown)."""
    new: tuple[str, ...] = ()
    """Row ids in question that it was not shown, the first 20."""
    changed: tuple[ChangedRow, ...] = ()
    conflicts_with: tuple[str, ...] = ()
    """Ids of decisions."""
