"""The code location: every customer by itself, nothing slow loaded, the graph that the stages expect."""

import subprocess
import sys

import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.location import BROKEN, location
from orchestration.tiny_customer import REPOSITORY, add_customer

pytestmark = pytest.mark.slow


def test_a_broken_customer_becomes_one_red_asset_and_the_others_stay(project: Workspace) -> None:
    add_customer(project, "acme")
    add_customer(project, "bolt")
    broken = add_customer(project, "cask")
    defs = (broken / "defs.yaml").read_text(encoding="utf-8")
    (broken / "defs.yaml").write_text(defs.replace("due_days: 5", "due_day: 5"), encoding="utf-8")

    found = location(project.root, project.storage).resolve_asset_graph()

    keys = {key.to_user_string() for key in found.get_all_asset_keys()}
    assert {key for key in keys if key.startswith("cask/")} == {f"cask/{BROKEN}"}
    assert {key.replace("bolt/", "acme/") for key in keys if key.startswith("bolt/")} == {
        "acme/decisions/log",
        "acme/deliveries/companies",
        "acme/raw_file/companies",
        "acme/validated/companies",
        "acme/mapped/account",
        "acme/transformed/account",
        "acme/export/package",
        "acme/handoff_report/report",
        "acme/revalidation/later_waves",
    }
    (says,) = (found.get(key).description for key in found.get_all_asset_keys() if key.path[-1] == BROKEN)
    assert "customers/cask/defs.yaml:15" in (says or "")


def test_an_archived_customer_has_no_assets(project: Workspace) -> None:
    add_customer(project, "acme")
    add_customer(project, "bolt", status="archived")

    keys = location(project.root, project.storage).resolve_asset_graph().get_all_asset_keys()

    assert {key.path[0] for key in keys} == {"acme"}


def test_assets_carry_group_owner_and_tags(project: Workspace) -> None:
    add_customer(project, "acme")

    graph = location(project.root, project.storage).resolve_asset_graph()

    (mapped,) = (graph.get(key) for key in graph.get_all_asset_keys() if key.path[1] == "mapped")
    assert mapped.group_name == "acme"
    assert mapped.owners == ["team:customer"]
    assert mapped.tags["customer"] == "acme"
    assert mapped.tags["owner"] == "ina"
    assert mapped.kinds == {"duckdb", "great_expectations", "parquet"}


def test_loading_the_samples_imports_nothing_slow() -> None:
    code = (
        "import sys\n"
        "from aformity_pipelines.definitions import defs\n"
        "keys = defs().resolve_asset_graph().get_all_asset_keys()\n"
        "assert len(keys) > 40, keys\n"
        "slow = {'great_expectations', 'splink', 'pyspark', 'polars', 'jinja2', 'pandas'} & set(sys.modules)\n"
        "print(sorted(slow))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
