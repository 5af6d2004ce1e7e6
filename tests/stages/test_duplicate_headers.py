"""Two columns of one name: the gate closes until somebody says which one is meant, and then that one is read."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.mapped import mapping_sql
from aformity_pipelines.stages.published import current_version
from aformity_pipelines.stages.sources import open_all
from tests.builders.rejecting import let_ragged_records_be_rejected
from tests.builders.two_sources import ACCOUNT, CONTACT, DEFS, PEOPLE, SLUG, a_run, project, run_all

pytestmark = pytest.mark.slow

COMPANIES = "ID,Name,Status,Parent,Desk,Name\n007,Acme,live,,,Acme Holding\n008,Bolt,lead,007,,Bolt Holding\n"


@pytest.fixture(autouse=True)
def _reading(monkeypatch: pytest.MonkeyPatch) -> None:
    let_ragged_records_be_rejected(monkeypatch)


def account(name: str, left: str) -> dict[str, Any]:
    read = ACCOUNT["reads"][0]
    archived = {left: {"fate": "archived", "why": "The other name."}}
    return {
        **ACCOUNT,
        "reads": [{**read, "fields": {**read["fields"], "name": {"from": name}}, "columns": archived}],
    }


def a_project(folder: Path, mapping: dict[str, Any], companies: str = COMPANIES, **more: Any) -> Workspace:
    files = {"companies.csv": companies, "people.csv": PEOPLE}
    return project(folder / "project", files=files, mappings=(mapping, CONTACT), **more)


def exported_names(workspace: Workspace) -> list[str]:
    folder = current_version(workspace.published(SLUG, "wave_1"))
    rows = duckdb.execute(
        f"select name from read_parquet('{folder}/01_account.parquet') order by 1"
    ).fetchall()
    return [row[0] for row in rows]


def test_a_mapping_that_reads_a_name_of_two_columns_closes_the_gate(tmp_path: Path) -> None:
    outcomes = run_all(a_project(tmp_path, account("Name", "Name__2")))

    assert "companies.column.unambiguous: “Name” could be column 2 (`Name__1`) or column 6 (`Name__2`)" in (
        outcomes["validated/companies"].closed
    )
    assert outcomes["mapped/account"].record is None


@pytest.mark.parametrize(
    ("name", "left", "value"), [("Name__1", "Name__2", "Acme"), ("Name__2", "Name__1", "Acme Holding")]
)
def test_the_column_that_is_named_is_read(tmp_path: Path, name: str, left: str, value: str) -> None:
    workspace = a_project(tmp_path, account(name, left))

    outcomes = run_all(workspace)

    assert outcomes["validated/companies"].closed == ""
    assert exported_names(workspace) == [value]
    run = a_run(workspace)
    assert f'"{name}"' in mapping_sql(run, "account", open_all(run, ("companies",)))


def test_a_wave_condition_is_not_bound_to_the_first_of_two_columns(tmp_path: Path) -> None:
    waves = [
        DEFS["attributes"]["waves"][0],
        {**DEFS["attributes"]["waves"][1], "where": {"companies": "\"Status\" = 'lead'"}},
    ]
    defs = {**DEFS, "attributes": {**DEFS["attributes"], "waves": waves}}
    companies = COMPANIES.replace("Desk,Name", "Desk,status")

    outcomes = run_all(a_project(tmp_path, ACCOUNT, companies, defs=defs))

    assert (
        "“Status” could be column 3 (`Status__1`) or column 6 (`status__1`)"
        in outcomes["validated/companies"].closed
    )
