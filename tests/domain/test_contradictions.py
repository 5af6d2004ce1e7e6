"""Which two decisions cannot both be meant of a row, by kind, field, rule and order."""

from typing import Any

import pytest

from aformity_pipelines.domain.contradictions import contradicts
from tests.builders.decisions import INA, coverage, entry

RULE = "contact.email.format"
OTHER = "contact.phone.format"
WORK = {"owner": INA, "due": "2026-12-01"}


def decided(kind: str, number: int, rule: str | None = RULE, subject: str = "contact", **more: Any) -> Any:
    particular: dict[str, dict[str, Any]] = {
        "risk_accepted": {"evidence": ["E-mail."]},
        "rows_deferred": {"until_wave": "wave_2"},
        "value_corrected": {"field": "email", "value": "a@b.example"},
        "values_replaced": {"field": "email", "replacements": {"x": "a@b.example"}},
        "merge_approved": {"survivor": "crm:1"},
        "follow_up_opened": WORK,
        "question_asked": WORK,
        "rule_waived": {"evidence": ["E-mail."]},
    }
    covers: Any = coverage("crm:1", "crm:2", rule=rule, subject=subject)
    if kind == "rule_waived":
        covers = {"subject": subject, "rule": rule, "digest": "0" * 64, "fields": ["email"], "says": "So."}
    return entry(kind, number, **(particular.get(kind, {}) | {"covers": covers} | more))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("rows_excluded", "rows_deferred"),
        ("rows_deferred", "rows_excluded"),
        ("rows_excluded", "value_corrected"),
        ("rows_excluded", "values_replaced"),
        ("rows_excluded", "risk_accepted"),
        ("rows_excluded", "follow_up_opened"),
        ("rows_excluded", "question_asked"),
        ("rows_excluded", "merge_approved"),
        ("risk_accepted", "rows_excluded"),
        ("risk_accepted", "rows_deferred"),
        ("risk_accepted", "follow_up_opened"),
        ("merge_approved", "rows_excluded"),
        ("merge_approved", "merge_approved"),
        ("merge_approved", "merge_refused"),
        ("merge_refused", "merge_approved"),
        ("merge_refused", "follow_up_opened"),
        ("follow_up_opened", "follow_up_opened"),
        ("follow_up_opened", "question_asked"),
        ("rule_waived", "follow_up_opened"),
        ("rule_waived", "rule_waived"),
    ],
)
def test_two_that_cannot_both_be_meant_contradict_each_other_whoever_is_named_first(
    earlier: str, later: str
) -> None:
    one, other = decided(earlier, 1), decided(later, 2)

    assert contradicts(one, other)
    assert contradicts(other, one)


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        ("follow_up_opened", "value_corrected"),
        ("follow_up_opened", "risk_accepted"),
        ("follow_up_opened", "rows_excluded"),
        ("question_asked", "rows_deferred"),
        ("value_corrected", "rows_excluded"),
        ("rows_deferred", "risk_accepted"),
        ("rows_deferred", "follow_up_opened"),
        ("rows_excluded", "rows_excluded"),
        ("risk_accepted", "risk_accepted"),
        ("risk_accepted", "value_corrected"),
        ("merge_refused", "risk_accepted"),
    ],
)
def test_what_settles_open_work_or_goes_further_contradicts_nothing(earlier: str, later: str) -> None:
    assert not contradicts(decided(earlier, 1), decided(later, 2))


def test_what_is_accepted_for_one_rule_may_be_followed_up_for_another() -> None:
    assert not contradicts(decided("risk_accepted", 1), decided("follow_up_opened", 2, rule=OTHER))


def test_rows_of_another_subject_are_other_rows() -> None:
    assert not contradicts(
        decided("rows_excluded", 1), decided("value_corrected", 2, rule=None, subject="account", field="name")
    )


def test_two_deferrals_contradict_each_other_only_by_their_wave() -> None:
    first = decided("rows_deferred", 1)

    assert contradicts(first, decided("rows_deferred", 2, until_wave="wave_3"))
    assert not contradicts(first, decided("rows_deferred", 2, rule=None))


def test_two_corrections_contradict_each_other_by_field_and_value() -> None:
    first = decided("value_corrected", 1)

    assert contradicts(first, decided("value_corrected", 2, value="c@d.example"))
    assert not contradicts(first, decided("value_corrected", 2, rule=None))
    assert not contradicts(first, decided("value_corrected", 2, field="phone", value="1"))


def test_a_replacement_contradicts_a_correction_unless_both_come_to_the_same() -> None:
    many = decided("values_replaced", 1)

    assert contradicts(many, decided("value_corrected", 2, value="c@d.example"))
    assert not contradicts(many, decided("value_corrected", 2))
    assert contradicts(many, decided("values_replaced", 2, replacements={"x": "other"}))
    assert not contradicts(many, decided("values_replaced", 2, replacements={"y": "other"}))


def test_a_row_kept_apart_from_one_may_be_merged_with_another() -> None:
    refused, approved = decided("merge_refused", 1), decided("merge_approved", 2)

    assert not contradicts(refused, approved, shared=1)
    assert contradicts(refused, approved, shared=2)


def test_nothing_contradicts_itself() -> None:
    assert not contradicts(decided("follow_up_opened", 1), decided("follow_up_opened", 1))
