"""Later waves are tested again on time: each tick once, a missed month once, whenever the scheduler is killed."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from aformity_pipelines.config.load import check, load_migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.jobs import build_jobs, build_schedules
from aformity_pipelines.orchestration.location import one_customer
from orchestration.tiny_customer import add_customer
from tests.orchestration import real_daemon

pytestmark = pytest.mark.slow
MONDAY = datetime(2036, 12, 1, 6, 0, tzinfo=UTC)
WEEK = timedelta(weeks=1)
AT_ONCE = timedelta(seconds=30)


def requests_at(project: Workspace, at: datetime) -> list[dg.RunRequest]:
    migration = load_migration(project.root, "acme")
    (schedule,) = build_schedules(migration, build_jobs(migration)[1])
    found = schedule(dg.build_schedule_context(scheduled_execution_time=at))
    return [each for each in found if isinstance(each, dg.RunRequest)]  # type: ignore[union-attr]


def test_a_tick_tests_each_wave_as_of_its_own_day_and_exports_nothing(project: Workspace) -> None:
    add_customer(project, "acme")

    (request,) = requests_at(project, MONDAY)

    assert (request.partition_key, request.tags["as_of"]) == ("wave_2", "2036-12-01")
    job = one_customer(project.root, project.storage, "acme").resolve_job_def("acme__revalidate")
    assert {key.path[1] for key in job.asset_layer.executable_asset_keys} == {"revalidation"}


def test_a_tick_that_a_later_one_overtook_asks_for_nothing(project: Workspace) -> None:
    add_customer(project, "acme")

    assert requests_at(project, datetime(2020, 1, 6, 6, 0, tzinfo=UTC)) == []


def test_the_zone_of_the_cron_line_is_named_and_is_utc_otherwise(project: Workspace) -> None:
    defs = add_customer(project, "acme") / "defs.yaml"
    text = defs.read_text(encoding="utf-8")

    zones = []
    for zone in ("", "timezone: Europe/Berlin, "):
        defs.write_text(text.replace("waves: wave_2}", f"{zone}waves: wave_2}}"), encoding="utf-8")
        migration = load_migration(project.root, "acme")
        zones.append(build_schedules(migration, build_jobs(migration)[1])[0].execution_timezone)

    assert zones == ["UTC", "Europe/Berlin"]


def test_a_zone_that_is_none_is_named_with_its_line(project: Workspace) -> None:
    defs = add_customer(project, "acme") / "defs.yaml"
    text = defs.read_text(encoding="utf-8")
    defs.write_text(text.replace("waves: wave_2}", "timezone: Mars/Base, waves: wave_2}"), encoding="utf-8")

    (problem,) = check(project.root, "acme")

    assert "'Mars/Base' is no time zone" in problem.headline()


def test_four_ticks_and_five_kills_lose_and_double_nothing(tmp_path: Path) -> None:
    """The daemon's scheduler is killed at each of its own steps; every time the next start goes on where it was."""
    workspace = real_daemon.two_customers(tmp_path)
    real_daemon.tick(workspace, MONDAY - WEEK / 2)
    kills = [["TICK_CREATED", "RUN_ADDED"], ["TICK_HELD"], ["RUN_CREATED"], ["RUN_LAUNCHED"]]

    codes = []
    for number, steps in enumerate(kills):
        at = MONDAY + number * WEEK + AT_ONCE
        codes += [real_daemon.tick(workspace, at, dies_at=step) for step in (*steps, "")]

    days = ["2036-12-01", "2036-12-08", "2036-12-15", "2036-12-22"]
    assert codes.count(-9) == 5
    assert codes.count(0) == 4
    assert real_daemon.asked_for(workspace) == [(slug, day) for slug in real_daemon.SLUGS for day in days]


def test_five_weeks_without_the_daemon_are_caught_up_once(tmp_path: Path) -> None:
    workspace = real_daemon.two_customers(tmp_path)
    real_daemon.tick(workspace, MONDAY - WEEK / 2)

    for _ in range(2):
        real_daemon.tick(workspace, MONDAY + 5 * WEEK)

    assert real_daemon.asked_for(workspace) == [(slug, "2037-01-05") for slug in real_daemon.SLUGS]
