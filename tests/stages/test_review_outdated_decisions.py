"""A row that was left out is asked about again when what was shown of it has changed; it never goes live by itself."""

from copy import deepcopy
from pathlib import Path

import pytest

from aformity_pipelines.files.workspace import Workspace
from tests.builders.two_sources import COMPANIES, DEFS, PEOPLE, decide, deliver, fates, project, run_all

DELL = {"subject": "account", "fields": "name", "rows": "companies:011"}
RENAMED = {"companies.csv": COMPANIES.replace("Dell & Söhne", "Dell und Söhne")}
ASKED_AGAIN = ("unresolved", "rule", "account.decisions.current")


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", [{"kind": "rows_excluded"}, {"kind": "rows_deferred", "until_wave": "wave_2"}]
)
def test_one_changed_cell_holds_a_row_that_was_left_out(
    published_once: Workspace, kind: dict[str, str]
) -> None:
    decide(published_once, **kind, covers=DELL)
    deliver(published_once, RENAMED)
    run_all(published_once)
    assert fates(published_once)["account companies#6"] == ASKED_AGAIN

    decide(published_once, **kind, supersedes="D-002", supersedes_because="It was a slip.", covers=DELL)
    run_all(published_once)
    assert fates(published_once)["account companies#6"][2] == "D-003"


@pytest.mark.slow
def test_a_row_that_may_go_live_after_all_is_accepted_by_name(published_once: Workspace) -> None:
    decide(published_once, kind="rows_excluded", covers=DELL)
    deliver(published_once, RENAMED)
    run_all(published_once)

    covers = {"subject": "account", "rule": "account.decisions.current", "rows": "all"}
    decide(published_once, kind="risk_accepted", evidence="E-mail.", covers=covers)
    run_all(published_once)

    assert fates(published_once)["account companies#6"] == ("exported", "ready", None)


@pytest.mark.slow
def test_a_delivery_without_the_column_that_tells_waves_apart_closes_the_intake_gate(tmp_path: Path) -> None:
    defs = deepcopy(DEFS)
    defs["attributes"]["waves"][1]["where"] = {"people": "\"Batch\" = '2'"}
    workspace = project(
        tmp_path / "project", defs=defs, files={"companies.csv": COMPANIES, "people.csv": PEOPLE}
    )

    found = run_all(workspace)

    assert "people.Batch.delivered" in found["validated/people"].closed
