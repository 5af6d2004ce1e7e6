"""A draft that would be recorded without effect, or that would break the log, is refused before a byte is written."""

from typing import Any

import pytest

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.decisions import ValueCorrected
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.deciding import DraftRefused
from tests.builders.two_sources import SLUG, decide

ROWS = {"subject": "account", "fields": "name", "rows": "companies:007"}


@pytest.mark.parametrize(
    ("draft", "says"),
    [
        ({"kind": "follow_up_closed", "closes": "D-077"}, "D-077, which no earlier line has"),
        ({"kind": "follow_up_closed", "closes": "D-001"}, "closes names D-001, a merge_approved"),
        ({"kind": "rows_excluded", "supersedes": "D-044", "supersedes_because": "It was a slip.", "covers": ROWS}, "no earlier line has"),
        ({"kind": "rows_deferred", "until_wave": "wave_9", "covers": ROWS}, "'wave_9' is not one of the waves"),
        ({"kind": "value_corrected", "field": "nonsense", "value": "x", "covers": ROWS}, "'nonsense' is not delivered"),
        ({"kind": "rows_excluded", "covers": ROWS | {"fields": "nonsense"}}, "'nonsense' is not delivered"),
        (
            {"kind": "rows_excluded", "covers": {"subject": "companies", "fields": "Name", "rows": "companies:007"}},
            r"acts on an entity that is made of these rows \(account, contact\)",
        ),
        ({"kind": "rows_excluded", "covers": {"subject": "account", "fields": "name", "where": "nosuch = 1"}}, "nosuch"),
        (
            {"kind": "rows_excluded", "covers": {"subject": "account", "fields": "name", "where": "1=1) or (1=1"}},
            "not one condition",
        ),
        (
            {"kind": "rows_excluded", "covers": {"subject": "account", "fields": "name", "where": "name in (select 1)"}},
            "not one condition",
        ),
        ({"kind": "rows_excluded", "covers": {"subject": "account", "fields": "name", "where": "name::int = 1"}}, r"fails on the rows that are there \(ConversionException\)"),
        ({"kind": "rows_excluded", "covers": {"subject": "account", "fields": "name", "where": "regexp_matches(name, '(')"}}, r"fails on the rows that are there \(InvalidInputException\)"),
        ({"kind": "rows_excluded", "covers": {"subject": "account", "fields": "name", "where": "nosuch(name)"}}, "Scalar Function with name nosuch does not exist"),
        ({"kind": "rows_excluded", "covers": {"subject": "account", "fields": "name", "where": "random() < 0.5"}}, "`rand` depends on more than this row"),
        ({"kind": "rows_excluded", "on": "2027-01-01", "covers": ROWS}, "`on` 2027-01-01 is after"),
    ],
)  # fmt: skip
@pytest.mark.slow
def test_a_draft_that_could_do_nothing_or_break_the_log_leaves_it_alone(
    published_once: Workspace, draft: dict[str, Any], says: str
) -> None:
    before = published_once.log(SLUG).read_bytes()

    with pytest.raises(ValueError, match=says) as refused:
        decide(published_once, **draft)

    assert "Acme" not in str(refused.value), "values stay where they are"
    assert published_once.log(SLUG).read_bytes() == before
    assert load_migration(published_once.root, SLUG).log


@pytest.mark.slow
def test_a_correction_covers_the_value_that_it_replaces(published_once: Workspace) -> None:
    entry = decide(published_once, kind="value_corrected", field="parent_account", value="", covers=ROWS)

    assert isinstance(entry, ValueCorrected)
    assert entry.covers.fields == ("name", "parent_account")


@pytest.mark.slow
def test_an_accepted_risk_covers_what_its_rule_reads_whatever_else_was_shown(
    published_once: Workspace,
) -> None:
    covers = {
        "subject": "contact",
        "rule": "contact.email.format",
        "fields": "full_name",
        "rows": "people:p3",
    }

    entry = decide(published_once, kind="risk_accepted", evidence="E-mail.", covers=covers)

    assert entry.covers.fields == ("full_name", "email")  # type: ignore[union-attr]


def test_a_refused_draft_is_an_answer_for_the_person_at_the_keyboard() -> None:
    assert issubclass(DraftRefused, ValueError)
