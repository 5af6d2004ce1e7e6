"""Rows that differ between two states of a wave: their cells, fates and values then and now.

For the people who run the migration: it is printed on request and stored nowhere.  Tokens stand in place of personal
values and keys.
"""

from enum import StrEnum

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document


class TextOf(StrEnum):
    """What a pair of texts is about."""

    CELL = "cell"
    """A column, as it was delivered."""
    VALUE = "value"
    """A field, as it is in the product or goes there."""


class ChangedText(Document):
    """One cell or value, then and now; None where there was or is none."""

    of: TextOf
    name: str
    """The header or the field."""
    before: str | None
    after: str | None


class RowDifference(Document):
    """One row of an entity that differs."""

    entity: str
    row: str
    """Its id now; of a row that is gone, its last one."""
    key: str = ""
    """Its business key, a token in place of a personal one; empty where it has none."""
    row_before: str | None = None
    """Its id then, where that was another one: it was delivered again."""
    change: str
    """`added`, `removed` or `changed`."""
    fate_before: str | None = None
    """Fate and reason, such as `unresolved (rule contact.email.format)`; None where the row was not there."""
    fate_after: str | None = None
    texts: tuple[ChangedText, ...] = ()


class RowDifferences(Document):
    """The rows that differ, the first of them in full."""

    rows: tuple[RowDifference, ...] = ()
    counts: dict[str, int] = Setting(default_factory=dict)
    """`added`, `removed` and `changed` -> how many rows, those that are not listed among them."""

    @property
    def total(self) -> int:
        """How many rows differ."""
        return sum(self.counts.values())
