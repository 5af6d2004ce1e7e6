"""A closed gate says which rules, how many rows, an example, who and until when, which decisions do not hold, and how."""

import copy
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.outputs import read_record
from tests.builders.two_sources import (
    ACCOUNT,
    DEFS,
    PEOPLE,
    SLUG,
    a_run,
    as_yaml,
    copied,
    decide,
    deliver,
    project,
    run_all,
)

pytestmark = pytest.mark.slow

KIM = {"subject": "contact", "rule": "contact.email.format", "rows": "people:p3"}
MAP = {"kind": "mapping_approved", "covers": {"entity": "account", "fields": "all"}}
TWO = {"says": "Two people sign the field map.", "kinds": "mapping_approved", "persons": 2}
SETTLE = f"Settle it: `aformity review export {SLUG}` or `aformity decide {SLUG} answers.yaml`"


def declare(workspace: Workspace, **attributes: Any) -> None:
    changed = copy.deepcopy(DEFS)
    changed["attributes"] |= {"policies": {"unapproved_mapping": "block"}, **attributes}
    (workspace.customer(SLUG) / "defs.yaml").write_text(as_yaml(changed), encoding="utf-8")


@pytest.fixture(scope="module")
def _approved(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The field map of accounts is approved and its gate open."""
    workspace = project(tmp_path_factory.mktemp("approved") / "project")
    declare(workspace)
    run_all(workspace)
    decide(workspace, **MAP)
    assert not run_all(workspace)["mapped/account"].closed
    return workspace


@pytest.fixture
def approved(_approved: Workspace, tmp_path: Path) -> Workspace:
    return copied(_approved, tmp_path / "project")


def closed(workspace: Workspace) -> list[str]:
    return run_all(workspace)["mapped/account"].closed.splitlines()


def test_a_mapping_that_changed_since_names_the_approval_that_no_longer_fits(approved: Workspace) -> None:
    changed = copy.deepcopy(ACCOUNT)
    changed["reads"][0]["fields"]["name"]["rule"] = "trim"
    (approved.customer(SLUG) / "mapping" / "account.yaml").write_text(as_yaml(changed), encoding="utf-8")

    assert closed(approved) == [
        "mapped gate of account is closed:",
        "- account.mapping.approved: 1 field mapping is not approved as it stands: companies/main/name. Account:"
        " somebody on the customer's side approves where each field comes from.",
        "  Sam Lee settles it by 25 November 2026.",
        "  D-001 no longer fits: 1 field mapping has changed.",
        SETTLE,
    ]


def test_an_approval_that_lacks_a_second_person_is_named_with_its_rule(approved: Workspace) -> None:
    declare(approved, approvals=[TWO])

    assert closed(approved)[2:] == [
        "  Sam Lee settles it by 25 November 2026.",
        "  D-001 waits: needs a second person (Two people sign the field map.).",
        SETTLE,
    ]


def test_who_owns_it_now_is_said_although_no_row_has_changed(approved: Workspace) -> None:
    declare(approved, approvals=[TWO])
    before = closed(approved)
    declare(approved, approvals=[TWO], owners={"default": {"person": "ina", "due_days": 1}})

    assert before[2] == "  Sam Lee settles it by 25 November 2026."
    assert closed(approved)[2] == "  Ina Vogt settles it by 21 November 2026."


def test_a_decision_about_a_row_that_changed_says_why_it_no_longer_fits(published_once: Workspace) -> None:
    entry = decide(published_once, kind="risk_accepted", evidence=["A mail."], covers=KIM)
    deliver(published_once, {"people_2.csv": PEOPLE.replace("kim(at)dell", "kim(at)dell.example")})
    run_all(published_once)

    rule = rule_of(published_once, "contact.email.format")

    assert rule.stale == (entry.id,)
    assert rule.stale_because[entry.id].startswith("1 row: ")
    assert "kim" not in rule.stale_because[entry.id], "no value leaves for a record"


def rule_of(workspace: Workspace, name: str) -> RuleRecord:
    record = read_record(a_run(workspace), "mapped", "contact")
    assert record is not None
    assert record.verdict is not None
    return next(rule for rule in record.verdict.rules if rule.rule == name)
