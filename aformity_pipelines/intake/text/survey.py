"""What is in a text, row by row, before its records are loaded: counts, skipped rows, warnings, and the rejects.

Every row is accounted for, or reading stops.  Keep out: what a row is (`sorting`), and loading.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from aformity_pipelines.domain.delivery import ShortRecords
from aformity_pipelines.intake.raw_table import Rejects
from aformity_pipelines.intake.reading import RawWarning, SkipKind, Skipped, WarningKind
from aformity_pipelines.intake.refusal import ReadersDisagree
from aformity_pipelines.intake.text.control_characters import Controls
from aformity_pipelines.intake.text.plan import LineEnd
from aformity_pipelines.intake.text.sorting import Sorted, Sorter
from aformity_pipelines.intake.text.stretch import Flags, Stretch
from aformity_pipelines.intake.text.swallowed import Swallowed
from aformity_pipelines.intake.text.tokens import Breach

_SHOWN_BYTES = 80


@dataclass(slots=True)
class _Tally:
    """How many there are of something, and the first one: its row and the start of its text."""

    count: int = 0
    row: int = 0
    example: str = ""

    def add(self, flags: Flags, stretch: Stretch) -> None:
        """Count the flagged records of a stretch."""
        found = int(np.count_nonzero(flags))
        if found and not self.count:
            index = int(np.argmax(flags))
            self.row = stretch.first_row + index
            self.example = stretch.record(index)[:_SHOWN_BYTES].decode(errors="backslashreplace")
        self.count += found


@dataclass(slots=True, kw_only=True)
class Survey:
    """What walking over a whole text finds for one table; `take` every stretch in order, then ask."""

    sorter: Sorter
    rows: int = 0  # of the file
    records: int = 0
    rejected: int = 0
    first_row: int = 0  # of the records, rejected ones included
    last_row: int = 0
    size: int = 0  # bytes of all rows
    is_utf8: bool = True  # whether every record is
    _skipped: dict[SkipKind, _Tally] = field(default_factory=dict)
    _short: _Tally = field(default_factory=_Tally)
    _line_ends: dict[str, _Tally] = field(default_factory=dict)
    _controls: Controls = field(init=False)
    _swallowed: Swallowed = field(init=False)

    def __post_init__(self) -> None:
        grammar, width = self.sorter.plan.grammar, len(self.sorter.plan.headers)
        self._controls = Controls(structural=grammar.delimiter + grammar.quote + grammar.escape)
        self._swallowed = Swallowed(grammar=grammar, width=width)

    def take(self, stretch: Stretch, rejects: Rejects) -> None:
        """Count the records of the next stretch; the broken ones go to `rejects`."""
        if not len(stretch):
            return
        found = self.sorter.sort(stretch)
        self.rows += len(stretch)
        self.records += int(np.count_nonzero(found.kept))
        for kind, flags in found.skipped:
            self._skipped.setdefault(kind, _Tally()).add(flags, stretch)
        self.size += stretch.used
        self.is_utf8 &= all(breach is not Breach.BYTES for _, breach in stretch.breaches)
        self._reject(stretch, found, rejects)
        self._bound(stretch, found.kept | found.rejected)
        self._note(stretch, found)

    def has_short_records(self) -> bool:
        """Whether a record was filled up."""
        return bool(self._short.count)

    def skipped(self) -> tuple[Skipped, ...]:
        """Return the rows that are no records, by kind.  Raises ReadersDisagree if rows do not add up."""
        skipped = tuple(
            Skipped(kind=kind, count=tally.count, row=tally.row, example=tally.example)
            for kind in SkipKind
            if (tally := self._skipped.get(kind)) is not None and tally.count
        )
        accounted = self.records + self.rejected + sum(each.count for each in skipped)
        if accounted != self.rows:
            raise ReadersDisagree(f"{accounted} rows are accounted for, the file has {self.rows}")
        return skipped

    def warnings(self) -> Iterator[RawWarning]:
        """Yield what a reader of the values should know."""
        if self._short.count:
            where = f"row {self._short.row}: {self._short.example!r}"
            yield RawWarning(kind=WarningKind.SHORT_RECORD_FILLED, count=self._short.count, example=where)
        if len(self._line_ends) > 1:
            usual = max(self._line_ends, key=lambda kind: self._line_ends[kind].count)
            others = {kind: tally for kind, tally in self._line_ends.items() if kind != usual}
            shown = ", ".join(f"{t.count} {kind}, first in row {t.row}" for kind, t in others.items())
            count = sum(tally.count for tally in others.values())
            yield RawWarning(
                kind=WarningKind.MIXED_LINE_ENDS, count=count, example=f"{shown}; the others are {usual}"
            )
        yield from self._controls.warnings()
        yield from self._swallowed.warnings()

    def _reject(self, stretch: Stretch, found: Sorted, rejects: Rejects) -> None:
        for index in np.flatnonzero(found.rejected).tolist():
            rejects.add(stretch.first_row + index, self.sorter.reason(stretch, index), stretch.record(index))
            self.rejected += 1

    def _bound(self, stretch: Stretch, is_record: Flags) -> None:
        if is_record.any():
            first, last = int(np.argmax(is_record)), len(stretch) - 1 - int(np.argmax(is_record[::-1]))
            self.first_row = self.first_row or stretch.first_row + first
            self.last_row = stretch.first_row + last

    def _note(self, stretch: Stretch, found: Sorted) -> None:
        plan = self.sorter.plan
        if plan.short_records is ShortRecords.FILL:
            self._short.add(found.kept & (stretch.widths < len(plan.headers)), stretch)
        if plan.grammar.line_end is LineEnd.MIXED:
            for kind, flags in _line_ends(stretch):
                if flags.any():
                    self._line_ends.setdefault(kind, _Tally()).add(flags, stretch)
        self._controls.take(stretch, found.kept)
        self._swallowed.take(stretch, found.kept)


def _line_ends(stretch: Stretch) -> Iterator[tuple[str, Flags]]:
    """Yield for each kind of line end which records it ends."""
    following = np.append(stretch.starts[1:], stretch.used)
    if stretch.is_last:
        following[-1] = stretch.ends[-1]
    length = following - stretch.ends
    last = np.frombuffer(stretch.block, dtype=np.uint8)[np.maximum(following - 1, 0)]
    yield LineEnd.CRLF, length == len("\r\n")
    yield LineEnd.LF, (length == 1) & (last == ord("\n"))
    yield LineEnd.CR, (length == 1) & (last == ord("\r"))
