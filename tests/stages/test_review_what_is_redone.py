"""What a decision was shown by can change while every table stays equal; the decision is asked again all the same."""

import pytest

from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.outputs import read_record
from tests.builders.two_sources import SLUG, a_run, decide, fates, run_all

ROW = {"subject": "contact", "fields": "full_name"}


@pytest.mark.slow
def test_a_merge_does_not_outlive_the_key_that_named_its_rows(published_once: Workspace) -> None:
    defs = published_once.customer(SLUG) / "defs.yaml"
    assert fates(published_once)["account companies#5"] == ("merged", "decision", "D-001")

    defs.write_text(defs.read_text("utf-8").replace("key: ID", "key: Name"), encoding="utf-8")
    run_all(published_once)

    assert fates(published_once)["account companies#5"] == (
        "unresolved",
        "rule",
        "account.match_key.duplicate",
    )


@pytest.mark.slow
def test_a_value_map_line_is_asked_again_when_the_decision_that_it_cites_is_replaced(
    published_once: Workspace,
) -> None:
    home = published_once.customer(SLUG)
    mapping, values = home / "mapping/account.yaml", home / "values/stage.csv"
    values.parent.mkdir()
    values.write_text(
        "source,target,decision,note\nlive,customer,D-002,\nlead,prospect,,\n", encoding="utf-8"
    )
    text = mapping.read_text("utf-8").replace("from: Status\n", "from: Status\n      values: stage\n")
    mapping.write_text(text, encoding="utf-8")
    decide(published_once, kind="rows_excluded", covers=ROW | {"rows": "people:p5"})
    run_all(published_once)
    assert "cites D-002" not in _approval(published_once).detail

    decide(published_once, kind="rows_excluded", supersedes="D-002", covers=ROW | {"rows": "people:p4"})
    run_all(published_once)

    assert _approval(published_once).detail.startswith("5 field mappings")


def _approval(workspace: Workspace) -> RuleRecord:
    record = read_record(a_run(workspace), "mapped", "account")
    assert record is not None
    assert record.verdict is not None
    return next(rule for rule in record.verdict.rules if rule.rule == "account.mapping.approved")
