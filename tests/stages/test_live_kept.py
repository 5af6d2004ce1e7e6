"""What a transformed stage keeps of the live rows: the export reads it, and it is bound to what it was made of."""

from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.export import run_export
from aformity_pipelines.stages.live import KEPT_CLAIMS, KEPT_ROWS
from aformity_pipelines.stages.outputs import TABLE, StageMissing, folder_of
from tests.builders.once import made_once
from tests.builders.product import export_all, load
from tests.builders.two_sources import COMPANIES, a_run, copied, deliver, project, workspace_in

pytestmark = pytest.mark.slow

RENAMED = COMPANIES.replace("Acme,live", "Acme Inc,live")


@pytest.fixture
def delivered_again(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Workspace:
    """The small customer whose first wave is loaded, with another name for one company since."""
    made = made_once(tmp_path_factory, "live_kept", _deliver)
    return copied(workspace_in(made), tmp_path / "project")


def _deliver(folder: Path) -> None:
    workspace = project(folder)
    export_all(workspace)
    load(workspace)
    deliver(workspace, {"companies.csv": RENAMED})


def kept(workspace: Workspace, name: str) -> Path:
    return folder_of(a_run(workspace), "transformed", "account") / name


def test_nothing_is_kept_while_nothing_is_live(delivered_again: Workspace) -> None:
    assert not kept(delivered_again, KEPT_ROWS).exists()


def test_every_row_of_an_open_entity_that_is_live_is_kept_under_its_new_id(
    delivered_again: Workspace,
) -> None:
    export_all(delivered_again)

    rows = duckdb.sql(
        f"select row_id, record_key from '{kept(delivered_again, KEPT_ROWS)}' order by all"
    ).fetchall()
    table = duckdb.sql(f"select unnest(row_ids) from '{kept(delivered_again, TABLE)}'").fetchall()
    assert "007" in {key for _, key in rows}
    assert {row for row, _ in rows} <= {row for (row,) in table}


@pytest.mark.parametrize("name", [KEPT_ROWS, KEPT_CLAIMS])
def test_an_export_refuses_what_was_altered_since(delivered_again: Workspace, name: str) -> None:
    export_all(delivered_again)
    duckdb.execute(
        f"copy (select * from '{kept(delivered_again, name)}' limit 1) to '{kept(delivered_again, name)}.x' (format parquet)"
    )
    kept(delivered_again, f"{name}.x").replace(kept(delivered_again, name))

    with pytest.raises(StageMissing, match="transformed account"):
        run_export(a_run(delivered_again))


def test_a_table_is_not_made_again_because_another_version_is_live(tmp_path: Path) -> None:
    workspace = project(tmp_path)
    export_all(workspace)
    before = kept(workspace, TABLE).stat().st_mtime_ns
    load(workspace)

    outcomes = export_all(workspace)

    assert outcomes["transformed/account"].was_made
    assert kept(workspace, TABLE).stat().st_mtime_ns == before
    assert kept(workspace, KEPT_ROWS).is_file()


def test_a_table_that_was_altered_is_made_again(tmp_path: Path) -> None:
    workspace = project(tmp_path)
    export_all(workspace)
    whole = kept(workspace, TABLE).read_bytes()
    load(workspace)
    kept(workspace, TABLE).write_bytes(whole[:-1] + b"\0")

    export_all(workspace)

    assert kept(workspace, TABLE).read_bytes() == whole
