"""What people are told about records that could not be read: why, launch record, report; never their text."""

import json
import re
from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.cli.standing import standing_of
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration import metadata
from aformity_pipelines.stages.handoffs import RECORD_FILE, REPORT_FILE, current_handoff
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.why import why
from tests.builders.rejecting import (
    RULE,
    SHORT,
    UNCLOSED,
    let_ragged_records_be_rejected,
    row,
    run_with_rejects,
)
from tests.builders.two_sources import a_run, copied, decide, run_all

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return run_with_rejects(tmp_path_factory.mktemp("told") / "project")


@pytest.fixture(scope="module")
def excluded(ran: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The records are left out for every entity."""
    workspace = copied(ran, tmp_path_factory.mktemp("excluded") / "project")
    with pytest.MonkeyPatch.context() as patch:
        let_ragged_records_be_rejected(patch)
        for entity in ("account", "contact"):
            covers = {"subject": entity, "rule": RULE, "rows": "all"}
            decide(workspace, kind="rows_excluded", says="They stay behind.", covers=covers)
        run_all(workspace)
    return workspace


def handoff(workspace: Workspace) -> Path:
    folder = current_handoff(a_run(workspace))
    assert folder is not None
    return folder


def launch_record(workspace: Workspace) -> LaunchRecord:
    return LaunchRecord.model_validate_json((handoff(workspace) / RECORD_FILE).read_bytes())


def test_why_says_that_the_line_could_not_be_read_who_settles_it_and_by_when(ran: Workspace) -> None:
    answer = why(a_run(ran), "account", row(ran, 7))

    assert answer.headline == (
        f"The account in companies.csv, row 7 could not be read: {SHORT}; Sam Lee settles it by 25 November 2026."
    )
    assert (answer.fate, answer.reason) == ("unresolved", "unreadable")
    assert [(step.kind, step.refs) for step in answer.steps] == [
        ("unresolved_work", (RULE, row(ran, 7))),
        ("delivered", (row(ran, 7),)),
    ]
    assert answer.faults == ()


def test_why_finds_it_by_the_place_of_its_row_and_answers_for_a_field(ran: Workspace) -> None:
    answer = why(a_run(ran), "account", "companies#8", "name")

    assert (answer.outcome, answer.value) == ("unreadable", None)
    assert answer.headline.startswith(
        f"The name of the account in companies.csv, row 8 is blank, because its account could not be read: {UNCLOSED};"
    )


def test_why_says_of_an_excluded_one_what_was_decided_and_that_it_could_not_be_read(
    excluded: Workspace,
) -> None:
    answer = why(a_run(excluded), "contact", f"{row(excluded, 7)}/desk")

    assert f"is not brought over (it could not be read: {SHORT}): They stay behind" in answer.headline
    assert answer.fate == "excluded"
    assert "accepted_risk" not in {step.kind for step in answer.steps}


def test_it_is_unresolved_work_with_owner_date_file_row_and_reason(ran: Workspace) -> None:
    record = launch_record(ran)
    (work,) = (each for each in record.unresolved if each.rule == RULE)

    assert (work.owner.name, work.due.isoformat(), work.row_count, work.holds) == (
        "Sam Lee",
        "2026-11-25",
        2,
        4,
    )
    assert work.says == f"Every line of the file can be read. (2 could not: {SHORT} (1); {UNCLOSED} (1))"
    assert [record.row_labels[each] for each in work.rows] == [
        f"companies.csv, row 7: {SHORT}",
        f"companies.csv, row 8: {UNCLOSED}",
    ]


def test_what_everybody_excludes_is_no_open_work_and_no_accepted_risk(excluded: Workspace) -> None:
    record = launch_record(excluded)

    assert RULE not in {work.rule for work in record.unresolved}
    assert record.accepted_risks == ()
    assert sum(each.rows for each in record.excluded if each.says == "They stay behind.") == 4
    findings = next(
        excluded.of_customer("tiny").rglob(f"published/wave_1/{_version(excluded)}/findings.parquet")
    )
    held = duckdb.execute(
        f"select held, accepted_by from read_parquet('{findings}') where rule = '{RULE}'"
    ).fetchall()
    assert [each[0] for each in held] == [False, False]
    assert all(each[1] for each in held)


def _version(workspace: Workspace) -> str:
    record = launch_record(workspace)
    assert record.export is not None
    return record.export.version


def test_every_row_of_a_file_is_accounted_for(ran: Workspace) -> None:
    line = next(each for each in launch_record(ran).deliveries if each.source == "companies")

    assert (line.file_rows, line.rows, line.rejected, line.skipped) == (8, 5, 2, {"header": 1})
    assert line.rejected_because == {SHORT: 1, UNCLOSED: 1}
    assert "8 rows: 5 read + 2 that could not be read + 1 header" in (handoff(ran) / REPORT_FILE).read_text(
        "utf-8"
    )


def test_the_report_shows_file_row_and_reason_and_no_text_of_the_lines(ran: Workspace) -> None:
    report = (handoff(ran) / REPORT_FILE).read_text("utf-8")

    text = re.sub(r"<[^>]+>", "", report)
    assert re.search(rf"companies\.csv: (?:[^;]*; )*row 7: {re.escape(SHORT)}", text)
    assert "their lines of the file could not be read" in report
    assert "Secret" not in report
    assert "Secret" not in (handoff(ran) / RECORD_FILE).read_text("utf-8")


def test_the_status_lists_it_with_owner_and_date(ran: Workspace) -> None:
    standing = standing_of(a_run(ran))

    assert [(work.rule, work.owner.name) for work in standing.unresolved if work.rule == RULE] == [
        (RULE, "Sam Lee")
    ]
    assert standing.fates["account"]["unresolved"] == 4


def test_the_metadata_counts_them_by_reason_and_holds_no_text(ran: Workspace) -> None:
    run = a_run(ran)
    records = [read_record(run, stage, "companies") for stage in ("raw_file", "validated")]
    said = [metadata.of_record(each, run.migration, was_made=True) for each in records if each]
    told = json.dumps([{name: str(value.value) for name, value in each.items()} for each in said])

    assert told.count(SHORT) == 2
    assert "Secret" not in told
