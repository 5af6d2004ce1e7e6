"""Workbooks that are broken, protected, hostile or too big: each refused, each with its own reason."""

import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest

from aformity_pipelines.intake.job import Limits
from aformity_pipelines.intake.refusal import DeliveryRefused

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SHEET = "xl/worksheets/sheet1.xml"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def ole(*streams: str) -> bytes:
    """Return an OLE container as far as its directory: names of 64 bytes."""
    names = b""
    for stream in streams:
        name = stream.encode("utf-16-le")
        names += name + bytes(64 - len(name)) + (len(name) + 2).to_bytes(2, "little") + bytes(62)
    return OLE + bytes(1600) + names


def looped_ole() -> bytes:
    """Return an OLE container whose directory names as the stream before `Workbook` that stream itself."""
    free, end, none = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF
    header = OLE + bytes(16) + struct.pack("<5H10x8I", 0x3E, 3, 0xFFFE, 9, 6, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    sectors = struct.pack("<128I", 0xFFFFFFFD, end, *[free] * 126)

    def entry(name: str, kind: int, *links: int) -> bytes:
        text = name.encode("utf-16-le")
        return struct.pack("<64sHBB3I36xIII", text, len(text) + 2, kind, 1, *links, end, 0, 0)

    directory = entry("Root Entry", 5, none, none, 1) + entry("Workbook", 2, 1, none, none)
    return header + sectors + directory.ljust(512, b"\0")


@pytest.fixture
def changed(tmp_path: Path):
    """Return the path of a small workbook in which parts have other contents; None leaves a part out."""
    whole = tmp_path / "whole.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["id", "name"])
    book.active.append(["1", "Ann"])
    book.save(whole)

    def write(**parts: str | bytes | None) -> Path:
        named = {name.replace("__", "/") + ".xml": content for name, content in parts.items()}
        path = tmp_path / "x.xlsx"
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            for name in {*old.namelist(), *named}:
                content = named.get(name, old.read(name) if name in old.namelist() else None)
                if content is not None:
                    new.writestr(name, content)
        return path

    return write


def sheet(rows: str, before: str = "") -> str:
    return f'{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"id,name\n1,Ann\n", "is no workbook, whatever its name says: it is 14 bytes"),
        (OLE + b"rest", "damaged: only 12 bytes are there"),
        (
            ole("EncryptionInfo", "EncryptedPackage"),
            "protected by a password; ask for the file without a password",
        ),
        (ole("WordDocument"), "an Office document but no workbook"),
        (ole("Workbook"), "the workbook is damaged"),
        (looped_ole(), "damaged: its records lead back to themselves"),
        (b"PK\x03\x04 and nothing else", "damaged: its container cannot be opened"),
    ],
)
def test_files_that_are_no_open_workbooks(read_book, tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "x.xls"
    path.write_bytes(content)
    with pytest.raises(DeliveryRefused, match=reason):
        read_book(path)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            '<row r="1"><c r="ZZZZZZZ99999999999"><v>1</v></c></row>',
            "no sheet has a cell 'ZZZZZZZ99999999999'",
        ),
        ('<row r="1"><c r="A1048577"><v>1</v></c></row>', "no sheet has a cell 'A1048577'"),
        ('<row r="1"><c r="XFE1"><v>1</v></c></row>', "no sheet has a cell 'XFE1'"),
        ('<row r="1"><c r="A1" t="s"><v>5</v></c></row>', "a cell refers to the shared text 5"),
        ('<row r="1"><c r="A1" t="s"><v>-1</v></c></row>', "a cell refers to the shared text -1"),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>', "the cell Sheet!A1 is there twice"),
        ('<row r="1"><c r="A1"><v>1</v></row>', "is no XML"),
    ],
)
def test_sheets_that_contradict_themselves(read_book, changed, rows: str, reason: str) -> None:
    with pytest.raises(DeliveryRefused, match=reason):
        read_book(changed(xl__worksheets__sheet1=sheet(rows)))


def test_entities_are_never_expanded(read_book, changed) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    cells = '<row r="1"><c r="A1" t="str"><v>&b;</v></c></row>'
    with pytest.raises(DeliveryRefused, match="declares a document type or entities"):
        read_book(changed(xl__worksheets__sheet1=sheet(cells, bomb)))
    with pytest.raises(DeliveryRefused, match="declares a document type or entities"):
        read_book(changed(xl__workbook=f"{bomb}<workbook/>"))


@pytest.mark.parametrize("encoding", ["no-such", "big5"])
def test_an_encoding_that_no_parser_knows_is_damage(read_book, changed, encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>'
    cells = '<row r="1"><c r="A1" t="str"><v>x</v></c></row>'
    with pytest.raises(DeliveryRefused, match=r"sheet1\.xml is no XML"):
        read_book(changed(xl__worksheets__sheet1=sheet(cells, declared)))


def test_a_missing_part_is_named(read_book, changed) -> None:
    with pytest.raises(DeliveryRefused, match=r"the sheet 'Sheet' has no part"):
        read_book(changed(xl__worksheets__sheet1=None))
    with pytest.raises(DeliveryRefused, match=r"it names no workbook part"):
        read_book(changed(xl__workbook=None))


def test_one_cell_far_away_costs_one_cell(read_book, changed) -> None:
    cells = '<row r="1048576"><c r="XFD1048576" t="str"><v>far</v></c></row>'
    table = read_book(changed(xl__worksheets__sheet1=sheet(cells))).only
    assert (table.raw.headers, table.raw.header_row, table.raw.first_column) == (("far",), 1_048_576, 16_384)


def test_two_corners_far_apart_are_two_tables(read_book, changed) -> None:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    assert [
        table.raw.headers for table in read_book(changed(xl__worksheets__sheet1=sheet(cells))).tables
    ] == [
        ("1",),
        ("2",),
    ]


BLANKS = " " * 3_000_000


@pytest.mark.parametrize(
    ("rows", "limits", "reason"),
    [
        (
            BLANKS,
            Limits(inflated=1_000_000),
            r"more than 1,000,000 bytes unpacked, in xl/worksheets/sheet1.xml",
        ),
        (
            f'<row r="1"><c r="A1" t="str"><v>{BLANKS}</v></c></row>',
            Limits(),
            "more than 2,000,000 bytes in one cell",
        ),
        (
            f'<row r="1"><c t="str" r="A1"><v>{BLANKS}</v></c></row>',
            Limits(),
            "more than 2,000,000 characters in one cell",
        ),
        (
            '<row r="1">' + "".join(f'<c r="A{n}"><v>1</v></c>' for n in range(1, 99)) + "</row>",
            Limits(cells=50),
            "more than 50 cells",
        ),
        (
            '<row r="1">' + "".join(f'<c r="{c}1"><v>1</v></c>' for c in "ABCDEF") + "</row>",
            Limits(columns=5),
            "more than 5 columns",
        ),
    ],
    ids=["inflated", "cell", "cell of unusual XML", "cells", "columns"],
)
def test_what_is_beyond_a_limit_is_refused_by_its_name(read_book, changed, rows, limits, reason: str) -> None:
    with pytest.raises(DeliveryRefused, match=reason):
        read_book(changed(xl__worksheets__sheet1=sheet(rows)), limits)


def test_more_sheets_or_tables_than_the_limit_are_refused_by_its_name(book_of) -> None:
    rows = [("A1", ["id", "name"]), ("A2", ["1", "Ann"])]
    blocks = [(f"{column}{row}", ["x", "y"]) for column in ("A", "F", "K") for row in (1, 2)]
    assert len(book_of({"a": rows, "b": rows}, limits=Limits(tables=2)).tables) == 2
    with pytest.raises(DeliveryRefused, match=r"more than 2 sheets \(limit `tables`\)"):
        book_of({"a": rows, "b": rows, "c": rows}, limits=Limits(tables=2))
    with pytest.raises(DeliveryRefused, match=r"more than 2 tables \(limit `tables`\)"):
        book_of({"a": blocks}, limits=Limits(tables=2))


def test_a_workbook_without_a_value_is_refused(read_book, changed) -> None:
    with pytest.raises(DeliveryRefused, match="no sheet holds a value"):
        read_book(changed(xl__worksheets__sheet1=sheet("")))
