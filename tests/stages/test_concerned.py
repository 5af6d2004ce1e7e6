"""Which step a decision is about: the gate of its rule, the stage of its kind, or that of the decision it names."""

import dataclasses
from typing import Any

import pytest

from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.concerned import concerned
from tests.builders.decisions import coverage, entry
from tests.builders.two_sources import a_run

pytestmark = pytest.mark.slow

MERGE = {"survivor": "companies:008"}
OWNER = {"name": "Sam Lee", "role": "Lead", "side": "implementation"}


def places(workspace: Workspace, *log: Any) -> dict[str, tuple[tuple[str, str], ...]]:
    migration: Migration = a_run(workspace).migration
    return concerned(workspace, dataclasses.replace(migration, log=log), log)


def excluded(number: int, subject: str, rule: str | None = None, **more: Any) -> Any:
    return entry(
        "rows_excluded", number, covers=coverage("companies:008", subject=subject, rule=rule), **more
    )


@pytest.mark.parametrize(
    ("subject", "rule", "step"),
    [
        ("account", None, ("mapped", "account")),
        ("account", "account.name.required", ("mapped", "account")),
        ("contact", "contact.account.relationship", ("transformed", "contact")),
        ("companies", "companies.key.unique", ("validated", "companies")),
        ("account", "companies.record.readable", ("validated", "companies")),
    ],
)
def test_a_decision_about_rows_belongs_where_its_rule_is_judged(
    published_once: Workspace, subject: str, rule: str | None, step: tuple[str, str]
) -> None:
    assert places(published_once, excluded(1, subject, rule)) == {"D-001": (step,)}


def test_a_merge_belongs_where_records_are_merged(published_once: Workspace) -> None:
    covers = coverage("companies:008", "companies:010", subject="account")

    assert places(published_once, entry("merge_approved", covers=covers, **MERGE)) == {
        "D-001": (("transformed", "account"),)
    }


def test_a_decision_about_others_belongs_where_they_do_however_long_the_way(
    published_once: Workspace,
) -> None:
    followed = entry(
        "follow_up_opened",
        1,
        covers=coverage("companies:008", subject="companies", rule="companies.key.unique"),
        owner=OWNER,
        due="2026-12-01",
    )
    closed = entry("follow_up_closed", 2, closes="D-001")
    instead = excluded(3, "account", supersedes="D-001", supersedes_because="The file was checked.")

    found = places(published_once, followed, closed, instead)

    assert found["D-002"] == (("validated", "companies"),)
    assert found["D-003"] == (("mapped", "account"), ("validated", "companies"))


def test_what_is_no_longer_part_of_the_migration_has_no_place(published_once: Workspace) -> None:
    assert places(published_once, excluded(1, "subscription")) == {"D-001": ()}
