"""Workbooks: every cell as text, every row number Excel's, what was stored kept, what is hidden told."""

from datetime import date, datetime, time, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from aformity_pipelines.files.fingerprint import sha256_of


def workbook(path: Path, *rows, first_row: int = 1, first_column: int = 1) -> Path:
    book = openpyxl.Workbook()
    book.active.title = "Data"
    for row, values in enumerate(rows, start=first_row):
        for column, value in enumerate(values, start=first_column):
            if value is not None:
                cell = book.active.cell(row, column)
                cell.value = value
                if isinstance(value, str) and not value.startswith("="):
                    cell.data_type = "s"
    book.save(path)
    return path


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (date(2024, 3, 2), "2024-03-02"),
        (datetime.fromisoformat("2024-03-02T04:05:06"), "2024-03-02 04:05:06"),
        (datetime.fromisoformat("2024-03-02T04:05:06.125"), "2024-03-02 04:05:06.125"),
        (date(1900, 1, 1), "1900-01-01"),
        (date(1900, 3, 1), "1900-03-01"),
        (date(9999, 12, 31), "9999-12-31"),
        (time(12, 30), "12:30:00"),
        (timedelta(hours=36, minutes=5), "36:05:00"),
        (12, "12"),
        (0, "0"),
        (12.5, "12.5"),
        (-3, "-3"),
        (0.1, "0.1"),
        (1e20, "100000000000000000000"),
        (1.5e-7, "1.5e-07"),
        (1234567890123, "1234567890123"),
        ("123456789012345678", "123456789012345678"),
        ("007", "007"),
        ("12.50", "12.50"),
        ("NULL", "NULL"),
        ("#N/A is text", "#N/A is text"),
        ("2024-03-02 00:00:00", "2024-03-02 00:00:00"),
        ("1899-12-31 12:30:00", "1899-12-31 12:30:00"),
        ("😀 é", "😀 é"),
        ("two\nlines", "two\nlines"),
        ("<b> & 'c' \"d\"", "<b> & 'c' \"d\""),
        ("'=1+1", "'=1+1"),
        (" spaces ", " spaces "),
        (True, "true"),
        (False, "false"),
    ],
)
def test_a_cell_is_read_as_text(read_book, tmp_path: Path, value, text: str) -> None:
    path = workbook(tmp_path / "x.xlsx", ["id", "name"], ["1", value], ["2", "other"])
    assert read_book(path).only.rows == ((2, "1", text), (3, "2", "other"))


def test_a_mixed_column_keeps_every_cell(read_book, tmp_path: Path) -> None:
    values = [*range(1500), "ABC", "007", date(2024, 3, 2), 1.5, True]
    path = workbook(tmp_path / "x.xlsx", ["id", "name"], *(["x", value] for value in values))
    texts = [*map(str, range(1500)), "ABC", "007", "2024-03-02", "1.5", "true"]
    assert list(read_book(path).only.rows) == [(row, "x", text) for row, text in enumerate(texts, start=2)]


def test_row_numbers_are_excels_whatever_is_blank(read_book, tmp_path: Path) -> None:
    rows = [["Export of contacts"], [], ["id", "name", "city"], ["1", "Ann", None], [], ["2", None, "Ulm"]]
    path = workbook(tmp_path / "x.xlsx", *rows, first_row=4, first_column=3)
    table = read_book(path).only
    assert (table.raw.header_row, table.raw.first_column) == (6, 3)
    assert table.rows == ((7, "1", "Ann", None), (9, "2", None, "Ulm"))


def test_what_is_stored_is_kept_where_the_text_is_another(tmp_path: Path, read_book) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row("B1", ["name", "date", "active"])
        sheet.write_row("B2", ["Ann"])
        sheet.write_number("C2", 45353.5, book.add_format({"num_format": "dd/mm/yyyy"}))
        sheet.write_boolean("D2", True)
    table = read_book(path).only
    assert table.rows == ((2, "Ann", "2024-03-02 12:00:00", "true"),)
    assert table.stored == {(2, 2): ("45353.5", "dd/mm/yyyy"), (2, 3): ("1", "General")}


@pytest.mark.parametrize(
    ("serial", "number_format", "text", "is_warned"),
    [
        (0.5, "hh:mm", "12:00:00", True),
        (1.5, "hh:mm", "36:00:00", True),
        (45353.25, "hh:mm", "2024-03-02 06:00:00", False),
        (1.5, "[h]:mm", "36:00:00", False),
        (0, "yyyy-mm-dd", "0", True),
        (60, "yyyy-mm-dd", "60", True),
        (-1, "yyyy-mm-dd", "-1", True),
        (3_000_000, "yyyy-mm-dd", "3000000", True),
        (59, "d mmm", "1900-02-28", False),
        (61, "[$-407]d. mmmm yyyy;@", "1900-03-01", False),
        (12, '0 "days"', "12", False),
        (12, "#,##0.00 [$kr-414]", "12", False),
        (12, "[Red]0", "12", False),
    ],
)
def test_a_serial_number_is_a_date_only_where_it_is_one(
    tmp_path: Path, read_book, serial, number_format, text, is_warned
) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row("A1", ["id", "name"])
        sheet.write("A2", "x")
        sheet.write_number("B2", serial, book.add_format({"num_format": number_format}))
    table = read_book(path).only
    assert (table.rows, "time_without_date" in table.warnings) == (((2, "x", text),), is_warned)


def test_both_systems_of_dates_give_the_same_dates(tmp_path: Path, read_book) -> None:
    rows = []
    for from_1904 in (False, True):
        path = tmp_path / f"{from_1904}.xlsx"
        with xlsxwriter.Workbook(path, {"date_1904": from_1904}) as book:
            sheet = book.add_worksheet("Data")
            sheet.write_row("A1", ["id", "date"])
            shown = book.add_format({"num_format": "d.m.yyyy h:mm"})
            for row, day in enumerate(
                (date(1904, 1, 2), date(2024, 2, 29), datetime.fromisoformat("2024-03-02T04:05:06"))
            ):
                sheet.write(row + 1, 0, "x")
                sheet.write_datetime(row + 1, 1, day, shown)
        rows.append(read_book(path).only.rows)
    assert rows[0] == rows[1]
    assert rows[0] == ((2, "x", "1904-01-02"), (3, "x", "2024-02-29"), (4, "x", "2024-03-02 04:05:06"))


def test_a_formula_gives_its_stored_value_or_a_warning(read_book, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, ["id", "sum"])
        sheet.write_row(1, 0, ["1"])
        sheet.write_formula(1, 1, "=1+1", None, 2)
        sheet.write_row(2, 0, ["2"])
        sheet.write_formula(2, 1, '="a"&"b"', None, "ab")
    assert read_book(path).only.rows == ((2, "1", "2"), (3, "2", "ab"))

    table = read_book(workbook(tmp_path / "y.xlsx", ["id", "sum"], ["1", "=1+1"], ["2", "=A2"])).only
    assert table.rows == ((2, "1", None), (3, "2", None))
    assert table.warnings == {"formula_without_value": (2, "Data!B2")}


def test_what_a_sheet_hides_is_counted(read_book, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path, {"date_1904": True}) as book:
        sheet = book.add_worksheet("Data")
        sheet.write_row(0, 0, ["id", "zip", "note"])
        sheet.write_row(1, 0, ["1", 123])
        sheet.write_number(1, 1, 123, book.add_format({"num_format": "00000"}))
        sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
        sheet.write_row(2, 0, ["2", 1234567890123456789, "y"])
        sheet.set_row(2, None, None, {"hidden": True})
        sheet.set_column(2, 2, None, None, {"hidden": True})
        sheet.merge_range(3, 0, 3, 1, "3")
        sheet.write(3, 2, "z")
    table = read_book(path).only
    assert table.rows == (
        (2, "1", "123", "#DIV/0!"),
        (3, "2", "1234567890123457000", "y"),
        (4, "3", None, "z"),
    )
    assert table.warnings == {
        "hidden_row": (1, "Data!3:3"),
        "hidden_column": (1, "Data!C:C"),
        "merged_cells": (1, "Data!A4:B4"),
        "error_cell": (1, "Data!C2"),
        "number_format_zeros": (1, "Data!B2"),
        "digits_beyond_15": (1, "Data!B3"),
        "dates_from_1904": (1, "Data"),
    }


def test_headers_may_repeat_and_be_years_or_dates(read_book, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", ["Name", "Name", 2024, "Id"], ["a", "b", 7, 1], ["c", "d", 8, 2])
    table = read_book(path).only
    assert table.raw.headers == ("Name", "Name", "2024", "Id")
    assert table.warnings == {"duplicate_header": (2, "'Name' and 'Name'")}


def test_the_told_header_row_is_taken(read_book, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", ["Exported", "today"], ["id", "name"], ["1", "Ann"])
    table = read_book(path, header_row=2).only
    assert (table.raw.headers, table.rows) == (("id", "name"), ((3, "1", "Ann"),))


def test_without_a_header_the_columns_are_numbered(read_book, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", ["1", "Ann"], ["2", "Bo"])
    table = read_book(path, header_row=0).only
    assert (table.raw.headers, table.raw.header_row) == (("col_0", "col_1"), 0)
    assert table.rows == ((1, "1", "Ann"), (2, "2", "Bo"))


def test_the_same_workbook_gives_the_same_bytes(read_book, tmp_path: Path) -> None:
    path = workbook(tmp_path / "x.xlsx", ["id", "name"], *([i, f"name {i % 7}"] for i in range(3000)))
    first = sha256_of(read_book(path).only.raw.parquet)
    assert sha256_of(read_book(path).only.raw.parquet) == first
