"""A log that has lost lines stops the export; what waits behind a closed gate is not tried in vain."""

import contextlib
from pathlib import Path

import pytest

from aformity_pipelines.config.log_head import head_path
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.review.approvals import approvals
from aformity_pipelines.stages import export, plan
from aformity_pipelines.stages.refusing import DraftRefused
from tests.builders.two_sources import (
    DEFS,
    SLUG,
    a_run,
    copied,
    decide,
    deliver,
    fates,
    project,
    published,
    run_all,
)

pytestmark = pytest.mark.slow


def test_a_log_without_its_last_line_stops_the_export_and_names_the_line(published_once: Workspace) -> None:
    log = published_once.log(SLUG)
    lines = log.read_bytes().splitlines(keepends=True)
    before = published(published_once)
    log.write_bytes(b"".join(lines[:-1]))
    head_path(log).unlink()

    with pytest.raises(
        ConfigInvalid, match=rf"was made with {len(lines)} decisions, and line {len(lines)} is gone"
    ):
        export.run_export(a_run(published_once))

    assert published(published_once) == before


def test_a_log_that_was_written_anew_stops_the_export(published_once: Workspace) -> None:
    published_once.log(SLUG).unlink()
    head_path(published_once.log(SLUG)).unlink()
    decide(
        published_once,
        kind="rows_excluded",
        covers={"subject": "contact", "fields": "email", "rows": "people:p1"},
    )

    with pytest.raises(ConfigInvalid, match="line 1 is not as written then"):
        export.run_export(a_run(published_once))


def test_a_log_that_only_grew_is_fine(published_once: Workspace) -> None:
    decide(
        published_once,
        kind="rows_excluded",
        covers={"subject": "contact", "fields": "email", "rows": "people:p1"},
    )

    assert run_all(published_once)["export/package"].record is not None


def test_what_waits_behind_a_closed_gate_is_not_run_again(tmp_path: Path) -> None:
    workspace = project(tmp_path / "project")
    deliver(workspace, {"companies.csv": "ID,Name,Status,Parent,Desk,Surprise\n007,Acme,live,,,x\n"})
    assert "Surprise" in run_all(workspace)["validated/companies"].closed

    assert plan.stale(a_run(workspace)) == ()


def test_only_the_customers_side_approves_a_field_map(published_once: Workspace) -> None:
    covers = {"entity": "contact", "fields": "all"}

    approved = {}
    for person in ("sam", "ina"):
        workspace = copied(published_once, published_once.root.with_name(person))
        with contextlib.suppress(DraftRefused):
            decide(workspace, kind="mapping_approved", covers=covers, by=person)
        approved[person] = {each.words for each in approvals(a_run(workspace).migration, "contact")}

    assert approved == {"sam": {"not approved"}, "ina": {"approved"}}


def test_a_wave_that_takes_every_row_of_a_source_leaves_the_first_wave_open(tmp_path: Path) -> None:
    waves = [
        DEFS["attributes"]["waves"][0],
        {**DEFS["attributes"]["waves"][1], "where": {"people": "\"No\" <> ''"}},
    ]
    defs = {**DEFS, "attributes": {**DEFS["attributes"], "waves": waves}}
    workspace = project(tmp_path / "project", defs=defs)

    outcomes = run_all(workspace)

    assert [name for name, each in outcomes.items() if each.closed] == []
    assert fates(workspace)["contact people#2"] == ("deferred", "wave", "wave_2")
