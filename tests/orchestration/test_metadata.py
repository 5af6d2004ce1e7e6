"""Metadata fits into an event, whatever the record holds, and says where the rest is."""

import dagster as dg
import pytest

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, RuleState, Severity
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.stage_record import FieldRecord, RuleRecord, StageRecord, VerdictRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.metadata import of_record, severity_of
from aformity_pipelines.orchestration.packed import LIMIT, size_of
from orchestration.tiny_customer import add_customer

pytestmark = pytest.mark.slow


@pytest.fixture
def migration(project: Workspace) -> Migration:
    add_customer(project, "acme")
    return load_migration(project.root, "acme")


def rule(
    name: str, standing: Standing = Standing.PASSED, severity: Severity = Severity.CRITICAL
) -> RuleRecord:
    is_passed = standing is Standing.PASSED
    return RuleRecord(
        rule=name,
        expectation="expect_column_values_to_not_be_null",
        policy=Policy.HOLD,
        severity=severity,
        says="Every account needs a name, <b>and</b> [a link](https://example.org). " * 4,
        moment="reporting",
        fields=("name",),
        state=RuleState.PASSED if is_passed else RuleState.FAILED,
        standing=standing,
        checked=10,
        failing=0 if is_passed else 2,
        accepted=0,
        followed=0,
        decisions=(),
        stale=(),
        examples=(),
        detail="",
    )


def record(*rules: RuleRecord, columns: int = 2, sql: str = "select 1") -> StageRecord:
    names = [f"field_{number}" for number in range(columns)]
    verdict = VerdictRecord(gate=Gate.MAPPED, is_open=False, explanation="closed " * 2000, rules=rules)
    field = FieldRecord(
        source="s", part="main", field="name", rows=1, filled=1, changed=0, unreadable=0, cleared=0
    )
    return StageRecord(
        stage="mapped",
        name="account",
        wave="wave_1",
        inputs={"validated/s": "a" * 64},
        output="b" * 64,
        rows_in=10,
        rows_out=10,
        columns=dict.fromkeys(names, "VARCHAR"),
        sql=sql,
        lineage=dict.fromkeys(names, ("s.A header of some length", "s.Another")),
        verdict=verdict,
        fields=tuple(field for _ in names),
        decisions=tuple(f"D-{number:03d}" for number in range(3)),
    )


def test_a_huge_record_still_fits(migration: Migration) -> None:
    rules = [rule(f"account.field_{n}.required") for n in range(400)]
    large = record(*rules, columns=500, sql="select 'é\"\n' " * 20_000)

    described = of_record(large, migration, was_made=True)

    assert size_of(described) <= LIMIT
    assert described["rules_not_listed"].value > 300
    assert "aformity explain" in str(described["sql"].value)
    assert "too long for an event" in str(described["left_out"].value)


def test_a_small_record_is_shown_whole(migration: Migration) -> None:
    described = of_record(record(rule("account.name.required")), migration, was_made=False)

    assert described["sql"].value == "select 1"
    assert "left_out" not in described
    assert "rules_not_listed" not in described
    assert described["decisions_applied"].value == "D-000, D-001, D-002"


def test_blocked_rules_come_first(migration: Migration) -> None:
    described = of_record(
        record(rule("a"), rule("z", Standing.BLOCKED), rule("m", Standing.HELD)), migration, was_made=True
    )

    assert [row.data["rule"] for row in described["rules"].value.records] == ["z", "m", "a"]


def test_a_run_says_which_decisions_are_stale_and_which_are_missing_and_whose_they_are(
    migration: Migration,
) -> None:
    stale = rule("account.name.length", Standing.HELD).model_copy(
        update={"stale": ("D-007", "D-009"), "stale_because": {"D-009": "Name changed"}}
    )
    half = rule("account.name.unique", Standing.BLOCKED).model_copy(update={"accepted": 1})
    followed = rule("account.owner.known", Standing.HELD).model_copy(update={"followed": 2})

    described = of_record(record(stale, half, followed), migration, was_made=True)

    assert [tuple(row.data.values()) for row in described["decisions_stale"].value.records] == [
        ("D-007", "account.name.length", "what it was shown has changed"),
        ("D-009", "account.name.length", "Name changed"),
    ]
    assert [tuple(row.data.values()) for row in described["decisions_missing"].value.records] == [
        ("account.name.unique", "blocked", 1, "Ina Vogt"),
        ("account.name.length", "held", 2, "Ina Vogt"),
    ]


def test_a_long_list_of_missing_decisions_says_how_many_more_there_are(migration: Migration) -> None:
    rules = [rule(f"account.field_{n:03d}.required", Standing.BLOCKED) for n in range(300)]

    rows = of_record(record(*rules), migration, was_made=True)["decisions_missing"].value.records

    assert rows[-1].data["rule"] == f"and {300 - (len(rows) - 1)} more"


def test_customer_words_are_never_markdown_or_links(migration: Migration) -> None:
    described = of_record(record(rule("account.name.required")), migration, was_made=True)

    kinds = {type(value) for value in described.values()}
    assert not kinds & {dg.MarkdownMetadataValue, dg.UrlMetadataValue}


@pytest.mark.parametrize(
    ("severity", "expected"),
    [
        (Severity.CRITICAL, dg.AssetCheckSeverity.ERROR),
        (Severity.WARNING, dg.AssetCheckSeverity.WARN),
        (Severity.INFO, dg.AssetCheckSeverity.WARN),
    ],
)
def test_the_worst_failing_rule_sets_the_severity(
    severity: Severity, expected: dg.AssetCheckSeverity
) -> None:
    verdict = record(rule("passed"), rule("failed", Standing.REPORTED, severity)).verdict

    assert verdict is not None
    assert severity_of(verdict) is expected
