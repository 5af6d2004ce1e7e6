"""What a closed gate, or a file that waits, starts by itself: the rest of the wave still goes out."""

from collections.abc import Sequence

import dagster as dg

from aformity_pipelines.orchestration.jobs import RUN_WAVE, Job, job_name
from aformity_pipelines.orchestration.keys import key_of
from aformity_pipelines.orchestration.resources import AS_OF, TAKES_IN
from aformity_pipelines.orchestration.step import A_PERSON_DECIDES, REASON
from aformity_pipelines.stages.graph import EXPORT, HANDOFF_REPORT, PACKAGE, REPORT

AFTER_CLOSED_GATE = "after_closed_gate"
CONTINUES = "continues"
"""Tag of a run that another run left to be done: that run's id."""

LAST_STEPS = ((EXPORT, PACKAGE), (HANDOFF_REPORT, REPORT))


def build_after_closed_gate(jobs: Sequence[Job]) -> dg.SensorDefinition:
    """Define the sensor that exports the rest and writes the handoff where a gate closed or a delivery waits.

    Dagster skips what comes after a failed step; what is ready, and the report of what is not, still has to go out.
    """

    @dg.run_failure_sensor(
        name=AFTER_CLOSED_GATE,
        request_jobs=jobs,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="After a closed gate, or a delivery that waits: exports the entities that are ready and writes the handoff.",
    )
    def after_closed_gate(context: dg.RunFailureSensorContext) -> dg.RunRequest | dg.SkipReason:
        run = context.dagster_run
        wave, slug = run.tags.get("dagster/partition"), run.tags.get("customer")
        if CONTINUES in run.tags or not wave or not slug or run.job_name != job_name(slug, RUN_WAVE):
            return dg.SkipReason(f"run {run.run_id} is not a whole wave of a customer")
        if not only_people_decide(context.get_step_failure_events()):
            return dg.SkipReason(
                f"run {run.run_id} failed for another reason than a closed gate or a delivery that waits"
            )
        tags = {name: run.tags[name] for name in (AS_OF, "by", TAKES_IN) if name in run.tags}
        return dg.RunRequest(
            run_key=f"continues/{run.run_id}",
            job_name=run.job_name,
            partition_key=wave,
            asset_selection=[key_of(slug, step) for step in LAST_STEPS],
            tags={**tags, "customer": slug, CONTINUES: run.run_id},
        )

    return after_closed_gate


def reason_of(event: dg.DagsterEvent) -> str:
    """Return why a step of ours failed; empty for a fault."""
    failure = event.step_failure_data.user_failure_data
    reason = failure.metadata.get(REASON) if failure else None
    return str(reason.value) if reason else ""


def only_people_decide(failures: Sequence[dg.DagsterEvent]) -> bool:
    """Whether steps failed, and each of them because a gate is closed or a delivery waits."""
    return bool(failures) and all(reason_of(event) in A_PERSON_DECIDES for event in failures)
