"""Decisions speak of what is so today: no breach is accepted in advance, no deferral moves nothing, no work vanishes."""

from typing import Any

import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.deciding import DraftRefused
from aformity_pipelines.stages.open_findings import open_findings
from tests.builders.kinds import after_run
from tests.builders.two_sources import (
    COMPANIES,
    MERGE,
    PEOPLE,
    SLUG,
    a_run,
    decide,
    deliver,
    fates,
    run_all,
)

pytestmark = pytest.mark.slow

RULE = "contact.email.format"
FOLLOW_UP: dict[str, Any] = {
    "kind": "follow_up_opened",
    "says": "Sam asks Kim for the address.",
    "owner": "sam",
    "due": "2026-11-24",
    "covers": {"subject": "contact", "rule": RULE, "rows": "people:p3"},
}
QUESTION = FOLLOW_UP | {"kind": "question_asked", "says": "Which address does Kim use?"}
REPAIRED = {"people_2.csv": PEOPLE.replace("kim(at)dell", "kim@dell.example")}
RENAMED = {"companies.csv": COMPANIES.replace("Bolt GmbH", "Zink AG")}


@pytest.mark.parametrize(
    "chosen", [{"rows": ["people:p1", "people:p3"]}, {"where": "external_id in ('p1', 'p3')"}]
)
@pytest.mark.parametrize(
    "kind",
    [{"kind": "risk_accepted", "evidence": "E-mail."}, FOLLOW_UP, QUESTION],
    ids=lambda each: each["kind"],
)
def test_a_row_that_does_not_break_the_rule_cannot_be_settled_in_advance(
    published_once: Workspace, kind: dict[str, Any], chosen: dict[str, Any]
) -> None:
    before = published_once.log(SLUG).read_bytes()

    with pytest.raises(DraftRefused, match=rf"row people@\w+#0000002 does not break {RULE} today"):
        decide(published_once, **kind | {"covers": {"subject": "contact", "rule": RULE} | chosen})

    assert published_once.log(SLUG).read_bytes() == before


def test_a_breach_that_somebody_has_taken_up_is_still_one_and_can_be_accepted(
    published_once: Workspace,
) -> None:
    """A check against the undecided rows alone would refuse it."""
    decide(published_once, **FOLLOW_UP)
    run_all(published_once)

    assert (
        decide(published_once, kind="risk_accepted", evidence="E-mail.", covers=FOLLOW_UP["covers"]).id
        == "D-003"
    )


@pytest.mark.parametrize(
    ("row", "wave", "says"),
    [
        ("companies:011", "wave_1", "wave_1 is not later than wave_1"),
        ("companies:009", "wave_2", r"row companies@\w+#0000004 goes live with wave_2 or later anyway"),
    ],
)
def test_a_deferral_that_would_move_nothing_is_refused(
    published_once: Workspace, row: str, wave: str, says: str
) -> None:
    covers = {"subject": "account", "fields": "name", "rows": row}

    with pytest.raises(DraftRefused, match=says):
        decide(published_once, kind="rows_deferred", until_wave=wave, covers=covers)


@pytest.mark.parametrize(
    ("draft", "step"),
    [
        (FOLLOW_UP, "Nothing fails any more for its rows: close it."),
        (QUESTION, "Nothing fails any more for its rows: record the answer."),
    ],
    ids=["follow_up", "question"],
)
def test_work_on_rows_that_fail_no_more_is_listed_until_it_is_closed(
    published_once: Workspace, draft: dict[str, Any], step: str
) -> None:
    covers = {"subject": "contact", "rule": RULE, "rows": "people:p3"}
    decide(published_once, **draft)
    decide(published_once, kind="value_corrected", field="email", value="kim@dell.example", covers=covers)

    record = after_run(published_once)

    (work,) = (each for each in record.unresolved if each.id == "D-002")
    assert (work.owner.name, str(work.due), work.holds, work.row_count) == ("Sam Lee", "2026-11-24", 0, 1)
    assert work.next_step == step
    (listed,) = (each for each in open_findings(a_run(published_once)) if each.follow_up == "D-002")
    assert (listed.owner.name, listed.detail, listed.is_blocking) == ("Sam Lee", step, False)
    assert listed.rows == work.rows

    ends = {"kind": "follow_up_closed", "closes": "D-002"}
    if draft is QUESTION:
        ends = {"kind": "question_answered", "answers": "D-002", "answer": "That one."}
    decide(published_once, **ends)
    assert "D-002" not in {each.id for each in after_run(published_once).unresolved}


def test_work_on_a_row_that_was_delivered_anew_says_what_to_do_without_a_value(
    published_once: Workspace,
) -> None:
    decide(published_once, **FOLLOW_UP)
    deliver(published_once, {"people_2.csv": PEOPLE.replace("kim(at)dell", "kim(at)ode")})

    record = after_run(published_once)

    (work,) = (each for each in record.unresolved if each.id == "D-002")
    assert (
        work.next_step == "What was shown of its rows has changed, and they are asked about again: close it."
    )


def test_a_merge_that_fits_no_more_holds_the_row_that_it_took_up(published_once: Workspace) -> None:
    """Without it both rows would go live, as two accounts, and nobody would be asked."""
    deliver(published_once, RENAMED)
    run_all(published_once)

    found = fates(published_once)
    assert found["account companies#5"] == ("unresolved", "rule", "account.decisions.current")
    assert found["account companies#3"][0] == "exported"


@pytest.mark.parametrize(
    ("again", "fate"),
    [
        (MERGE | {"supersedes": "D-001", "supersedes_because": "It has a new name."}, "merged"),
        (
            {
                "kind": "merge_refused",
                "covers": MERGE["covers"],
                "supersedes": "D-001",
                "supersedes_because": "Two.",
            },
            "exported",
        ),
        (
            {
                "kind": "risk_accepted",
                "evidence": "E-mail.",
                "covers": {"subject": "account", "rule": "account.decisions.current", "rows": "all"},
            },
            "exported",
        ),
    ],
    ids=["merged_again", "kept_apart", "accepted"],
)
def test_what_a_merge_no_longer_takes_up_is_settled_by_a_decision_about_it_as_it_is(
    published_once: Workspace, again: dict[str, Any], fate: str
) -> None:
    deliver(published_once, RENAMED)
    run_all(published_once)
    decide(published_once, **again)

    run_all(published_once)

    assert fates(published_once)["account companies#5"][0] == fate
