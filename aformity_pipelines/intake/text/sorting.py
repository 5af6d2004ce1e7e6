"""What each row of a text is for one table: a record, a broken one, or skipped for a reason; exactly one of them.

Keep out: counting them, and finding records.
"""

from dataclasses import dataclass

import numpy as np

from aformity_pipelines.domain.delivery import ShortRecords
from aformity_pipelines.intake.reading import SkipKind
from aformity_pipelines.intake.text.plan import Plan
from aformity_pipelines.intake.text.stretch import Flags, Region, Stretch
from aformity_pipelines.intake.text.tokens import Breach

_DOS_END = b"\x1a"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Sorted:
    """The records of a stretch by what they are; each is kept, rejected, or in one of `skipped`."""

    kept: Flags
    rejected: Flags
    skipped: tuple[tuple[SkipKind, Flags], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorter:
    """Sorts rows for the table of `plan`; rows of the tables of `others` are theirs."""

    plan: Plan
    others: tuple[Plan, ...] = ()

    def region(self) -> Region:
        """Return where this table's records are."""
        return Region(
            width=len(self.plan.headers), first_row=self.plan.first_row, last_row=self.plan.last_row
        )

    def sort(self, stretch: Stretch) -> Sorted:
        """Return what each record of the stretch is."""
        rows, width = stretch.rows(), len(self.plan.headers)
        left = np.ones(len(stretch), dtype=bool)
        repeated = self._repetitions(stretch)
        skipped = []
        for kind, flags in self._skips(stretch, repeated):
            skipped.append((kind, flags & left))
            left &= ~flags
        fits = stretch.widths == width
        if self.plan.short_records is ShortRecords.FILL:
            fits |= stretch.widths < width
        fits[[index for index, _ in stretch.breaches]] = False
        fits[repeated] = False
        beyond = left & ~self.region().holds(rows)
        is_above = rows < self.plan.first_row
        skipped += [(SkipKind.TITLE, beyond & is_above), (SkipKind.NOTE, beyond & ~is_above)]
        left &= ~beyond
        return Sorted(kept=left & fits, rejected=left & ~fits, skipped=tuple(skipped))

    def reason(self, stretch: Stretch, index: int) -> str:
        """Return why a rejected record could not be read, in a person's words."""
        breach = dict(stretch.breaches).get(index)
        if breach is None and stretch.record(index) == self.plan.header_line:
            return f"repeats the header in row {self.plan.header_row}"
        return self.reason_of(breach, int(stretch.widths[index]))

    def reason_of(self, breach: Breach | None, width: int) -> str:
        """Return the words for a breach of the grammar, or for a record of another width."""
        if breach is not None:
            return breach.value
        expected = len(self.plan.headers)
        what = "the header has" if self.plan.header_rows else "the others have"
        return f"{width} field{'s' if width > 1 else ''}, {what} {expected}"

    def _repetitions(self, stretch: Stretch) -> list[int]:
        """Return which records are the header once more: files put together, or a table behind the first MiB."""
        line = self.plan.header_line
        if not line or line not in stretch.block:
            return []
        alike = np.flatnonzero(stretch.ends - stretch.starts == len(line)).tolist()
        return [index for index in alike if stretch.record(index) == line]

    def _skips(self, stretch: Stretch, repeated: list[int]) -> tuple[tuple[SkipKind, Flags], ...]:
        rows, plan = stretch.rows(), self.plan
        is_header = (rows >= plan.header_row) & (rows < plan.header_row + plan.header_rows)
        if plan.header_repeats:
            is_header[repeated] = True
        is_other = np.zeros(len(stretch), dtype=bool)
        for other in self.others:
            first = other.header_row if other.header_rows else other.first_row
            is_other |= Region(width=1, first_row=first, last_row=other.last_row).holds(rows)
        is_comment = stretch.widths == 0
        is_comment[[index for index, _ in stretch.breaches]] = False
        is_dos_end = np.zeros(len(stretch), dtype=bool)
        if stretch.is_last and len(stretch):
            is_dos_end[-1] = not stretch.record(-1).strip(_DOS_END)
        return (
            (SkipKind.HEADER, is_header),
            (SkipKind.OTHER_TABLE, is_other & ~self.region().holds(rows)),
            (SkipKind.BLANK, stretch.is_blank()),
            (SkipKind.COMMENT, is_comment),
            (SkipKind.NOTE, is_dos_end),
        )
