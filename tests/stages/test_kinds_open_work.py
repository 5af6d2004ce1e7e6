"""Work that somebody has: handed over, asked about, answered, and decisions that are taken back."""

from typing import Any

import pytest

from aformity_pipelines.domain.launch.unresolved import WorkSort
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.deciding import DraftRefused
from tests.builders.kinds import after_run, report_of, told
from tests.builders.two_sources import COMPANIES, PEOPLE, decide, deliver, run_all

pytestmark = pytest.mark.slow

RULE = {"subject": "contact", "rule": "contact.email.format", "rows": "people:p3"}
FOLLOW_UP: dict[str, Any] = {
    "kind": "follow_up_opened",
    "says": "Sam asks Kim for the address.",
    "owner": "sam",
    "due": "2026-11-18",
    "covers": RULE,
}
QUESTION: dict[str, Any] = {
    "kind": "question_asked",
    "says": "Which address does Kim use?",
    "owner": "ina",
    "due": "2026-11-24",
    "covers": RULE,
}
HANDED: dict[str, Any] = {
    "kind": "follow_up_reassigned",
    "follow_up": "D-002",
    "owner": "ina",
    "due": "2026-11-27",
    "why": "Sam is away.",
}
ACCEPTED: dict[str, Any] = {
    "kind": "risk_accepted",
    "says": "Kim is not written to.",
    "evidence": "E-mail.",
    "covers": RULE,
}


def let_two_accept(workspace: Workspace) -> None:
    """Ask for two people behind every accepted risk."""
    defs = workspace.customer("tiny") / "defs.yaml"
    rule = "{says: Two people accept risks., kinds: risk_accepted, persons: 2}"
    defs.write_text(defs.read_text() + f"  approvals:\n  - {rule}\n")


def test_work_that_was_handed_over_is_with_its_new_owner_until_the_new_date(
    published_once: Workspace,
) -> None:
    decide(published_once, **FOLLOW_UP)
    (before,) = (work for work in after_run(published_once).unresolved if work.id == "D-002")
    decide(published_once, **HANDED)

    record = after_run(published_once)

    (work,) = (work for work in record.unresolved if work.id == "D-002")
    assert (before.owner.name, before.is_overdue, before.handover) == ("Sam Lee", True, None)
    assert (work.owner.name, str(work.due), work.is_overdue) == ("Ina Vogt", "2026-11-27", False)
    assert work.handover is not None
    assert (work.handover.decision, work.handover.before.name) == ("D-003", "Sam Lee")
    assert "by Sam Lee, who had it until" in report_of(record)
    assert [line.says for line in record.history if line.id == "D-002"] == [FOLLOW_UP["says"]]


def test_why_names_the_new_owner_and_from_whom_the_work_came(published_once: Workspace) -> None:
    decide(published_once, **FOLLOW_UP)
    decide(published_once, **HANDED)
    after_run(published_once)

    said = told(published_once, "contact", "people:p3")

    assert "Ina Vogt settles it by 27 November 2026 (handed over by Sam Lee: " in said
    assert "Sam Lee settles it" not in said


def test_a_question_holds_its_rows_as_unresolved_work_of_its_own_sort(published_once: Workspace) -> None:
    decide(published_once, **QUESTION)

    record = after_run(published_once)

    (work,) = (work for work in record.unresolved if work.id == "D-002")
    assert (work.sort, work.holds, work.owner.name) == (WorkSort.QUESTION, 1, "Ina Vogt")
    assert work.next_step.startswith("Waits for an answer from Ina Vogt by 24 November 2026")
    assert record.accepted_risks == ()
    assert "Asked: Which address does Kim use?" in report_of(record)
    assert "it waits for an answer from Ina Vogt by 24 November 2026" in told(
        published_once, "contact", "people:p3"
    )


def test_a_question_can_be_put_to_somebody_else(published_once: Workspace) -> None:
    decide(published_once, **QUESTION)
    decide(published_once, **HANDED | {"owner": "sam"})

    (work,) = (work for work in after_run(published_once).unresolved if work.id == "D-002")

    assert work.next_step.startswith("Waits for an answer from Sam Lee by 27 November 2026")


def test_an_answer_ends_the_question_and_decides_nothing(published_once: Workspace) -> None:
    decide(published_once, **QUESTION)
    decide(published_once, kind="question_answered", answers="D-002", answer="She uses none.")

    record = after_run(published_once)

    assert [work.id for work in record.unresolved if work.entity == "contact"] == ["contact.email.format"]
    asked, answered = record.history[-2:]
    assert (asked.stands, asked.ended_by) == (False, "D-003")
    assert (answered.concerns, answered.about) == ("D-002", "The answer: She uses none.")
    report = report_of(record)
    assert "The answer: She uses none." in report
    assert 'Answers <a href="#D-002">D-002</a>' in report
    for field in (None, "email"):
        said = told(published_once, "contact", "people:p3", field)
        assert "Asked: Which address does Kim use? (Ina Vogt, 20 November 2026, D-002)." in said
        assert "Answered: She uses none (Ina Vogt, 20 November 2026, D-003)." in said
    assert "Which address" not in told(published_once, "contact", "people:p1")


def test_what_a_withdrawn_decision_settled_is_asked_about_again(published_once: Workspace) -> None:
    decide(published_once, **ACCEPTED)
    settled = after_run(published_once)
    decide(published_once, kind="decision_withdrawn", withdraws="D-002", why="Kim has complained.")

    record = after_run(published_once)

    assert [risk.decision for risk in settled.accepted_risks] == ["D-002"]
    assert record.accepted_risks == ()
    assert "contact.email.format" in {work.rule for work in record.unresolved}
    assert 'Takes back <a href="#D-002">D-002</a>' in report_of(record)
    assert "taken back: As agreed (Ina Vogt, 20 November 2026, D-003). Kim has complained." in told(
        published_once, "contact", "people:p3"
    )


def test_a_follow_up_on_rows_that_somebody_has_already_is_refused(published_once: Workspace) -> None:
    decide(published_once, **QUESTION)

    with pytest.raises(DraftRefused, match="use a follow_up_reassigned with `follow_up: D-002`"):
        decide(published_once, **FOLLOW_UP)


def test_accepting_what_somebody_followed_up_settles_it(published_once: Workspace) -> None:
    decide(published_once, **FOLLOW_UP)
    decide(published_once, **ACCEPTED)

    record = after_run(published_once)

    assert [risk.decision for risk in record.accepted_risks] == ["D-003"]
    assert [work.id for work in record.unresolved if work.entity == "contact"] == []


@pytest.mark.parametrize(
    ("first", "second", "says"),
    [
        (ACCEPTED, FOLLOW_UP, "decided otherwise in D-002, a risk_accepted"),
        (
            {"kind": "rows_excluded", "covers": RULE},
            {"kind": "value_corrected", "field": "email", "value": "kim@dell.example", "covers": RULE},
            "decided otherwise in D-002, a rows_excluded",
        ),
        (
            {"kind": "value_corrected", "field": "email", "value": "kim@dell.example", "covers": RULE},
            {"kind": "value_corrected", "field": "email", "value": "ode@dell.example", "covers": RULE},
            "decided otherwise in D-002, a value_corrected",
        ),
    ],
)
def test_the_opposite_of_a_standing_decision_is_refused_and_written_once_it_takes_its_place(
    published_once: Workspace, first: dict[str, Any], second: dict[str, Any], says: str
) -> None:
    decide(published_once, **first)
    before = published_once.log("tiny").read_bytes()

    with pytest.raises(DraftRefused, match=says):
        decide(published_once, **second)

    assert published_once.log("tiny").read_bytes() == before
    decide(published_once, **second, supersedes="D-002", supersedes_because="She knows better now.")


def test_a_decision_that_fits_its_row_no_more_contradicts_nothing(published_once: Workspace) -> None:
    """A check by key alone would send people back to a decision that has lost its effect."""
    decide(published_once, **ACCEPTED)
    deliver(published_once, {"people_2.csv": PEOPLE.replace("kim(at)dell", "kim(at)ode")})
    run_all(published_once)

    assert decide(published_once, **FOLLOW_UP).id == "D-003"


def test_a_question_about_a_delivered_row_is_found_from_the_record_that_is_made_of_it(
    published_once: Workspace,
) -> None:
    deliver(published_once, {"companies.csv": COMPANIES + "010,Bolt again,live,,\n"})
    run_all(published_once)
    covers = {"subject": "companies", "rule": "companies.key.unique", "rows": "all"}
    decide(published_once, **QUESTION | {"covers": covers, "says": "Is 010 a number of yours?"})
    decide(published_once, kind="question_answered", answers="D-002", answer="It is.")
    run_all(published_once)

    assert "Asked: Is 010 a number of yours?" in told(published_once, "account", "010")
    assert "Asked:" not in told(published_once, "account", "011")


def test_a_decision_that_waits_for_a_second_person_is_not_told_as_ended(published_once: Workspace) -> None:
    let_two_accept(published_once)
    decide(published_once, **ACCEPTED)

    record = after_run(published_once)

    line = record.history[-1]
    assert (line.stands, line.ended_by) == (False, None)
    assert line.idle.startswith("waits: needs a second person")
    report = report_of(record)
    assert "No effect: waits: needs a second person" in report
    assert "No longer stands" not in report


def test_a_second_contradicting_decision_is_refused_while_the_first_waits(published_once: Workspace) -> None:
    """Both would come into force with the second person."""
    let_two_accept(published_once)
    decide(published_once, **ACCEPTED)

    with pytest.raises(DraftRefused, match="decided otherwise in D-002, a risk_accepted"):
        decide(published_once, kind="rows_excluded", covers=RULE)


def test_the_same_decision_about_the_same_rows_of_a_later_delivery_is_refused(
    published_once: Workspace,
) -> None:
    decide(published_once, **ACCEPTED)
    deliver(published_once, {"people_2.csv": PEOPLE + "p6,Noa Lind,noa@acme.example,007\n"})
    run_all(published_once)

    with pytest.raises(DraftRefused, match="D-002 decides exactly this already"):
        decide(published_once, **ACCEPTED)
