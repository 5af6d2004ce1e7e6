"""`aformity run` killed at several instants: the next one completes the wave, and Dagster says what became of the first."""

import json
import os
import signal
import subprocess
import sys
import time

import dagster as dg
import pytest

from aformity_pipelines.files.lock import customer_lock, is_held
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.died import DIED
from aformity_pipelines.orchestration.instance import home_of
from orchestration.tiny_customer import REPOSITORY, add_customer

pytestmark = pytest.mark.slow


def command(project: Workspace, *more: str) -> list[str]:
    where = ["--root", str(project.root), "--storage", str(project.storage), "--as-of", "2026-11-20"]
    return [sys.executable, "-m", "aformity_pipelines.cli.main", "run", "acme", *where, *more]


def started(project: Workspace, *more: str) -> "subprocess.Popen[str]":
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(command(project, *more), cwd=REPOSITORY, text=True, **pipes)  # type: ignore[call-overload, no-any-return]


def killed_once(project: Workspace, exists: str) -> None:
    """Start a run and kill it as soon as something of this name lies in the customer's storage."""
    run = started(project, "--json")
    home = project.of_customer("acme")
    deadline = time.monotonic() + 120
    while run.poll() is None and time.monotonic() < deadline and not list(home.glob(exists)):
        time.sleep(0.01)
    os.kill(run.pid, signal.SIGKILL)
    run.communicate()


def history(project: Workspace) -> list[dg.DagsterRun]:
    """Every run, the first one first."""
    with dg.DagsterInstance.from_config(str(home_of(project.storage))) as instance:
        return list(instance.get_runs())[::-1]


def exported(project: Workspace) -> dict[str, bytes]:
    """The files of the published version, by name."""
    published = project.published("acme", "wave_1")
    version = published / (published / "current").read_text(encoding="utf-8").strip()
    return {path.name: path.read_bytes() for path in sorted(version.iterdir()) if path.is_file()}


def test_a_killed_run_is_completed_by_the_next_one_and_shown_as_failed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    from orchestration.tiny_customer import tiny_project

    project, undisturbed = (tiny_project(tmp_path_factory.mktemp("project")) for _ in range(2))
    for each in (project, undisturbed):
        add_customer(each, "acme")
    instants = ("build/*/raw_file/*/*.parquet", "build/*/mapped/*", "scratch/*", "published/*/v*")
    for instant in instants:
        killed_once(project, instant)

    done = started(project, "--json")
    answer, _ = done.communicate(timeout=240)
    alone = started(undisturbed, "--json")
    alone.communicate(timeout=240)

    assert (done.returncode, alone.returncode) == (0, 0)
    assert json.loads(answer)["standing"]["fates"]["account"]["exported"] == 2
    assert exported(project) == exported(undisturbed)
    statuses = [run.status for run in history(project)]
    assert dg.DagsterRunStatus.STARTED not in statuses
    assert all(DIED in run.tags for run in history(project) if run.status is dg.DagsterRunStatus.FAILURE)
    assert not is_held(project.lock("acme"))
    assert not list((home_of(project.storage) / "alive").iterdir())


def test_of_two_runs_at_once_the_second_waits_says_for_whom_and_finds_nothing_left_to_do(
    project: Workspace,
) -> None:
    add_customer(project, "acme")
    first, second = started(project), started(project)
    (_, first_said), (_, second_said) = first.communicate(timeout=300), second.communicate(timeout=300)

    assert (first.returncode, second.returncode) == (0, 0), (first_said, second_said)
    assert len(list(project.published("acme", "wave_1").glob("v*"))) == 1


def test_a_run_that_may_not_wait_says_who_holds_the_customer(project: Workspace) -> None:
    add_customer(project, "acme")
    code = (
        "import sys\n"
        "from aformity_pipelines.orchestration import in_process\n"
        "in_process.run_steps.__kwdefaults__['seconds'] = 0.0\n"
        "from aformity_pipelines.cli.main import main\n"
        f"sys.argv = {['aformity', *command(project)[3:]]!r}\n"
        "main()\n"
    )

    with customer_lock(project.lock("acme"), "run of wave_2"):
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False
        )

    assert done.returncode == 1
    assert "'run of wave_2'" in done.stderr
    assert f"process {os.getpid()}" in done.stderr
    assert not list(project.of_customer("acme").glob("published/*"))
