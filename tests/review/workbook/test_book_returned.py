"""What reviewers do to rows: sorted, filtered, deleted, copied, added; each is told, and none is taken for another."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.review.workbook.grid import table_of
from aformity_pipelines.review.workbook.remarks import Weight
from aformity_pipelines.review.workbook.returned import Return, answered, match
from aformity_pipelines.review.workbook.sealed import origin_of
from tests.builders.books import SEALER, block, book, grids, written
from tests.builders.reviewer import ANSWER, REASON, filled, opened, rows_of

HANNA = "Hanna Vogt"


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    return written(book(block(1, "a@", "b@", "c@"), block(2, "d@", "e@")), tmp_path / "book.xlsx")


def come_back(path: Path) -> Return:
    sheets = grids(path, path.parent / "cells")
    return match(sheets, origin_of(table_of(sheets["_seals"]), SEALER, slug="tiny"), SEALER)


def answers(returned: Return) -> dict[str, str]:
    """Entry -> answer and reason."""
    return {each.entry.code: f"{each.text('Answer')}: {each.text('Reason')}" for each in answered(returned)}


def said(returned: Return) -> list[tuple[str, Weight]]:
    return [(each.at, each.weight) for each in returned.remarks]


def shuffled(path: Path, *, seed: int = 7) -> None:
    """Sort the reviewer's rows in another way, headings among them."""
    with opened(path) as found:
        sheet = found[HANNA]
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
        random.Random(seed).shuffle(rows)
        for number, row in enumerate(rows, start=2):
            for column, value in enumerate(row, start=1):
                sheet.cell(row=number, column=column).value = value


def by_position(path: Path) -> dict[str, str]:
    """The naive reader: the n-th row of the sheet is the n-th that was sent."""
    sheets = grids(path, path.parent / "naive")
    codes = [
        code for code in origin_of(table_of(sheets["_seals"]), SEALER, slug="tiny").entries if code != "m1"
    ]
    cells = sheets[HANNA]
    return {
        code: f"{cells[row, 8].text}: {cells[row, 10].text}"
        for row, code in enumerate(codes, start=2)
        if (row, 8) in cells
    }


def by_visible_key(path: Path) -> dict[str, str]:
    """The naive reader: what the column Row says is the row."""
    cells = grids(path, path.parent / "naive")[HANNA]
    return {cells[row, 2].text: cells[row, 8].text for row, column in cells if column == 8 and row > 1}


def test_a_workbook_that_nobody_touched_says_nothing(sent: Path) -> None:
    returned = come_back(sent)

    assert returned.remarks == ()
    assert answers(returned) == {}
    assert len(returned.rows) == 8


def test_the_order_of_rows_does_not_matter(sent: Path) -> None:
    with opened(sent) as found:
        for code, row in rows_of(found[HANNA]).items():
            found[HANNA][f"{ANSWER}{row}"] = "Leave out"
            found[HANNA][f"{REASON}{row}"] = f"Because of {code}."
    expected = {
        code: f"Leave out: Because of {code}."
        for code in ("f1", "f1.1", "f1.2", "f1.3", "f2", "f2.1", "f2.2")
    }
    assert by_position(sent) == expected
    shuffled(sent)

    returned = come_back(sent)

    assert answers(returned) == expected
    assert returned.remarks == ()
    assert by_position(sent) != expected


def test_two_rows_with_one_visible_key_are_two_entries(sent: Path) -> None:
    filled(sent, HANNA, {"H3": "Leave out", "J3": "Old.", "H7": "Accept as it is", "J7": "Fine."})

    assert answers(come_back(sent)) == {"f1.1": "Leave out: Old.", "f2.1": "Accept as it is: Fine."}
    assert by_visible_key(sent) == {"p1": "Accept as it is"}


def test_deleted_rows_are_told_and_stay_open(sent: Path) -> None:
    with opened(sent) as found:
        found[HANNA].delete_rows(4, 2)

    returned = come_back(sent)

    assert said(returned) == [(HANNA, Weight.NOTES)]
    assert "2 rows of mapped/contact/contact.email.format" in returned.remarks[0].says
    assert "people:p2" in returned.remarks[0].says
    assert set(returned.rows) == {"f1", "f1.1", "f2", "f2.1", "f2.2", "m1"}


def test_a_deleted_sheet_is_told(sent: Path) -> None:
    with opened(sent) as found:
        del found["Field map"]

    assert said(come_back(sent)) == [("Field map", Weight.NOTES)]


def _copied(path: Path, *, answer: str) -> None:
    with opened(path) as found:
        sheet = found[HANNA]
        sheet["H3"], sheet["J3"] = "Leave out", "Old."
        for column in range(1, 13):
            sheet.cell(row=9, column=column).value = sheet.cell(row=3, column=column).value
        sheet["H9"] = answer


def test_a_copied_row_that_says_the_same_counts_once(sent: Path) -> None:
    _copied(sent, answer="Leave out")

    returned = come_back(sent)

    assert answers(returned) == {"f1.1": "Leave out: Old."}
    assert said(returned) == [(f"{HANNA}!H9", Weight.NOTES)]


def test_a_copied_row_that_says_something_else_is_refused(sent: Path) -> None:
    _copied(sent, answer="Accept as it is")

    returned = come_back(sent)

    assert answers(returned) == {}
    assert said(returned) == [(f"{HANNA}!H9", Weight.REFUSES)]
    assert f"{HANNA}!H3" in returned.remarks[0].says


def _change(path: Path, change: Callable[[Any], None]) -> Return:
    with opened(path) as found:
        change(found[HANNA])
    return come_back(path)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "this row was added"),
        ("f1.9", "the workbook had no entry 'f1.9'"),
        ("f1.1 ", "the workbook had no entry 'f1.1 '"),
        ("m1", "this row belongs to the sheet 'Field map'"),
    ],
)
def test_a_row_that_was_not_sent_is_refused(sent: Path, code: str, words: str) -> None:
    def add(sheet: Any) -> None:
        sheet["A12"], sheet["B12"], sheet["H12"], sheet["J12"] = code or None, "p7", "Leave out", "Old."

    returned = _change(sent, add)

    assert said(returned) == [(f"{HANNA}!B12", Weight.REFUSES)]
    assert words in returned.remarks[0].says
    assert answers(returned) == {}


def test_a_row_moved_to_another_entry_by_its_hidden_code_is_refused(sent: Path) -> None:
    def move(sheet: Any) -> None:
        sheet["A3"], sheet["H3"], sheet["J3"] = "f2.2", "Leave out", "Old."

    returned = _change(sent, move)

    assert answers(returned) == {}
    assert (f"{HANNA}!F3", Weight.REFUSES) in said(returned)
    assert by_visible_key(sent) == {"p1": "Leave out"}


def test_a_shown_value_that_was_changed_is_refused_with_its_cell(sent: Path) -> None:
    filled(sent, HANNA, {"F3": "new@acme.example", "H3": "Accept as it is", "J3": "Corrected it."})

    returned = come_back(sent)

    assert said(returned) == [(f"{HANNA}!F3", Weight.REFUSES)]
    assert "a correction goes into the column of the new value" in returned.remarks[0].do
    assert answers(returned) == {}


def test_moved_columns_are_refused(sent: Path) -> None:
    returned = _change(sent, lambda sheet: sheet.insert_cols(8))

    assert (f"{HANNA}!H1", Weight.REFUSES) in said(returned)


def test_words_beside_the_columns_are_told(sent: Path) -> None:
    returned = _change(sent, lambda sheet: sheet.cell(row=3, column=14, value="call me"))

    assert said(returned) == [(f"{HANNA}!N3", Weight.NOTES)]


def test_a_sheet_that_a_reviewer_added_is_told(sent: Path) -> None:
    with opened(sent) as found:
        found.create_sheet("My notes")["A1"] = "please call"

    assert said(come_back(sent)) == [("My notes", Weight.NOTES)]


def test_a_renamed_sheet_is_refused_so_that_its_answers_are_not_lost(sent: Path) -> None:
    with opened(sent) as found:
        found[HANNA]["H3"], found[HANNA]["J3"] = "Leave out", "Old."
        found[HANNA].title = "Hanna (done)"

    remarks = come_back(sent).remarks

    assert ("Hanna (done)", Weight.REFUSES) in [(each.at, each.weight) for each in remarks]
    assert "call it 'Hanna Vogt' again" in remarks[0].do
