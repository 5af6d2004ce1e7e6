"""Dagster's storage deleted: the review history comes back from the customer's folder, in order and without doubles."""

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb
import pytest

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.in_process import Asked, run_steps
from aformity_pipelines.orchestration.instance import home_of
from aformity_pipelines.orchestration.keys import key_of, log_key
from aformity_pipelines.orchestration.observations import observed
from aformity_pipelines.orchestration.rebuild import Rebuilt, rebuild
from aformity_pipelines.stages.graph import Step
from aformity_pipelines.stages.run import Run, secure
from orchestration.reviewed import APPROVED, CORRECTED, FOLLOWED, recorded
from orchestration.test_runs import ALL
from orchestration.tiny_customer import add_customer, tiny_project
from tests.builders.once import made_once

pytestmark = pytest.mark.slow
EXPORT: Step = ("export", "package")
HANDOFF: Step = ("handoff_report", "report")
Figures = list[dict[str, object]]


def asked(project: Workspace) -> Asked:
    return Asked(workspace=project, slug="acme", wave="wave_1", as_of=date(2026, 11, 20), by="nobody")


@contextmanager
def a_run(project: Workspace) -> Iterator[Run]:
    with duckdb.connect(":memory:") as connection:
        secure(connection, project, "acme")
        yield Run(
            migration=load_migration(project.root, "acme"),
            workspace=project,
            connection=connection,
            wave="wave_1",
            as_of=date(2026, 11, 20),
            by="nobody",
        )


@contextmanager
def stored(project: Workspace) -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.from_config(str(home_of(project.storage))) as instance:
        yield instance


@pytest.fixture
def lived(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A customer that was decided about, run, decided about again and run again."""
    once = made_once(tmp_path_factory, "lived", lambda folder: live(tiny_project(folder)))
    shutil.copytree(once, tmp_path / "lived")
    return Workspace(root=tmp_path / "lived", storage=tmp_path / "lived" / "storage")


def live(project: Workspace) -> None:
    add_customer(project, "acme")
    recorded(project, APPROVED)
    run_steps(asked(project), ALL, lambda step, event: None)
    recorded(project, FOLLOWED, {"kind": "follow_up_closed", "closes": "D-002"})
    run_steps(asked(project), ALL, lambda step, event: None)


def lost(project: Workspace) -> None:
    shutil.rmtree(project.storage / "dagster")


def put_back(project: Workspace) -> Rebuilt:
    with a_run(project) as run:
        return rebuild(run)


def decisions(project: Workspace) -> dict[str, Figures]:
    """Every asset's review history: the metadata of its decisions, in order."""
    keys = [log_key("acme"), *(key_of("acme", step) for step in ALL)]
    with stored(project) as instance:
        return {
            key.to_user_string(): [
                {name: value.value for name, value in each.items()} for each in observed(instance, key)
            ][::-1]
            for key in keys
        }


def materialized(project: Workspace, step: Step) -> list[dict[str, Any]]:
    """The metadata of a step's materializations, the first one first."""
    with stored(project) as instance:
        records = instance.fetch_materializations(key_of("acme", step), limit=50, ascending=True).records
        found = [each.asset_materialization for each in records]
        return [{name: value.value for name, value in each.metadata.items()} for each in found if each]


def checks(project: Workspace) -> dict[str, tuple[bool, int]]:
    """Check -> what was said last, and how often something was said."""
    names = {
        ("validated", "companies"): "intake_gate",
        ("mapped", "account"): "mapped_gate",
        EXPORT: "export_gate__account",
    }
    with stored(project) as instance:
        found = {
            name: instance.event_log_storage.get_asset_check_execution_history(
                dg.AssetCheckKey(key_of("acme", step), name), limit=50
            )
            for step, name in names.items()
        }
    return {name: (each[0].status.value == "SUCCEEDED", len(each)) for name, each in found.items()}


def test_the_decision_history_comes_back_as_it_was(lived: Workspace) -> None:
    before = decisions(lived)
    lost(lived)
    from_dagster_alone = decisions(lived)

    rebuilt = put_back(lived)

    assert not any(from_dagster_alone.values()), "the naive variant: the history lived only in Dagster"
    assert decisions(lived) == before
    assert [each["decision"] for each in before["acme/decisions/log"]] == ["D-001", "D-002", "D-003"]
    assert (rebuilt.decisions, rebuilt.unreadable) == (3, ())


def test_every_export_and_handoff_that_is_kept_comes_back(lived: Workspace) -> None:
    before = {step: [each["version"] for each in materialized(lived, step)] for step in (EXPORT, HANDOFF)}
    lost(lived)

    rebuilt = put_back(lived)

    after = {step: [each["version"] for each in materialized(lived, step)] for step in (EXPORT, HANDOFF)}
    assert after == before
    assert (rebuilt.exports, rebuilt.handoffs) == (2, 2)
    first, last = materialized(lived, EXPORT)
    assert (first["log_seq"], last["log_seq"]) == (1, 3)
    assert "rows_out" not in first, "of an earlier version only the manifest is left"
    assert last["rows_out"] == 2


def test_exports_stand_between_the_decisions_that_they_were_made_with(lived: Workspace) -> None:
    lost(lived)
    put_back(lived)

    with stored(lived) as instance:
        exports = instance.fetch_materializations(key_of("acme", EXPORT), limit=9, ascending=True).records
        log = instance.fetch_observations(log_key("acme"), limit=9, ascending=True).records
    order = sorted((each.storage_id, each.event_type) for each in (*exports, *log))
    assert [kind == "ASSET_MATERIALIZATION" for _, kind in order] == [False, True, False, False, True]


def test_each_stage_shows_where_it_stands(lived: Workspace) -> None:
    last = {step: materialized(lived, step)[-1] for step in ALL}
    lost(lived)

    put_back(lived)

    for step in ALL:
        (rebuilt,) = materialized(lived, step)[-1:]
        assert rebuilt["record"] == last[step]["record"]
        assert rebuilt.keys() >= last[step].keys() - {"redone"}
    assert checks(lived) == {
        "intake_gate": (True, 1),
        "mapped_gate": (True, 1),
        "export_gate__account": (True, 1),
    }


def test_rebuilding_twice_or_over_a_history_that_is_whole_doubles_nothing(lived: Workspace) -> None:
    whole = (decisions(lived), {step: len(materialized(lived, step)) for step in ALL}, checks(lived))

    over = put_back(lived)
    unchanged = (decisions(lived), {step: len(materialized(lived, step)) for step in ALL}, checks(lived))
    lost(lived)
    put_back(lived)
    once = (decisions(lived), {step: len(materialized(lived, step)) for step in ALL}, checks(lived))
    again = put_back(lived)
    twice = (decisions(lived), {step: len(materialized(lived, step)) for step in ALL}, checks(lived))

    nothing = Rebuilt(customer="acme", decisions=0, exports=0, handoffs=0, stages=0)
    assert (over, again) == (nothing, nothing)
    assert (unchanged, twice) == (whole, once)


def test_a_gate_that_says_something_new_is_told_again_and_again(lived: Workspace) -> None:
    path = lived.build("acme", "mapped", "account", "wave_1") / "stage.json"
    lost(lived)
    put_back(lived)

    for words in ("Second words.", "Third words."):
        told = json.loads(path.read_text())
        told["verdict"]["explanation"] = words
        path.write_text(json.dumps(told))
        put_back(lived)
        put_back(lived)

    with stored(lived) as instance:
        key = dg.AssetCheckKey(key_of("acme", ("mapped", "account")), "mapped_gate")
        history = instance.event_log_storage.get_asset_check_execution_history(key, limit=10)
    said = [
        each.event.dagster_event.asset_check_evaluation_data
        for each in history
        if each.event and each.event.dagster_event
    ]
    assert [each.description for each in said][:2] == ["Third words.", "Second words."]
    assert [each.metadata["wave"].value for each in said[:2]] == ["wave_1", "wave_1"]
    assert len(said) == 3


def test_a_closed_gate_comes_back_closed_and_without_a_version(project: Workspace) -> None:
    add_customer(project, "acme", unapproved="block")
    recorded(project, CORRECTED)
    run_steps(asked(project), ALL, lambda step, event: None)
    lost(project)

    put_back(project)

    assert materialized(project, ("mapped", "account")) == []
    assert checks(project)["mapped_gate"] == (False, 1)
    assert checks(project)["export_gate__account"] == (False, 1)


def test_a_manifest_of_another_form_is_named_and_costs_only_itself(lived: Workspace) -> None:
    lost(lived)
    first = sorted(lived.published("acme", "wave_1").glob("v*/manifest.json"))[0]
    first.write_text("{}", encoding="utf-8")

    rebuilt = put_back(lived)

    assert [each.split("/")[-1] for each in rebuilt.unreadable] == ["manifest.json"]
    assert (rebuilt.decisions, rebuilt.exports, rebuilt.handoffs) == (3, 1, 2)
