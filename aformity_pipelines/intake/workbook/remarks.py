"""What a reader of a table's values should know, counted with one example each.

Keep out: the values.
"""

from collections.abc import Iterator

import polars as pl

from aformity_pipelines.intake.reading import RawWarning, WarningKind
from aformity_pipelines.intake.workbook.grid import Grid
from aformity_pipelines.intake.workbook.sheet import Book, Box, Sheet, letters


def warnings_of(
    sheet: Sheet, grid: Grid, box: Box, others: tuple[Box, ...], book: Book
) -> tuple[RawWarning, ...]:
    """Return the warnings about a table in `box`; `others` are its sheet's other tables."""
    found = [*_of_sheet(sheet, box, book), *_of_cells(sheet, grid, box), *_beside(sheet, grid, box, others)]
    return tuple(sorted(found, key=lambda warning: list(WarningKind).index(warning.kind)))


def _of_sheet(sheet: Sheet, box: Box, book: Book) -> Iterator[RawWarning]:
    if sheet.is_hidden:
        yield RawWarning(kind=WarningKind.HIDDEN_SHEET, count=1, example=sheet.name)
    if book.dates_from_1904:
        yield RawWarning(kind=WarningKind.DATES_FROM_1904, count=1, example=sheet.name)
    rows = [row for row in sheet.hidden_rows if box.top <= row <= box.bottom]
    if rows:
        yield RawWarning(
            kind=WarningKind.HIDDEN_ROW, count=len(rows), example=f"{sheet.name}!{rows[0]}:{rows[0]}"
        )
    columns = [
        column
        for first, last in sheet.hidden_columns
        for column in range(max(first, box.left), min(last, box.right) + 1)
    ]
    if columns:
        name = letters(columns[0])
        yield RawWarning(
            kind=WarningKind.HIDDEN_COLUMN, count=len(columns), example=f"{sheet.name}!{name}:{name}"
        )
    merged = [m for m in sheet.merged if m.touches(box)]
    if merged:
        yield RawWarning(
            kind=WarningKind.MERGED_CELLS, count=len(merged), example=f"{sheet.name}!{merged[0]}"
        )


def _of_cells(sheet: Sheet, grid: Grid, box: Box) -> Iterator[RawWarning]:
    remarked = grid.facts.filter(pl.col("remark").is_not_null())
    inside = remarked.filter(
        pl.col("row").is_between(box.top, box.bottom) & pl.col("column").is_between(box.left, box.right)
    )
    for (kind,), cells in inside.sort("row", "column").group_by("remark", maintain_order=True):
        example = sheet.at(cells["row"][0], cells["column"][0])
        yield RawWarning(kind=WarningKind(str(kind)), count=len(cells), example=example)


def _beside(sheet: Sheet, grid: Grid, box: Box, others: tuple[Box, ...]) -> Iterator[RawWarning]:
    """Yield the warning of cells in the table's rows that belong to no table."""
    rest = grid.filled.within(Box(top=box.top, left=1, bottom=box.bottom, right=1 << 20)).without(box)
    for other in others:
        rest = rest.without(other)
    if len(rest):
        example = sheet.at(int(rest.rows[0]), int(rest.columns[0]))
        yield RawWarning(kind=WarningKind.FIELD_NOT_READ, count=len(rest), example=example)
