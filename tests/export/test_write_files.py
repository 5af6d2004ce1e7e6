"""The importer's files byte for byte, and a workbook in which nothing is a formula by accident."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest
from openpyxl.utils.escape import unescape

from aformity_pipelines.domain.destination import Entity
from aformity_pipelines.export.write_files import (
    XLSX_TEXT_LIMIT,
    keys_in_csv,
    why_no_workbook,
    write_csv,
    write_parquet,
    write_xlsx,
)

FIELD = {"says": "A field.", "moment": "use"}
ENTITY = Entity.model_validate(
    {
        "label": "Thing",
        "plural": "Things",
        "says": "It.",
        "key": "id",
        "fields": {
            "id": {**FIELD, "required": True, "unique": True},
            "order": FIELD,
            "seats": {**FIELD, "type": "integer"},
            "price": {**FIELD, "type": "decimal"},
            "since": {**FIELD, "type": "date"},
            "is_on": {**FIELD, "type": "boolean"},
        },
    }
)
Thing = dict[str, Any]


def things(*rows: Thing) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(
        'create table export_thing (row_ids varchar[], id varchar, "order" varchar, seats bigint,'
        " price decimal(18, 4), since date, is_on boolean)"
    )
    for number, row in enumerate(rows):
        values = [[f"r{number:03d}"], *(row.get(name) for name in ENTITY.fields)]
        connection.execute("insert into export_thing values (?, ?, ?, ?, ?, ?, ?)", values)
    return connection


def csv_of(folder: Path, *rows: Thing) -> str:
    write_csv(things(*rows), "export_thing", ENTITY, folder / "t.csv")
    return (folder / "t.csv").read_bytes().decode()


HEADER = '"id","order","seats","price","since","is_on"\n'


def test_every_value_is_quoted_and_an_absent_one_is_not(tmp_path: Path) -> None:
    row = {
        "id": "007",
        "order": None,
        "seats": 5,
        "price": Decimal("12.5"),
        "since": date(2024, 2, 29),
        "is_on": True,
    }

    assert csv_of(tmp_path, row) == f'{HEADER}"007",,"5","12.50","2024-02-29","true"\n'


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("", '""'),
        ('say "hi"', '"say ""hi"""'),
        ("a,b;c", '"a,b;c"'),
        ("line 1\nline 2", '"line 1\nline 2"'),
        ("line 1\r\nline 2", '"line 1\r\nline 2"'),
        ("=1+1", '"=1+1"'),
        ("+49 30", '"+49 30"'),
        ("@sum", '"@sum"'),
        (" x ", '" x "'),
        ("\\", '"\\"'),
        ("Émile 😀", '"Émile 😀"'),
        ("e\u0301", '"e\u0301"'),
        ("NULL", '"NULL"'),
        ("\ufeff", '"\ufeff"'),
    ],
)
def test_text_is_written_as_it_is(tmp_path: Path, text: str, written: str) -> None:
    assert csv_of(tmp_path, {"id": "1", "order": text}) == f'{HEADER}"1",{written},,,,\n'


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0", "0.00"),
        ("12.34", "12.34"),
        ("12.345", "12.345"),
        ("12.3456", "12.3456"),
        ("-0.1", "-0.10"),
        ("100", "100.00"),
    ],
)
def test_a_decimal_keeps_two_places_and_every_place_that_it_has(
    tmp_path: Path, amount: str, written: str
) -> None:
    assert csv_of(tmp_path, {"id": "1", "price": Decimal(amount)}) == f'{HEADER}"1",,,"{written}",,\n'


def test_no_records_leave_the_header(tmp_path: Path) -> None:
    assert csv_of(tmp_path) == HEADER


def test_the_keys_of_a_file_are_read_back_exactly(tmp_path: Path) -> None:
    keys = ["007", 'a "b"', "two\nlines", "a,b", "😀", "=1", " x "]
    connection = things(*({"id": key, "order": "text\n,"} for key in keys))
    write_csv(connection, "export_thing", ENTITY, tmp_path / "t.csv")

    assert [row[0] for row in connection.execute(keys_in_csv(ENTITY, tmp_path / "t.csv")).fetchall()] == keys


def test_records_stand_in_row_order_whatever_the_order_of_the_table(tmp_path: Path) -> None:
    connection = things({"id": "b"}, {"id": "a"})
    connection.execute("create table turned as from export_thing order by row_ids desc")
    write_csv(connection, "turned", ENTITY, tmp_path / "t.csv")
    write_parquet(connection, "turned", ENTITY, tmp_path / "t.parquet")

    assert (tmp_path / "t.csv").read_text() == f'{HEADER}"b",,,,,\n"a",,,,,\n'
    assert duckdb.execute(f"select row_ids, id from '{tmp_path}/t.parquet'").fetchall() == [
        (["r000"], "b"),
        (["r001"], "a"),
    ]


def sheet_of(folder: Path, *rows: Thing) -> Any:
    write_xlsx(things(*rows), "export_thing", ENTITY, folder / "t.xlsx")
    return openpyxl.load_workbook(folder / "t.xlsx").active


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        '=HYPERLINK("http://evil")',
        "+1",
        "-1",
        "@x",
        "https://acme.example",
        "007",
        "1e5",
        "{=1}",
        "TRUE",
        "<r>bold</r>",
        "<r><t>x</t></r>",
        "_x000D_",
        "_x005F_x000D_",
        "bell\x07",
    ],
)
def test_no_text_becomes_a_formula_a_link_or_a_number(tmp_path: Path, text: str) -> None:
    cell = sheet_of(tmp_path, {"id": text}).cell(2, 1)

    # openpyxl leaves `_x003C_` as it stands; Excel and our own reader show the sign that it means.
    assert (unescape(cell.value), cell.data_type, cell.hyperlink) == (text, "s", None)


def test_values_keep_their_types_and_absent_ones_leave_an_empty_cell(tmp_path: Path) -> None:
    sheet = sheet_of(
        tmp_path,
        {"id": "1", "seats": 5, "price": Decimal("12.5"), "since": date(2024, 2, 29), "is_on": False},
        {"id": "2"},
    )

    first = [cell.value for cell in sheet[2]]
    assert first[:4] + first[5:] == ["1", None, 5, 12.5, False]
    assert first[4].date() == date(2024, 2, 29)
    assert [cell.value for cell in sheet[3]] == ["2", None, None, None, None, None]


def test_numbers_and_days_that_a_cell_would_spoil_are_text(tmp_path: Path) -> None:
    row = {
        "id": "1",
        "seats": 123456789012345678,
        "price": Decimal("12345678901234.5678"),
        "since": date(1850, 7, 4),
    }

    values = [cell.value for cell in sheet_of(tmp_path, row)[2]]

    assert values[2:5] == ["123456789012345678", "12345678901234.5678", "1850-07-04"]


def test_equal_records_are_equal_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        connection = things({"id": "1", "order": "x"}, {"id": "2"})
        write_xlsx(connection, "export_thing", ENTITY, tmp_path / name / "t.xlsx")
        write_parquet(connection, "export_thing", ENTITY, tmp_path / name / "t.parquet")

    for name in ("t.xlsx", "t.parquet"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "other" / name).read_bytes()


@pytest.mark.parametrize(
    ("rows", "most_rows", "why"),
    [
        ([{"id": "1"}], 1, None),
        ([], 0, None),
        ([{"id": "1", "order": "x" * XLSX_TEXT_LIMIT}], 1, None),
        ([{"id": "1"}, {"id": "2"}], 1, "2 records exceed `human_copy_rows` (1)"),
        ([{"id": "1", "order": "x" * (XLSX_TEXT_LIMIT + 1)}], 1, "a text of 32768 characters exceeds what a cell holds (32767)"),
    ],
)  # fmt: skip
def test_records_that_do_not_fit_have_no_workbook_and_the_reason_is_said(
    rows: list[Thing], most_rows: int, why: str | None
) -> None:
    assert why_no_workbook(things(*rows), "export_thing", ENTITY, most_rows=most_rows) == why
