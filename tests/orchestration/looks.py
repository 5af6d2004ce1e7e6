"""A sensor that is ticked by hand: it can lose its memory, be killed before it remembers, and start over."""

import dagster as dg

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.register import all_deliveries
from aformity_pipelines.orchestration.delivery_sensor import build_new_delivery
from aformity_pipelines.orchestration.jobs import build_jobs
from aformity_pipelines.orchestration.resources import Place


class Looks:
    """The sensor of one customer's deliveries, cursor and all."""

    def __init__(self, project: Workspace, instance: dg.DagsterInstance, slug: str = "acme") -> None:
        self.project, self.instance, self.slug = project, instance, slug
        self.cursor: str | None = None
        self.says = ""

    def look(self, *, remembers: bool = True) -> list[dg.RunRequest]:
        """Look once; a look that does not remember was killed before Dagster kept its cursor."""
        migration = load_migration(self.project.root, self.slug)
        place = Place(root=str(self.project.root), storage=str(self.project.storage))
        sensor = build_new_delivery(migration, *build_jobs(migration))
        with dg.build_sensor_context(
            instance=self.instance, cursor=self.cursor, resources={"place": place}
        ) as context:
            result = sensor(context)
        assert isinstance(result, dg.SensorResult)
        self.cursor = (result.cursor if remembers else None) or self.cursor
        self.says = str(
            result.skip_reason.skip_message
            if isinstance(result.skip_reason, dg.SkipReason)
            else result.skip_reason or ""
        )
        return list(result.run_requests or ())

    def registered(self) -> list[tuple[str, str]]:
        """File name and the beginning of the SHA-256 of every delivery, the oldest first."""
        found = all_deliveries(self.project.deliveries(self.slug))
        return [(each.file_name, each.sha256[:8]) for each in found]
