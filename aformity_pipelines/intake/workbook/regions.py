"""Where the tables of a sheet lie.

Blank columns part tables that stand side by side, blank rows those that stand one below the other; both also
occur inside one table, so what lies beyond must look like a table of its own.  Rows with one filled cell are
titles above a table and notes below it.  Keep out: which rows are the header.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from aformity_pipelines.intake.cell_kind import CellKind, kind_of
from aformity_pipelines.intake.header_evidence import is_row_of_names
from aformity_pipelines.intake.workbook.filled import Filled
from aformity_pipelines.intake.workbook.sheet import LAST_COLUMN, LAST_ROW, Box, DeclaredTable, bounds

RowTexts = Callable[[int, Box], tuple[str, ...]]
"""(row, box) -> the texts of the row in the box's columns, '' where there is none."""

_LOOKED_AT = 30
_MANY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """One table of a sheet: its header and records lie in `box`, title lines above and notes below do not."""

    box: Box
    declared: DeclaredTable | None = None
    has_blank_rows: bool = False
    """Blank rows lie between its rows, and what follows them could be another table."""


def find_regions(
    filled: Filled, declared: tuple[DeclaredTable, ...], texts: RowTexts, *, first: int, last: int | None
) -> tuple[Region, ...]:
    """Return the tables of a sheet from row `first` to row `last`, from the top, then from the left."""
    area = Box(top=first, left=1, bottom=last or LAST_ROW, right=LAST_COLUMN)
    rest = filled.within(area)
    found: list[Region] = []
    for table in declared:
        if table.box.top >= first and len(rest.within(table.box)):
            found.append(Region(box=table.box, declared=table))
            rest = rest.without(table.box)
    for part in _side_by_side(rest, texts):
        found.extend(_stacked(part, texts))
    if found:
        found = _without_lines(found)
    return tuple(sorted(found, key=lambda region: (region.box.top, region.box.left)))


def _without_lines(found: list[Region]) -> list[Region]:
    """Drop what is only lines of text, unless there is nothing else."""
    tables = [region for region in found if region.box.left < region.box.right or region.declared]
    return tables or found


def _side_by_side(filled: Filled, texts: RowTexts) -> tuple[Filled, ...]:
    """Return the parts of a sheet that blank columns keep apart."""
    parts: list[Filled] = []
    for stripe in filled.stripes():
        if parts and _is_same_table(parts[-1], stripe, texts):
            parts[-1] = filled.within(bounds((parts[-1].box, stripe.box)))
        else:
            parts.append(stripe)
    return tuple(parts)


def _is_same_table(left: Filled, right: Filled, texts: RowTexts) -> bool:
    """Whether a blank column is only an empty one of a table that goes on behind it."""
    one, other = _body(left), _body(right)
    if one.top != other.top:
        return False
    if one.left == one.right or other.left == other.right:
        return True
    names, others = _names(texts(one.top, one)), _names(texts(other.top, other))
    longer = max(one.bottom, other.bottom) - one.top + 1
    is_repeated = len(names & others) * _MANY >= max(1, min(len(names), len(others)))
    return not is_repeated and abs(one.bottom - other.bottom) <= longer // 10


def _names(cells: tuple[str, ...]) -> set[str]:
    return {cell for cell in cells if kind_of(cell.strip()) is CellKind.TEXT}


def _body(part: Filled) -> Box:
    """Return the box without rows of a single cell at the top."""
    rows, counts = part.counts()
    wide = rows[counts >= _MANY] if part.box.left < part.box.right else rows
    return replace(part.box, top=int(wide[0])) if len(wide) else part.box


def _stacked(part: Filled, texts: RowTexts) -> list[Region]:
    """Return the tables that stand one below the other in one part of a sheet."""
    whole = part.box
    if whole.left == whole.right:
        return [Region(box=whole, has_blank_rows=len(part.bands()) > 1)]
    found: list[Region] = []
    for band in part.bands():
        inside = part.within(band)
        if _is_lines(inside):
            continue
        band = inside.within(replace(band, top=_body(inside).top)).box
        if found and not _starts_table(found[-1].box, band, inside, texts):
            box = bounds((found[-1].box, band))
            found[-1] = Region(box=box, has_blank_rows=True)
        else:
            found.append(Region(box=band))
    return found or [Region(box=whole)]


def _is_lines(band: Filled) -> bool:
    _, counts = band.counts()
    return bool(np.all(counts < _MANY))


def _starts_table(table: Box, band: Box, cells: Filled, texts: RowTexts) -> bool:
    """Whether what stands below a blank row is a table of its own, and not more rows of the one above."""
    if band.left != table.left or band.right > table.right:
        return True
    header, first = texts(table.top, table), texts(band.top, table)
    if first == header:
        return True
    below = [texts(row, table) for row in range(band.top + 1, min(band.bottom, band.top + _LOOKED_AT) + 1)]
    return is_row_of_names(first, below)
