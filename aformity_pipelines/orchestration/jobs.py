"""Jobs and the schedule of one customer: run a wave, and validate later waves again."""

from collections.abc import Iterator
from typing import TypeAlias

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition

from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.orchestration.keys import key_of
from aformity_pipelines.orchestration.resources import AS_OF
from aformity_pipelines.stages.graph import EXPORT, HANDOFF_REPORT, Step, steps

Job: TypeAlias = UnresolvedAssetJobDefinition

RUN_WAVE = "run_wave"
REVALIDATE = "revalidate"


def job_name(slug: str, what: str) -> str:
    """Return the name of a customer's job, schedule or sensor."""
    return f"{slug}__{what}"


def build_jobs(migration: Migration) -> tuple[Job, Job]:
    """Define the job that runs a wave and the one that only judges it again."""
    all_steps = steps(migration)
    judged = tuple(step for step in all_steps if step[0] not in {EXPORT, HANDOFF_REPORT})
    return (
        _job(migration, RUN_WAVE, all_steps, f"One wave of {migration.slug}, from the files to the handoff."),
        _job(
            migration,
            REVALIDATE,
            judged,
            f"Judge a later wave of {migration.slug} again; nothing is exported.",
        ),
    )


def build_schedules(migration: Migration, job: Job) -> tuple[dg.ScheduleDefinition, ...]:
    """Define the schedule that `schedule` in defs.yaml asks for: one run per later wave."""
    planned = migration.customer.schedule
    if planned is None:
        return ()
    slug, waves = migration.slug, planned.waves

    @dg.schedule(
        name=job_name(slug, REVALIDATE),
        job=job,
        cron_schedule=planned.cron,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Judges {', '.join(waves)} again with what is delivered and decided by then.",
    )
    def revalidate(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        at = context.scheduled_execution_time
        for wave in waves:
            yield dg.RunRequest(
                run_key=f"{at.isoformat()}/{wave}",
                partition_key=wave,
                tags={"customer": slug, AS_OF: at.date().isoformat()},
            )

    return (revalidate,)


def _job(migration: Migration, what: str, chosen: tuple[Step, ...], says: str) -> Job:
    return dg.define_asset_job(
        job_name(migration.slug, what),
        selection=dg.AssetSelection.assets(*(key_of(migration.slug, step) for step in chosen)),
        description=says,
        tags={"customer": migration.slug},
    )
