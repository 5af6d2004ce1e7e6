"""A sheet that came back, cell by cell.  Keep out: what stands where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One cell: its text, and how it came to have it."""

    text: str
    is_formula: bool = False
    is_turned: bool = (
        False  # whether a person sees something else than is stored: a date, 007 for 7, an error
    )


Grid = Mapping[tuple[int, int], Cell]
"""(row, column) -> cell, both counted from 1; blank cells are not there."""
BLANK = Cell(text="")


def table_of(grid: Grid) -> Sequence[tuple[str, ...]]:
    """Return a sheet as rows of texts from its first cell on; blank cells are empty texts."""
    last = max((row for row, _ in grid), default=0)
    width = max((column for _, column in grid), default=0)
    return [
        tuple(grid.get((row, column), BLANK).text for column in range(1, width + 1))
        for row in range(1, last + 1)
    ]
