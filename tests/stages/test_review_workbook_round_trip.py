"""5,000 findings go out and come back sorted, deleted, copied and added to: nothing is lost, and each is reported."""

import csv
import io
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.review.workbook.remarks import Weight
from aformity_pipelines.stages.deciding import record_all
from aformity_pipelines.stages.open_findings import open_findings
from aformity_pipelines.stages.review_export import export_book
from aformity_pipelines.stages.review_import import WorkbookRefused, import_book
from tests.builders.books import grids
from tests.builders.reviewer import answered_row, code_of, rearranged
from tests.builders.two_sources import COMPANIES, a_run, project, run_all

SAM = "Sam Lee"
MANY = 5_000
UGLY = (
    *("=1+1", "+49 30", "-5", "@x", "00123", "1e5", "  ends  ", "a\nb", "a\r\nb", "\u202egnp.\u200f", "😀"),
    *("_x000D_", "_x005F_x000D_", "<r><t>a</t></r>", "&amp;", "x" * 32_700, '=HYPERLINK("http://x","y")'),
)
"""None of them is an e-mail address."""


def mails() -> list[str]:
    """One broken address for each person: the ugly ones first."""
    return [*UGLY, *(f"person {number} at example" for number in range(MANY - len(UGLY)))]


def people() -> str:
    written = io.StringIO()
    rows = csv.writer(written, quoting=csv.QUOTE_ALL, lineterminator="\n")
    rows.writerow(("No", "Name", "Mail", "Company"))
    rows.writerows(
        (f"p{number}", f"Person {number}", mail, "007") for number, mail in enumerate(mails(), start=1)
    )
    return written.getvalue()


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = project(
        tmp_path_factory.mktemp("many") / "project",
        files={"companies.csv": COMPANIES, "people.csv": people()},
    )
    run_all(workspace)
    run = a_run(workspace)
    started = time.perf_counter()
    export_book(run, open_findings(run), workspace.root / "book.xlsx")
    assert time.perf_counter() - started < 30
    return workspace


def reason_of(code: str) -> str:
    """What the reviewer says of a row: one of ten reasons."""
    return f"Reason {int(code.split('.')[1]) % 10}."


def as_answered(rows: list[str]) -> list[str]:
    """Every row answered, its order turned by chance."""
    shuffled = [
        answered_row(row, {"H": "Leave out", "J": reason_of(code_of(row))})
        if code_of(row).startswith("f2.")
        else row
        for row in rows
    ]
    random.Random(11).shuffle(shuffled)
    return shuffled


def copied_book(workspace: Workspace, name: str) -> Path:
    path = workspace.root / name
    path.write_bytes((workspace.root / "book.xlsx").read_bytes())
    return path


@pytest.mark.slow
def test_every_value_is_there_as_it_was_delivered(sent: Workspace, tmp_path: Path) -> None:
    cells = grids(sent.root / "book.xlsx", tmp_path / "cells")[SAM]
    key, delivered = {}, {}
    for (row, column), cell in cells.items():
        if column == 2:
            key[row] = cell.text
        if column == 6:
            delivered[row] = cell.text

    found = {key[row]: text for row, text in delivered.items() if key[row].startswith("p")}

    assert found == {f"p{number}": mail for number, mail in enumerate(mails(), start=1)}


@pytest.mark.slow
def test_answers_in_any_order_are_recorded_for_exactly_their_rows(sent: Workspace) -> None:
    book = copied_book(sent, "answered.xlsx")
    rearranged(book, SAM, as_answered)

    imported = import_book(a_run(sent), book, open_findings)
    recorded = record_all(a_run(sent), imported.drafts)

    assert imported.remarks == ()
    decided = {key: entry.why for entry in recorded for key in _keys(sent, entry)}
    assert decided == {f"people:p{number}": f"Reason {number % 10}." for number in range(1, MANY + 1)}
    assert len(recorded) == 10
    for path in sent.customer("tiny").glob("decisions.*"):
        path.unlink()


def _keys(workspace: Workspace, entry: object) -> list[str]:
    from aformity_pipelines.review.coverage_files import read_coverage

    covers = entry.covers  # type: ignore[attr-defined]  # every one of them covers rows
    return read_coverage(workspace.coverage("tiny"), covers)["key"].to_list()


@pytest.mark.slow
def test_deleted_copied_and_added_rows_are_each_reported(sent: Workspace) -> None:
    book = copied_book(sent, "played_with.xlsx")

    def play(rows: list[str]) -> list[str]:
        answered = {code_of(row): row for row in as_answered(rows)}
        deleted = [f"f2.{number}" for number in range(1, 301)]
        same = [answered[f"f2.{number}"] for number in range(1_001, 1_021)]
        other = [
            answered_row(answered[f"f2.{number}"], {"H": "Accept as it is"}) for number in range(2_001, 2_011)
        ]
        added = [
            answered_row(answered["f2.3000"], {"A": code, "B": "p1"})
            for code in ("", "f2.9999", "f9.1", "m1")
        ]
        kept = [row for code, row in answered.items() if code not in deleted]
        everything = [*kept, *same, *other, *added]
        random.Random(5).shuffle(everything)
        return everything

    rearranged(book, SAM, play)

    with pytest.raises(WorkbookRefused) as refusal:
        import_book(a_run(sent), book, open_findings)
    imported = import_book(a_run(sent), book, open_findings, skip_faulty=True)

    refused = Counter(
        each.says.split(";")[0].split(":")[0].split(" than")[0] for each in refusal.value.remarks
    )
    assert refused["the row stands here again and says something else"] == 10
    assert sum(refused.values()) == 14
    noted = [each.says for each in imported.remarks if each.weight is Weight.NOTES]
    assert sum("stands here again and says the same" in says for says in noted) == 20
    assert any(says.startswith("300 rows of mapped/contact/contact.email.format") for says in noted)
    rows = [row for draft in imported.drafts for row in (draft.covers.rows if draft.covers else ())]
    assert len(rows) == len(set(rows)) == MANY - 300 - 10
