"""Writing an exception workbook: every cell is text, only answers can be filled in, equal books are equal bytes.

Drop-downs take their words from a hidden sheet, since a list in the cell itself ends at 255 characters.  The sheets are
protected without a password: against slips, not against people; what comes back is checked by its seals.
Keep out: what the sheets say.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import zip_longest
from pathlib import Path

from xlsxwriter.format import Format

from aformity_pipelines.files.exact_sheet import Worksheet, exact_book
from aformity_pipelines.review.workbook.choices import APPROVAL
from aformity_pipelines.review.workbook.layout import (
    ANSWER,
    APPROVER,
    CODE,
    DUE,
    HEADER_ROW,
    MAPPING,
    OWNER,
    REVIEW,
    Layout,
)
from aformity_pipelines.review.workbook.pen import Pen
from aformity_pipelines.review.workbook.seal import Sealer
from aformity_pipelines.review.workbook.sealed import seals_of
from aformity_pipelines.review.workbook.shape import (
    FIELD_MAP,
    LISTS,
    SEALS,
    START,
    Block,
    Book,
    FieldLine,
    ReviewerSheet,
)
from aformity_pipelines.review.workbook.start_page import start_page

_ALLOWED = {
    "sort": True,
    "autofilter": True,
    "format_cells": True,
    "format_columns": True,
    "format_rows": True,
}
_EVERYWHERE = "A1:XFD1048576"


def write_book(book: Book, sealer: Sealer, path: Path) -> None:
    """Write a workbook to `path`."""
    with exact_book(path, title=f"Review for {book.customer}") as workbook:
        pen = Pen(workbook=workbook)
        _write_start(pen, book)
        for sheet in book.sheets:
            _write_reviewer(pen, sheet, tuple(book.people), book.as_of)
        if book.field_map:
            _write_field_map(pen, book)
        _write_hidden(pen, book, sealer)


def _write_start(pen: Pen, book: Book) -> None:
    sheet = pen.sheet(START)
    sheet.hide_gridlines(2)
    sheet.set_column(0, 0, 26)
    sheet.set_column(1, 1, 96)
    plain, bold = pen.format("plain"), pen.format("bold", bold=True)
    for row, (first, second) in enumerate(start_page(book)):
        sheet.write_string(row, 0, first, pen.title() if row == 0 else bold)
        if second:
            sheet.write_string(row, 1, second, plain)
    sheet.protect("", {"format_columns": True, "format_rows": True})
    _set_up_print(sheet, f"{book.customer}: review")


def _open_sheet(pen: Pen, name: str, layout: Layout) -> Worksheet:
    sheet = pen.sheet(name)
    sheet.set_column(CODE - 1, CODE - 1, 8, None, {"hidden": True})
    sheet.set_row(HEADER_ROW - 1, 30)
    sheet.write_string(HEADER_ROW - 1, CODE - 1, "entry", pen.header())
    for column, (header, width) in enumerate((*layout.shown, *layout.answers), start=CODE):
        sheet.set_column(column, column, width)
        sheet.write_string(HEADER_ROW - 1, column, header, pen.header())
    sheet.freeze_panes(HEADER_ROW, CODE + 1)
    sheet.ignore_errors({"number_stored_as_text": _EVERYWHERE})
    sheet.protect("", _ALLOWED)
    _set_up_print(sheet, name)
    sheet.repeat_rows(HEADER_ROW - 1)
    return sheet


def _set_up_print(sheet: Worksheet, name: str) -> None:
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer(f"&L{name.replace('&', '&&')}&RPage &P of &N")


def _write_reviewer(pen: Pen, page: ReviewerSheet, people: tuple[str, ...], today: date) -> None:
    sheet = _open_sheet(pen, page.name, REVIEW)
    row = HEADER_ROW
    for block in page.blocks:
        _write_entry(pen, sheet, row, (block.code, *block.shown), REVIEW, pen.heading())
        first, row = row, row + 1
        for line in block.lines:
            _write_entry(pen, sheet, row, (line.code, *line.shown), REVIEW, pen.shown())
            row += 1
        _offer_answers(pen, sheet, block, first, row - 1)
    if row > HEADER_ROW:
        _offer_people(pen, sheet, row - 1, people)
        _offer_dates(sheet, row - 1, today)
        sheet.autofilter(HEADER_ROW - 1, CODE, row - 1, REVIEW.last - 1)


def _write_entry(
    pen: Pen, sheet: Worksheet, row: int, texts: Iterable[str], layout: Layout, style: Format
) -> None:
    for column, text in enumerate(texts):
        sheet.write_string(row, column, text, style)
    for header, _ in layout.answers:
        sheet.write_blank(row, layout.column(header) - 1, None, pen.day() if header == DUE else pen.answer())


def _offer_answers(pen: Pen, sheet: Worksheet, block: Block, first: int, last: int) -> None:
    """Put the drop-down of a finding's answers on its heading and on its rows."""
    column = REVIEW.column(ANSWER) - 1
    for words, top, bottom in (
        ([each.words for each in block.choices if not each.single], first, first),
        ([each.words for each in block.choices if not each.whole], first + 1, last),
    ):
        if words and bottom >= top:
            sheet.data_validation(top, column, bottom, column, _one_of(pen, words, "Choose an answer"))


def _one_of(pen: Pen, words: Sequence[str], title: str) -> dict[str, object]:
    return {
        "validate": "list",
        "source": pen.choices(words),
        "error_title": title,
        "error_message": "Please choose one of the list. Anything else goes into the column Reason or Comment.",
    }


def _offer_people(pen: Pen, sheet: Worksheet, last: int, people: tuple[str, ...]) -> None:
    column = REVIEW.column(OWNER) - 1
    sheet.data_validation(HEADER_ROW, column, last, column, _one_of(pen, people, "Choose a person"))


def _offer_dates(sheet: Worksheet, last: int, today: date) -> None:
    column = REVIEW.column(DUE) - 1
    asked = {
        "validate": "date",
        "criteria": ">=",
        "value": today,
        "error_title": "Enter a date",
        "error_message": f"Please enter a date from {today.isoformat()} on.",
    }
    sheet.data_validation(HEADER_ROW, column, last, column, asked)


def _write_field_map(pen: Pen, book: Book) -> None:
    sheet = _open_sheet(pen, FIELD_MAP, MAPPING)
    lines: tuple[FieldLine, ...] = book.field_map
    for row, line in enumerate(lines, start=HEADER_ROW):
        _write_entry(pen, sheet, row, (line.code, *line.shown), MAPPING, pen.shown())
    last = HEADER_ROW + len(lines) - 1
    for header, words, title in (
        (ANSWER, [each.words for each in APPROVAL], "Choose an answer"),
        (APPROVER, list(book.approvers), "Choose a person"),
    ):
        column = MAPPING.column(header) - 1
        if words:
            sheet.data_validation(HEADER_ROW, column, last, column, _one_of(pen, words, title))
    sheet.autofilter(HEADER_ROW - 1, CODE, last, MAPPING.last - 1)


def _write_hidden(pen: Pen, book: Book, sealer: Sealer) -> None:
    plain = pen.format("hidden", text_wrap=False)
    lists = pen.sheet(LISTS)
    for row, words in enumerate(zip_longest(*pen.lists, fillvalue="")):
        for column, word in enumerate(words):
            lists.write_string(row, column, word, plain)
    seals = pen.sheet(SEALS)
    for row, texts in enumerate(seals_of(book, sealer)):
        for column, text in enumerate(texts):
            seals.write_string(row, column, text, plain)
    for sheet in (lists, seals):
        sheet.protect("")
        sheet.very_hidden()
