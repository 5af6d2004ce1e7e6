"""Where tables lie in a sheet, which row is the header, and that every row is accounted for."""

import pytest
import xlsxwriter

from aformity_pipelines.intake.refusal import NotUnderstood

CONTACTS = [("A1", ["id", "name", "age"]), ("A2", ["1", "Ann", 31]), ("A3", ["2", "Bo", 42])]
READ = ((2, "1", "Ann", "31"), (3, "2", "Bo", "42"))


def accounted(table) -> int:
    return table.raw.rows + table.raw.rejected + sum(skipped.count for skipped in table.raw.skipped)


def test_a_plain_sheet_asks_nothing(sheet_of) -> None:
    book = sheet_of(*CONTACTS)
    assert (book.only.raw.headers, book.only.rows, book.asked) == (("id", "name", "age"), READ, [])
    assert book.only.skipped == {"header": (1, 1)}


def test_titles_blank_columns_and_notes_are_left_around_the_table(sheet_of) -> None:
    book = sheet_of(
        ("C2", ["Export of contacts"]),
        ("C4", ["id", "name", "age"]),
        ("C5", ["1", "Ann", 31]),
        ("C6", ["2", "Bo", 42]),
        ("C9", ["Source: the old CRM of the sales team"]),
    )
    table = book.only
    assert (table.raw.header_row, table.raw.first_column, table.raw.first_row, table.raw.last_row) == (
        4,
        3,
        5,
        6,
    )
    assert table.rows == ((5, "1", "Ann", "31"), (6, "2", "Bo", "42"))
    assert table.skipped == {"title": (1, 2), "header": (1, 4), "blank": (4, 1), "note": (1, 9)}
    assert (accounted(table), book.asked) == (9, [])


def test_a_blank_row_within_a_table_ends_nothing(sheet_of) -> None:
    book = sheet_of(*CONTACTS, ("A5", ["3", "Cy", 53]))
    assert book.only.rows == (*READ, (5, "3", "Cy", "53"))
    assert (book.only.skipped["blank"], accounted(book.only), book.asked) == ((1, 4), 5, [])


def test_two_tables_one_below_the_other(sheet_of) -> None:
    book = sheet_of(*CONTACTS, ("A6", ["code", "price", "stock"]), ("A7", ["x1", 9.5, 3]))
    first, second = book.tables
    assert (first.rows, second.rows) == (READ, ((7, "x1", "9.5", "3"),))
    assert first.skipped == {"header": (1, 1), "blank": (2, 4), "other_table": (2, 6)}
    assert accounted(first) == accounted(second) == 7


def test_two_tables_side_by_side(sheet_of) -> None:
    book = sheet_of(*CONTACTS, ("F1", ["id", "name"]), *((f"F{row}", [row, "x"]) for row in range(2, 9)))
    first, second = book.tables
    assert (first.raw.first_column, first.rows) == (1, READ)
    assert (second.raw.first_column, second.raw.rows) == (6, 7)


def test_an_empty_column_within_a_table_ends_nothing(sheet_of) -> None:
    book = sheet_of(("A1", ["id", None, "age"]), ("A2", ["1", None, 31]), ("A3", ["2", None, 42]))
    assert book.only.rows == ((2, "1", None, "31"), (3, "2", None, "42"))


def test_a_cell_beside_the_table_is_warned_of(sheet_of) -> None:
    book = sheet_of(*CONTACTS, ("F2", ["as of May"]))
    assert book.only.warnings == {"field_not_read": (1, "Data!F2")}


def test_every_sheet_is_a_table_and_one_is_chosen(book_of) -> None:
    sheets = {
        "Contacts": CONTACTS,
        "Empty": [],
        "Prices & more": [("B2", ["code", "price"]), ("B3", ["x", 1])],
    }
    assert [(table.raw.number, table.raw.sheet) for table in book_of(sheets).tables] == [
        (1, "Contacts"),
        (2, "Prices & more"),
    ]
    assert book_of(sheets, sheet="Prices & more").only.rows == ((3, "x", "1"),)
    assert book_of(sheets, table=2).only.raw.number == 2


def test_a_lone_sheet_with_values_asks_nothing(book_of) -> None:
    book = book_of({"Empty": [], "Contacts": CONTACTS, "Sheet3": []})
    assert (book.only.raw.sheet, book.only.rows, book.asked) == ("Contacts", READ, [])


@pytest.mark.parametrize(
    ("hints", "message"),
    [
        ({"sheet": "data"}, r"no sheet 'data'; there are \['Data'\]"),
        ({"table": 2}, r"no table 2; there are 1 \(1: Data!A1:C3\)"),
        ({"header_row": 7}, "row 7 should be the header but is blank"),
    ],
)
def test_what_is_told_but_not_there_is_asked_for(sheet_of, hints, message: str) -> None:
    with pytest.raises(NotUnderstood, match=message):
        sheet_of(*CONTACTS, **hints)


DOUBTFUL = {
    "no header": [("A1", ["1", "Ann", 31]), ("A2", ["2", "Bo", 42])],
    "several cells above": [
        ("A1", ["Exported", "today"]),
        ("A2", ["id", "name", "age"]),
        ("A3", ["1", "Ann", 31]),
    ],
    "a column without a name": [("A1", ["id", "name"]), ("A2", ["1", "Ann", 31]), ("A3", ["2", "Bo", 42])],
    "a total": [*CONTACTS, ("A4", ["Total", None, 73])],
    "a remark": [*CONTACTS, ("A4", ["* as of the first of May"])],
    "a lone value below": [*CONTACTS, ("A5", ["3"])],
}


@pytest.mark.parametrize("rows", DOUBTFUL.values(), ids=DOUBTFUL)
def test_a_doubt_is_asked_and_its_proposal_reads_the_same_and_asks_nothing(sheet_of, rows) -> None:
    guessed = sheet_of(*rows)
    assert len(guessed.asked) == 1
    told = sheet_of(*rows, **guessed.asked[0][1])
    assert (told.asked, told.only.raw.headers, told.only.rows) == (
        [],
        guessed.only.raw.headers,
        guessed.only.rows,
    )
    assert accounted(told.only) == accounted(guessed.only)


def test_a_header_over_two_rows_is_joined_and_asked_about(tmp_path, read_book) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        sheet.merge_range("A1:A2", "id")
        sheet.merge_range("B1:C1", "Address")
        sheet.write_row("B2", ["city", "zip code"])
        sheet.write_row("A3", [1, "Ulm", 89073])
        sheet.write_row("A4", [2, "Bonn", 53111])
    book = read_book(path)
    assert book.only.raw.headers == ("id", "Address city", "Address zip code")
    assert book.only.rows == ((3, "1", "Ulm", "89073"), (4, "2", "Bonn", "53111"))
    assert book.asked == [("header", {"header_row": 1, "header_rows": 2})]
    assert read_book(path, header_row=1, header_rows=2).only.rows == book.only.rows


def test_a_declared_table_is_taken_as_declared(tmp_path, read_book) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Data")
        sheet.write("A1", "Stock on 1 May")
        columns = [{"header": "1"}, {"header": "2", "total_function": "sum"}]
        sheet.add_table("B3:C6", {"columns": columns, "data": [[1, 2], [3, 4]], "total_row": True})
    book = read_book(path)
    assert (book.only.raw.headers, book.only.rows, book.asked) == (
        ("1", "2"),
        ((4, "1", "2"), (5, "3", "4")),
        [],
    )
    assert book.only.skipped == {"title": (1, 1), "header": (1, 3), "blank": (1, 2), "note": (1, 6)}


def test_a_hidden_sheet_is_read_last_and_told(tmp_path, read_book) -> None:
    path = tmp_path / "x.xlsx"
    with xlsxwriter.Workbook(path) as book:
        hidden, shown = book.add_worksheet("Lists"), book.add_worksheet("Data")
        for sheet in (hidden, shown):
            sheet.write_row("A1", ["id", "price"])
            sheet.write_row("A2", [1, 2.5])
        shown.activate()
        hidden.hide()
    first, second = read_book(path).tables
    assert (first.raw.sheet, first.warnings) == ("Data", {})
    assert (second.raw.sheet, second.warnings) == ("Lists", {"hidden_sheet": (1, "Lists")})
