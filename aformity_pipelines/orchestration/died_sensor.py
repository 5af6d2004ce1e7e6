"""The sensor that finds dead runs within a minute and has what they left done again, once, by a run of its own."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from aformity_pipelines.orchestration.died import bury_dead, has_died
from aformity_pipelines.orchestration.jobs import Job
from aformity_pipelines.orchestration.resources import AS_OF, TAKES_IN, Place

RUNS_THAT_DIED = "runs_that_died"
SECONDS = 30
AGAIN = "again"
"""Tag of a run that does again what a dead one left: the dead one's id."""
TIMES = "times"
"""Tag beside it: how often a run was started for the same work."""
AT_MOST = 3
"""Work whose worker dies each time kills the next one too; a person has to look."""
LOOKS_BACK = timedelta(days=7)
PARTITION = "dagster/partition"
KEPT_TAGS = ("customer", "by", AS_OF, TAKES_IN)


def build_runs_that_died(jobs: Sequence[Job]) -> dg.SensorDefinition:
    """Define the sensor over the jobs of all customers."""
    names = {job.name for job in jobs}

    @dg.sensor(
        name=RUNS_THAT_DIED,
        jobs=jobs,
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Marks runs whose process was killed as failed, frees what they held, and has the rest done.",
    )
    def runs_that_died(context: dg.SensorEvaluationContext, place: Place) -> dg.SensorResult:
        instance, now = context.instance, datetime.now(UTC)
        buried = bury_dead(instance, Path(place.storage))
        after = datetime.fromisoformat(context.cursor) if context.cursor else now - LOOKS_BACK
        failed = instance.get_runs(
            dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=after - timedelta(minutes=5))
        )
        again = [run for run in failed if run.job_name in names and is_left(instance, run)]
        return dg.SensorResult(
            run_requests=[request_again(run) for run in reversed(again)],
            skip_reason=None if again else f"{len(buried)} dead runs were marked; none is to be done again",
            cursor=now.isoformat(),
        )

    return runs_that_died


def is_left(instance: dg.DagsterInstance, run: dg.DagsterRun) -> bool:
    """Whether a run died, no later run took its place, and its work did not kill too often."""
    if int(run.tags.get(TIMES, "1")) >= AT_MOST or not has_died(instance, run):
        return False
    same = {PARTITION: run.tags[PARTITION]} if PARTITION in run.tags else {}
    (last,) = instance.get_runs(dg.RunsFilter(job_name=run.job_name, tags=same), limit=1)
    return last.run_id == run.run_id


def request_again(run: dg.DagsterRun) -> dg.RunRequest:
    """Return the request for what a dead run left: the same steps, as of the same day."""
    tags = {name: run.tags[name] for name in KEPT_TAGS if name in run.tags}
    return dg.RunRequest(
        run_key=f"{AGAIN}/{run.run_id}",
        job_name=run.job_name,
        partition_key=run.tags.get(PARTITION),
        asset_selection=sorted(run.asset_selection) if run.asset_selection else None,
        tags={**tags, AGAIN: run.run_id, TIMES: str(int(run.tags.get(TIMES, "1")) + 1)},
    )
