"""The sensor that shows new decisions without a run: whoever recorded them, and however they came to this machine."""

import json
from pathlib import Path

import dagster as dg

from aformity_pipelines.config.load import customers, load_migration
from aformity_pipelines.config.log_head import head_path
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
            is_shown, words = _observe(context.instance, workspace, slug)
            said += [words] if words else []
            if not is_shown:
                looks[slug] = before.get(slug)  # the next look tries again
        context.update_cursor(json.dumps(looks))
        return dg.SkipReason("; ".join(said) or "no new decision")

    return review_history


def _observe(instance: dg.DagsterInstance, workspace: Workspace, slug: str) -> tuple[bool, str]:
    """Return whether a customer's decisions are all shown now, and what to say of them."""
    try:
        migration = load_migration(workspace.root, slug)
        if migration.customer.status is Status.ARCHIVED:
            return False, f"{slug} is archived"
        new = observe_new(instance, workspace, migration, patience=0.0)
    except LockHeld:
        return False, ""
    except ConfigInvalid as fault:
        return False, f"{slug}: {fault.problems[0].headline()}"
    return True, f"{slug}: {', '.join(entry.id for entry in new) or 'nothing new'}"


def _look(workspace: Workspace, slug: str) -> list[int] | None:
    """Return what changes when a log does, or what was committed of it; None where there is none yet."""
    log = workspace.log(slug)
    seen = [_size_and_time(path) for path in (log, head_path(log))]
    return [number for each in seen for number in each] if seen[0] else None


def _size_and_time(path: Path) -> list[int]:
    try:
        seen = path.lstat()
    except FileNotFoundError:
        return []
    return [seen.st_size, seen.st_mtime_ns]
