"""Dagster says of each handoff whether it is current, and says so again when the log, a delivery or the config moves on."""

import dagster as dg
import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.freshness_shown import IS_CURRENT, build_handoff_freshness
from aformity_pipelines.orchestration.keys import key_of
from aformity_pipelines.orchestration.location import one_customer
from aformity_pipelines.orchestration.resources import Place
from aformity_pipelines.stages.graph import HANDOFF_REPORT, REPORT
from orchestration.tiny_customer import ACCOUNTS, add_customer
from tests.builders.kept_handoffs import customer, keep

CHECK = dg.AssetCheckKey(key_of("tiny", (HANDOFF_REPORT, REPORT)), IS_CURRENT)


class Looks:
    """The sensor, ticked by hand, cursor and all."""

    def __init__(self, instance: dg.DagsterInstance, workspace: Workspace) -> None:
        self.instance, self.cursor = instance, ""
        self.place = Place(root=str(workspace.root), storage=str(workspace.storage))

    def look(self) -> str:
        with dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor or None, resources={"place": self.place}
        ) as context:
            result = build_handoff_freshness()(context)
            self.cursor = context.cursor or ""
        assert isinstance(result, dg.SkipReason)
        return str(result.skip_message)


def said(instance: dg.DagsterInstance) -> list[tuple[bool, str | None]]:
    """What the check said, the first first: whether it passed, and in which words."""
    history = instance.event_log_storage.get_asset_check_execution_history(CHECK, limit=10)
    found = [each.event.dagster_event.asset_check_evaluation_data for each in history if each.event]
    return [(each.passed, each.description) for each in found][::-1]


@pytest.mark.slow
def test_a_handoff_out_of_date_says_so_once_and_that_it_is_current_again(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    home = customer(project, "tiny")
    keep(project, "tiny", "2026-11-20-aaaaaaaa")
    sensor = Looks(instance, project)

    first = sensor.look()
    sensor.look()
    (home / "intake" / "people.csv").write_text("No,Name\np1,Jo Ruiz\n")
    second, third = sensor.look(), sensor.look()
    (home / "intake" / "people.csv").unlink()
    sensor.look()

    current = "wave_1, 2026-11-20-aaaaaaaa: Current."
    outdated = "wave_1, 2026-11-20-aaaaaaaa: Out of date: a new delivery (people) since."
    assert (first, second, third) == (f"tiny, {current}", f"tiny, {outdated}", "nothing has moved on")
    assert said(instance) == [(True, current), (False, outdated), (True, current)]
    assert "Jo" not in str(said(instance))


@pytest.mark.slow
def test_archived_customers_and_waves_without_a_handoff_are_passed_over(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    customer(project, "fresh")
    customer(project, "tiny", status="archived")
    keep(project, "tiny", "2026-11-20-aaaaaaaa")

    assert Looks(instance, project).look() == "nothing has moved on"
    assert said(instance) == []


@pytest.mark.slow
def test_a_run_shows_the_site_the_handoff_and_that_it_is_current(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme", rows=ACCOUNTS)
    location = one_customer(project.root, project.storage, "acme")

    done = location.resolve_job_def("acme__run_wave").execute_in_process(
        instance=instance, partition_key="wave_1", tags={"as_of": "2026-11-20"}, raise_on_error=False
    )

    key = key_of("acme", (HANDOFF_REPORT, REPORT))
    (check,) = [each for each in done.get_asset_check_evaluations() if each.check_name == IS_CURRENT]
    assert (check.passed, check.blocking) == (True, False)
    materialized = next(
        event.materialization
        for event in done.all_events
        if event.is_step_materialization and event.asset_key == key
    )
    assert str(materialized.metadata["site"].value).endswith("storage/site/acme/index.html")
