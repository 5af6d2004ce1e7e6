"""The sensor that shows new decisions without a run: whoever recorded them, and however they came to this machine."""

import json

import dagster as dg

from aformity_pipelines.config.load import customers, load_migration
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.customer import Status
from aformity_pipelines.files.lock import LockHeld
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.observations import observe_new
from aformity_pipelines.orchestration.resources import Place

REVIEW_HISTORY = "review_history"
SECONDS = 30


def build_review_history() -> dg.SensorDefinition:
    """Define the sensor: a decision of any customer is observed within a minute, exactly once."""

    @dg.sensor(
        name=REVIEW_HISTORY,
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Shows each new line of a decision log on the assets that it is about; starts no run.",
    )
    def review_history(context: dg.SensorEvaluationContext, place: Place) -> dg.SkipReason:
        workspace = place.workspace()
        before = json.loads(context.cursor) if context.cursor else {}
        looks: dict[str, list[int] | None] = {}
        said: list[str] = []
        for slug in customers(workspace.root):
            looks[slug] = _look(workspace, slug)
            if looks[slug] is None or looks[slug] == before.get(slug):
                continue
            try:
                said.append(_observe(context.instance, workspace, slug))
            except LockHeld:
                looks[slug] = before.get(slug)  # somebody is at it; the next look tells
            except ConfigInvalid as fault:
                said.append(f"{slug}: {fault.problems[0].headline()}")
        context.update_cursor(json.dumps(looks))
        return dg.SkipReason("; ".join(said) or "no new decision")

    return review_history


def _observe(instance: dg.DagsterInstance, workspace: Workspace, slug: str) -> str:
    migration = load_migration(workspace.root, slug)
    if migration.customer.status is Status.ARCHIVED:
        return f"{slug} is archived"
    new = observe_new(instance, workspace, migration, patience=0.0)
    return f"{slug}: {', '.join(entry.id for entry in new) or 'nothing new'}"


def _look(workspace: Workspace, slug: str) -> list[int] | None:
    """Return what changes when a log does; None where there is none yet."""
    try:
        seen = workspace.log(slug).lstat()
    except FileNotFoundError:
        return None
    return [seen.st_size, seen.st_mtime_ns]
