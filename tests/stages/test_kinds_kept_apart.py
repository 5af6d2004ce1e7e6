"""merge_refused: rows that look like one record stay several, and everybody can read by whom and why."""

from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.deciding import DraftRefused
from tests.builders.kinds import after_run, report_of, tails, told
from tests.builders.two_sources import COMPANIES, MERGE, copied, decide, deliver, project, run_all

pytestmark = pytest.mark.slow

DUPLICATE = "account.match_key.duplicate"
BOTH = {"subject": "account", "fields": "name", "rows": ["companies:008", "companies:010"]}
APART: dict[str, Any] = {
    "kind": "merge_refused",
    "says": "Bolt GmbH and Bolt stay two accounts.",
    "why": "Each has a contract of its own.",
    "covers": BOTH | {"rule": DUPLICATE},
}


@pytest.fixture(scope="module")
def _run_once(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = project(tmp_path_factory.mktemp("apart") / "project")
    run_all(workspace)
    return workspace


@pytest.fixture
def workspace(_run_once: Workspace, tmp_path: Path) -> Workspace:
    return copied(_run_once, tmp_path / "project")


def test_rows_kept_apart_go_live_as_several_records(workspace: Workspace) -> None:
    before = after_run(workspace)
    decide(workspace, **APART)

    record = after_run(workspace)

    assert [work.rule for work in before.unresolved if work.entity == "account"] == [DUPLICATE]
    assert [work.rule for work in record.unresolved if work.entity == "account"] == []
    assert record.accepted_risks == ()
    (live,) = (each.records for each in record.outcomes if each.entity == "account")
    assert live == 4


def test_the_report_says_by_whom_and_why_they_were_kept_apart(workspace: Workspace) -> None:
    decide(workspace, **APART)

    record = after_run(workspace)

    (apart,) = record.kept_apart
    assert (apart.decision, apart.decided_by.name, apart.rule) == ("D-001", "Ina Vogt", DUPLICATE)
    assert tails(apart.rows) == ["companies#3", "companies#5"]
    report = report_of(record)
    assert "Bolt GmbH and Bolt stay two accounts." in report
    assert "No two rows became one record, 2 rows kept apart on purpose" in report


def test_why_names_the_other_row_and_the_decision(workspace: Workspace) -> None:
    decide(workspace, **APART)
    run_all(workspace)

    said = told(workspace, "account", "008")

    assert (
        "Kept apart from companies.csv, row 5: Bolt GmbH and Bolt stay two accounts (Ina Vogt, 20 November 2026,"
        " D-001). Each has a contract of its own."
    ) in said
    assert "Kept apart on purpose" in said
    assert "Known and accepted" not in said


def test_without_a_rule_it_settles_no_finding(workspace: Workspace) -> None:
    decide(workspace, **APART | {"covers": BOTH})

    record = after_run(workspace)

    assert [work.rule for work in record.unresolved if work.entity == "account"] == [DUPLICATE]
    assert len(record.kept_apart) == 1


def test_rows_that_have_changed_are_asked_about_again(workspace: Workspace) -> None:
    decide(workspace, **APART)
    deliver(workspace, {"companies_2.csv": COMPANIES.replace("010,Bolt,", "010,BOLT,")})

    record = after_run(workspace)

    assert record.kept_apart == ()
    assert DUPLICATE in {work.rule for work in record.unresolved}


def test_a_merge_of_rows_that_were_kept_apart_is_refused_unless_it_takes_the_place(
    workspace: Workspace,
) -> None:
    decide(workspace, **APART)

    with pytest.raises(
        DraftRefused, match="decided otherwise in D-001, a merge_refused; leave these rows out"
    ):
        decide(workspace, **MERGE)
    decide(workspace, **MERGE, supersedes="D-001", supersedes_because="The contracts were joined.")

    record = after_run(workspace)

    assert (len(record.merged), record.kept_apart) == (1, ())
    assert 'Takes the place of <a href="#D-001">D-001</a> because The contracts were joined.' in report_of(
        record
    )
    assert "D-002 took its place because The contracts were joined." in told(workspace, "account", "008")


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("account.owner.present", "does not ask whether rows are one record"),
        ("account.external_id.unique", "the product refuses two records with one external_id"),
    ],
)
def test_a_rule_that_a_refusal_cannot_settle_is_refused(workspace: Workspace, rule: str, says: str) -> None:
    with pytest.raises(DraftRefused, match=says):
        decide(workspace, **APART | {"covers": BOTH | {"rule": rule}})
