"""Two deliveries of one source held against each other, row by row: what came, what went, what changed.

Counts and headers only, so that it may be stored; the rows themselves, with their cells then and now, are for the
people who run the migration.  Keep out: what becomes of rows that vanished (`Source.vanished`).
"""

from enum import StrEnum

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.profile import ColumnChanges


class RowChange(StrEnum):
    """What became of a row, by its business key."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


class Redelivery(Document):
    """What differs between a delivery of a source and the one that counted before it."""

    source: str
    before: str
    """SHA-256 of the delivery before."""
    now: str
    before_file: str
    now_file: str
    rows_before: int
    """Rows that counted before, those among them that an even earlier delivery held last."""
    rows_now: int
    """Rows of the new file."""
    added: int
    removed: int
    """Rows of before that the new file does not hold."""
    changed: int
    unchanged: int
    changed_by_column: dict[str, int] = Setting(default_factory=dict)
    """Header -> rows in which that cell is another one now, in the order of the file."""
    moved: int = 0
    """Rows that stayed and stand in another order, at the fewest."""
    without_key: int = 0
    """Rows of the new file whose key is blank: they are known by all that stands in them."""
    reused_keys: int = 0
    """Keys that name several rows of the new file and named one before, or named several in either."""
    replaced_rows: int = 0
    """Rows whose key stayed and in which most other cells are others now: likely another thing under the same key."""
    columns: ColumnChanges = ColumnChanges()
    format: dict[str, tuple[str, str]] = Setting(default_factory=dict)
    """What of the format changed, such as `encoding` -> (before, now)."""

    def sentences(self) -> tuple[str, ...]:
        """Say what differs, without any value: rows first, then columns, then the format."""
        told = [f"{self.in_counts}."]
        if self.changed_by_column:
            ranked = sorted(self.changed_by_column.items(), key=lambda each: (-each[1], each[0]))
            told.append(
                "Changed: " + ", ".join(f"`{header}` in {number:,}" for header, number in ranked) + "."
            )
        for number, says in (
            (self.moved, "stand in another order"),
            (self.replaced_rows, "have their key of before, and hardly anything else of it"),
            (self.without_key, "have no key, and are known by all that stands in them"),
        ):
            if number:
                told.append(f"{_rows(number)}: {says}.")
        if self.reused_keys:
            told.append(f"{self.reused_keys:,} keys name several rows, now or before.")
        told += self.columns.sentences()
        told += [
            f"{name.replace('_', ' ').capitalize()}: {before} before, {now} now."
            for name, (before, now) in self.format.items()
        ]
        return tuple(told)

    @property
    def in_counts(self) -> str:
        """Say how many rows came, went, changed and stayed."""
        return f"{_rows(self.added)} new, {self.removed:,} gone, {self.changed:,} changed, {self.unchanged:,} as before"

    @property
    def is_same(self) -> bool:
        """Whether not a cell differs."""
        return not (self.added or self.removed or self.changed or self.columns)


def _rows(number: int) -> str:
    return "1 row" if number == 1 else f"{number:,} rows"
