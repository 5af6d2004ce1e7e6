"""What a customer overrides in its destination holds at its gates, makes its stages stale, and stands in its handoff."""

import json

import pytest
import yaml

from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.plan import stale
from aformity_pipelines.stages.suites import entity_suite
from tests.builders.two_sources import DEFS, SLUG, a_run, as_yaml, fates, run_all

pytestmark = pytest.mark.slow

WHY = "Their badges hold 8 letters."


def test_an_override_changes_the_rule_its_fates_and_says_so_in_the_handoff(published_once: Workspace) -> None:
    assert stale(a_run(published_once)) == ()
    defs = yaml.safe_load(as_yaml(DEFS))
    defs["attributes"]["overrides"] = {"account.name": {"why": WHY, "max_length": 8}}
    (published_once.customer(SLUG) / "defs.yaml").write_text(as_yaml(defs), encoding="utf-8")

    run = a_run(published_once)
    suite = entity_suite(run.workspace, run.migration, "account", Gate.MAPPED)
    assert ("mapped", "account") in stale(run)
    assert [
        each["kwargs"] for each in suite["expectations"] if each["meta"]["rule"] == "account.name.length"
    ] == [{"column": "name", "max_value": 8}]

    run_all(published_once)

    assert fates(published_once)["account companies#6"][0] == "unresolved"
    home = published_once.handoff(SLUG, "wave_1")
    folder = home / (home / "current").read_text(encoding="utf-8").strip()
    record = LaunchRecord.model_validate(json.loads((folder / "launch_record.json").read_bytes()))
    assert [(each.part, each.before, each.after, each.why) for each in record.overrides] == [
        ("account.name.max_length", "200", "8", WHY)
    ]
    assert [each.says for each in record.notices if each.evidence == ("defs.yaml",)] == [
        f"Account: name is not as in every migration to this product: “{WHY}”"
    ]
