"""Dagster's own daemon over two customers: no tick lost or doubled, however often it is killed.

`python -m tests.orchestration.real_daemon` starts the real `dagster-daemon run`, with real minutes as ticks, kills it and
everything it started five times, and says what came of each tick; it takes about eight minutes.
`tick` and `killed_tick` are what the quick tests use: the daemon's own scheduler, with its clock moved, in a process of
its own that can be killed at any of the scheduler's steps.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.in_process import Asked, run_steps
from aformity_pipelines.orchestration.instance import environment, home_of
from aformity_pipelines.stages.revalidation.history import history
from tests.orchestration.tiny_customer import REPOSITORY, add_customer, tiny_project

SLUGS = ("acme", "bolt")
WEEKLY = 'cron: "0 6 * * 1"'
EVERY_MINUTE = 'cron: "* * * * *"'
MODULE = "aformity_pipelines.definitions"
AT = ".dagster/scheduled_execution_time"
"""Dagster's tag of a run that a schedule asked for."""
WAITS = ("policies: {", "policies: {on_delivery: wait, ")
"""Only the schedule starts runs here."""
TICKS, KILLS = 4, 5
SECONDS_BETWEEN_KILLS = 70
SECONDS_TO_FINISH = 180


def two_customers(folder: Path, cron: str = WEEKLY) -> Workspace:
    """Return a project of two customers whose second wave is tested again by the schedule."""
    workspace = tiny_project(folder)
    for slug in SLUGS:
        defs = add_customer(workspace, slug) / "defs.yaml"
        text = defs.read_text(encoding="utf-8").replace(WEEKLY, cron).replace(*WAITS)
        defs.write_text(text, encoding="utf-8")
    home_of(workspace.storage)
    return workspace


def take_in(workspace: Workspace, slug: str) -> None:
    """Register what lies in a customer's intake, as a run by hand does."""
    asked = Asked(workspace=workspace, slug=slug, wave="wave_1", as_of=date(2026, 11, 20), by="nobody")
    run_steps(asked, [("raw_file", "companies")], lambda step, event: None)


def asked_for(workspace: Workspace) -> list[tuple[str, str]]:
    """Return customer and day of every run that the schedules asked for, in order."""
    with dg.DagsterInstance.from_config(str(home_of(workspace.storage))) as instance:
        runs = [run for run in instance.get_runs() if AT in run.tags]
    return sorted((run.tags["customer"], run.tags["as_of"]) for run in runs)


def tick(workspace: Workspace, at: datetime, *, dies_at: str = "") -> int:
    """Let the daemon's scheduler look once, as if it were `at`; return its exit code, -9 where it was killed."""
    asked = [sys.executable, "-m", "tests.orchestration.real_daemon", "tick", at.isoformat(), dies_at]
    surroundings = environment(workspace.root, workspace.storage)
    return subprocess.run(
        asked, cwd=REPOSITORY, env=surroundings, check=False, capture_output=True
    ).returncode


def _look_once(at: datetime, dies_at: str) -> None:
    """Be the scheduler of the daemon: one look at all schedules, with the clock at `at`."""
    import logging

    from dagster._core.remote_origin import InProcessCodeLocationOrigin
    from dagster._core.test_utils import InProcessTestWorkspaceLoadTarget, freeze_time
    from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._scheduler.scheduler import launch_scheduled_runs

    flags = {f"{slug}__revalidate": {dies_at: signal.SIGKILL} for slug in SLUGS} if dies_at else None
    origin = InProcessCodeLocationOrigin(
        LoadableTargetOrigin(module_name=MODULE), location_name="customer-migrations"
    )
    target = InProcessTestWorkspaceLoadTarget(origin)
    with (
        dg.DagsterInstance.get() as instance,
        WorkspaceProcessContext(instance, target) as context,
        freeze_time(at),
    ):
        faults = [
            each
            for each in launch_scheduled_runs(
                context, logging.getLogger("scheduler"), at, iteration_times={}, debug_crash_flags=flags
            )
            if each is not None and not hasattr(each, "cron_schedule")
        ]
    assert not faults, faults


def _start(workspace: Workspace) -> "subprocess.Popen[bytes]":
    """Start the daemon as a user would, in a group of processes of its own."""
    command = [str(Path(sys.executable).with_name("dagster-daemon")), "run", "-m", MODULE]
    surroundings = environment(workspace.root, workspace.storage)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(command, cwd=workspace.root, env=surroundings, start_new_session=True, **quiet)  # type: ignore[call-overload, no-any-return]


def _with_real_minutes() -> int:
    """Run the real daemon; return 0 where each minute between the first and the last tick was tested exactly once."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = two_customers(Path(folder), EVERY_MINUTE)
        for slug in SLUGS:
            take_in(workspace, slug)
        for number in range(KILLS + 1):
            daemon = _start(workspace)
            time.sleep(SECONDS_BETWEEN_KILLS if number < KILLS else SECONDS_TO_FINISH)
            os.killpg(daemon.pid, signal.SIGKILL)
            daemon.wait()
            print(f"killed {number + 1}: {len(asked_for(workspace))} runs were asked for", flush=True)
        return _verdict(workspace)


def _verdict(workspace: Workspace) -> int:
    with dg.DagsterInstance.from_config(str(home_of(workspace.storage))) as instance:
        runs = instance.get_runs()
    failed = 0
    for slug in SLUGS:
        own = [run for run in runs if run.tags["customer"] == slug and AT in run.tags]
        ticks = sorted(datetime.fromisoformat(run.tags[AT]).astimezone(UTC) for run in own)
        wanted = [
            ticks[0] + timedelta(minutes=n) for n in range(round((ticks[-1] - ticks[0]).seconds / 60) + 1)
        ]
        states = sorted(run.status.value for run in own)
        kept = len(history(workspace, slug, "wave_2"))
        failed |= ticks != wanted or len(ticks) < TICKS or kept == 0
        print(
            f"{slug}: {len(ticks)} ticks, {len(set(ticks))} different, {len(wanted)} due; {states}; {kept} kept"
        )
    return int(failed)


if __name__ == "__main__":
    if sys.argv[1:2] == ["tick"]:
        _look_once(datetime.fromisoformat(sys.argv[2]), sys.argv[3])
        sys.exit(0)
    sys.exit(_with_real_minutes())
