"""What is written comes back as it was, as text and nothing else, and only answers can be filled in."""

from pathlib import Path

import openpyxl
import pytest

from aformity_pipelines.review.workbook.grid import BLANK, table_of
from aformity_pipelines.review.workbook.layout import CELL_LIMIT, fitted
from aformity_pipelines.review.workbook.returned import match
from aformity_pipelines.review.workbook.sealed import origin_of
from tests.builders.books import SEALER, block, book, grids, written
from tests.builders.reviewer import part_of, parts_changed

UGLY = (
    *("=1+1", "+49 30 1", "-2", "@SUM(A1)", "00123", "1e5", "TRUE", "2026-01-01", "http://x.example"),
    *("  both ends  ", "a\nb", "a\r\nb", "a\rb", "tab\there", "\u00a0", "\u2028", "\x7f\x85", "'quoted"),
    *("😀🏳️\u200d🌈", "\u202eevil\u200f", "ﬁ\u0301", "x" * CELL_LIMIT, "😀" * (CELL_LIMIT // 2)),
    *("\x01\x02\x0b\x1f", "\ufffe", "_x000D_", "_x005F_x000D_", "a_x005F_x005F_x000D_x0041_"),
    *("<r>a</r>", "<r><t>a</t></r>", "<r>_x0041_x0042_</r>", "&amp;<b>", "]]>", "", '=DDE("cmd";"/c calc")'),
)


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    return written(book(block(1, *UGLY)), tmp_path / "book.xlsx")


def test_every_value_comes_back_as_it_was(sent: Path, tmp_path: Path) -> None:
    sheet = grids(sent, tmp_path / "cells")["Hanna Vogt"]

    assert [sheet.get((3 + place, 6), BLANK).text for place in range(len(UGLY))] == list(UGLY)


def test_a_value_that_is_changed_by_one_sign_is_told_apart(sent: Path, tmp_path: Path) -> None:
    part = part_of(sent, "Hanna Vogt")
    parts_changed(sent, lambda name, content: content.replace(b"00123", b"0123") if name == part else content)

    sheets = grids(sent, tmp_path / "cells")
    origin = origin_of(table_of(sheets["_seals"]), SEALER, slug="tiny")
    remarks = match(sheets, origin, SEALER).remarks

    assert [each.at for each in remarks] == ["Hanna Vogt!F7"]


def test_equal_books_are_equal_bytes(sent: Path, tmp_path: Path) -> None:
    again = written(book(block(1, *UGLY)), tmp_path / "again.xlsx")

    assert again.read_bytes() == sent.read_bytes()


def test_a_text_that_no_cell_holds_is_cut_and_says_so() -> None:
    cut = fitted("😀" * CELL_LIMIT)

    assert cut.endswith("… (the first 32,000 of 65,534 characters; the file holds the rest)")
    assert len(cut.encode("utf-16-le")) // 2 <= CELL_LIMIT
    assert fitted("x" * CELL_LIMIT) == "x" * CELL_LIMIT


def test_no_cell_is_a_formula_a_number_or_a_link(sent: Path) -> None:
    cells = [cell for sheet in openpyxl.load_workbook(sent) for row in sheet.iter_rows() for cell in row]

    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "inlineStr"}
    assert not any(cell.hyperlink for cell in cells)


def test_only_answers_are_unlocked(sent: Path) -> None:
    sheet = openpyxl.load_workbook(sent)["Hanna Vogt"]

    assert sheet.protection.sheet
    unlocked = {cell.column_letter for row in sheet.iter_rows() for cell in row if not cell.protection.locked}
    assert unlocked == {"H", "I", "J", "K", "L"}


def test_codes_lists_and_seals_are_hidden(sent: Path) -> None:
    found = openpyxl.load_workbook(sent)

    assert found["Hanna Vogt"].column_dimensions["A"].hidden
    assert {sheet.title: sheet.sheet_state for sheet in found} == {
        "Start here": "visible",
        "Hanna Vogt": "visible",
        "Field map": "visible",
        "_lists": "veryHidden",
        "_seals": "veryHidden",
    }


def _offered(path: Path, sheet: str, cell: str) -> list[str]:
    """Return the words of the drop-down on a cell."""
    found = openpyxl.load_workbook(path)
    (rule,) = [each for each in found[sheet].data_validations.dataValidation if cell in each.sqref]
    _, _, place = rule.formula1.partition("!")
    return [row[0].value for row in found["_lists"][place.replace("$", "")]]


def test_each_row_offers_its_answers_in_plain_words(sent: Path) -> None:
    assert _offered(sent, "Hanna Vogt", "H3") == [
        *(
            "Correct Email to …",
            "Accept as it is",
            "Launch with wave_2",
            "Leave out",
            "Look into it (follow-up)",
        ),
        *("Merge into …", "Keep apart"),
    ]


def test_a_heading_offers_what_holds_for_all_rows(sent: Path) -> None:
    offered = _offered(sent, "Hanna Vogt", "H2")

    assert "Do not ask this of us" in offered
    assert "Merge into …" not in offered


def test_people_and_dates_are_offered_too(sent: Path) -> None:
    assert _offered(sent, "Hanna Vogt", "K3") == ["Hanna Vogt", "Sam Lee"]
    kinds = {
        str(each.sqref): each.type
        for each in openpyxl.load_workbook(sent)["Hanna Vogt"].data_validations.dataValidation
    }
    assert kinds[f"L2:L{len(UGLY) + 2}"] == "date"


def test_the_field_map_offers_approval_by_the_customers_people(sent: Path) -> None:
    assert _offered(sent, "Field map", "I2") == ["Approve", "Question"]
    assert _offered(sent, "Field map", "K2") == ["Hanna Vogt"]


def test_the_first_sheet_says_what_it_is_and_by_when(sent: Path) -> None:
    said = " ".join(
        str(cell)
        for row in openpyxl.load_workbook(sent)["Start here"].iter_rows(values_only=True)
        for cell in row
        if cell
    )

    assert "Tiny Traders: please review" in said
    assert "1 December 2026" in said
    assert "Hanna Vogt" in said
