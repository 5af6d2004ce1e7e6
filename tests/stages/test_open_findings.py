"""The work list of a wave: every open finding once, with one owner, a date, all its rows and what may be answered."""

import copy
import dataclasses
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.domain.open_finding import OpenFinding
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.open_findings import open_findings
from aformity_pipelines.stages.why import why
from tests.builders.two_sources import (
    COMPANIES,
    DEFS,
    PEOPLE,
    SLUG,
    a_run,
    as_yaml,
    decide,
    deliver,
    project,
    run_all,
)

pytestmark = pytest.mark.slow

FORMAT = "mapped/contact/contact.email.format"
KIM = {"subject": "contact", "rule": "contact.email.format", "rows": "people:p3"}
BAD = PEOPLE + "p6,Noa Lind,noa(at)acme,007\n"


def by_id(workspace: Workspace, wave: str = "wave_1", **run: Any) -> dict[str, OpenFinding]:
    found = open_findings(dataclasses.replace(a_run(workspace, wave), **run))
    assert len({each.id for each in found}) == len(found), "the same finding stands twice"
    return {each.id: each for each in found}


def declare(workspace: Workspace, **attributes: Any) -> None:
    """Change the customer's defs.yaml."""
    changed = copy.deepcopy(DEFS)
    changed["attributes"] |= attributes
    (workspace.customer(SLUG) / "defs.yaml").write_text(as_yaml(changed), encoding="utf-8")


@pytest.fixture(scope="module")
def field_map_open(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Nobody approved the field maps, which closes their gates; ina owns what is critical."""
    defs = copy.deepcopy(DEFS)
    defs["attributes"]["policies"] = {"unapproved_mapping": "block"}
    defs["attributes"]["owners"]["risk.critical"] = {"person": "ina", "due_days": 2}
    workspace = project(tmp_path_factory.mktemp("open") / "project", defs=defs)
    run_all(workspace)
    return workspace


def test_a_held_row_is_work_with_owner_date_rows_and_answers(published_once: Workspace) -> None:
    found = by_id(published_once)[FORMAT]

    assert (found.owner.name, found.since, found.due) == ("Sam Lee", date(2026, 11, 20), date(2026, 11, 25))
    assert [row.partition("#")[2] for row in found.rows] == ["0000004"]
    assert not found.is_blocking
    assert found.answers == (
        *("value_corrected", "values_replaced", "risk_accepted", "rows_deferred", "rows_excluded"),
        *("follow_up_opened", "question_asked", "rule_waived"),
    )
    assert found.settle == f"aformity review export {SLUG}"


def test_work_is_overdue_from_the_day_after_its_date_on(published_once: Workspace) -> None:
    on_the_day = by_id(published_once, as_of=date(2026, 11, 25))[FORMAT]
    a_day_later = by_id(published_once, as_of=date(2026, 11, 26))[FORMAT]

    assert (on_the_day.is_overdue, a_day_later.is_overdue) == (False, True)
    assert a_day_later.age(date(2026, 11, 26)) == 6


def test_the_last_wave_defers_nothing(published_once: Workspace) -> None:
    run_all(published_once, "wave_2")

    found = by_id(published_once, "wave_2")[FORMAT]

    assert "rows_deferred" not in found.answers
    assert found.settle == f"aformity review export {SLUG} --wave wave_2"


def test_a_follow_up_takes_its_rows_out_of_the_rest(published_once: Workspace) -> None:
    deliver(published_once, {"people_2.csv": BAD})
    run_all(published_once)
    opened = decide(published_once, kind="follow_up_opened", owner="ina", due="2026-12-09", covers=KIM)
    run_all(published_once)

    found = by_id(published_once)

    rest, followed = found[FORMAT], found[f"{FORMAT}/{opened.id}"]
    assert ([row.partition("#")[2] for row in rest.rows], rest.owner.name) == (["0000007"], "Sam Lee")
    assert [row.partition("#")[2] for row in followed.rows] == ["0000004"]
    assert (followed.owner.name, followed.due) == ("Ina Vogt", date(2026, 12, 9))
    assert followed.answers[:2] == ("follow_up_closed", "follow_up_reassigned")


def test_accepted_rows_are_nobodys_work(published_once: Workspace) -> None:
    decide(published_once, kind="risk_accepted", evidence=["A mail."], covers=KIM)
    run_all(published_once)

    assert FORMAT not in by_id(published_once)


def test_what_every_gate_lists_is_there_once_and_nothing_else(published_once: Workspace) -> None:
    run = a_run(published_once)
    held = run.connection.execute(
        "select count(distinct (filename, rule)) from read_parquet"
        f"('{run.workspace.build(SLUG, 'x', 'x', 'wave_1').parents[1]}/*/*/findings.parquet', filename=true)"
        " where accepted_by is null and held"
    ).fetchall()

    assert held == [(len(by_id(published_once)),)]


def test_a_field_map_that_nobody_approved_blocks_and_has_no_rows(field_map_open: Workspace) -> None:
    found = by_id(field_map_open)["mapped/contact/contact.mapping.approved"]

    assert (found.is_blocking, found.rows, found.answers) == (True, (), ("mapping_approved",))
    assert (found.owner.name, found.due) == ("Ina Vogt", date(2026, 11, 22))


def test_a_closed_gate_says_who_until_when_and_how(field_map_open: Workspace) -> None:
    ran = run_all(field_map_open)

    assert ran["mapped/account"].closed.splitlines()[1:] == [
        "- account.mapping.approved: 4 field mappings are not approved as they stand: companies/main/external_id,"
        " companies/main/name, companies/main/lifecycle_stage, companies/main/parent_account. Account: somebody on"
        " the customer's side approves where each field comes from.",
        "  Ina Vogt settles it by 22 November 2026.",
        f"Settle it: `aformity review export {SLUG}` or `aformity decide {SLUG} answers.yaml`",
    ]


def test_what_blocks_comes_before_what_is_due_sooner_and_a_product_moment_before_both(
    field_map_open: Workspace,
) -> None:
    found = open_findings(a_run(field_map_open))

    assert [each.moment == "" for each in found] == sorted(each.moment == "" for each in found)
    without = [each for each in found if not each.moment]
    assert [not each.is_blocking for each in without] == sorted(not each.is_blocking for each in without)


def test_a_delivery_that_waits_is_work_and_what_is_behind_it_waits_too(
    published_once: Workspace,
) -> None:
    deliver(published_once, {"people_2.csv": "\0\1\2 no table at all"})
    run_all(published_once)

    found = by_id(published_once)

    waiting = found["intake/people/people.delivery.taken_in"]
    assert (waiting.is_blocking, waiting.rows, waiting.owner.name) == (True, (), "Sam Lee")
    assert FORMAT not in found, "its rows are of a file that is not the customer's last word"


def test_another_owner_is_another_explanation_so_the_gate_is_asked_again(published_once: Workspace) -> None:
    declare(published_once, owners={"default": {"person": "ina", "due_days": 1}})

    assert by_id(published_once)[FORMAT].owner.name == "Ina Vogt"
    assert run_all(published_once)["mapped/contact"].was_made


def test_a_decision_that_waits_for_another_person_is_named_with_the_finding(
    published_once: Workspace,
) -> None:
    declare(
        published_once,
        approvals=[{"says": "Two people accept risks.", "kinds": "risk_accepted", "persons": 2}],
    )
    entry = decide(published_once, kind="risk_accepted", evidence=["A mail."], covers=KIM)
    run_all(published_once)

    found = by_id(published_once)[FORMAT]

    assert found.detail == f"{entry.id} waits: needs a second person (Two people accept risks.)"


def test_lines_that_cannot_be_read_can_only_be_left_out_or_followed_up(tmp_path: Path) -> None:
    files = {"companies.csv": COMPANIES, "people.csv": PEOPLE + "p9,too,many,cells,here\n"}
    workspace = project(tmp_path / "project", files=files)
    run_all(workspace)

    found = by_id(workspace)["intake/people/people.record.readable"]

    assert found.answers == ("rows_excluded", "follow_up_opened")


def test_an_answer_to_why_says_that_the_date_has_passed(published_once: Workspace) -> None:
    late = dataclasses.replace(a_run(published_once), as_of=date(2026, 11, 26))

    in_time = why(a_run(published_once), "contact", "p3", None)

    assert "Sam Lee settles it by 25 November 2026 (overdue)" in why(late, "contact", "p3", None).headline
    assert "(overdue)" not in in_time.headline
