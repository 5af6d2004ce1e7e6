"""What a new decision may say about earlier ones: asked of what is in force, not of what the log once named."""

from typing import Any

import pytest

from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.stages.naming import refuse_unfit_names
from aformity_pipelines.stages.refusing import DraftRefused
from tests.builders.decisions import coverage
from tests.builders.who_decides import decided, migration

TWO = {"says": "Two people agree on contracts.", "fields": "contract", "persons": 2}
FIRST = (decided("rows_excluded", 1, "ina"), decided("decision_seconded", 2, "tom", seconds="D-001"))
WAITS = (*FIRST, decided("decision_withdrawn", 3, "ina", withdraws="D-001"))
ENDS = (*WAITS, decided("decision_seconded", 4, "sam", seconds="D-003"))
SLIP = {"supersedes_because": "It was a slip."}


def refusal(entry: Entry, *log: Entry) -> str:
    """Return why an entry cannot follow a log of decisions that take two; empty where it can."""
    try:
        refuse_unfit_names(migration(*log, approvals=[TWO]), entry)
    except DraftRefused as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize(
    "own",
    [
        {"kind": "decision_withdrawn", "withdraws": "D-001"},
        {"kind": "rows_deferred", "until_wave": "w", "supersedes": "D-001", **SLIP},
    ],
)
def test_a_decision_in_force_is_ended_though_a_waiting_one_names_it_already(own: dict[str, Any]) -> None:
    own = dict(own)
    entry = decided(own.pop("kind"), 5, "sam", **own)

    assert refusal(entry, *WAITS) == ""
    assert refusal(entry, *ENDS).startswith(f"{_key(own)} names D-001, which D-003 already ended")


def test_work_is_done_once() -> None:
    opened = decided("follow_up_opened", 1, "ina", owner=FIRST[0].by, due="2027-01-01")
    closed = decided("follow_up_closed", 2, "ina", closes="D-001")

    assert refusal(closed, opened) == ""
    assert "which D-002 already ended" in refusal(decided("follow_up_closed", 3, "ina", closes="D-001"), opened, closed)  # fmt: skip


def test_a_withdrawal_is_taken_back_only_while_it_waits() -> None:
    back = decided("decision_withdrawn", 5, "ina", withdraws="D-003")

    assert refusal(back, *WAITS) == ""
    assert refusal(back, *ENDS).startswith("withdraws names D-003, a decision_withdrawn that took effect")


def test_a_decision_takes_the_place_of_one_about_the_same_only() -> None:
    other = coverage("staff:1", subject="person", fields=["mail"])
    about = {"supersedes": "D-001", **SLIP}

    assert refusal(decided("rows_excluded", 3, "ina", **about), *FIRST) == ""
    assert refusal(decided("rows_excluded", 3, "ina", covers=other, **about), *FIRST) == (
        "supersedes names D-001, which is about contract; this is about person; take D-001 back with a"
        " decision_withdrawn, and decide this by itself"
    )


def _key(own: dict[str, Any]) -> str:
    return "withdraws" if "withdraws" in own else "supersedes"
