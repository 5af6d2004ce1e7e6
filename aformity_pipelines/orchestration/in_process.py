"""A wave's run in this process: the command's way through Dagster, with the same history as the UI's.

What the daemon's sensor does after a closed gate or a delivery that waits happens here at once.
"""

import uuid
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import dagster as dg

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.died import bury_dead
from aformity_pipelines.orchestration.instance import home_of
from aformity_pipelines.orchestration.jobs import RUN_WAVE, job_name
from aformity_pipelines.orchestration.keys import key_of
from aformity_pipelines.orchestration.location import one_customer
from aformity_pipelines.orchestration.resources import AS_OF, WORKER
from aformity_pipelines.orchestration.sensors import CONTINUES, LAST_STEPS, only_people_decide, reason_of
from aformity_pipelines.orchestration.waiting_lock import waited_lock
from aformity_pipelines.orchestration.worker import this_worker
from aformity_pipelines.stages.graph import Step

PATIENCE = 60.0
"""Seconds that a command waits for another run of its customer."""
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
STARTED, DONE, FAILED = "started", "done", "failed"
WORDS = {"STEP_START": STARTED, "STEP_SUCCESS": DONE, "STEP_FAILURE": FAILED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which wave of which customer, as of when, by whom."""

    workspace: Workspace
    slug: str
    wave: str
    as_of: date
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A step that did not do its work."""

    step: Step
    reason: str  # `gate_closed`, `delivery_waits`, `refused`; empty for a fault
    says: str


Tell = Callable[[Step, str], None]
"""Told of each step and `started`, `done` or `failed`, while it happens."""


def run_steps(
    asked: Asked,
    chosen: Sequence[Step],
    tell: Tell,
    *,
    waits: Callable[[str], None] = lambda who: None,
    seconds: float = PATIENCE,
) -> tuple[Refusal, ...]:
    """Run the chosen steps as one Dagster run; after a closed gate or a delivery that waits, a second one for export and handoff.

    The customer's lock is held over both.  `waits` is told who has it; LockHeld says so after `seconds`.  Runs that
    died are marked first.  Returns why steps failed; steps that Dagster left out behind them are not named.
    """
    workspace = asked.workspace
    definitions = one_customer(workspace.root, workspace.storage, asked.slug, is_held=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        job = definitions.resolve_job_def(job_name(asked.slug, RUN_WAVE))
    with (
        waited_lock(workspace.lock(asked.slug), f"run of {asked.wave}", seconds=seconds, tell=waits),
        dg.DagsterInstance.from_config(str(home_of(workspace.storage))) as instance,
    ):
        bury_dead(instance, workspace.storage)
        runner = _Runner(asked=asked, job=job, instance=instance, tell=tell)
        run_id, failures = runner.execute(chosen, {})
        last = [step for step in LAST_STEPS if step in chosen]
        if last and only_people_decide(failures):
            failures += runner.execute(last, {CONTINUES: run_id})[1]
        return tuple(runner.refusal(event) for event in failures)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Runner:
    asked: Asked
    job: dg.JobDefinition
    instance: dg.DagsterInstance
    tell: Tell

    def execute(
        self, chosen: Sequence[Step], tags: dict[str, str]
    ) -> tuple[str, tuple[dg.DagsterEvent, ...]]:
        """Run steps and return the run's id and its step failures."""
        asked, run_id = self.asked, str(uuid.uuid4())
        own = {
            "customer": asked.slug,
            AS_OF: asked.as_of.isoformat(),
            "by": asked.by,
            WORKER: str(this_worker()),
            **tags,
        }
        self.instance.add_event_listener(run_id, self._listen)
        result = self.job.execute_in_process(
            run_config=QUIET,
            instance=self.instance,
            partition_key=asked.wave,
            asset_selection=[key_of(asked.slug, step) for step in chosen],
            raise_on_error=False,
            run_id=run_id,
            tags=own,
        )
        return run_id, tuple(e for e in result.all_events if e.is_step_failure)

    def refusal(self, event: dg.DagsterEvent) -> Refusal:
        """Return what a failed step said."""
        failure = event.step_failure_data
        user = failure.user_failure_data
        said = user.description if user else None
        fault = failure.error.cause or failure.error if failure.error else None
        says = said or (fault.message.strip() if fault else "no reason given")
        return Refusal(step=self._step(event.step_key or ""), reason=reason_of(event), says=says)

    def _listen(self, entry: dg.EventLogEntry) -> None:
        event = entry.dagster_event
        if event and event.step_key and event.event_type_value in WORDS:
            self.tell(self._step(event.step_key), WORDS[event.event_type_value])

    def _step(self, step_key: str) -> Step:
        stage, name = step_key.removeprefix(f"{self.asked.slug}__").split("__", 1)
        return stage, name
