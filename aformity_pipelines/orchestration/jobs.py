"""Jobs and the schedule of one customer: run a wave, and test later waves again."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TypeAlias

import dagster as dg
from dagster._core.definitions.unresolved_asset_job_definition import UnresolvedAssetJobDefinition
from dagster._utils.schedules import cron_string_iterator

from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.schedule import Schedule
from aformity_pipelines.orchestration.keys import key_of, revalidation_key
from aformity_pipelines.orchestration.resources import AS_OF, REGISTERED, TAKES_IN
from aformity_pipelines.stages.graph import steps

Job: TypeAlias = UnresolvedAssetJobDefinition

RUN_WAVE = "run_wave"
REVALIDATE = "revalidate"


def job_name(slug: str, what: str) -> str:
    """Return the name of a customer's job, schedule or sensor."""
    return f"{slug}__{what}"


def build_jobs(migration: Migration) -> tuple[Job, Job]:
    """Define the job that runs a wave and the one that only tests it again."""
    slug = migration.slug
    wave_keys = tuple(key_of(slug, step) for step in steps(migration))
    return (
        _job(slug, RUN_WAVE, wave_keys, f"One wave of {slug}, from the files to the handoff."),
        _job(
            slug, REVALIDATE, (revalidation_key(slug),), f"Test a wave of {slug} again; nothing is exported."
        ),
    )


def build_schedules(migration: Migration, job: Job) -> tuple[dg.ScheduleDefinition, ...]:
    """Define the schedule that `schedule` in defs.yaml asks for: one run per later wave.

    However long the daemon was away, the latest tick alone is caught up: an older one would test today's files again.
    """
    planned = migration.customer.schedule
    if planned is None:
        return ()
    slug, waves = migration.slug, planned.waves

    @dg.schedule(
        name=job_name(slug, REVALIDATE),
        job=job,
        cron_schedule=planned.cron,
        execution_timezone=planned.timezone,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=f"Tests {', '.join(waves)} again with what is delivered and decided by then.",
    )
    def revalidate(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        at = context.scheduled_execution_time
        if later := _tick_after(planned, at, datetime.now(UTC)):
            yield dg.SkipReason(f"missed; the tick of {later:%Y-%m-%d %H:%M} takes its place")
            return
        for wave in waves:
            yield dg.RunRequest(
                run_key=f"{at.isoformat()}/{wave}",
                partition_key=wave,
                tags={"customer": slug, AS_OF: at.date().isoformat(), TAKES_IN: REGISTERED},
            )

    return (revalidate,)


def _tick_after(planned: Schedule, at: datetime, now: datetime) -> datetime | None:
    """Return the tick after the one `at` that is due by `now` too, or None."""
    ticks = cron_string_iterator(at.timestamp() + 1, planned.cron, planned.timezone)
    following = next(ticks)
    return following if following <= now else None


def _job(slug: str, what: str, keys: tuple[dg.AssetKey, ...], says: str) -> Job:
    return dg.define_asset_job(
        job_name(slug, what),
        selection=dg.AssetSelection.assets(*keys),
        description=says,
        tags={"customer": slug},
    )
