"""Workbooks of Excel 97 to 2003 and before (.xls) to sheets of cells.

What xlrd does not tell is not known here: formulas that were never computed read as the 0 or '' that stands in for
their value, and declared tables are plain ranges.  Keep out: tables, headers.
"""

import io
import struct
from collections.abc import Iterator

import polars as pl
import xlrd
from xlrd.biffh import error_text_from_code
from xlrd.compdoc import CompDocError

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.refusal import DeliveryRefused
from aformity_pipelines.intake.workbook.number_formats import NumberFormat, number_format
from aformity_pipelines.intake.workbook.package import beyond, broken, check_tables
from aformity_pipelines.intake.workbook.sheet import Book, Box, CellList, Sheet
from aformity_pipelines.intake.workbook.values import Meaning, as_text

_DAMAGE = (
    CompDocError,
    struct.error,
    AssertionError,
    AttributeError,
    LookupError,
    OverflowError,
    TypeError,
    ValueError,
)
"""What xlrd raises on broken files beside its own error."""


def read_xls(job: Job) -> Book:
    """Return the job's workbook.  Raises DeliveryRefused where it is broken, protected or beyond a limit."""
    book = _opened(job)
    check_tables(job, book.nsheets)
    meaning = Meaning(
        texts=pl.Series([], dtype=pl.String), formats=_formats(book), dates_from_1904=book.datemode == 1
    )
    sheets = tuple(_sheet(sheet, meaning, job) for sheet in book.sheets())
    return Book(format="xls", sheets=sheets, dates_from_1904=meaning.dates_from_1904)


def _opened(job: Job) -> xlrd.Book:
    try:
        return xlrd.open_workbook(
            str(job.file), formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
    except xlrd.XLRDError as error:
        if "encrypted" in str(error):
            raise DeliveryRefused(
                f"{job.name}: the workbook is protected by a password; ask for the file without one"
            ) from error
        raise broken(job, str(error)) from error
    except RecursionError as error:
        raise broken(job, "its records lead back to themselves") from error
    except _DAMAGE as error:
        raise broken(job, f"its records contradict each other ({error})") from error


def _formats(book: xlrd.Book) -> tuple[NumberFormat, ...]:
    known = {key: number_format(found.format_str or "General") for key, found in book.format_map.items()}
    general = number_format("General")
    return tuple(known.get(style.format_key, general) for style in book.xf_list)


def _sheet(sheet: xlrd.sheet.Sheet, meaning: Meaning, job: Job) -> Sheet:
    cells = CellList()
    for count, cell in enumerate(_cells(sheet), start=1):
        if count > job.limits.cells:
            raise beyond(job, "cells", job.limits.cells, f"cells, in sheet {sheet.name!r}")
        cells.add(*cell)
    return Sheet(
        name=sheet.name,
        is_hidden=sheet.visibility != 0,
        cells=as_text(cells.frame(), meaning, job),
        hidden_rows=tuple(sorted(row + 1 for row, known in sheet.rowinfo_map.items() if known.hidden)),
        hidden_columns=tuple(
            sorted((column + 1, column + 1) for column, known in sheet.colinfo_map.items() if known.hidden)
        ),
        merged=tuple(
            Box(top=top + 1, left=left + 1, bottom=bottom, right=right)
            for top, bottom, left, right in sheet.merged_cells
        ),
    )


def _cells(sheet: xlrd.sheet.Sheet) -> Iterator[tuple[int, int, str, int, str]]:
    """Yield row, column, kind, style and value of each cell that holds one, as RAW_CELLS has them."""
    for row in range(sheet.nrows):
        kinds, values = sheet.row_types(row), sheet.row_values(row)
        for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
            if kind in {xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK}:
                continue
            style = sheet.cell_xf_index(row, column)
            if kind == xlrd.XL_CELL_TEXT:
                yield row + 1, column + 1, "text", style, value
            elif kind == xlrd.XL_CELL_ERROR:
                yield row + 1, column + 1, "e", style, error_text_from_code.get(value, f"#ERR{value}")
            elif kind == xlrd.XL_CELL_BOOLEAN:
                yield row + 1, column + 1, "b", style, str(int(value))
            else:
                yield row + 1, column + 1, "n", style, repr(float(value)).removesuffix(".0")
