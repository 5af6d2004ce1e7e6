"""A file that waits, in Dagster: a red asset that says what is asked, without any value of the file, and no retry."""

import datetime

import dagster as dg
import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.in_process import QUIET, Asked, run_steps
from aformity_pipelines.orchestration.jobs import RUN_WAVE, job_name
from aformity_pipelines.orchestration.keys import key_of
from aformity_pipelines.orchestration.location import one_customer
from aformity_pipelines.orchestration.sensors import only_people_decide, reason_of
from orchestration.test_runs import ALL
from orchestration.tiny_customer import ACCOUNTS, add_customer

pytestmark = pytest.mark.slow
TWO_HEADERS = "Kept by Ruiz,,State\n" + ACCOUNTS


def test_the_asset_is_red_and_its_metadata_say_what_is_asked(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme", rows=TWO_HEADERS)
    job = one_customer(project.root, project.storage, "acme").resolve_job_def(job_name("acme", RUN_WAVE))

    result = job.execute_in_process(
        run_config=QUIET,
        instance=instance,
        partition_key="wave_1",
        asset_selection=[key_of("acme", step) for step in ALL],
        raise_on_error=False,
        tags={"as_of": "2026-11-20", "customer": "acme"},
    )

    (failed,) = (event for event in result.all_events if event.is_step_failure)
    assert (failed.step_key, reason_of(failed)) == ("acme__raw_file__companies", "delivery_waits")
    assert only_people_decide([failed])
    said = failed.step_failure_data.user_failure_data
    assert said is not None
    assert said.metadata["questions"].value == 1
    (asked,) = said.metadata["asked"].value.records  # type: ignore[union-attr]
    assert asked.data["asked"] == "it is not certain which row names the columns"
    assert "Ruiz" not in str(said)
    assert not [event for event in result.all_events if event.event_type_value == "STEP_UP_FOR_RETRY"]


def test_the_handoff_is_written_although_a_file_waits(project: Workspace) -> None:
    add_customer(project, "acme", rows=TWO_HEADERS)
    asked = Asked(
        workspace=project, slug="acme", wave="wave_1", as_of=datetime.date(2026, 11, 20), by="nobody"
    )

    refusals = run_steps(asked, ALL, lambda step, event: None)

    assert [(each.step, each.reason) for each in refusals] == [(("raw_file", "companies"), "delivery_waits")]
    assert list(project.handoff("acme", "wave_1").glob("*/handoff.html"))
