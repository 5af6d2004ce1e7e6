"""The tables of a workbook, written as raw tables; every row of a sheet is a record or skipped with a reason.

Hidden sheets come after the visible ones.  Keep out: finding regions and headers.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from aformity_pipelines.files.atomic import replace_with
from aformity_pipelines.intake.header_names import header_warnings
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.raw_table import store
from aformity_pipelines.intake.reading import Dialect, RawTable, SkipKind, Skipped
from aformity_pipelines.intake.refusal import Question
from aformity_pipelines.intake.workbook.ending import find_ending
from aformity_pipelines.intake.workbook.filled import Numbers, distinct
from aformity_pipelines.intake.workbook.grid import Grid
from aformity_pipelines.intake.workbook.heading import Heading, find_heading
from aformity_pipelines.intake.workbook.package import beyond
from aformity_pipelines.intake.workbook.regions import Region, find_regions
from aformity_pipelines.intake.workbook.remarks import warnings_of
from aformity_pipelines.intake.workbook.sheet import LAST_COLUMN, Book, Box, Sheet

_EXAMPLE = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One table before it is written."""

    sheet: Sheet
    grid: Grid
    box: Box  # of header and records
    heading: Heading
    others: tuple[Box, ...]  # the sheet's other tables
    questions: tuple[Question, ...]

    @property
    def records(self) -> Box:
        """The box in which the records lie; one without rows if the header is all there is."""
        below = self.heading.row + self.heading.rows if self.heading.row else self.box.top
        return replace(self.box, top=below)


def find_tables(sheet: Sheet, job: Job) -> tuple[Found, ...]:
    """Return the tables of one sheet, from the top, then from the left."""
    grid, hints = Grid.of(sheet.cells), job.hints
    regions = find_regions(
        grid.filled.with_rows_of(sheet.merged),
        sheet.declared,
        grid.row_texts,
        first=hints.header_row or 1,
        last=hints.last_row,
    )
    regions = _from_told_header(regions, grid, hints.header_row)
    return tuple(_found(sheet, grid, region, regions, job) for region in regions)


def _from_told_header(regions: tuple[Region, ...], grid: Grid, row: int | None) -> tuple[Region, ...]:
    """Let the first table begin in the told row even if that row alone would pass for a title."""
    is_taken = any(region.box.top <= (row or 0) <= region.box.bottom for region in regions)
    if not row or not regions or is_taken or row not in grid.filled.rows:
        return regions
    first, *others = regions
    return (replace(first, box=replace(first.box, top=row)), *others)


def _found(sheet: Sheet, grid: Grid, region: Region, regions: tuple[Region, ...], job: Job) -> Found:
    heading = find_heading(sheet, region, job.hints, grid.row_texts)
    others = tuple(other.box for other in regions if other is not region)
    first = heading.row + heading.rows if heading.row else region.box.top
    ending = find_ending(sheet, region, first, _notes(grid, region.box, others), job.hints, grid.row_texts)
    box = replace(region.box, bottom=max(ending.last_row, first - 1))
    if box.right - box.left + 1 > job.limits.columns:
        raise beyond(job, "columns", job.limits.columns, f"columns, in sheet {sheet.name!r}")
    asked = tuple(question for question in (heading.question, ending.question) if question is not None)
    return Found(sheet=sheet, grid=grid, box=box, heading=heading, others=others, questions=asked)


def _notes(grid: Grid, box: Box, others: tuple[Box, ...]) -> tuple[int, ...]:
    """Return the first rows below a table down to the next one."""
    below = [other.top for other in others if other.top > box.bottom]
    rows = distinct(grid.filled.rows)
    chosen = rows[(rows > box.bottom) & (rows < min(below, default=1 << 30))]
    return tuple(chosen[:9].tolist())


def write_table(
    connection: duckdb.DuckDBPyConnection, found: Found, number: int, book: Book, job: Job
) -> RawTable:
    """Write one table as table `number` of the job, and return it."""
    grid, rows = found.grid, found.grid.rows_of(found.records)
    if len(rows) > job.limits.rows:
        raise beyond(job, "rows", job.limits.rows, f"rows, in sheet {found.sheet.name!r}")
    dialect = Dialect(format=book.format)
    connection.register("sheet_rows", grid.records(found.records))
    store(
        connection,
        "SELECT * FROM sheet_rows",
        job=job,
        number=number,
        headers=found.heading.names,
        dialect=dialect,
        expected=len(rows),
    )
    connection.unregister("sheet_rows")
    stored = job.into / f"stored_{number}.parquet"
    has_stored = _write_stored(found, pl.Series(rows), stored)
    return RawTable(
        number=number,
        headers=found.heading.names,
        header_row=found.heading.row,
        header_rows=found.heading.rows,
        first_row=int(rows[0]) if len(rows) else 0,
        last_row=int(rows[-1]) if len(rows) else 0,
        first_column=found.box.left,
        parquet=job.parquet(number),
        rows=len(rows),
        rejects=job.rejects(number),
        dialect=dialect,
        sheet=found.sheet.name,
        stored=stored if has_stored else None,
        warnings=(
            *header_warnings(found.heading.names),
            *warnings_of(found.sheet, grid, found.box, found.others, book),
        ),
        skipped=tuple(_skipped(found, rows)),
    )


def _write_stored(found: Found, rows: pl.Series, path: Path) -> bool:
    """Write what was stored of every record's cell whose text is another; return whether there is any."""
    box = found.box
    cells = found.grid.facts.filter(pl.col("stored").is_not_null()).filter(
        pl.col("column").is_between(box.left, box.right) & pl.col("row").is_in(rows.implode())
    )
    column = (pl.col("column") - (box.left - 1)).cast(pl.Int32)
    chosen = cells.select("row", column, "stored", "number_format").sort("row", "column")
    if len(cells):
        with replace_with(path) as temporary:
            chosen.write_parquet(temporary, compression="zstd")
    return len(cells) > 0


def _skipped(found: Found, records: Numbers) -> Iterator[Skipped]:
    """Yield the rows of the sheet that are no records of this table, by kind, from row 1 to its last filled one."""
    filled = distinct(found.grid.filled.rows)
    everything = np.arange(1, int(filled[-1]) + 1)
    rows = everything[~np.isin(everything, records)]
    kinds = np.where(np.isin(rows, filled), SkipKind.NOTE, SkipKind.BLANK).astype(object)
    kinds[(kinds == SkipKind.NOTE) & (rows < found.box.top)] = SkipKind.TITLE
    heading = found.heading
    in_header = (rows >= heading.row) & (rows < heading.row + heading.rows)
    kinds[(rows < heading.row) & (kinds == SkipKind.NOTE)] = SkipKind.TITLE
    for other in found.others:
        kinds[(rows >= other.top) & (rows <= other.bottom) & np.isin(rows, filled)] = SkipKind.OTHER_TABLE
    kinds[in_header] = SkipKind.HEADER
    whole = Box(top=1, left=1, bottom=1, right=LAST_COLUMN)
    for kind in SkipKind:
        chosen = rows[kinds == kind]
        if len(chosen):
            row = int(chosen[0])
            shown = "; ".join(cell for cell in found.grid.row_texts(row, whole) if cell.strip())
            yield Skipped(kind=kind, count=len(chosen), row=row, example=shown[:_EXAMPLE])
