"""What starts by itself: one run per content of the intake folder, and later waves by the schedule."""

import os
from datetime import UTC, datetime

import dagster as dg
import pytest

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.jobs import build_jobs, build_schedules
from aformity_pipelines.orchestration.location import one_customer
from aformity_pipelines.orchestration.resources import Place
from aformity_pipelines.orchestration.sensors import build_new_delivery
from orchestration.tiny_customer import ACCOUNTS, add_customer

pytestmark = pytest.mark.slow


class Looks:
    """A sensor that is ticked by hand, cursor and all."""

    def __init__(self, project: Workspace) -> None:
        migration = load_migration(project.root, "acme")
        self.sensor = build_new_delivery(migration, build_jobs(migration)[0])
        self.place = Place(root=str(project.root), storage=str(project.storage))
        self.cursor: str | None = None

    def look(self) -> list[dg.RunRequest]:
        context = dg.build_sensor_context(cursor=self.cursor, resources={"place": self.place})
        result = self.sensor(context)
        if not isinstance(result, dg.SensorResult):
            return []
        self.cursor = result.cursor or self.cursor
        return list(result.run_requests or ())


def test_a_delivery_starts_one_run_once_two_looks_agree(project: Workspace) -> None:
    add_customer(project, "acme")
    sensor = Looks(project)

    found = [sensor.look() for _ in range(4)]

    assert [len(each) for each in found] == [0, 1, 0, 0]
    (request,) = found[1]
    assert request.partition_key == "wave_1"
    assert request.tags == {"customer": "acme"}


def test_a_file_that_still_grows_starts_nothing(project: Workspace) -> None:
    intake = add_customer(project, "acme") / "intake" / "companies.csv"
    sensor = Looks(project)

    for _ in range(3):
        assert sensor.look() == []
        intake.write_text(intake.read_text(encoding="utf-8") + "010,Dune,live\n", encoding="utf-8")


def test_new_bytes_are_a_new_run_and_touched_ones_are_not(project: Workspace) -> None:
    intake = add_customer(project, "acme") / "intake" / "companies.csv"
    sensor = Looks(project)
    (first,) = [request for _ in range(2) for request in sensor.look()]

    os.utime(intake, (1_700_000_000, 1_700_000_000))
    (touched,) = [request for _ in range(2) for request in sensor.look()]
    intake.write_text(ACCOUNTS + "010,Dune,live\n", encoding="utf-8")
    (changed,) = [request for _ in range(2) for request in sensor.look()]

    assert touched.run_key == first.run_key, "Dagster starts one run per key"
    assert changed.run_key != first.run_key


def test_links_and_devices_in_the_intake_folder_are_left_alone(project: Workspace) -> None:
    intake = add_customer(project, "acme", rows=None) / "intake"
    os.mkfifo(intake / "companies_fifo.csv")
    (intake / "companies_link.csv").symlink_to("/etc/hostname")
    sensor = Looks(project)

    assert [sensor.look() for _ in range(3)] == [[], [], []]


def test_the_schedule_judges_later_waves_again_and_exports_nothing(project: Workspace) -> None:
    add_customer(project, "acme")
    migration = load_migration(project.root, "acme")
    (schedule,) = build_schedules(migration, build_jobs(migration)[1])
    at = datetime(2026, 12, 7, 6, 0, tzinfo=UTC)

    (request,) = list(schedule(dg.build_schedule_context(scheduled_execution_time=at)))

    assert request.partition_key == "wave_2"
    assert request.tags["as_of"] == "2026-12-07"
    job = one_customer(project.root, project.storage, "acme").resolve_job_def("acme__revalidate")
    stages = {key.path[1] for key in job.asset_layer.executable_asset_keys}
    assert stages == {"raw_file", "validated", "mapped", "transformed"}
