"""What every step is given by Dagster: where the project lies, and a database that lives as long as the step."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import dagster as dg
from dagster_duckdb import DuckDBResource
from pydantic import PrivateAttr

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.instance import run_lock
from aformity_pipelines.orchestration.waiting_lock import KeptLock, Tell, waited_lock
from aformity_pipelines.orchestration.worker import this_worker

THREADS = "2"
MEMORY_LIMIT = "2GB"
AS_OF = "as_of"
WORKER = "worker"
"""Tag of a run: the process that does it."""
TAKES_IN = "takes_in"
"""Tag of a run that a sensor asked for, with the value `registered`: a file that may still be growing is not for it."""
REGISTERED = "registered"
MOMENT = 5.0


class Place(dg.ConfigurableResource["Place"]):
    """The project folder and the storage beside it; of a run, also what it holds until it ends."""

    root: str
    storage: str
    is_held: bool = False
    """Whether whoever started the run holds its customer's lock already, for longer than the run."""
    _kept: KeptLock = PrivateAttr(default_factory=KeptLock)

    def workspace(self) -> Workspace:
        """Return the resolver of every path."""
        return Workspace(root=Path(self.root), storage=Path(self.storage))

    def hold(self, slug: str, holder: str, *, seconds: float, tell: Tell) -> None:
        """Hold a customer's lock from now to the end of the run; LockHeld says who has it after `seconds`."""
        if not self.is_held:
            self._kept.take(self.workspace().lock(slug), holder, seconds=seconds, tell=tell)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> "Iterator[Place]":
        """Say who does the run, and be seen to live as long as it lasts."""
        run, instance = context.run, context.instance
        if run is None or instance is None:  # a sensor looks; it is no run
            yield self
            return
        own = {WORKER: str(this_worker())}
        if run.tags.get(WORKER) != own[WORKER]:
            instance.add_run_tags(run.run_id, own)
        lock = run_lock(Path(self.storage), run.run_id)
        try:
            # Whoever looks whether it is held holds it for a moment.
            with waited_lock(lock, f"Dagster run {run.run_id[:8]}", seconds=MOMENT):
                try:
                    yield self
                finally:
                    self._kept.release()
        finally:
            lock.unlink(missing_ok=True)


def database() -> DuckDBResource:
    """Return the in-memory database; each connection is a new one, with limits that a run can live with.

    AFORMITY_THREADS and AFORMITY_MEMORY move the limits.
    """
    limits = {
        "threads": os.environ.get("AFORMITY_THREADS", THREADS),
        "memory_limit": os.environ.get("AFORMITY_MEMORY", MEMORY_LIMIT),
    }
    return DuckDBResource(database=":memory:", connection_config=limits)


def as_of(context: dg.AssetExecutionContext | dg.OpExecutionContext) -> date:
    """Return the run's date: its tag `as_of` (ISO), else the day on which the run was created.

    Read here and nowhere else; ValueError says what is wrong with a tag.
    """
    named = context.run.tags.get(AS_OF)
    if named:
        try:
            return date.fromisoformat(named)
        except ValueError:
            raise ValueError(f"run tag as_of: {named!r} is not a date; write it as 2026-12-01") from None
    record = context.instance.get_run_record_by_id(context.run.run_id)
    if record is None:
        raise ValueError("this run is not in Dagster's storage, so it has no date; give it the tag as_of")
    created: datetime = record.create_timestamp
    return created.astimezone().date()
