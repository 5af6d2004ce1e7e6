"""Runs whose process is gone: marked as failed with words, never one that lives, and what they left is done again once."""

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from aformity_pipelines.files.lock import customer_lock
from aformity_pipelines.orchestration.died import DIED, bury_dead, has_died
from aformity_pipelines.orchestration.died_sensor import AGAIN, TIMES, is_left, request_again
from aformity_pipelines.orchestration.instance import run_lock
from aformity_pipelines.orchestration.resources import WORKER
from aformity_pipelines.orchestration.worker import this_worker

pytestmark = pytest.mark.slow
Status = dg.DagsterRunStatus
OWN = str(this_worker())
GONE = f"{this_worker().pid}/1/{this_worker().place}"
ELSEWHERE = "77/5/another-place"
JOB = "acme__run_wave"


def add_run(instance: dg.DagsterInstance, status: dg.DagsterRunStatus, **tags: str) -> dg.DagsterRun:
    run = dg.DagsterRun(
        job_name=JOB, status=status, tags={"customer": "acme", "dagster/partition": "wave_1", **tags}
    )
    return instance.add_run(run)


def now(instance: dg.DagsterInstance, run: dg.DagsterRun) -> dg.DagsterRun:
    found = instance.get_run_by_id(run.run_id)
    assert found is not None
    return found


def failure_words(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    (entry,) = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.PIPELINE_FAILURE)
    return entry.dagster_event.message if entry.dagster_event and entry.dagster_event.message else ""


def test_a_started_run_whose_process_is_gone_fails_with_words(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = add_run(instance, Status.STARTED, **{WORKER: GONE})

    assert [each.run_id for each in bury_dead(instance, tmp_path)] == [run.run_id]

    assert now(instance, run).status is Status.FAILURE
    assert now(instance, run).tags[DIED].startswith("process ")
    assert "it was killed, ran out of memory, or the machine stopped" in failure_words(instance, run)
    assert bury_dead(instance, tmp_path) == ()


def test_a_run_that_was_being_canceled_is_canceled(instance: dg.DagsterInstance, tmp_path: Path) -> None:
    run = add_run(instance, Status.CANCELING, **{WORKER: GONE})

    bury_dead(instance, tmp_path)

    assert now(instance, run).status is Status.CANCELED


@pytest.mark.parametrize(
    ("status", "tags"),
    [
        (Status.STARTED, {WORKER: OWN}),
        (Status.SUCCESS, {WORKER: GONE}),
        (Status.STARTED, {}),
        (Status.STARTED, {WORKER: ELSEWHERE}),
    ],
    ids=["it lives", "it is done", "nobody knows", "elsewhere without a lock file"],
)
def test_a_run_is_left_alone_where_it_is_not_known_to_be_dead(
    instance: dg.DagsterInstance, tmp_path: Path, status: dg.DagsterRunStatus, tags: dict[str, str]
) -> None:
    run = add_run(instance, status, **tags)

    assert bury_dead(instance, tmp_path) == ()
    assert now(instance, run).status is status


def test_a_run_of_another_container_is_known_by_its_lock(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = add_run(instance, Status.STARTED, **{WORKER: ELSEWHERE})
    with customer_lock(run_lock(tmp_path, run.run_id), "the run"):
        assert bury_dead(instance, tmp_path) == ()

    (buried,) = bury_dead(instance, tmp_path)

    assert buried.run_id == run.run_id
    assert not run_lock(tmp_path, run.run_id).exists()


def launched(instance: dg.DagsterInstance, pid: int) -> dg.DagsterRun:
    """A run of which only Dagster has said so far which process is to do it."""
    run = add_run(instance, Status.STARTING, **{".dagster/grpc_info": '{"host": "localhost", "socket": "s"}'})
    said: Any = dg.EngineEventData.in_process(pid) if hasattr(dg, "EngineEventData") else None
    if said is None:
        from dagster._core.events import EngineEventData

        said = EngineEventData.in_process(pid)
    instance.report_engine_event(f"Started process for run (pid: {pid}).", run, said)
    return run


def test_a_run_that_was_killed_before_it_began_is_known_by_what_dagster_said(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    lives = launched(instance, this_worker().pid)
    gone = launched(instance, 2**22 + 1)

    assert [run.run_id for run in bury_dead(instance, tmp_path)] == [gone.run_id]
    assert now(instance, lives).status is Status.STARTING


def test_a_run_that_failed_by_itself_did_not_die(instance: dg.DagsterInstance) -> None:
    from dagster._core.events import JobFailureData, RunFailureReason

    run = add_run(instance, Status.STARTED, **{WORKER: OWN})
    reason = JobFailureData(error=None, failure_reason=RunFailureReason.RUN_EXCEPTION)
    instance.report_run_failed(run, "a fault", reason)
    killed = add_run(instance, Status.STARTED, **{WORKER: OWN})
    instance.report_run_failed(killed)  # as a code server does that sees its child go

    assert [has_died(instance, now(instance, each)) for each in (run, killed)] == [False, True]


def test_what_a_dead_run_left_is_asked_for_once_and_for_the_same_day(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = add_run(instance, Status.STARTED, **{WORKER: GONE, "as_of": "2026-12-07"})
    bury_dead(instance, tmp_path)

    request = request_again(now(instance, run))

    assert is_left(instance, now(instance, run))
    assert (request.run_key, request.partition_key) == (f"again/{run.run_id}", "wave_1")
    assert request.tags == {"customer": "acme", "as_of": "2026-12-07", AGAIN: run.run_id, TIMES: "2"}


def test_a_later_run_of_the_wave_takes_the_place_of_the_dead_one(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = add_run(instance, Status.STARTED, **{WORKER: GONE})
    bury_dead(instance, tmp_path)
    add_run(instance, Status.SUCCESS)

    assert not is_left(instance, now(instance, run))


def test_work_that_kills_its_worker_each_time_is_left_to_a_person(
    instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    run = add_run(instance, Status.STARTED, **{WORKER: GONE, TIMES: "3"})
    bury_dead(instance, tmp_path)

    assert not is_left(instance, now(instance, run))
