"""mapping_approved: what the approver was shown is in the log, and no value that names a person."""

from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.domain.coverage import ShownExample
from aformity_pipelines.domain.decisions import MappingApproved
from aformity_pipelines.files.workspace import Workspace
from tests.builders.kinds import after_run, report_of, told
from tests.builders.two_sources import ACCOUNT, CONTACT, DEFS, decide, project, run_all

pytestmark = pytest.mark.slow

STATUS = "companies/main/lifecycle_stage"
MAIL = "people/main/email"


def approve(workspace: Workspace, entity: str, **covers: Any) -> MappingApproved:
    entry = decide(workspace, kind="mapping_approved", covers={"entity": entity, **covers})
    assert isinstance(entry, MappingApproved)
    return entry


def with_value_map(folder: Path, **policies: Any) -> Workspace:
    """A project whose status goes through a value map; its first wave has run."""
    (read,) = ACCOUNT["reads"]
    status = {"lifecycle_stage": {"from": "Status", "rule": "upper", "values": "status"}}
    mapping = ACCOUNT | {"reads": [read | {"fields": read["fields"] | status}]}
    contact = CONTACT["reads"][0]
    shouted = contact | {"fields": contact["fields"] | {"email": {"from": "Mail", "rule": "upper"}}}
    attributes = DEFS["attributes"] | {"policies": DEFS["attributes"]["policies"] | policies}
    workspace = project(
        folder,
        defs=DEFS | {"attributes": attributes},
        mappings=(mapping, CONTACT | {"reads": [shouted, CONTACT["reads"][1]]}),
    )
    values = workspace.customer("tiny") / "values"
    values.mkdir()
    (values / "status.csv").write_text("source,target,decision,note\nLIVE,customer,,\nLEAD,prospect,,\n")
    run_all(workspace)
    return workspace


def test_names_meaning_rule_and_examples_are_recorded(tmp_path: Path) -> None:
    (shown,) = approve(with_value_map(tmp_path / "project"), "account", fields=STATUS).covers.shown

    assert (shown.field, shown.headers, shown.rule) == (STATUS, ("Status",), "upper, then value map status")
    assert shown.means.startswith("Where the company stands with you")
    assert shown.examples == (
        ShownExample(before="live", after="customer", rows=4),
        ShownExample(before="lead", after="prospect", rows=1),
    )


def test_values_of_personal_fields_stay_out_of_the_log_unless_the_policy_shows_them(tmp_path: Path) -> None:
    hiding = with_value_map(tmp_path / "hiding")
    showing = with_value_map(tmp_path / "showing", show_personal_values=True)

    hidden, shown = (approve(each, "contact", fields=MAIL).covers.shown[0] for each in (hiding, showing))

    assert hidden.examples == ()
    assert "jo@acme.example" not in hiding.log("tiny").read_text()
    assert shown.examples[0].before.endswith(".example")


def test_examples_of_an_earlier_mapping_are_not_what_was_shown(tmp_path: Path) -> None:
    workspace = with_value_map(tmp_path / "project")
    mapping = workspace.customer("tiny") / "mapping" / "account.yaml"
    mapping.write_text(mapping.read_text().replace("rule: upper", "rule: [trim, upper]"))

    (shown,) = approve(workspace, "account", fields=STATUS).covers.shown

    assert shown.rule == "trim, then upper, then value map status"
    assert shown.examples == ()


def test_a_value_map_is_approved_by_itself_and_the_field_map_says_so(tmp_path: Path) -> None:
    workspace = with_value_map(tmp_path / "project")
    approve(workspace, "account", fields=STATUS)
    values = workspace.customer("tiny") / "values" / "status.csv"
    values.write_text(values.read_text().replace("LEAD,prospect", "LEAD,customer"))
    stale = after_run(workspace)
    again = approve(workspace, "account", value_maps="status")

    record = after_run(workspace)

    assert (again.covers.fields, [each.field for each in again.covers.shown]) == ({}, [STATUS])
    before, after = (
        next(line for line in each.mapping if line.field == "lifecycle_stage") for each in (stale, record)
    )
    assert (before.approval, before.approved_by) == ("approval is stale", None)
    assert (after.approval, after.approved_by, after.values_approved_by) == ("approved", "D-001", "D-002")
    assert 'its value map in <a href="#D-002">D-002</a>' in report_of(record)
    assert "Its value map status is approved by itself" in told(
        workspace, "account", "007", "lifecycle_stage"
    )
