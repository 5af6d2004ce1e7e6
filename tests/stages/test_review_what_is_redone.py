"""What a decision was shown by can change while every table stays equal; the decision is asked again all the same."""

from copy import deepcopy
from pathlib import Path

import pytest

from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages import mapped, raw_file
from aformity_pipelines.stages.outputs import StageMissing, read_record
from tests.builders.two_sources import (
    COMPANIES,
    DEFS,
    PEOPLE,
    SLUG,
    a_run,
    decide,
    deliver,
    fates,
    project,
    published,
    run_all,
)

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

    decide(
        published_once,
        kind="rows_excluded",
        supersedes="D-002",
        supersedes_because="It was a slip.",
        covers=ROW | {"rows": "people:p4"},
    )
    run_all(published_once)

    assert _approval(published_once).detail.startswith("5 field mappings")


def _approval(workspace: Workspace) -> RuleRecord:
    record = read_record(a_run(workspace), "mapped", "account")
    assert record is not None
    assert record.verdict is not None
    return next(rule for rule in record.verdict.rules if rule.rule == "account.mapping.approved")


@pytest.mark.slow
def test_rows_that_the_intake_gate_has_not_judged_are_not_mapped(published_once: Workspace) -> None:
    deliver(published_once, {"companies.csv": COMPANIES + "012,New,live,,\n"})
    raw_file.run_raw_file(a_run(published_once), "companies")
    destination = published_once.root / "expectations/b2b_saas/destination.yaml"
    text = destination.read_text("utf-8")
    destination.write_text(text.replace("A company that you do", "A firm that you do"), encoding="utf-8")

    with pytest.raises(StageMissing, match="judged another delivery"):
        mapped.run_mapped(a_run(published_once), "account")


@pytest.mark.slow
def test_keys_of_two_columns_that_hold_the_sign_between_them_name_different_rows(tmp_path: Path) -> None:
    defs = deepcopy(DEFS)
    defs["attributes"]["sources"]["companies"] |= {"key": ["ID", "Name"], "format": {"delimiter": ","}}
    companies = "ID,Name,Status,Parent,Desk\na|b,c,live,,\na,b|c,live,,\n"
    workspace = project(
        tmp_path / "project", defs=defs, files={"companies.csv": companies, "people.csv": PEOPLE}
    )
    run_all(workspace)

    chosen = {"subject": "account", "fields": "lifecycle_stage", "where": "external_id = 'a'"}
    entry = decide(workspace, kind="rows_excluded", covers=chosen)
    run_all(workspace)

    assert [row.key for row in entry.covers.rows] == ["companies:a|b\\|c"]  # type: ignore[union-attr]
    assert fates(workspace)["account companies#2"][0] == "exported"
    assert fates(workspace)["account companies#3"][0] == "excluded"


@pytest.mark.slow
def test_a_record_that_another_version_wrote_is_made_again(published_once: Workspace) -> None:
    before = published(published_once)
    folder = published_once.build(SLUG, "mapped", "account", "wave_1")
    (folder / "stage.json").write_text('{"stage": "mapped", "of_another_version": true}', encoding="utf-8")

    made = run_all(published_once)

    assert made["mapped/account"].was_made
    assert published(published_once) == before
