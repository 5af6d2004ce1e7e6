"""What a decision cannot be written down without (promise P4), and which ones stand."""

from typing import Any

import pytest
from pydantic import ValidationError

from aformity_pipelines.domain.decisions import (
    FollowUpOpened,
    RiskAccepted,
    standing,
)
from tests.builders.decisions import INA, coverage, entry

RISK = {"covers": coverage("crm:1", rule="contact.email.format"), "evidence": ["Minutes of 3 November"]}
SUPERSEDES = {"supersedes_because": "The first was a slip."}
FOLLOW_UP = {"owner": INA, "due": "2026-12-01"}


def test_accepted_risk_and_unresolved_work_are_written_down() -> None:
    assert isinstance(entry("risk_accepted", **RISK), RiskAccepted)
    assert isinstance(entry("follow_up_opened", **FOLLOW_UP), FollowUpOpened)


@pytest.mark.parametrize(
    ("kind", "particular", "missing"),
    [
        ("risk_accepted", RISK | {"evidence": []}, "evidence"),
        ("risk_accepted", RISK | {"covers": coverage("crm:1")}, "covers.rule"),
        ("risk_accepted", RISK | {"by": {"name": "Ina Vogt", "side": "customer"}}, "by.role"),
        ("risk_accepted", RISK | {"by": {"role": "Data owner", "side": "customer"}}, "by.name"),
        ("risk_accepted", RISK | {"why": ""}, "why"),
        ("risk_accepted", RISK | {"says": ""}, "says"),
        ("risk_accepted", RISK | {"covers": coverage(rule="contact.email.format")}, "rows"),
        ("risk_accepted", RISK | FOLLOW_UP, "owner"),
        ("risk_accepted", RISK | {"due": "2026-12-01"}, "due"),
        ("follow_up_opened", {"owner": INA}, "due"),
        ("follow_up_opened", {"due": "2026-12-01"}, "owner"),
        ("follow_up_opened", FOLLOW_UP | {"due": "soon"}, "due"),
        ("rows_deferred", {}, "until_wave"),
        ("value_corrected", {"field": "name"}, "value"),
        ("value_corrected", {"value": "Jo"}, "field"),
        ("merge_approved", {"covers": coverage("crm:1", "crm:2"), "survivor": "crm:3"}, "survivor"),
        ("merge_approved", {"covers": coverage("crm:1"), "survivor": "crm:1"}, "two different rows"),
        ("merge_approved", {"covers": coverage("crm:1", "crm:1"), "survivor": "crm:1"}, "two different rows"),
        ("follow_up_closed", {}, "closes"),
        ("follow_up_closed", {"closes": "number 3"}, "closes"),
        ("mapping_approved", {"covers": {"entity": "contact", "fields": {}}}, "covers"),
        ("rows_excluded", {"covers": {**coverage("crm:1"), "rows": [{"key": "crm:1", "digest": "x"}]}}, "digest"),
        ("rows_excluded", {"id": "first"}, "id"),
        ("guessed", {}, "kind"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(kind: str, particular: dict[str, Any], missing: str) -> None:
    with pytest.raises(ValidationError) as refused:
        entry(kind, **particular)

    said = " ".join(f"{'.'.join(map(str, e['loc']))} {e['msg']}" for e in refused.value.errors())
    assert missing.split(".")[-1] in said


def test_a_decision_cannot_be_altered() -> None:
    risk = entry("risk_accepted", **RISK)

    with pytest.raises(ValidationError, match="frozen"):
        risk.why = "Another reason."


def test_a_later_decision_ends_the_one_that_it_supersedes() -> None:
    log = [entry("rows_excluded", 1), entry("rows_excluded", 2, supersedes="D-001", **SUPERSEDES)]

    assert [each.id for each in standing(log)] == ["D-002"]


def test_a_closed_follow_up_no_longer_stands() -> None:
    log = [entry("follow_up_opened", 1, **FOLLOW_UP), entry("follow_up_closed", 2, closes="D-001")]

    assert [each.id for each in standing(log)] == ["D-002"]


def test_what_a_superseded_decision_superseded_stays_ended() -> None:
    log = [
        entry("rows_excluded", 1),
        entry("rows_excluded", 2, supersedes="D-001", **SUPERSEDES),
        entry("rows_excluded", 3, supersedes="D-002", **SUPERSEDES),
    ]

    assert [each.id for each in standing(log)] == ["D-003"]


def test_an_answer_about_a_format_is_written_down_with_only_what_was_answered() -> None:
    covers = {
        "source": "people",
        "delivery": "a" * 64,
        "file_name": "people.csv",
        "questions": "b" * 64,
        "headers": ["No", "Name"],
    }

    answer = entry("intake_answered", covers=covers, format={"header_row": 2, "quote": ""})

    assert answer.model_dump(mode="json")["format"] == {"header_row": 2, "quote": ""}
