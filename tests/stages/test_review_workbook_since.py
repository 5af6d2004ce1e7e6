"""What has come in between a workbook's export and its import: other rules, other groups, decisions that ended or wait."""

import json
from pathlib import Path

import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.review.workbook.remarks import Weight
from aformity_pipelines.stages.deciding import record_all
from aformity_pipelines.stages.open_findings import open_findings
from aformity_pipelines.stages.review_export import export_book
from aformity_pipelines.stages.review_groups import regrouped
from aformity_pipelines.stages.review_import import Imported, import_book
from tests.builders.reviewer import filled, opened, rows_of
from tests.builders.two_sources import (
    COMPANIES,
    SLUG,
    a_run,
    copied,
    decide,
    deliver,
    project,
    run_all,
)

SAM = "Sam Lee"
TWO = "{says: Two people agree., kinds: [risk_accepted], persons: 2}"


@pytest.fixture(scope="module")
def _sent_once(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = project(tmp_path_factory.mktemp("since") / "project")
    run_all(workspace)
    run = a_run(workspace)
    export_book(run, open_findings(run), workspace.root / "book.xlsx")
    return workspace


@pytest.fixture
def sent(_sent_once: Workspace, tmp_path: Path) -> Workspace:
    """The small customer after a first run: look-alikes 008 and 010 are f1, Kim's address is f2."""
    return copied(_sent_once, tmp_path / "project")


def answer(workspace: Workspace, code: str, words: str) -> None:
    path = workspace.root / "book.xlsx"
    with opened(path, path.with_suffix(".read.xlsx")) as book:
        row = rows_of(book[SAM])[code]
    filled(path, SAM, {f"H{row}": words, f"J{row}": "As agreed with Ina."})


def imported(workspace: Workspace) -> Imported:
    return import_book(a_run(workspace), workspace.root / "book.xlsx", open_findings)


def skipped(found: Imported) -> list[str]:
    assert found.drafts == ()
    return [each.says for each in found.remarks if each.weight is Weight.SKIPS]


@pytest.mark.slow
def test_a_decision_that_was_taken_back_does_not_come_back(sent: Workspace) -> None:
    answer(sent, "f2", "Accept as it is")
    record_all(a_run(sent), imported(sent).drafts)
    decide(sent, kind="decision_withdrawn", withdraws="D-001", why="Kim has complained.")

    assert skipped(imported(sent)) == ["p3: decided by D-001, withdrawn by D-002 since; not recorded"]


@pytest.mark.slow
def test_a_decision_that_waits_for_a_second_person_is_not_recorded_twice(sent: Workspace) -> None:
    defs = sent.customer(SLUG) / "defs.yaml"
    defs.write_text(defs.read_text() + f"  approvals:\n  - {TWO}\n")
    answer(sent, "f2", "Accept as it is")
    record_all(a_run(sent), imported(sent).drafts)

    assert skipped(imported(sent)) == ["p3: decided by D-001, which waits for a second person; not recorded"]


@pytest.mark.slow
@pytest.mark.parametrize(("code", "words"), [("f2", "Do not ask this of us"), ("m1", "Approve")])
def test_the_same_file_again_is_skipped_where_it_answers_no_row(
    sent: Workspace, code: str, words: str
) -> None:
    if code == "m1":
        filled(sent.root / "book.xlsx", "Field map", {"I2": words, "K2": "Ina Vogt"})
    else:
        answer(sent, code, words)
    record_all(a_run(sent), imported(sent).drafts)

    assert [says.rpartition(": ")[2] for says in skipped(imported(sent))] == [
        "decided by D-001 since; not recorded"
    ]


@pytest.mark.slow
def test_a_row_that_joined_the_group_since_keeps_its_rows_from_being_decided(sent: Workspace) -> None:
    answer(sent, "f1", "Keep apart")
    assert len(imported(sent).drafts) == 1
    deliver(sent, {"companies.csv": COMPANIES + "012,Bolt GmbH,live,,\n"})
    run_all(sent)

    found = skipped(imported(sent))

    assert len(found) == 2
    assert all("another row belongs to it now" in says for says in found)


@pytest.mark.slow
@pytest.mark.parametrize("change", [{"says": "No two accounts are one company."}, {"policy": "block"}])
def test_rows_of_a_rule_that_has_changed_are_not_decided(sent: Workspace, change: dict[str, str]) -> None:
    answer(sent, "f1", "Keep apart")
    assert len(imported(sent).drafts) == 1
    path = sent.suites("b2b_saas", "account") / "transformed.json"
    suite = json.loads(path.read_text(encoding="utf-8"))
    (rule,) = (
        each for each in suite["expectations"] if each["meta"]["rule"] == "account.match_key.duplicate"
    )
    rule["meta"] |= change
    path.write_text(json.dumps(suite), encoding="utf-8")

    assert {says.rpartition(": ")[2] for says in skipped(imported(sent))} == {
        "the rule has changed since; not recorded"
    }


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        ("2.aa.bb", "2.aa.bb", ""),
        ("2.aa.bb", "3.cc.dd", "another row belongs to it now"),
        ("", "2.aa.bb", "another row belongs to it now"),
        ("2.aa.bb", "2.aa.ee", "a row that it was shown with has changed"),
        ("3.cc.dd", "2.aa.bb", "a row that it was shown with has changed"),
    ],
)
def test_what_became_of_a_group_is_said(then: str, now: str, words: str) -> None:
    assert regrouped(then, now) == words
