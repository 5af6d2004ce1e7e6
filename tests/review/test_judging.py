"""Failing rows held against decisions: accepted, followed, held, undecided or stale."""

from typing import Any

import duckdb

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, Rule, RuleResult, RuleState, Severity
from aformity_pipelines.domain.gate import Judged
from aformity_pipelines.review.judging import create_findings, judged

Covered = tuple[str, str, str, str | None, str | None, bool]
"""(decision, kind, subject, rule, row_id, matches)"""


def results(**policies: str) -> list[RuleResult]:
    return [
        RuleResult(
            rule=Rule(
                id=rule, gate=Gate.MAPPED, subject="contact", policy=Policy(policy), severity=Severity.WARNING,
                says="It must hold.", moment="use", fields=("name",), expectation="expect_it", derived=True,
            ),
            state=RuleState.FAILED, checked=9, failing=2,
        )
        for rule, policy in policies.items()
    ]  # fmt: skip


def judge(
    failing: list[tuple[str, str]], covered: list[Covered], **policies: str
) -> tuple[list[tuple[Any, ...]], dict[str, Judged]]:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("create table failing (rule varchar, row_id varchar)")
    connection.execute(
        "create temp table covered (decision varchar, kind varchar, subject varchar, rule varchar, row_id varchar,"
        " matches boolean)"
    )
    for row in failing:
        connection.execute("insert into failing values (?, ?)", row)
    for each in covered:
        connection.execute("insert into covered values (?, ?, ?, ?, ?, ?)", each)
    found = results(**policies)
    create_findings(connection, "failing", "contact", found)
    rows = connection.execute("from findings order by rule, row_id").fetchall()
    return rows, {each.result.rule.id: each for each in judged(connection, found, "contact")}


def accepted(
    decision: str, rule: str, row: str | None, matches: bool = True, subject: str = "contact"
) -> Covered:
    return decision, "risk_accepted", subject, rule, row, matches


def followed(decision: str, rule: str, row: str) -> Covered:
    return decision, "follow_up_opened", "contact", rule, row, True


def test_each_failing_row_is_settled_by_the_decision_that_covers_it() -> None:
    rows, standing = judge(
        [("email", "r1"), ("email", "r2"), ("email", "r3")],
        [accepted("D-1", "email", "r1"), followed("D-2", "email", "r2")],
        email="hold",
    )

    assert rows == [
        ("email", "r1", "D-1", None, False),
        ("email", "r2", None, "D-2", True),
        ("email", "r3", None, None, True),
    ]
    email = standing["email"]
    assert (email.accepted, email.followed, email.decisions) == (1, 1, ("D-1", "D-2"))
    assert email.uncovered_examples == ("r3",)


def test_a_row_is_settled_for_the_rule_that_was_shown_and_no_other() -> None:
    rows, _ = judge(
        [("email", "r1"), ("phone", "r1")], [accepted("D-1", "email", "r1")], email="hold", phone="hold"
    )

    assert rows == [("email", "r1", "D-1", None, False), ("phone", "r1", None, None, True)]


def test_a_decision_on_another_entity_with_the_same_rule_and_row_settles_nothing() -> None:
    rows, _ = judge([("email", "r1")], [accepted("D-1", "email", "r1", subject="user")], email="hold")

    assert rows == [("email", "r1", None, None, True)]


def test_accepting_two_rows_does_not_cover_three() -> None:
    _, standing = judge(
        [("email", "r1"), ("email", "r2"), ("email", "r3")],
        [accepted("D-1", "email", "r1"), accepted("D-1", "email", "r2")],
        email="block",
    )

    assert standing["email"].uncovered_examples == ("r3",)
    assert standing["email"].accepted == 2


def test_a_stale_decision_settles_nothing_and_is_named() -> None:
    rows, standing = judge([("email", "r1")], [accepted("D-1", "email", "r1", matches=False)], email="hold")

    assert rows == [("email", "r1", None, None, True)]
    assert standing["email"].stale == ("D-1",)


def test_what_is_accepted_and_followed_counts_as_accepted() -> None:
    rows, standing = judge(
        [("email", "r1")], [followed("D-1", "email", "r1"), accepted("D-2", "email", "r1")], email="hold"
    )

    assert rows == [("email", "r1", "D-2", None, False)]
    assert (standing["email"].accepted, standing["email"].followed) == (1, 0)


def test_two_decisions_on_one_row_list_it_once() -> None:
    rows, _ = judge(
        [("email", "r1")], [accepted("D-1", "email", "r1"), accepted("D-2", "email", "r1")], email="hold"
    )

    assert rows == [("email", "r1", "D-1", None, False)]


def test_a_blocking_rule_holds_only_rows_that_somebody_follows_up() -> None:
    rows, _ = judge([("role", "r1"), ("role", "r2")], [followed("D-1", "role", "r1")], role="block")

    assert rows == [("role", "r1", None, "D-1", True), ("role", "r2", None, None, False)]


def test_a_reporting_rule_holds_nothing() -> None:
    rows, _ = judge([("owner", "r1")], [], owner="report")

    assert rows == [("owner", "r1", None, None, False)]
