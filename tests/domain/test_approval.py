"""Who may decide what, and how many it takes: rules in defs.yaml, held against the log at every use."""

import time
from typing import Any

import pytest
from pydantic import ValidationError

from aformity_pipelines.config.decision_log import unfit
from aformity_pipelines.domain.approval import ended, in_force, unmet, without_effect
from aformity_pipelines.domain.customer import ApprovalRule
from aformity_pipelines.domain.decisions import standing
from aformity_pipelines.domain.migration import Migration
from tests.builders.decisions import coverage
from tests.builders.who_decides import decided, migration

BILLING = {
    "says": "Only the billing owner accepts billing risks.",
    "kinds": "risk_accepted",
    "moments": "billing",
    "roles": "Billing owner",
}
TWO = {"says": "Two people agree on contracts.", "fields": "contract", "persons": 2}
LOGIN = coverage("deals:1", subject="contract", fields=["note"], rule="contract.note.length")


def ids(found: Migration) -> list[str]:
    return [each.id for each in in_force(found)]


def needs(found: Migration) -> dict[str, str]:
    return {each.entry.id: each.words for each in without_effect(found)}


def test_only_the_billing_owner_accepts_billing_risks() -> None:
    log = (decided("risk_accepted", 1, "tom"), decided("risk_accepted", 2, "ina"))

    assert ids(migration(*log, approvals=[BILLING])) == ["D-001"]


def test_a_reader_of_the_log_alone_would_let_anybody_accept_a_billing_risk() -> None:
    log = (decided("risk_accepted", 1, "ina"),)

    assert [each.id for each in standing(log)] == ["D-001"]
    assert ids(migration(*log, approvals=[BILLING])) == []


def test_another_risk_and_another_kind_are_anybodys() -> None:
    log = (
        decided("risk_accepted", 1, "ina", covers=LOGIN),
        decided("rows_excluded", 2, "ina"),
        decided("follow_up_opened", 3, "ina", owner=decided("rows_excluded", 9, "sam").by, due="2027-01-01"),
    )

    assert ids(migration(*log, approvals=[BILLING])) == ["D-001", "D-002", "D-003"]


def test_a_rule_that_is_new_takes_effect_on_old_decisions_and_says_which() -> None:
    log = (decided("risk_accepted", 1, "ina"),)

    assert ids(migration(*log)) == ["D-001"]
    assert needs(migration(*log, approvals=[BILLING])) == {
        "D-001": "is not allowed: needs the billing owner (Only the billing owner accepts billing risks.)"
    }


def test_a_decision_that_lost_its_effect_gets_it_back_when_somebody_who_may_seconds_it() -> None:
    log = (decided("risk_accepted", 1, "ina"), decided("decision_seconded", 2, "tom", seconds="D-001"))

    assert ids(migration(*log, approvals=[BILLING])) == ["D-001", "D-002"]


def test_two_people_have_to_stand_by_a_decision() -> None:
    alone = (decided("rows_excluded", 1, "ina"),)
    both = (*alone, decided("decision_seconded", 2, "sam", seconds="D-001"))

    assert needs(migration(*alone, approvals=[TWO])) == {
        "D-001": "waits: needs a second person (Two people agree on contracts.)"
    }
    assert ids(migration(*both, approvals=[TWO])) == ["D-001", "D-002"]


def test_nobody_is_two_people() -> None:
    log = (decided("rows_excluded", 1, "ina"), decided("decision_seconded", 2, "ina", seconds="D-001"))

    assert "D-001" not in ids(migration(*log, approvals=[TWO]))
    assert len([each for each in log if "D-001" in (each.id, getattr(each, "seconds", ""))]) == 2, (
        "counting entries instead of people would have let it pass"
    )


def test_a_second_who_takes_it_back_does_not_count() -> None:
    log = (
        decided("rows_excluded", 1, "ina"),
        decided("decision_seconded", 2, "sam", seconds="D-001"),
        decided("decision_withdrawn", 3, "sam", withdraws="D-002"),
        decided("decision_seconded", 4, "tom", seconds="D-003"),
    )

    assert "D-001" not in ids(migration(*log, approvals=[TWO]))


@pytest.mark.parametrize(
    ("by", "seconded", "takes_effect", "lacks"),
    [
        ("tom", "ina", True, ""),
        ("ina", "tom", True, ""),
        ("tom", "sam", False, "needs a second person on the customer side"),
        ("ina", None, False, "needs the billing owner"),
        ("sam", "tom", False, "needs a second person on the customer side"),
    ],
)
def test_one_of_two_decides_and_the_other_is_on_the_side_that_is_asked_for(
    by: str, seconded: str | None, takes_effect: bool, lacks: str
) -> None:
    rule = {**TWO, "roles": "billing owner", "seconded_by": "customer"}
    log = [decided("rows_excluded", 1, by)]
    log += [decided("decision_seconded", 2, seconded, seconds="D-001")] if seconded else []

    found = migration(*log, approvals=[rule])

    assert ("D-001" in ids(found)) is takes_effect
    assert lacks in needs(found).get("D-001", "")


def test_every_rule_that_applies_has_to_be_met() -> None:
    log = (decided("risk_accepted", 1, "tom"),)

    found = migration(*log, approvals=[BILLING, TWO])

    assert [each.needs for each in unmet(found, log[0])] == ["a second person"]


def test_what_waits_ends_no_earlier_decision() -> None:
    log = (
        decided("rows_excluded", 1, "ina"),
        decided("decision_seconded", 2, "tom", seconds="D-001"),
        decided("rows_deferred", 3, "ina", until_wave="w", supersedes="D-001", supersedes_because="Later."),
    )

    assert ids(migration(*log, approvals=[TWO])) == ["D-001", "D-002"]
    assert [each.id for each in standing(log)] == ["D-002", "D-003"], "and nothing would keep the row back"


def test_what_takes_the_place_of_a_waiting_decision_takes_that_of_the_first_one_too() -> None:
    why = {"supersedes_because": "Later."}
    log = (
        decided("rows_excluded", 1, "ina"),
        decided("decision_seconded", 2, "tom", seconds="D-001"),
        decided("rows_deferred", 3, "ina", until_wave="w", supersedes="D-001", **why),
        decided("rows_deferred", 4, "ina", until_wave="v", supersedes="D-003", **why),
        decided("decision_seconded", 5, "tom", seconds="D-004"),
    )

    assert ids(migration(*log, approvals=[TWO])) == ["D-002", "D-004", "D-005"]


def test_a_waiting_decision_that_is_withdrawn_leaves_the_first_one_as_it_is() -> None:
    log = (
        decided("rows_excluded", 1, "ina"),
        decided("decision_seconded", 2, "tom", seconds="D-001"),
        decided("rows_deferred", 3, "ina", until_wave="w", supersedes="D-001", supersedes_because="Later."),
        decided("decision_withdrawn", 4, "ina", withdraws="D-003"),
        decided("decision_seconded", 5, "tom", seconds="D-004"),
    )

    assert ids(migration(*log, approvals=[TWO])) == ["D-001", "D-002", "D-004", "D-005"]


def test_taking_a_guarded_decision_back_is_guarded_too() -> None:
    log = (decided("rows_excluded", 1, "tom"),)
    rule = {"says": "Tom decides.", "people": "tom"}
    back = decided("decision_withdrawn", 2, "sam", withdraws="D-001")

    (found,) = unmet(migration(*log, approvals=[rule]), back)

    assert (found.needs, found.waits) == ("Tom Lind", False)


WHY = {"supersedes": "D-001", "supersedes_because": "It was a slip."}
DUE = {"owner": {"name": "Sam Lee", "role": "Lead", "side": "implementation"}, "due": "2027-01-01"}


@pytest.mark.parametrize(("kind", "own"), [("decision_withdrawn", {"withdraws": "D-001"}), ("rows_deferred", {"until_wave": "w", **WHY})])  # fmt: skip
def test_a_rule_that_is_new_does_not_bring_back_what_was_ended_before(kind: str, own: dict[str, Any]) -> None:
    log = (decided("rows_excluded", 1, "tom"), decided(kind, 2, "sam", **own))
    rule = {"says": "Tom decides.", "people": "tom"}

    found = migration(*log, approvals=[rule])

    assert (ids(migration(*log)), ids(found), ended(found)) == (["D-002"], [], {})
    assert needs(found)["D-001"] == "ended by D-002, which is not allowed any more"
    assert not any(each.waits for each in without_effect(found))


def test_what_a_disallowed_decision_ended_is_decided_anew() -> None:
    log = (
        decided("rows_excluded", 1, "tom"),
        decided("decision_withdrawn", 2, "sam", withdraws="D-001"),
        decided("rows_deferred", 3, "tom", until_wave="w", **WHY),
    )

    found = migration(*log, approvals=[{"says": "Tom decides.", "people": "tom"}])

    assert (ids(found), list(needs(found)), ended(found)) == (["D-003"], ["D-002"], {"D-001": "D-003"})


def test_a_waiting_withdrawal_does_not_keep_others_from_ending_its_target() -> None:
    log = (
        decided("rows_excluded", 1, "ina"),
        decided("decision_seconded", 2, "tom", seconds="D-001"),
        decided("decision_withdrawn", 3, "ina", withdraws="D-001"),
    )
    again = (*log, decided("decision_withdrawn", 4, "sam", withdraws="D-001"))
    both = (*again, decided("decision_seconded", 5, "tom", seconds="D-004"))

    assert ended(migration(*log, approvals=[TWO])) == {}
    assert "D-001" in ids(migration(*again, approvals=[TWO]))
    assert ended(migration(*both, approvals=[TWO])) == {"D-001": "D-004"}


def test_a_withdrawal_that_waits_is_seconded() -> None:
    log = (
        decided("rows_excluded", 1, "ina"),
        decided("decision_seconded", 2, "tom", seconds="D-001"),
        decided("decision_withdrawn", 3, "ina", withdraws="D-001"),
        decided("decision_seconded", 4, "sam", seconds="D-003"),
    )

    assert ids(migration(*log, approvals=[TWO])) == ["D-002", "D-003", "D-004"]
    assert unfit(log[:3], log[3]) == ()


@pytest.mark.parametrize(
    ("kind", "own"),
    [("follow_up_opened", DUE), ("question_asked", DUE), ("rows_deferred", {"until_wave": "w"})],
)
def test_whoever_replaces_a_decision_meets_the_rules_that_it_met(kind: str, own: dict[str, Any]) -> None:
    log = (decided("risk_accepted", 1, "tom"),)
    free = decided(kind, 2, "ina", **own)
    instead = decided(kind, 2, "ina", **own, **WHY)

    assert unmet(migration(*log, approvals=[BILLING]), free) == ()
    assert [each.needs for each in unmet(migration(*log, approvals=[BILLING]), instead)] == [
        "the billing owner"
    ]


def test_a_guarded_decision_cannot_be_replaced_by_way_of_one_that_waits() -> None:
    log = (
        decided("rows_excluded", 1, "ina"),
        decided("decision_seconded", 2, "tom", seconds="D-001"),
        decided("follow_up_opened", 3, "ina", **DUE, **WHY),
        decided("question_asked", 4, "ina", **DUE, supersedes="D-003", supersedes_because="Later."),
    )

    found = migration(*log, approvals=[TWO])

    assert (ids(found), list(needs(found))) == (["D-001", "D-002"], ["D-003", "D-004"])


@pytest.mark.parametrize(
    ("rule", "covers", "applies"),
    [
        ({"fields": "contract.price"}, {}, True),
        ({"fields": "contract.note"}, {}, False),
        ({"fields": "money"}, {}, True),
        ({"fields": "person"}, {}, False),
        ({"moments": "login"}, {}, False),
        ({"risks": "critical"}, {"rule": "contract.number.unique"}, True),
        ({"risks": "critical"}, {"rule": "contract.price.type"}, False),
        ({"risks": "warning"}, {"rule": "contract.price.type"}, True),
        ({"fields": "contract", "moments": "login"}, {}, False),
        ({"fields": "contract.price"}, {"subject": "deals", "fields": ["Net"]}, True),
        ({"fields": "contract.price"}, {"subject": "deals", "fields": ["Note"]}, False),
        ({"moments": "billing"}, {"subject": "deals", "fields": ["Cents"]}, True),
    ],
)
def test_what_a_rule_is_about(rule: dict[str, Any], covers: dict[str, Any], applies: bool) -> None:
    shown = {"subject": "contract", "fields": ["price"], "rule": "contract.price.positive"} | covers
    log = (decided("risk_accepted", 1, "ina", covers=coverage("deals:1", **shown)),)
    asked = {"says": "Tom decides.", "people": "tom", **rule}

    found = migration(*log, approvals=[asked], field_groups={"money": ["contract.price"]})

    assert bool(without_effect(found)) is applies


def test_leaving_a_whole_row_out_touches_every_field_of_it_whatever_was_shown() -> None:
    shown = coverage("deals:1", subject="contract", fields=["note"], rule="contract.note.length")
    log = (decided("rows_excluded", 1, "ina", covers=shown), decided("value_corrected", 2, "ina", covers=shown, field="note", value=""))  # fmt: skip

    found = migration(*log, approvals=[{"says": "Tom decides.", "people": "tom", "moments": "billing"}])

    assert list(needs(found)) == ["D-001"]


def test_an_approval_of_the_field_map_touches_the_fields_that_it_names_or_translates() -> None:
    log = (
        decided("mapping_approved", 1, "ina", covers={"entity": "contract", "fields": {"deals/main/price": "x"}}),
        decided("mapping_approved", 2, "ina", covers={"entity": "contract", "value_maps": {"notes": "x"}}),
    )  # fmt: skip

    def stopped(field: str) -> list[str]:
        rule = {"says": "Tom decides.", "people": "tom", "fields": field}
        return list(needs(migration(*log, approvals=[rule])))

    assert (stopped("contract.price"), stopped("contract.note")) == (["D-001"], ["D-002"])


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ({}, "asks for nobody"),
        ({"seconded_by": "customer", "people": "tom"}, "persons: 2"),
        ({"kinds": "riskaccepted", "persons": 2}, "risk_accepted"),
        ({"persons": 0, "people": "tom"}, "persons"),
    ],
)
def test_a_rule_that_asks_for_nothing_cannot_be_written(rule: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        ApprovalRule.model_validate({"says": "A rule.", **rule})


def test_a_thousand_decisions_are_asked_in_milliseconds() -> None:
    log = tuple(decided("risk_accepted", number, "tom") for number in range(1, 1001))
    found = migration(*log, approvals=[BILLING, TWO, {**TWO, "moments": "login", "fields": ()}])

    started = time.perf_counter()
    first = in_force(found)
    asked_once = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(100):
        assert in_force(found) is first
    asked_again = time.perf_counter() - started

    assert asked_once < 0.25
    assert asked_again < 0.01
