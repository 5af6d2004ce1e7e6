"""Which cells of a sheet say something, and the rows and columns between them that do not.

Keep out: what a table is.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aformity_pipelines.intake.workbook.sheet import Box

_KEY = 32_768  # more than a sheet has columns
_MOST_BOXES, _MOST_ROWS = 10_000, 1_000
Numbers = npt.NDArray[np.signedinteger]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """The places of filled cells, in the order of rows, then columns."""

    rows: Numbers
    columns: Numbers

    def __len__(self) -> int:
        """How many cells are filled."""
        return len(self.rows)

    @property
    def box(self) -> Box:
        """The box around all of at least one."""
        return Box(
            top=int(self.rows[0]),
            left=int(self.columns.min()),
            bottom=int(self.rows[-1]),
            right=int(self.columns.max()),
        )

    def within(self, box: Box) -> "Filled":
        """Return those inside the box."""
        part = self._in_rows(box.top, box.bottom)
        return part._where((part.columns >= box.left) & (part.columns <= box.right))

    def without(self, box: Box) -> "Filled":
        """Return those outside the box."""
        outside = (self.rows < box.top) | (self.rows > box.bottom)
        return self._where(outside | (self.columns < box.left) | (self.columns > box.right))

    def with_rows_of(self, boxes: tuple[Box, ...]) -> "Filled":
        """Return these and one cell for each further row of the boxes that begin in one of them.

        A merged cell fills all its rows; of absurdly many or tall ones only the first rows count.
        """
        tall = [box for box in boxes if box.bottom > box.top][:_MOST_BOXES]
        if not tall or not len(self):
            return self
        last, known = int(self.rows[-1]), self.rows.astype(np.int64) * _KEY + self.columns
        starts = np.array([box.top * _KEY + box.left for box in tall])
        begun = [box for box, is_begun in zip(tall, np.isin(starts, known), strict=True) if is_begun]
        added = [
            np.arange(box.top + 1, min(box.bottom, last, box.top + _MOST_ROWS) + 1) * _KEY + box.left
            for box in begun
        ]
        keys = np.unique(np.concatenate((known, *added)))
        return Filled(rows=keys // _KEY, columns=keys % _KEY)

    def bands(self) -> tuple[Box, ...]:
        """Return the boxes of rows without a blank row in between, from the top."""
        return tuple(self._in_rows(first, last).box for first, last in _runs(distinct(self.rows)))

    def stripes(self) -> tuple["Filled", ...]:
        """Return the parts between blank columns, from the left."""
        runs = _runs(np.flatnonzero(np.bincount(self.columns)))
        if len(runs) == 1:
            return (self,)
        return tuple(self._where((self.columns >= first) & (self.columns <= last)) for first, last in runs)

    def counts(self) -> tuple[Numbers, Numbers]:
        """Return the rows with a filled cell, in order, and how many each has."""
        starts = _starts(self.rows)
        return self.rows[starts], np.diff(np.append(starts, len(self.rows)))

    def _in_rows(self, first: int, last: int) -> "Filled":
        start, end = np.searchsorted(self.rows, (first, last + 1))
        return Filled(rows=self.rows[start:end], columns=self.columns[start:end])

    def _where(self, chosen: npt.NDArray[np.bool_]) -> "Filled":
        if bool(chosen.all()):
            return self
        return Filled(rows=self.rows[chosen], columns=self.columns[chosen])


def distinct(ordered: Numbers) -> Numbers:
    """Return each of some ordered numbers once."""
    return ordered[_starts(ordered)]


def _starts(ordered: Numbers) -> Numbers:
    """Return where each stretch of equal numbers begins."""
    if not len(ordered):
        return np.zeros(0, np.int64)
    return np.append(0, np.flatnonzero(np.diff(ordered)) + 1)


def _runs(ordered: Numbers) -> list[tuple[int, int]]:
    """Return the first and last of each stretch of different numbers that has no gap."""
    if not len(ordered):
        return []
    breaks = np.flatnonzero(np.diff(ordered) > 1)
    firsts = ordered[np.append(0, breaks + 1)]
    lasts = ordered[np.append(breaks, len(ordered) - 1)]
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))
