"""Runs that died: killed, out of memory, or the machine stopped.  Dagster shows them as started for ever.

Who did a run stands in its tags, and an alive one holds its lock file; time alone proves nothing.  A dead run becomes a
failed one, with words; what it held of Dagster's queue is free with that, and the operating system freed its locks.
"""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from dagster._core.events import RunFailureReason

from aformity_pipelines.files.lock import is_held
from aformity_pipelines.orchestration.instance import run_lock
from aformity_pipelines.orchestration.resources import WORKER
from aformity_pipelines.orchestration.worker import is_running, started, worker_of

Status = dg.DagsterRunStatus
RUNNING = (Status.NOT_STARTED, Status.STARTING, Status.STARTED, Status.CANCELING)
"""What a run is shown as that nobody may be doing; a queued one waits for the daemon."""
DIED = "died"
"""Tag of a run that was found dead: the process that did it."""
LAUNCHED_HERE = ".dagster/grpc_info"
"""Dagster's tag of a run whose process a code server of this machine started."""
LOCAL = "localhost"


def bury_dead(instance: dg.DagsterInstance, storage: Path) -> tuple[dg.DagsterRun, ...]:
    """Mark every run of this storage whose worker is gone as failed; return them, the oldest first."""
    dead = tuple(_dead_runs(instance, storage))
    for run, who in dead:
        instance.add_run_tags(run.run_id, {DIED: who})
        if run.status is Status.CANCELING:
            instance.report_run_canceled(run, f"It was to be canceled, and its worker ({who}) is gone.")
        else:
            instance.report_run_failed(run, _words(who))
        if instance.event_log_storage.supports_global_concurrency_limits:
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        run_lock(storage, run.run_id).unlink(missing_ok=True)
    return tuple(run for run, _ in dead)


def has_died(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a failed run did not fail by itself: its worker went away, as somebody found."""
    if run.status is not Status.FAILURE:
        return False
    if DIED in run.tags:
        return True
    of_type = {dg.DagsterEventType.STEP_FAILURE, dg.DagsterEventType.PIPELINE_FAILURE}
    events = [entry.dagster_event for entry in instance.all_logs(run.run_id, of_type=of_type)]
    if any(event and event.is_step_failure for event in events):
        return False
    # A code server that sees its child go says so without a reason; whatever fails by itself gives one.
    failed = [event for event in events if event and event.is_run_failure]
    return any(e.event_specific_data is None or _timed_out(e) for e in failed)


def _timed_out(event: dg.DagsterEvent) -> bool:
    """Whether Dagster gave a run up whose process never came to anything."""
    return event.job_failure_data.failure_reason is RunFailureReason.START_TIMEOUT


def _dead_runs(instance: dg.DagsterInstance, storage: Path) -> Iterator[tuple[dg.DagsterRun, str]]:
    """Yield each run that nobody does any more, and who did it."""
    found = instance.get_run_records(dg.RunsFilter(statuses=list(RUNNING)), ascending=True)
    for run in [record.dagster_run for record in found]:
        who = _gone(instance, storage, run)
        # It may have ended between the two looks: then it was no death.
        if who and (now := instance.get_run_by_id(run.run_id)) and now.status in RUNNING:
            yield now, who


def _gone(instance: dg.DagsterInstance, storage: Path, run: dg.DagsterRun) -> str:
    """Return who did a run and is gone; empty where somebody still does it, or nobody can tell."""
    worker = worker_of(run.tags.get(WORKER, ""))
    if worker is None:
        return _gone_before_it_began(instance, run)
    if worker.is_of_here:
        return "" if worker.is_alive else f"process {worker.pid}"
    # A number of another machine or container says nothing here, but a lock in a shared folder does.
    lock = run_lock(storage, run.run_id)
    return f"process {worker.pid} elsewhere" if lock.is_file() and not is_held(lock) else ""


def _gone_before_it_began(instance: dg.DagsterInstance, run: dg.DagsterRun) -> str:
    """Return which process of this machine was to do the run and is gone; it had not put its own tag there yet."""
    if f'"{LOCAL}"' not in run.tags.get(LAUNCHED_HERE, ""):
        return ""
    events = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT)
    for entry in events:
        named = entry.dagster_event.engine_event_data.metadata.get("pid") if entry.dagster_event else None
        if named and str(named.value).isdecimal():
            pid = int(str(named.value))
            return "" if is_running(pid) and started(pid) else f"process {pid}"
    return ""


def _words(who: str) -> str:
    return (
        f"Its worker ({who}) is gone: it was killed, ran out of memory, or the machine stopped."
        " Nothing that it was writing is half there, and its locks went with it; a new run does what is left."
    )
