"""What an answer needs: one of the list, a reason, and for some a value, a person or a date; all that lacks is said."""

from datetime import date
from pathlib import Path

import pytest

from aformity_pipelines.review.workbook.answers import Reviewed, review
from aformity_pipelines.review.workbook.grid import table_of
from aformity_pipelines.review.workbook.remarks import Weight
from aformity_pipelines.review.workbook.returned import match
from aformity_pipelines.review.workbook.sealed import origin_of
from tests.builders.books import SEALER, block, book, grids, written
from tests.builders.reviewer import filled, opened

HANNA = "Hanna Vogt"
TODAY = date(2026, 11, 21)


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    return written(book(block(1, "a@", "b@", "c@")), tmp_path / "book.xlsx")


def reviewed(path: Path, *, by: str | None = None) -> Reviewed:
    sheets = grids(path, path.parent / "cells")
    origin = origin_of(table_of(sheets["_seals"]), SEALER, slug="tiny")
    return review(match(sheets, origin, SEALER), origin, by=by, today=TODAY)


def test_an_answer_is_the_sheets_reviewers(sent: Path) -> None:
    filled(sent, HANNA, {"H3": "Leave out", "J3": " Left in 2019. "})

    (answer,) = reviewed(sent).answers

    assert (answer.entry.code, answer.choice.kind, answer.by) == ("f1.1", "rows_excluded", "hanna")
    assert (answer.reason, answer.at) == ("Left in 2019.", f"{HANNA}!H3")


def test_who_decided_can_be_told(sent: Path) -> None:
    filled(sent, HANNA, {"H3": "Leave out", "J3": "Left in 2019."})

    assert [each.by for each in reviewed(sent, by="sam").answers] == ["sam"]


def test_a_headings_answer_counts_for_the_rows_left_blank(sent: Path) -> None:
    filled(sent, HANNA, {"H2": "Accept as it is", "J2": "Known.", "H4": "Leave out", "J4": "Left."})

    found = {each.entry.code: each.choice.kind for each in reviewed(sent).answers}

    assert found == {"f1.1": "risk_accepted", "f1.2": "rows_excluded", "f1.3": "risk_accepted"}


def test_a_headings_answer_does_not_count_for_a_row_that_was_deleted(sent: Path) -> None:
    with opened(sent) as found:
        found[HANNA]["H2"], found[HANNA]["J2"] = "Accept as it is", "Known."
        found[HANNA].delete_rows(4)

    assert {each.entry.code for each in reviewed(sent).answers} == {"f1.1", "f1.3"}


def test_a_rule_is_waived_once_and_for_no_row(sent: Path) -> None:
    filled(sent, HANNA, {"H2": "Do not ask this of us", "J2": "We send no mail."})

    assert [each.entry.code for each in reviewed(sent).answers] == ["f1"]


def test_a_correction_is_the_value_as_typed(sent: Path) -> None:
    filled(sent, HANNA, {"H3": "Correct Email to …", "I3": " 0049 ", "J3": "Asked her."})

    (answer,) = reviewed(sent).answers

    assert (answer.choice.field, answer.value) == ("email", " 0049 ")


@pytest.mark.parametrize(("typed", "shown_as"), [(7, "000"), (0.5, "0%"), (1234, "#,##0"), ("#N/A", "@")])
def test_a_new_value_that_a_spreadsheet_shows_otherwise_is_refused(
    sent: Path, typed: float | str, shown_as: str
) -> None:
    filled(sent, HANNA, {"H3": "Correct Email to …", "J3": "Asked her."})
    with opened(sent) as found:
        found[HANNA]["I3"] = typed
        found[HANNA]["I3"].number_format = shown_as

    found = reviewed(sent)

    assert found.answers == ()
    assert [(each.at, each.do) for each in found.remarks] == [
        (f"{HANNA}!I3", "give the cell the format Text and type the value again")
    ]


@pytest.mark.parametrize("shown_as", ["General", "@"])
def test_a_plain_number_is_a_new_value(sent: Path, shown_as: str) -> None:
    filled(sent, HANNA, {"H3": "Correct Email to …", "J3": "Asked her."})
    with opened(sent) as found:
        found[HANNA]["I3"] = 7
        found[HANNA]["I3"].number_format = shown_as

    assert [each.value for each in reviewed(sent).answers] == ["7"]


def test_a_field_is_cleared_by_a_word_and_not_by_a_blank(sent: Path) -> None:
    filled(sent, HANNA, {"H3": "Correct Email to …", "I3": "(clear)", "J3": "None."})

    assert [each.value for each in reviewed(sent).answers] == [""]


def test_a_follow_up_has_its_owner_and_date(sent: Path) -> None:
    filled(
        sent,
        HANNA,
        {"H3": "Look into it (follow-up)", "J3": "Ask them.", "K3": "Sam Lee", "L3": "2026-12-01"},
    )

    (answer,) = reviewed(sent).answers

    assert (answer.owner, answer.due) == ("sam", date(2026, 12, 1))


def test_a_date_cell_is_a_date(sent: Path) -> None:
    with opened(sent) as found:
        sheet = found[HANNA]
        sheet["H3"], sheet["J3"], sheet["K3"] = "Look into it (follow-up)", "Ask them.", "Sam Lee"
        sheet["L3"] = date(2026, 12, 1)

    assert [each.due for each in reviewed(sent).answers] == [date(2026, 12, 1)]


@pytest.mark.parametrize(
    ("cells", "at", "words"),
    [
        ({"H3": "Delete it", "J3": "Old."}, "H3", "'Delete it' is none of the answers"),
        ({"H3": "Do not ask this of us", "J3": "Old."}, "H3", "is none of the answers"),
        ({"H2": "Merge into …", "I2": "p1", "J2": "Same."}, "H2", "is none of the answers"),
        ({"J3": "Old."}, "H3", "no answer chosen"),
        ({"H3": "Leave out"}, "J3", "the reason is missing"),
        ({"H3": "Leave out", "J3": "-"}, "J3", "the reason is missing"),
        ({"H3": "Correct Email to …", "J3": "Old."}, "I3", "the new value is missing"),
        ({"H3": "Merge into …", "J3": "Same."}, "I3", "which row stays"),
        ({"H3": "Leave out", "I3": "x", "J3": "Old."}, "I3", "takes no new value"),
        ({"H3": "Look into it (follow-up)", "J3": "Ask.", "L3": "2026-12-01"}, "K3", "nobody is named"),
        ({"H3": "Look into it (follow-up)", "J3": "Ask.", "K3": "Zoe", "L3": "2026-12-01"}, "K3", "nobody of the list"),
        ({"H3": "Look into it (follow-up)", "J3": "Ask.", "K3": "Sam Lee"}, "L3", "the due date is missing"),
        ({"H3": "Look into it (follow-up)", "J3": "Ask.", "K3": "Sam Lee", "L3": "1.12."}, "L3", "is no date"),
        ({"H3": "Look into it (follow-up)", "J3": "Ask.", "K3": "Sam Lee", "L3": "2026-11-20"}, "L3", "has passed"),
    ],
)  # fmt: skip
def test_what_an_answer_lacks_is_said_with_its_cell(
    sent: Path, cells: dict[str, str], at: str, words: str
) -> None:
    filled(sent, HANNA, cells)

    found = reviewed(sent)

    assert found.answers == ()
    assert [(each.at, each.weight) for each in found.remarks] == [(f"{HANNA}!{at}", Weight.REFUSES)]
    assert words in found.remarks[0].says
    assert found.remarks[0].do


def test_all_that_is_wrong_is_said_at_once(sent: Path) -> None:
    filled(sent, HANNA, {"H3": "Look into it (follow-up)", "I3": "x", "H4": "Nonsense"})

    assert [each.at for each in reviewed(sent).remarks] == [
        *(f"{HANNA}!{cell}" for cell in ("J3", "I3", "K3", "L3", "H4", "J4")),
    ]


def test_a_value_that_the_spreadsheet_turned_into_a_date_is_refused(sent: Path) -> None:
    with opened(sent) as found:
        sheet = found[HANNA]
        sheet["H3"], sheet["I3"], sheet["J3"] = "Correct Email to …", date(2026, 1, 2), "Asked."

    remarks = reviewed(sent).remarks

    assert [each.at for each in remarks] == [f"{HANNA}!I3"]
    assert "give the cell the format Text" in remarks[0].do


def test_a_field_mapping_is_approved_by_name(sent: Path) -> None:
    filled(sent, "Field map", {"I2": "Approve", "K2": "Hanna Vogt"})

    (answer,) = reviewed(sent).answers

    assert (answer.choice.kind, answer.by, answer.entry.key) == (
        "mapping_approved",
        "hanna",
        "people/main/email",
    )


def test_an_approval_without_a_name_is_refused(sent: Path) -> None:
    filled(sent, "Field map", {"I2": "Approve"})

    assert [each.at for each in reviewed(sent).remarks] == ["Field map!K2"]


def test_a_question_about_a_mapping_is_passed_on(sent: Path) -> None:
    filled(sent, "Field map", {"I2": "Question", "J2": "Private ones too?"})

    found = reviewed(sent)

    assert found.answers == ()
    assert [each.weight for each in found.remarks] == [Weight.NOTES]
    assert "Private ones too?" in found.remarks[0].says
