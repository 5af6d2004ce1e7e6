"""A workbook goes out, is answered and comes back: what is recorded, and what is said of rows that are others now."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.review.workbook.remarks import Weight
from aformity_pipelines.stages.deciding import record_all
from aformity_pipelines.stages.open_findings import open_findings
from aformity_pipelines.stages.review_export import NothingToReview, export_book
from aformity_pipelines.stages.review_import import Imported, WorkbookRefused, import_book
from aformity_pipelines.stages.work_list import work_list
from tests.builders.reviewer import filled, opened, rows_of
from tests.builders.two_sources import (
    COMPANIES,
    PEOPLE,
    SLUG,
    a_run,
    copied,
    decide,
    deliver,
    project,
    run_all,
)

pytestmark = pytest.mark.slow

SAM = "Sam Lee"
DUPLICATE = "transformed/account/account.match_key.duplicate"
EMAIL = "mapped/contact/contact.email.format"
MORE_PEOPLE = PEOPLE.replace("lou@bolt.example", "lou(at)bolt") + "p6,Noa Lind,noa(at)acme,007\n"


@pytest.fixture(scope="session")
def _reviewed_once(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    files = {"companies.csv": COMPANIES, "people.csv": MORE_PEOPLE}
    workspace = project(tmp_path_factory.mktemp("reviewed") / "project", files=files)
    run_all(workspace)
    run = a_run(workspace)
    export_book(run, open_findings(run), workspace.root / "book.xlsx")
    return workspace


@pytest.fixture
def workspace(_reviewed_once: Workspace, tmp_path: Path) -> Workspace:
    """The small customer after a first run, with its workbook in the project's folder."""
    return copied(_reviewed_once, tmp_path / "project")


def book(workspace: Workspace) -> Path:
    return workspace.root / "book.xlsx"


def answer(workspace: Workspace, **answers: tuple[str, ...]) -> None:
    """Fill in `f1_2=("Leave out", new value, reason, owner, due)`; the code's point is written as `_`."""
    with opened(book(workspace)) as found:
        rows = rows_of(found[SAM])
        for code, cells in answers.items():
            for column, text in zip("HIJKL", cells, strict=False):
                found[SAM][f"{column}{rows[code.replace('_', '.')]}"] = text or None


def imported(workspace: Workspace, **options: Any) -> Imported:
    return import_book(a_run(workspace), book(workspace), open_findings, **options)


def recorded(workspace: Workspace) -> tuple[Entry, ...]:
    return record_all(a_run(workspace), imported(workspace).drafts)


def skipped(found: Imported) -> list[str]:
    return [each.says for each in found.remarks if each.weight is Weight.SKIPS]


def test_findings_are_grouped_by_owner_with_the_rows_that_break_them(workspace: Workspace) -> None:
    run = a_run(workspace)
    again = workspace.root / "again.xlsx"

    told = export_book(run, open_findings(run), again)

    assert [(sheet.name, [block.finding for block in sheet.blocks]) for sheet in told.sheets] == [
        (SAM, [DUPLICATE, EMAIL])
    ]
    assert [line.shown for line in told.sheets[0].blocks[1].lines] == [
        ("p3", "people.csv", "4", "Email", "kim(at)dell", "kim(at)dell"),
        ("p4", "people.csv", "5", "Email", "lou(at)bolt", "lou(at)bolt"),
        ("p6", "people.csv", "7", "Email", "noa(at)acme", "noa(at)acme"),
    ]
    assert again.read_bytes() == book(workspace).read_bytes()


def test_the_field_map_shows_values_before_and_after(workspace: Workspace) -> None:
    run = a_run(workspace)
    lines = {
        line.name: line.shown for line in export_book(run, open_findings(run), book(workspace)).field_map
    }

    assert lines["companies/main/lifecycle_stage"][4:] == ("live\nlead", "customer\nprospect", "Not approved")
    assert (
        lines["people/main/email"][4].splitlines()[0] == lines["people/main/email"][5].splitlines()[0] != ""
    )


def test_a_workbook_that_may_hold_answers_is_not_overwritten(workspace: Workspace) -> None:
    answer(workspace, f2_1=("Leave out", "", "Left."))
    before = book(workspace).read_bytes()

    with pytest.raises(FileExistsError, match="may hold answers"):
        export_book(a_run(workspace), open_findings(a_run(workspace)), book(workspace))

    assert book(workspace).read_bytes() == before


def test_where_nothing_is_open_there_is_no_workbook(workspace: Workspace) -> None:
    with pytest.raises(NothingToReview, match="nothing is open for ina"):
        export_book(
            a_run(workspace), open_findings(a_run(workspace)), workspace.root / "ina.xlsx", only="ina"
        )


def test_equal_answers_to_one_finding_are_one_decision(workspace: Workspace) -> None:
    answer(workspace, f2=("Accept as it is", "", "We write no mail."), f2_2=("Leave out", "", "Left."))

    accepted, excluded = recorded(workspace)

    assert (accepted.kind, [row.key for row in accepted.covers.rows]) == (
        "risk_accepted",
        ["people:p3", "people:p6"],
    )
    assert (excluded.kind, [row.key for row in excluded.covers.rows]) == ("rows_excluded", ["people:p4"])
    assert accepted.by.name == "Sam Lee"
    assert accepted.why == "We write no mail."
    assert accepted.how_known == "exception workbook book.xlsx, sheet Sam Lee, imported on 2026-11-20"
    assert accepted.evidence[0].startswith("book.xlsx (SHA-256 ")
    assert "(at)" not in accepted.says


def test_every_answer_becomes_its_kind(workspace: Workspace) -> None:
    answer(
        workspace,
        f1_1=("Merge into …", "010", "One company."),
        f2_1=("Correct Email to …", "kim@dell.example", "Asked her."),
        f2_2=("Launch with wave_2", "", "Not needed now."),
        f2_3=("Look into it (follow-up)", "", "Call them.", "Ina Vogt", "2026-12-01"),
    )

    found = {entry.kind: entry for entry in recorded(workspace)}

    assert found["merge_approved"].survivor == "companies:010"
    assert {row.key for row in found["merge_approved"].covers.rows} == {"companies:008", "companies:010"}
    assert (found["value_corrected"].field, found["value_corrected"].value) == ("email", "kim@dell.example")
    assert found["rows_deferred"].until_wave == "wave_2"
    assert (found["follow_up_opened"].owner.name, found["follow_up_opened"].due) == (
        "Ina Vogt",
        date(2026, 12, 1),
    )


def test_look_alikes_are_kept_apart_together(workspace: Workspace) -> None:
    answer(workspace, f1=("Keep apart", "", "Two companies."))

    (refused,) = recorded(workspace)

    assert {row.key for row in refused.covers.rows} == {"companies:008", "companies:010"}


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ({"f1_1": ("Keep apart", "", "Two companies.")}, "names one row alone"),
        ({"f1_1": ("Merge into …", "099", "One company.")}, "no row of this finding is called '099'"),
        (
            {"f1_1": ("Merge into …", "010", "One company."), "f1_2": ("Leave out", "", "Old.")},
            "'010' is to stay, and is answered otherwise",
        ),
    ],
)
def test_a_merge_that_makes_no_sense_is_refused_with_its_cell(
    workspace: Workspace, answers: dict[str, tuple[str, ...]], words: str
) -> None:
    answer(workspace, **answers)

    with pytest.raises(WorkbookRefused, match=words) as refusal:
        imported(workspace)

    assert "book.xlsx: Sam Lee!H3: " in str(refusal.value)


def test_field_mappings_are_approved_from_their_sheet(workspace: Workspace) -> None:
    filled(
        book(workspace), "Field map", {"I2": "Approve", "K2": "Ina Vogt", "I3": "Approve", "K3": "Ina Vogt"}
    )

    (approved,) = recorded(workspace)

    assert set(approved.covers.fields) == {"companies/main/external_id", "companies/main/name"}
    assert approved.by.side == "customer"


def test_nothing_is_recorded_where_one_answer_is_faulty(workspace: Workspace) -> None:
    answer(workspace, f2_1=("Leave out", "", "Left."), f2_2=("Burn it", "", "Left."))

    with pytest.raises(
        WorkbookRefused, match=r"Sam Lee!H7: 'Burn it' is none of the answers.*\n?.*Nothing was recorded"
    ):
        imported(workspace)

    assert [each.kind for each in imported(workspace, skip_faulty=True).drafts] == ["rows_excluded"]


def test_a_person_who_is_nobody_is_refused(workspace: Workspace) -> None:
    with pytest.raises(ValueError, match=r"--by 'inna' .*did you mean 'ina'"):
        imported(workspace, by="inna")


def test_a_workbook_of_older_data_is_matched_entry_by_entry(workspace: Workspace) -> None:
    answer(workspace, f2=("Accept as it is", "", "We write no mail."))
    people = (
        MORE_PEOPLE.replace("lou(at)bolt", "lou(at)bolt.example")
        .replace("p6,", "p7,")
        .replace("Kim Ode", "Kim O.")
    )
    deliver(workspace, {"people.csv": people})
    run_all(workspace)

    found = imported(workspace)

    (draft,) = found.drafts
    assert draft.covers is not None
    # p6 is in no file of today; it is carried on as it was, so the answer about it still fits.
    assert [row.rpartition("#")[2] for row in draft.covers.rows] == ["0000004", "0000007"]
    assert skipped(found) == ["p4: the values that the workbook showed have changed since; not recorded"]
    assert [row.key for row in recorded(workspace)[0].covers.rows] == ["people:p6", "people:p3"]


def test_a_whole_file_by_its_hash_would_refuse_what_still_stands(workspace: Workspace) -> None:
    """The naive import compares the delivery: it would drop Kim's answer, although nothing of it has changed."""
    answer(workspace, f2_1=("Leave out", "", "Left."))
    deliver(workspace, {"people.csv": MORE_PEOPLE + "p9,Zoe,zoe@acme.example,007\n"})
    run_all(workspace)
    run = a_run(workspace)
    line = next(row for row in open_findings(run) if row.id == EMAIL).rows[0]

    with opened(book(workspace)) as sent:
        shown_then = {row[4].value for row in sent["_seals"].iter_rows(min_row=11)}

    assert line not in shown_then
    assert len(imported(workspace).drafts) == 1


def test_rows_that_are_settled_or_decided_since_are_said(workspace: Workspace) -> None:
    answer(workspace, f2=("Accept as it is", "", "We write no mail."))
    entry = decide(
        workspace, kind="rows_excluded", covers={"subject": "contact", "fields": "email", "rows": "people:p6"}
    )
    deliver(workspace, {"people.csv": MORE_PEOPLE.replace("kim(at)dell", "kim@dell.example")})
    run_all(workspace)

    found = imported(workspace)

    assert skipped(found) == [
        "p3: the values that the workbook showed have changed since; not recorded",
        f"p6: decided by {entry.id} since; not recorded",
    ]


def test_what_was_imported_once_is_not_recorded_twice(workspace: Workspace) -> None:
    answer(workspace, f2=("Accept as it is", "", "We write no mail."))
    (entry,) = recorded(workspace)

    again = imported(workspace)

    assert again.drafts == ()
    assert skipped(again) == [
        f"{key}: decided by {entry.id} since; not recorded" for key in ("p3", "p4", "p6")
    ]


def test_more_equal_rows_than_were_shown_are_not_guessed_about(workspace: Workspace) -> None:
    answer(workspace, f2_1=("Leave out", "", "Left."))
    deliver(workspace, {"people.csv": MORE_PEOPLE + "p3,Kim Ode,kim(at)dell,011\n"})
    run_all(workspace)

    assert imported(workspace).drafts == ()
    assert "nobody can tell which was meant" in skipped(imported(workspace))[0]


def test_importing_leaves_no_copy_behind(workspace: Workspace) -> None:
    imported(workspace)

    assert list(workspace.scratch(SLUG).glob("review-*")) == []


def test_the_work_list_has_a_draft_for_each_answer(workspace: Workspace) -> None:
    run = a_run(workspace)
    listed = work_list(run, open_findings(run))

    item = next(each for each in listed.open if each.finding.id == EMAIL)
    assert tuple(each["kind"] for each in item.drafts) == item.finding.answers
    excluded = next(each for each in item.drafts if each["kind"] == "rows_excluded")
    words = {"by": "ina", "how_known": "A call.", "says": "As agreed.", "why": "Ina said so."}
    entry = decide(workspace, **{**excluded, **words})
    assert len(entry.covers.rows) == 3


def test_the_work_list_of_one_owner_is_only_theirs(workspace: Workspace) -> None:
    run = a_run(workspace)

    assert work_list(run, open_findings(run), owner="ina").open == ()


FOLLOW_UP = {
    "kind": "follow_up_opened",
    "owner": "ina",
    "due": "2026-12-01",
    "covers": {"subject": "contact", "rule": "contact.email.format", "rows": "people:p3"},
}


def held(workspace: Workspace, **opened_by: Any) -> Path:
    """Open work about Kim's address, run again, and export Ina's sheet."""
    decide(workspace, **{**FOLLOW_UP, **opened_by})
    run_all(workspace)
    run = a_run(workspace)
    path = workspace.root / "ina.xlsx"
    export_book(run, open_findings(run), path, only="ina")
    return path


def test_a_follow_up_is_closed_handed_on_or_settled_from_its_owners_sheet(workspace: Workspace) -> None:
    path = held(workspace)

    filled(path, "Ina Vogt", {"H2": "It is done", "J2": "Kim has no address."})
    (closed,) = import_book(a_run(workspace), path, open_findings).drafts
    assert (closed.kind, closed.closes, closed.covers) == ("follow_up_closed", "D-001", None)

    filled(path, "Ina Vogt", {"H2": "Give it to somebody else", "K2": "Sam Lee", "L2": "2026-12-24"})
    (entry,) = record_all(a_run(workspace), import_book(a_run(workspace), path, open_findings).drafts)
    assert (entry.follow_up, entry.owner.name, entry.due) == ("D-001", "Sam Lee", date(2026, 12, 24))


def test_a_follow_ups_row_can_be_corrected_while_it_is_open(workspace: Workspace) -> None:
    path = held(workspace)
    filled(path, "Ina Vogt", {"H3": "Correct Email to …", "I3": "kim@dell.example", "J3": "Asked her."})

    (entry,) = record_all(a_run(workspace), import_book(a_run(workspace), path, open_findings).drafts)

    assert [row.key for row in entry.covers.rows] == ["people:p3"]


def test_a_question_is_answered_from_the_sheet_of_whom_it_was_put_to(workspace: Workspace) -> None:
    path = held(workspace, kind="question_asked", says="Does Kim have an address?")
    filled(path, "Ina Vogt", {"H2": "Answer the question", "J2": "She has none."})

    (entry,) = record_all(a_run(workspace), import_book(a_run(workspace), path, open_findings).drafts)

    assert (entry.kind, entry.answers, entry.answer) == ("question_answered", "D-001", "She has none.")


def test_a_record_that_could_not_be_read_is_shown_as_it_stands_with_the_reason(workspace: Workspace) -> None:
    deliver(workspace, {"people.csv": MORE_PEOPLE + "p8,Two,many,fields,here,\n"})
    run_all(workspace)
    run = a_run(workspace)
    told = export_book(run, open_findings(run), workspace.root / "unread.xlsx")

    shown = [line.shown for _, block in told.blocks() for line in block.lines if "readable" in block.rule]

    assert [(each[2], each[4]) for each in shown] == [("8", "p8,Two,many,fields,here,")]
    assert "fields" in shown[0][3]
