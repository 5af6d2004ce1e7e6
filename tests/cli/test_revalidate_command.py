"""`aformity revalidate`: later waves tested again by hand, and what `aformity status` says of it afterwards."""

import json
import shutil
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from aformity_pipelines.cli.main import main
from aformity_pipelines.files.lock import customer_lock
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.instance import home_of
from aformity_pipelines.orchestration.keys import revalidation_key
from tests.builders.retests import export, exported_project
from tests.builders.two_sources import SLUG, copied, workspace_in

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("retest") / "project"
    exported_project(folder)
    return workspace_in(folder)


def said(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], command: str, *options: str
) -> tuple[int, str, str]:
    places = ("--root", str(workspace.root), "--storage", str(workspace.storage))
    with pytest.raises(SystemExit) as ended:
        main([command, SLUG, *places, *options])
    out = capsys.readouterr()
    return int(ended.value.code or 0), out.out, out.err


def test_later_waves_are_tested_and_blocked_rows_are_no_failure(
    exported: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(exported, capsys, "revalidate", "--as-of", "2026-11-20", "--json", "--rows")

    (wave,) = json.loads(out)["waves"]
    rows: list[dict[str, Any]] = wave["rows"]
    assert (code, wave["wave"], wave["ready"], wave["newly_blocked"]) == (0, "wave_2", 2, 1)
    assert sorted(row["key"] for row in rows) == ["companies:009", "people:p3", "people:p5"]
    assert wave["sent"] == []


def test_a_first_test_calls_nothing_new(
    tmp_path: Path, exported: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = copied(exported, tmp_path / "project")
    shutil.rmtree(workspace.storage / "customers" / SLUG / "revalidations", ignore_errors=True)

    _, first, _ = said(workspace, capsys, "revalidate", "--wave", "wave_2", "--as-of", "2026-11-20")
    _, status, _ = said(workspace, capsys, "status", "--wave", "wave_2")
    _, again, _ = said(workspace, capsys, "revalidate", "--wave", "wave_2", "--as-of", "2026-11-21")

    assert "first test of this wave" in first
    assert "2 ready, 1 blocked, 0 overdue" in first
    assert "Not so: The e-mail address of every contact" in first
    assert "new" not in first
    assert "Tested for the first time as of 2026-11-20: 2 ready (1 account, 1 contact), 1 blocked" in status
    assert "tested again as of" in again
    assert "2 ready, 1 still blocked, 0 newly blocked, 0 overdue" in again


def test_rows_that_are_ready_have_a_next_command_until_they_are_exported(
    tmp_path: Path, exported: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    workspace = copied(exported, tmp_path / "project")
    said(workspace, capsys, "revalidate", "--wave", "wave_2", "--as-of", "2026-12-20")
    words = f"2 ready rows are in no export yet: aformity run {SLUG} --wave wave_2"

    _, before, _ = said(workspace, capsys, "status", "--wave", "wave_2")
    export(workspace, "wave_2")
    _, after, _ = said(workspace, capsys, "status", "--wave", "wave_2")

    assert words in before
    assert "in no export yet" not in after


def test_the_tables_name_state_owner_day_and_rule(
    exported: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = said(exported, capsys, "revalidate", "--wave", "wave_2", "--as-of", "2026-11-28")

    assert code == 0
    assert "2 ready, 0 still blocked, 0 newly blocked, 1 overdue" in out
    assert "OVERDUE" in out
    assert "Sam Lee" in out
    assert "people:p3" not in out, "keys are for those who ask for rows"


def test_the_status_tells_the_last_result(exported: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    said(exported, capsys, "revalidate", "--as-of", "2026-11-28")

    _, document, _ = said(exported, capsys, "status", "--wave", "wave_2", "--json")
    _, words, _ = said(exported, capsys, "status", "--wave", "wave_2")

    retested = json.loads(document)["waves"][0]["retested"]
    assert (retested["as_of"], retested["ready"], retested["overdue"]) == ("2026-11-28", 2, 1)
    assert retested["ready_by_entity"] == {"account": 1, "contact": 1}
    assert "Tested again as of 2026-11-28: 2 ready (1 account, 1 contact)" in words


def test_a_test_by_hand_stands_in_dagsters_history_once(
    exported: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        said(exported, capsys, "revalidate", "--wave", "wave_2", "--as-of", "2026-11-29")

    with dg.DagsterInstance.from_config(str(home_of(exported.storage))) as instance:
        page = instance.fetch_materializations(revalidation_key(SLUG), limit=100)
    events = [record.asset_materialization for record in page.records if record.asset_materialization]
    of_that_day = [each for each in events if each.metadata["as_of"].value == "2026-11-29"]
    assert [(each.partition, each.metadata["overdue"].value) for each in of_that_day] == [("wave_2", 1)]


def test_somebody_else_at_work_is_named(exported: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    with customer_lock(exported.lock(SLUG), "run of wave 1"):
        code, _, err = said(exported, capsys, "revalidate", "--as-of", "2026-12-01")

    assert code == 1
    assert "run of wave 1" in err
