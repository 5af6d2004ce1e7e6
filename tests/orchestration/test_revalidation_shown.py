"""A re-validation in Dagster: counts and paths without any value, once each, and back after the storage is gone."""

import datetime

import dagster as dg
import duckdb
import pytest

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.in_process import Asked, run_steps
from aformity_pipelines.orchestration.keys import revalidation_key
from aformity_pipelines.orchestration.location import one_customer
from aformity_pipelines.orchestration.packed import LIMIT, size_of
from aformity_pipelines.orchestration.rebuild_revalidations import write_revalidations
from aformity_pipelines.stages.run import Run
from orchestration.tiny_customer import add_customer

pytestmark = pytest.mark.slow


def run_again(
    project: Workspace, instance: dg.DagsterInstance, day: str, **tags: str
) -> dg.ExecuteInProcessResult:
    job = one_customer(project.root, project.storage, "acme").resolve_job_def("acme__revalidate")
    return job.execute_in_process(
        instance=instance,
        partition_key="wave_2",
        raise_on_error=False,
        tags={"customer": "acme", "as_of": day, **tags},
    )


def shown(instance: dg.DagsterInstance) -> list[dict[str, object]]:
    """The metadata of every re-validation in the asset's timeline, the first one first."""
    records = instance.fetch_materializations(revalidation_key("acme"), limit=20).records[::-1]
    return [
        {k: v.value for k, v in each.asset_materialization.metadata.items()}
        for each in records
        if each.asset_materialization
    ]


def test_each_one_is_a_materialization_with_counts_and_no_value_of_a_row(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    run_again(project, instance, "2026-12-07")

    result = run_again(project, instance, "2026-12-14")

    assert result.success
    first, second = shown(instance)
    assert (first["number"], second["number"]) == (1, 2)
    assert (second["as_of"], second["compared_with"]) == ("2026-12-14", "the one as of 2026-12-07")
    assert second["now_ready"] == sum(row.data["rows"] for row in second["states"].records)  # type: ignore[attr-defined]
    assert "Bolt" not in str(second)
    (event,) = result.asset_materializations_for_node("acme__revalidation__later_waves")
    assert event.partition == "wave_2"
    assert size_of(event.metadata) <= LIMIT
    assert not list(project.of_customer("acme").glob("published/*"))


def test_a_caught_up_tick_before_a_test_by_hand_repeats_that_test(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    run_again(project, instance, "2026-12-16")

    result = run_again(project, instance, "2026-12-14")

    assert result.success
    assert [(each["as_of"], each["number"]) for each in shown(instance)] == [("2026-12-16", 1)] * 2


def test_a_run_that_takes_nothing_in_says_what_is_missing(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")

    result = run_again(project, instance, "2026-12-07", takes_in="registered")

    (failed,) = (event for event in result.all_events if event.is_step_failure)
    said = failed.step_failure_data.user_failure_data
    assert said is not None
    assert "nothing is registered for source companies yet" in (said.description or "")


def test_the_history_comes_back_from_storage_once(project: Workspace, instance: dg.DagsterInstance) -> None:
    add_customer(project, "acme")
    for day in ("2026-12-07", "2026-12-14"):
        run_again(project, instance, day)
    before = shown(instance)

    with dg.DagsterInstance.ephemeral() as empty, duckdb.connect(":memory:") as connection:
        run = Run(
            migration=load_migration(project.root, "acme"), workspace=project, connection=connection,
            wave="wave_1", as_of=datetime.date(2026, 12, 20), by="nobody",
        )  # fmt: skip
        written = [write_revalidations(empty, run) for _ in range(2)]

        assert written == [2, 0]
        assert [{**each, "redone": True} for each in before] == shown(empty)


def test_while_a_run_holds_the_customer_its_own_steps_do_not_wait_for_each_other(project: Workspace) -> None:
    add_customer(project, "acme")
    asked = Asked(
        workspace=project, slug="acme", wave="wave_1", as_of=datetime.date(2026, 11, 20), by="nobody"
    )

    refusals = run_steps(
        asked, [("raw_file", "companies"), ("validated", "companies")], lambda step, event: None, seconds=0.0
    )

    assert refusals == ()
