from io import BytesIO

import openpyxl
import pytest

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.workbook import render_workbook
from aformity_pipelines.handoff.workbook_sheets import sheets_of
from tests.handoff.builders import empty_record, full_record
from tests.handoff.hostile import PAYLOADS, rewritten


def book_of(record: LaunchRecord) -> openpyxl.Workbook:
    return openpyxl.load_workbook(BytesIO(render_workbook(record)))


def texts_of(book: openpyxl.Workbook, sheet: str) -> list[str]:
    return [str(cell.value) for row in book[sheet].iter_rows() for cell in row if cell.value is not None]


def test_equal_records_are_equal_bytes() -> None:
    assert render_workbook(full_record()) == render_workbook(full_record())


def test_every_accepted_risk_has_its_approver_and_every_open_work_its_owner_and_date() -> None:
    record = full_record()
    book = book_of(record)

    accepted, unresolved = texts_of(book, "Accepted risks"), texts_of(book, "Unresolved work")

    for risk in record.accepted_risks:
        assert {risk.says, risk.decision} <= set(accepted)
        assert any(risk.approver.name in text for text in accepted)
    for work in record.unresolved:
        assert {work.says, work.id, f"{work.due} 00:00:00"} <= set(unresolved)
        assert any(work.owner.name in text for text in unresolved)


def test_no_sheet_but_the_history_holds_both_an_accepted_risk_and_open_work() -> None:
    record = full_record()
    for sheet in (each for each in sheets_of(record) if each.name != "History"):
        cells = {cell for line in sheet.lines for cell in line}
        is_settled = any(risk.says in cells for risk in record.accepted_risks)
        is_open = any(work.says in cells for work in record.unresolved)
        assert not (is_settled and is_open), sheet.name


def test_rows_are_named_as_people_find_them() -> None:
    assert "A-0012 (accounts_nov.csv, row 13)" in texts_of(book_of(full_record()), "Only listed")


@pytest.mark.parametrize("record", [full_record(), empty_record()], ids=["full", "empty"])
def test_every_line_is_as_wide_as_its_sheet(record: LaunchRecord) -> None:
    for sheet in sheets_of(record):
        assert {len(line) for line in sheet.lines} <= {len(sheet.columns)}, sheet.name


def test_an_empty_record_gives_sheets_that_say_so() -> None:
    book = book_of(empty_record())

    assert texts_of(book, "Unresolved work")[-1] == "Nothing"


def test_hostile_text_is_text_and_never_a_formula_or_a_link() -> None:
    book = book_of(rewritten(full_record(), lambda text: PAYLOADS[len(text) % len(PAYLOADS)] + "=1+1" + text))

    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            assert {cell.data_type for cell in row} <= {"s", "n", "d"}
            assert not any(cell.hyperlink for cell in row)


def test_a_text_longer_than_a_cell_is_cut_and_says_so() -> None:
    record = full_record()
    long = record.model_copy(update={"glance": (record.glance[0].model_copy(update={"says": "x" * 40_000}),)})

    shown = max(texts_of(book_of(long), "At a glance"), key=len)

    assert len(shown) == 32_000
    assert shown.endswith("…")
