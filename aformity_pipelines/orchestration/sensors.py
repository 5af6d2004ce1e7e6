"""What starts runs by itself: a new delivery, and a closed gate or a file that waits, after which the rest still goes out.

A half-written file starts nothing: two looks must agree before its content counts.
"""

import json
from collections.abc import Sequence
from pathlib import Path

import dagster as dg

from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.orchestration.intake_folder import content_of, plain_files
from aformity_pipelines.orchestration.jobs import RUN_WAVE, Job, job_name
from aformity_pipelines.orchestration.keys import key_of
from aformity_pipelines.orchestration.resources import Place
from aformity_pipelines.orchestration.step import A_PERSON_DECIDES, REASON
from aformity_pipelines.stages.graph import EXPORT, HANDOFF_REPORT, PACKAGE, REPORT

NEW_DELIVERY = "new_delivery"
AFTER_CLOSED_GATE = "after_closed_gate"
CONTINUES = "continues"
"""Tag of a run that another run left to be done: that run's id."""

LAST_STEPS = ((EXPORT, PACKAGE), (HANDOFF_REPORT, REPORT))


def build_new_delivery(migration: Migration, job: Job) -> dg.SensorDefinition:
    """Define the sensor that runs the first wave when the intake folder holds new content."""
    slug = migration.slug
    patterns = tuple(source.file for source in migration.customer.sources.values())
    wave = migration.customer.waves[0].name

    @dg.sensor(
        name=job_name(slug, NEW_DELIVERY),
        job=job,
        minimum_interval_seconds=60,
        description=f"Runs {wave} when customers/{slug}/intake holds files that no run has seen.",
    )
    def new_delivery(context: dg.SensorEvaluationContext, place: Place) -> dg.SensorResult | dg.SkipReason:
        intake = place.workspace().intake(slug)
        look = _look_at(plain_files(intake, patterns))
        before = json.loads(context.cursor) if context.cursor else {}
        if not look:
            return dg.SkipReason(f"customers/{slug}/intake holds no file of any source")
        if before.get("look") != look:
            return dg.SensorResult(
                skip_reason="files have changed; the next look tells whether they are complete",
                cursor=json.dumps({"look": look}),
            )
        if before.get("is_settled"):
            return dg.SkipReason("nothing new")
        content = content_of(intake, patterns)
        request = dg.RunRequest(run_key=f"{slug}/{content}", partition_key=wave, tags={"customer": slug})
        return dg.SensorResult(run_requests=[request], cursor=json.dumps({"look": look, "is_settled": True}))

    return new_delivery


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
        tags = {name: run.tags[name] for name in ("as_of", "by") if name in run.tags}
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


def _look_at(files: Sequence[Path]) -> list[list[str | int]]:
    looks = [(path.name, path.lstat()) for path in files]
    return [[name, seen.st_size, seen.st_mtime_ns] for name, seen in looks]
