"""The two intake rules that need no expectation: each passes on a sound delivery and finds what breaks it."""

from datetime import date

import pytest

from aformity_pipelines.domain.findings import RuleState
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.stage_record import DeliveryRecord, StageRecord
from aformity_pipelines.quality.suites import Suite, assemble, derive_intake_suite
from aformity_pipelines.stages.rejected import readable_result
from aformity_pipelines.stages.unambiguous import unambiguous_columns

SHORT = "3 fields, the header has 9"


def delivered(*, read: int, because: dict[str, int]) -> StageRecord:
    rejected = sum(because.values())
    return StageRecord(
        stage="raw_file", name="crm", wave=None, inputs={}, output="", rows_in=read + rejected, rows_out=read,
        delivery=DeliveryRecord(
            file_name="crm.csv", sha256="ab" * 32, size=9, received_on=date(2026, 11, 22), received_by="test",
            headers=("Name",), header_row=1, how_read="", rejected=rejected, rejected_because=because,
        ),
    )  # fmt: skip


def suite(*read: str, key: tuple[str, ...] = (), extras: tuple[dict[str, object], ...] = ()) -> Suite:
    return assemble("crm.intake", derive_intake_suite("crm", key, frozenset(read), frozenset(read)), extras)


def test_a_delivery_of_which_every_record_was_read_passes() -> None:
    result = readable_result("crm", delivered(read=4, because={}))

    assert (result.state, result.checked, result.failing, result.detail) == (RuleState.PASSED, 4, 0, "")


def test_records_that_could_not_be_read_break_the_rule_and_are_counted_by_reason() -> None:
    result = readable_result("crm", delivered(read=4, because={"a quote is never closed": 1, SHORT: 2}))

    assert (result.rule.id, result.state, result.checked, result.failing) == (
        "crm.record.readable", RuleState.FAILED, 7, 3,
    )  # fmt: skip
    assert result.detail == f"3 could not: {SHORT} (2); a quote is never closed (1)"


def test_many_reasons_are_counted_and_not_all_named() -> None:
    result = readable_result("crm", delivered(read=0, because={f"reason {n}": 1 for n in range(5)}))

    assert result.detail.endswith("reason 2 (1); and 2 more reasons")


def test_headers_that_each_mean_one_column_pass() -> None:
    assert unambiguous_columns("crm", ("Name", "Mail"), suite("Name", "Mail")).standing is Standing.PASSED


def test_columns_that_nobody_reads_may_share_a_header() -> None:
    assert unambiguous_columns("crm", ("Name", "Note", "Note"), suite("Name")).standing is Standing.PASSED


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        (("Name", "Mail", "Name"), "“Name” could be column 1 (`Name__1`) or column 3 (`Name__2`)"),
        (("Name", "NAME"), "“Name” could be column 1 (`Name__1`) or column 2 (`NAME__1`)"),
    ],
)
def test_a_header_that_is_read_and_stands_twice_closes_the_gate(headers: tuple[str, ...], said: str) -> None:
    judged = unambiguous_columns("crm", headers, suite("Name"))

    assert judged.result.rule.id == "crm.column.unambiguous"
    assert judged.standing is Standing.BLOCKED
    assert judged.result.detail == f"{said}: write the name of the column that is meant where it is read"


def test_the_key_and_written_rules_read_headers_too() -> None:
    written = {
        "type": "expect_column_values_to_match_regex",
        "kwargs": {"column": "Mail", "regex": "@"},
        "meta": {"rule": "crm.mail.written", "policy": "hold", "says": "An address.", "moment": ""},
    }
    headers = ("ID", "ID", "Mail", "mail")

    judged = unambiguous_columns("crm", headers, suite(key=("ID",), extras=(written,)))

    assert "“ID” could be" in judged.result.detail
    assert "“Mail” could be" in judged.result.detail


@pytest.mark.parametrize("name", ["Name__1", "Name__2"])
def test_a_column_that_is_named_one_by_one_opens_it(name: str) -> None:
    assert unambiguous_columns("crm", ("Name", "Mail", "Name"), suite(name)).standing is Standing.PASSED
