"""Where a rule stands after decisions, and whether its gate is open."""

import dataclasses
from typing import Any

import pytest

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, Rule, RuleResult, RuleState, Severity
from aformity_pipelines.domain.gate import Judged, Standing, judge


def judged(
    policy: Policy,
    state: RuleState = RuleState.FAILED,
    *,
    failing: int = 3,
    accepted: int = 0,
    followed: int = 0,
    rule: str = "contact.email.format",
    **more: Any,
) -> Judged:
    described = Rule(
        id=rule, gate=Gate.MAPPED, subject="contact", policy=policy, severity=Severity.WARNING, says="It must hold.",
        moment="adoption", fields=("email",), expectation="expect_it", derived=True,
    )  # fmt: skip
    result = RuleResult(rule=described, state=state, checked=9, failing=failing, detail="")
    return Judged(result=result, accepted=accepted, followed=followed, **more)


BLOCK, HOLD, REPORT = Policy.BLOCK, Policy.HOLD, Policy.REPORT


@pytest.mark.parametrize(
    ("policy", "accepted", "followed", "standing"),
    [
        (BLOCK, 0, 0, Standing.BLOCKED),
        (BLOCK, 2, 0, Standing.BLOCKED),
        (BLOCK, 2, 1, Standing.HELD),
        (BLOCK, 3, 0, Standing.DECIDED),
        (BLOCK, 0, 3, Standing.HELD),
        (HOLD, 0, 0, Standing.HELD),
        (HOLD, 2, 0, Standing.HELD),
        (HOLD, 2, 1, Standing.HELD),
        (HOLD, 3, 0, Standing.DECIDED),
        (REPORT, 0, 0, Standing.REPORTED),
        (REPORT, 2, 0, Standing.REPORTED),
        (REPORT, 3, 0, Standing.DECIDED),
    ],
)
def test_where_a_rule_with_three_failing_rows_stands(
    policy: Policy, accepted: int, followed: int, standing: Standing
) -> None:
    assert judged(policy, accepted=accepted, followed=followed).standing is standing


@pytest.mark.parametrize(
    ("policy", "state", "rule", "standing"),
    [
        (BLOCK, RuleState.PASSED, "contact.email.format", Standing.PASSED),
        (BLOCK, RuleState.FAILED, "contact.rows.present", Standing.BLOCKED),
        (HOLD, RuleState.FAILED, "crm.columns.known", Standing.BLOCKED),
        (REPORT, RuleState.FAILED, "crm.columns.known", Standing.REPORTED),
        (BLOCK, RuleState.NOTHING_CHECKED, "contact.email.format", Standing.BLOCKED),
        (HOLD, RuleState.NOTHING_CHECKED, "contact.email.required", Standing.BLOCKED),
        (REPORT, RuleState.NOTHING_CHECKED, "contact.email.required", Standing.BLOCKED),
        (HOLD, RuleState.NOTHING_CHECKED, "contact.email.format", Standing.NOTHING_CHECKED),
        (REPORT, RuleState.NOTHING_CHECKED, "contact.email.format", Standing.NOTHING_CHECKED),
    ],
)
def test_where_a_rule_without_failing_rows_stands(
    policy: Policy, state: RuleState, rule: str, standing: Standing
) -> None:
    assert judged(policy, state, failing=0, rule=rule).standing is standing


def test_one_blocked_rule_closes_the_gate_and_the_others_do_not_hide_it() -> None:
    verdict = judge(
        Gate.MAPPED,
        "contact",
        [
            judged(HOLD),
            judged(BLOCK, accepted=2, uncovered_examples=("r9",)),
            judged(REPORT),
        ],
    )

    assert not verdict.is_open
    assert verdict.explanation() == (
        "mapped gate of contact is closed:\n- contact.email.format: 1 of 3 failing rows undecided,"
        " for example r9. It must hold."
    )


def test_a_closed_gate_says_who_settles_it_which_decisions_do_not_hold_and_the_command() -> None:
    blocked = judged(
        BLOCK,
        accepted=2,
        uncovered_examples=("r9",),
        stale=("D-004",),
        stale_because={"D-004": "2 rows: what was shown of them has changed"},
        idle=("D-007 waits: needs a second person (Two agree.)",),
        settles="Ina Vogt settles it by 3 December 2026.",
    )
    verdict = judge(Gate.MAPPED, "contact", [blocked])
    verdict = dataclasses.replace(verdict, settle="Settle it: `aformity review export acme`")

    assert verdict.explanation().splitlines() == [
        "mapped gate of contact is closed:",
        "- contact.email.format: 1 of 3 failing rows undecided, for example r9. It must hold.",
        "  Ina Vogt settles it by 3 December 2026.",
        "  D-004 no longer fits: 2 rows: what was shown of them has changed.",
        "  D-007 waits: needs a second person (Two agree.).",
        "Settle it: `aformity review export acme`",
    ]


def test_one_failing_row_is_not_called_rows() -> None:
    verdict = judge(Gate.MAPPED, "contact", [judged(BLOCK, failing=1)])

    assert "1 of 1 failing row undecided" in verdict.explanation()


def test_held_and_reported_rows_leave_the_gate_open() -> None:
    assert judge(Gate.MAPPED, "contact", [judged(HOLD), judged(REPORT), judged(BLOCK, accepted=3)]).is_open


def test_a_gate_without_rules_is_not_open_but_refused() -> None:
    with pytest.raises(ValueError, match="no rules"):
        judge(Gate.MAPPED, "contact", [])
