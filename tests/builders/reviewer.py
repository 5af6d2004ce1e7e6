"""A reviewer at work on an exception workbook: answers, sorts, deletes, copies; as a spreadsheet program would save it.

`filled` writes cells into the XML itself, so that nothing else changes by a byte; `opened` is for what moves rows.
"""

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl

ANSWER, NEW_VALUE, REASON, OWNER, DUE = "H", "I", "J", "K", "L"
"""Columns of a reviewer's sheet."""
APPROVAL, COMMENT, APPROVER = "I", "J", "K"
"""Columns of the field map."""


@contextmanager
def opened(path: Path, saved_as: Path | None = None) -> Iterator[Any]:
    """Yield the workbook as openpyxl has it, and save what was done to it."""
    book = openpyxl.load_workbook(path)
    yield book
    book.save(saved_as or path)


def rows_of(sheet: Any) -> dict[str, int]:
    """Return code -> row of a sheet with answers."""
    return {
        str(row[0].value): row[0].row
        for row in sheet.iter_rows(min_row=2, max_col=1)
        if row[0].value is not None
    }


def texts_of(path: Path, sheet: str) -> list[tuple[str, ...]]:
    """Return a sheet's cells as our own reader's texts would be, read by openpyxl; blanks are empty."""
    book = openpyxl.load_workbook(path)
    return [tuple(str(cell or "") for cell in row) for row in book[sheet].iter_rows(values_only=True)]


def parts_changed(
    path: Path, change: Callable[[str, bytes], bytes | None], extra: Mapping[str, bytes] = {}
) -> None:
    """Rewrite the parts of a workbook: None drops one; `extra` are added."""
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            changed = change(name, content)
            if changed is not None:
                archive.writestr(name, changed)
        for name, content in extra.items():
            archive.writestr(name, content)


def part_of(path: Path, sheet: str) -> str:
    """Return the name of the part that holds a sheet's cells."""
    with zipfile.ZipFile(path) as archive:
        workbook = archive.read("xl/workbook.xml").decode()
    names = re.findall(r'<sheet name="([^"]*)"', workbook)
    return f"xl/worksheets/sheet{names.index(escape(sheet)) + 1}.xml"


def filled(path: Path, sheet: str, cells: Mapping[str, str], *, formula: bool = False) -> None:
    """Put texts (or formulas with the value `x`) into cells, and leave every other byte of the sheet as it is."""
    part = part_of(path, sheet)

    def change(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        text = content.decode()
        for place, value in cells.items():
            text = _with_cell(text, place, value, formula=formula)
        return text.encode()

    parts_changed(path, change)


def rearranged(path: Path, sheet: str, change: Callable[[list[str]], list[str]]) -> None:
    """Give the rows below a sheet's header, as XML, another order or number; places are put right."""
    part = part_of(path, sheet)

    def changed(name: str, content: bytes) -> bytes:
        if name != part:
            return content
        before, rows, after = re.fullmatch(
            r"(.*?<sheetData>)(.*)(</sheetData>.*)", content.decode(), re.DOTALL
        ).groups()  # type: ignore[union-attr]  # every sheet has rows
        header, *others = re.findall(r"<row .*?</row>", rows, re.DOTALL)
        moved = [_at(row, number) for number, row in enumerate(change(others), start=2)]
        return "".join((before, header, *moved, after)).encode()

    parts_changed(path, changed)


def _at(row: str, number: int) -> str:
    placed = re.sub(r'<c r="([A-Z]+)\d+"', lambda found: f'<c r="{found[1]}{number}"', row)
    return re.sub(r'<row r="\d+"', f'<row r="{number}"', placed, count=1)


def answered_row(row: str, cells: Mapping[str, str]) -> str:
    """Return a row's XML with texts in its cells, by column."""
    (number,) = re.findall(r'<row r="(\d+)"', row)
    for column, text in cells.items():
        row = _with_cell(row, f"{column}{number}", text, formula=False)
    return row


def code_of(row: str) -> str:
    """Return the code in a row's hidden cell."""
    found = re.search(r'<c r="A\d+"[^>]*><is><t[^>]*>([^<]*)</t>', row)
    return found[1] if found else ""


def _with_cell(sheet: str, place: str, value: str, *, formula: bool) -> str:
    found = re.search(rf'<c r="{place}"( s="\d+")?(?: t="\w+")?(?:/>|>.*?</c>)', sheet, re.DOTALL)
    assert found, f"{place} is not there"
    kind, inner = "inlineStr", f'<is><t xml:space="preserve">{escape(value)}</t></is>'
    if formula:
        kind, inner = "str", f"<f>{escape(value)}</f><v>x</v>"
    cell = f'<c r="{place}"{found[1] or ""} t="{kind}">{inner}</c>'
    return sheet[: found.start()] + cell + sheet[found.end() :]
