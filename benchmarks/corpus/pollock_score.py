"""Pollock's ten measures of one loaded file (Vitagliano et al., PVLDB 16(8), 2023).

Success, then precision, recall and F1 of the header's cells, of whole records and of all cells, each as
multisets.  Numbers in headers and records count as equal if their values are, texts without regard to case.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

Rows = Sequence[Sequence[str]]
"""A table with its header first."""

PERFECT = 10.0


def score(clean: Rows, loaded: Rows | None) -> float:
    """Return 0 to 10 for what was loaded; None if loading failed."""
    if loaded is None:
        return 0.0
    if not clean:
        return PERFECT
    header = _agreement(_normal(clean[0]), _normal(loaded[0]) if loaded else ())
    records = _agreement(
        ["".join(_normal(row)) for row in clean[1:]], ["".join(_normal(row)) for row in loaded[1:]]
    )
    cells = _agreement(_cells(clean), _cells(loaded))
    return 1.0 + header + records + cells


def _agreement(clean: Sequence[str], loaded: Sequence[str]) -> float:
    """Return precision + recall + F1 of two multisets, 3 if there was nothing to load."""
    if not clean:
        return 3.0
    shared = (Counter(clean) & Counter(loaded)).total()
    if not shared:
        return 0.0
    precision, recall = shared / len(clean), shared / len(loaded)
    return precision + recall + 2 * precision * recall / (precision + recall)


def _cells(rows: Rows) -> list[str]:
    return [cell for row in rows for cell in row]


def _normal(cells: Iterable[str]) -> list[str]:
    return [_normal_cell(cell) for cell in cells]


def _normal_cell(cell: str) -> str:
    for number in (int, float):
        try:
            return str(number(cell))
        except ValueError:
            continue
    return cell.lower()
