"""A stretch of records in memory: where each starts and ends, and what it breaks.  Keep out: finding them."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from aformity_pipelines.intake.text.tokens import Breach

Indexes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Where records must have `width` fields: the rows, as a spreadsheet counts, of one table."""

    width: int
    first_row: int
    last_row: int | None  # None: to the end of the file

    def holds(self, rows: Indexes) -> Flags:
        """Return for each row whether it is in the table."""
        is_in: Flags = rows >= self.first_row
        return is_in if self.last_row is None else is_in & (rows <= self.last_row)

    def width_at(self, row: int) -> int | None:
        """Return how many fields the record in `row` should have, or None outside the table."""
        is_in = self.first_row <= row and (self.last_row is None or row <= self.last_row)
        return self.width if is_in else None


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Marks:
    """Positions in a block without a fault."""

    structure: Indexes  # delimiters and last bytes of line ends, outside quotes and comments
    quotes: Indexes  # opening and closing by turns; a doubled quote closes and opens
    line_ends_within: Indexes  # every CR and LF inside quotes


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stretch:
    """Consecutive whole records; blank and comment lines are records too, since a spreadsheet shows them.

    `starts` and `ends` (line end left out) index `block`.  `widths` is 0 for comment lines and for broken
    records; `breaches` pairs the index of a record with what is wrong with it.
    """

    first_row: int  # of the first record, as a spreadsheet shows it
    block: bytes
    used: int  # bytes of the block that these records and their line ends take
    starts: Indexes
    ends: Indexes
    widths: Indexes
    breaches: tuple[tuple[int, Breach], ...] = ()
    marks: Marks | None = None  # None: found record by record
    is_last: bool = False  # whether the last record ends with the file, without a line end

    def __len__(self) -> int:
        """Return how many records there are."""
        return len(self.starts)

    def rows(self) -> Indexes:
        """Return the row of each record."""
        return np.arange(self.first_row, self.first_row + len(self), dtype=np.int64)

    def is_blank(self) -> Flags:
        """Return for each record whether it is an empty line."""
        blank: Flags = self.starts == self.ends
        return blank

    def of_several_lines(self) -> Indexes:
        """Return the indexes of the sound records that have line ends in their cells."""
        if self.marks is None:
            records = ((index, self.record(index)) for index in np.flatnonzero(self.widths).tolist())
            several = [index for index, record in records if b"\n" in record or b"\r" in record]
            return np.array(several, dtype=np.int64)
        return np.unique(np.searchsorted(self.starts, self.marks.line_ends_within, side="right") - 1)

    def record(self, index: int) -> bytes:
        """Return one record as it stands, without its line end."""
        return self.block[self.starts[index] : self.ends[index]]
