"""Workbooks: every cell as text, every row number Excel's, or a clear question."""

import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from aformity_pipelines.files.fingerprint import sha256_of
from aformity_pipelines.intake.reading import WarningKind
from aformity_pipelines.intake.refusal import NotUnderstood


def workbook(path: Path, *rows, first_row: int = 1, first_column: int = 1, sheet: str = "Sheet") -> Path:
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row, values in enumerate(rows, start=first_row):
        for column, value in enumerate(values, start=first_column):
            if value is not None:
                cell = book.active.cell(row, column)
                cell.value = value
                if isinstance(value, str) and not value.startswith("="):
                    cell.data_type = "s"
    book.save(path)
    return path


def warnings_of(read) -> dict[WarningKind, tuple[int, str]]:
    return {warning.kind: (warning.count, warning.example) for warning in read.table.warnings}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2024, 3, 2), "2024-03-02"),
        (datetime.fromisoformat("2024-03-02T04:05:06"), "2024-03-02 04:05:06"),
        (12, "12"),
        (12.5, "12.5"),
        (-3, "-3"),
        (0.1, "0.1"),
        (1234567890123, "1234567890123"),
        ("123456789012345678", "123456789012345678"),
        ("007", "007"),
        ("12.50", "12.50"),
        ("NULL", "NULL"),
        ("#N/A is text", "#N/A is text"),
        ("😀 é", "😀 é"),
        ("two\nlines", "two\nlines"),
        ("'=1+1", "'=1+1"),
        (" spaces ", " spaces "),
        (True, "true"),
        (time(12, 30), "12:30:00"),
    ],
)
def test_a_cell_is_read_as_text(read_file, tmp_path: Path, value, text: str) -> None:
    path = workbook(tmp_path / "x.xlsx", ["id", "value"], ["1", value], ["2", "other"])
    assert read_file(path, tmp_path).rows == ((2, "1", text), (3, "2", "other"))


def test_a_mixed_column_keeps_every_cell(read_file, tmp_path: Path) -> None:
    values = [*range(1500), "ABC", "007", date(2024, 3, 2), 1.5, True]
    path = workbook(tmp_path / "x.xlsx", ["id", "value"], *(["x", value] for value in values))
    read = read_file(path, tmp_path)
    texts = [*map(str, range(1500)), "ABC", "007", "2024-03-02", "1.5", "true"]
    assert list(read.rows) == [(row, "x", text) for row, text in enumerate(texts, start=2)]


def test_row_numbers_are_excels_whatever_is_blank(read_file, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "x.xlsx",
        ["Export of contacts"],
        [],
        ["id", "name", "city"],
        ["1", "Ann", None],
        [],
        ["2", None, "Ulm"],
        first_row=4,
        first_column=3,
    )
    read = read_file(path, tmp_path)
    sheet = openpyxl.load_workbook(path).active
    expected = tuple(
        (row, *(sheet.cell(row, column).value for column in (3, 4, 5)))
        for row in range(7, sheet.max_row + 1)
        if sheet.cell(row, 3).value
    )
    assert read.table.header_row == 6
    assert read.rows == expected == ((7, "1", "Ann", None), (9, "2", None, "Ulm"))


def test_text_that_looks_like_a_date_stays_text(read_file, tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "x.xlsx",
        ["id", "when"],
        ["1", "2024-03-02 00:00:00"],
        ["2", datetime.fromisoformat("2024-03-02T00:00:00")],
        ["3", "1899-12-31 12:30:00"],
        first_column=2,
        first_row=2,
    )
    read = read_file(path, tmp_path)
    assert read.rows == (
        (3, "1", "2024-03-02 00:00:00"),
        (4, "2", "2024-03-02"),
        (5, "3", "1899-12-31 12:30:00"),
    )


def test_a_formula_gives_its_stored_value_or_a_warning(read_file, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["id", "sum"])
        sheet.write(1, 0, "1")
        sheet.write_formula(1, 1, "=1+1", None, 2)
        sheet.write(2, 0, "2")
        sheet.write_formula(2, 1, '="a"&"b"', None, "ab")
    assert read_file(path, tmp_path).rows == ((2, "1", "2"), (3, "2", "ab"))

    path = workbook(tmp_path / "y.xlsx", ["id", "sum"], ["1", "=1+1"], ["2", "=A2"])
    read = read_file(path, tmp_path)
    assert read.rows == ((2, "1", None), (3, "2", None))
    assert warnings_of(read) == {WarningKind.FORMULA_WITHOUT_VALUE: (2, "B2")}


def test_what_a_sheet_hides_is_counted(read_file, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Shown")
        zeros = book.add_format({"num_format": "00000"})
        sheet.write_row(0, 0, ["id", "zip", "note"])
        sheet.write(1, 0, "1")
        sheet.write_number(1, 1, 123, zeros)
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        sheet.write_row(2, 0, ["2", "x", "y"])
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
        sheet.merge_range(3, 0, 3, 1, "3")
        other = book.add_worksheet("Other")
        other.write(0, 0, "secret")
        other.hide()
    read = read_file(path, tmp_path)
    assert read.rows == ((2, "1", "123", None), (3, "2", "x", "y"), (4, "3", None, None))
    assert warnings_of(read) == {
        WarningKind.HIDDEN_SHEET: (1, "Other"),
        WarningKind.HIDDEN_ROW: (1, "row 3"),
        WarningKind.HIDDEN_COLUMN: (1, "column 3"),
        WarningKind.MERGED_CELLS: (1, "A4:B4"),
        WarningKind.ERROR_CELL: (1, "C2"),
        WarningKind.NUMBER_FORMAT_ZEROS: (1, "B2"),
    }


def test_headers_may_repeat_and_be_numbers(read_file, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", ["Name", "Name", 2024, date(2024, 1, 1)], ["a", "b", "c", "d"])
    assert read_file(path, tmp_path).table.headers == ("Name", "Name", "2024", "2024-01-01")


def two_sheets(path: Path) -> Path:
    book = openpyxl.Workbook()
    for name, value in (("Customers", "c"), ("Orders & more", "o")):
        sheet = book.create_sheet(name)
        sheet.append(["id", "name"])
        sheet.append([value, "x"])
    book.save(path)
    return path


def test_the_told_sheet_is_read(read_file, tmp_path: Path) -> None:
    read = read_file(two_sheets(tmp_path / "x.xlsx"), tmp_path, sheet="Orders & more")
    assert read.rows == ((2, "o", "x"),)
    assert read.table.sheet == "Orders & more"


def test_the_told_header_row_is_taken(read_file, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", ["Exported", "today"], ["id", "name"], ["1", "Ann"])
    read = read_file(path, tmp_path, header_row=2)
    assert (read.table.headers, read.rows) == (("id", "name"), ((3, "1", "Ann"),))


def test_the_same_workbook_gives_the_same_bytes(read_file, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", ["id", "name"], *([i, f"name {i % 7}"] for i in range(3000)))
    first = sha256_of(read_file(path, tmp_path).table.parquet)
    assert sha256_of(read_file(path, tmp_path).table.parquet) == first


@pytest.mark.parametrize(
    ("hints", "message"),
    [
        ({}, r"2 visible sheets hold values: \['Customers', 'Orders & more'\].*sheet: \"Customers\""),
        ({"sheet": "customers"}, "no sheet 'customers'; there are"),
        ({"sheet": "Customers", "header_row": 7}, "row 7 should be the header"),
    ],
)
def test_an_unclear_sheet_or_header_is_asked_for(read_file, tmp_path, hints, message) -> None:
    with pytest.raises(NotUnderstood, match=message):
        read_file(two_sheets(tmp_path / "x.xlsx"), tmp_path, **hints)


def test_columns_without_a_name_are_asked_about(read_file, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", ["Exported", "today"], ["id", "name", "city"], ["1", "Ann", "Ulm"])
    with pytest.raises(NotUnderstood, match=r"row 1 .* names only some of the columns"):
        read_file(path, tmp_path)


def test_a_damaged_workbook_is_refused(read_bytes, tmp_path: Path) -> None:
    whole = workbook(tmp_path / "x.xlsx", ["id", "name"], ["1", "Ann"]).read_bytes()
    with pytest.raises(NotUnderstood, match="damaged"):
        read_bytes(whole[: len(whole) // 2], tmp_path, "half.xlsx")


def test_other_files_are_refused_by_what_they_are(read_bytes, tmp_path: Path) -> None:
    with pytest.raises(NotUnderstood, match="named like a workbook but is none"):
        read_bytes(b"id,name\n1,Ann\n", tmp_path, "x.xls")
    with pytest.raises(NotUnderstood, match="protected by a password"):
        read_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest", tmp_path, "x.xlsx")
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr("a.csv", "id,name")
    with pytest.raises(NotUnderstood, match="not a workbook"):
        read_bytes((tmp_path / "z.zip").read_bytes(), tmp_path, "x.xlsx")
