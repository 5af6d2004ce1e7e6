"""Render a launch record as `handoff.xlsx`: the report's lists, for people who filter and sort.

From the record alone.  Every cell is a text, a number or a date, never a formula or a link; equal records are equal
bytes.
"""

from datetime import date, datetime
from io import BytesIO

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.files.exact_sheet import ExactSheet, Workbook, Worksheet, exact_book
from aformity_pipelines.handoff.visible_text import shortened
from aformity_pipelines.handoff.workbook_sheet import Cell, Sheet
from aformity_pipelines.handoff.workbook_sheets import sheets_of

MOST_SIGNS = 32_000
"""Characters of a cell; a sheet holds 32,767, and each may become an escape of one more."""
MOST_LINES = 100_000
"""Lines of a sheet; what is beyond is in `launch_record.json`."""


def render_workbook(record: LaunchRecord) -> bytes:
    """Return the workbook of `record`; an empty sheet says that there is nothing."""
    written = BytesIO()
    with exact_book(written, title=f"{record.label}: launch handoff") as book:
        pens = {
            "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
            "text": book.add_format({"text_wrap": True, "valign": "top"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd", "valign": "top", "align": "left"}),
        }
        for sheet in sheets_of(record):
            _write(book, sheet, pens)
    return written.getvalue()


def _write(book: Workbook, sheet: Sheet, pens: dict[str, object]) -> None:
    page = book.add_worksheet(sheet.name, worksheet_class=ExactSheet)
    page.freeze_panes(1, 0)
    page.set_landscape()
    page.fit_to_pages(1, 0)
    lines = sheet.lines[:MOST_LINES] or (("Nothing", *[""] * (len(sheet.columns) - 1)),)
    page.autofilter(0, 0, len(lines), len(sheet.columns) - 1)
    for column, (header, width) in enumerate(sheet.columns):
        page.set_column(column, column, width)
        page.write_string(0, column, header, pens["head"])
    for number, line in enumerate(lines, start=1):
        for column, cell in enumerate(line):
            _write_cell(page, number, column, cell, pens)


def _write_cell(page: Worksheet, row: int, column: int, cell: Cell, pens: dict[str, object]) -> None:
    match cell:
        case int():
            page.write_number(row, column, cell, pens["text"])
        case date():
            page.write_datetime(row, column, datetime(cell.year, cell.month, cell.day), pens["day"])  # noqa: DTZ001 - a day has no zone
        case "":
            return
        case _:
            page.write_string(row, column, shortened(cell, MOST_SIGNS), pens["text"])
