"""One file waits, the others go on: what is exported, what the ledger, the handoff and every answer to "why" say."""

import json
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages import export, handoff_report, mapped, plan
from aformity_pipelines.stages.handoffs import RECORD_FILE, REPORT_FILE, current_handoff
from aformity_pipelines.stages.outputs import DeliveryWaits
from aformity_pipelines.stages.why import why
from tests.builders.two_sources import (
    SLUG,
    a_run,
    decide,
    deliver,
    fate_of_key,
    fates,
    project,
    published,
    run_all,
)
from tests.stages.test_deliveries_that_wait import ROW_2, TWO_HEADERS

pytestmark = pytest.mark.slow
WAITS = "delivery of people waits for an answer (people_2.csv)"


@pytest.fixture
def waiting(published_once: Workspace) -> Workspace:
    deliver(published_once, {"people_2.csv": TWO_HEADERS})
    return published_once


def launch_record(workspace: Workspace) -> dict[str, Any]:
    folder = current_handoff(a_run(workspace))
    assert folder is not None
    found: dict[str, Any] = json.loads((folder / RECORD_FILE).read_text(encoding="utf-8"))
    return found


def report(workspace: Workspace) -> str:
    folder = current_handoff(a_run(workspace))
    assert folder is not None
    return (folder / REPORT_FILE).read_text(encoding="utf-8")


def test_what_does_not_need_the_file_goes_on_and_what_does_waits(waiting: Workspace) -> None:
    before = published(waiting)

    outcomes = run_all(waiting)

    assert {name for name, each in outcomes.items() if each.closed} == {"raw_file/people"}
    assert outcomes["mapped/contact"].record is None
    after = fates(waiting)
    assert published(waiting) != before
    assert after["account companies#2"][0] == "exported"
    assert {each for name, each in after.items() if name.startswith("contact ")} == {
        ("unresolved", "gate", WAITS)
    }
    assert not [name for name in after if " people#" in name]


def test_a_stage_behind_it_refuses_in_a_run_of_its_own(waiting: Workspace) -> None:
    run_all(waiting)

    with pytest.raises(DeliveryWaits, match="delivery of people waits"):
        mapped.run_mapped(a_run(waiting), "contact")
    assert plan.stale(a_run(waiting)) == ()


def test_the_same_again_changes_nothing(waiting: Workspace) -> None:
    run_all(waiting)
    before = published(waiting)

    assert export.run_export(a_run(waiting))[1] is False
    assert handoff_report.run_handoff_report(a_run(waiting))[1] is False
    assert published(waiting) == before


def test_the_handoff_lists_the_file_with_owner_date_and_what_is_asked(waiting: Workspace) -> None:
    run_all(waiting)

    (file,) = launch_record(waiting)["waiting"]

    assert (file["file"], file["owner"]["name"], file["due"]) == ("people_2.csv", "Sam Lee", "2026-11-25")
    assert [each["says"] for each in file["asks"]] == ["it is not certain which row names the columns"]
    assert file["entities"] == ["contact"]
    page = report(waiting)
    assert "people_2.csv waits for an answer" in page
    assert "Its rows are in no count of this report" in page
    assert "Ruiz" not in page
    nodes = {
        f"{node['stage']}/{node['name']}": node["state"] for node in launch_record(waiting)["graph"]["nodes"]
    }
    assert (nodes["raw_file/people"], nodes["mapped/contact"]) == ("waits", "missing")


def test_a_refused_file_is_listed_with_its_reason(published_once: Workspace) -> None:
    path = published_once.intake(SLUG) / "people_2.csv"
    path.symlink_to("companies.csv")

    run_all(published_once)

    (file,) = launch_record(published_once)["waiting"]
    assert "people_2.csv: is a symlink" in file["refused"]
    assert "people_2.csv waits for another file" in report(published_once)


def test_after_the_answer_the_file_is_in_and_the_history_says_who_decided_what(waiting: Workspace) -> None:
    run_all(waiting)

    decide(waiting, **ROW_2 | {"says": "Row 2 of the list names its columns."})
    run_all(waiting)

    assert fate_of_key(waiting, "people:p1") == ("exported", "ready")
    record = launch_record(waiting)
    assert record["waiting"] == []
    assert record["history"][-1]["about"] == (
        "people_2.csv: row 2 names the columns; its columns then are No, Name, Mail, Company"
    )
    assert "Row 2 of the list names its columns." in report(waiting)


def test_why_says_that_a_file_waits_where_a_row_cannot_be_found(waiting: Workspace) -> None:
    run_all(waiting)

    answer = why(a_run(waiting), "contact", "p1")

    assert not answer.is_found
    assert (
        "people_2.csv (people), received on 2026-11-20, waits for an answer, and contact with it"
        in answer.notices[0]
    )
    assert why(a_run(waiting), "account", "007", "name").value == "Acme"


def test_a_customer_whose_every_file_waits_still_gets_a_handoff(tmp_path: Path) -> None:
    workspace = project(tmp_path / "project", files={"companies.csv": TWO_HEADERS, "people.csv": TWO_HEADERS})

    outcomes = run_all(workspace)

    assert {name for name, each in outcomes.items() if each.closed} == {
        "raw_file/companies",
        "raw_file/people",
    }
    assert [each["source"] for each in launch_record(workspace)["waiting"]] == ["companies", "people"]
    assert published(workspace) == ([], None)
