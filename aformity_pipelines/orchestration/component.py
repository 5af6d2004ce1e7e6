"""The Dagster component behind `type: aformity_pipelines.CustomerMigration` in a customer's defs.yaml."""

from dataclasses import dataclass
from typing import Any

import dagster as dg
from pydantic import BaseModel

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.config.schemas import Shorthands
from aformity_pipelines.domain.customer import Customer
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.orchestration.assets.export import build_export
from aformity_pipelines.orchestration.assets.handoff_report import build_handoff_report
from aformity_pipelines.orchestration.assets.mapped import build_mapped
from aformity_pipelines.orchestration.assets.raw_file import build_raw_file
from aformity_pipelines.orchestration.assets.revalidation import build_revalidation
from aformity_pipelines.orchestration.assets.transformed import build_transformed
from aformity_pipelines.orchestration.assets.validated import build_validated
from aformity_pipelines.orchestration.delivery_sensor import build_new_delivery
from aformity_pipelines.orchestration.jobs import build_jobs, build_schedules
from aformity_pipelines.orchestration.observed import build_deliveries, build_log
from aformity_pipelines.orchestration.record_decision import build_record_decision
from aformity_pipelines.orchestration.scaffold import write_customer
from aformity_pipelines.stages.graph import MAPPED, TRANSFORMED, before, project_in
from aformity_pipelines.transform.project import Project


class Attributes(Customer):
    """What `attributes` may hold, with a schema that lets one item stand without its list, as the models do."""

    @classmethod
    def model_json_schema(cls, *args: Any, **kwargs: Any) -> dict[str, Any]:  # noqa: ANN401 - pydantic's own
        """Return the JSON Schema that editors and `dg check yaml` use."""
        return super().model_json_schema(*args, **{"schema_generator": Shorthands, **kwargs})


class CustomerScaffolder(dg.Scaffolder):
    """Writes a customer folder that only has to be filled in."""

    def scaffold(self, request: dg.ScaffoldRequest) -> None:
        """Write defs.yaml and the folders beside it; a file that is there already stays."""
        write_customer(request.target_path)


@dg.scaffold_with(CustomerScaffolder)
@dataclass(frozen=True, kw_only=True)
class CustomerMigration(dg.Component):
    """One customer's migration: from delivered files to export and handoff, wave by wave."""

    migration: Migration
    project: Project

    @classmethod
    def get_model_cls(cls) -> type[BaseModel]:
        """Return what `attributes` may hold, for editors and `dg check yaml`."""
        return Attributes

    @classmethod
    def load(cls, attributes: BaseModel | None, context: dg.ComponentLoadContext) -> "CustomerMigration":
        """Load the whole folder; what Dagster parsed is not used, since it types scalars by their look."""
        root = context.project_root
        return cls(
            migration=load_migration(root, context.path.name),
            project=project_in(root / "dbt_like_transforms"),
        )

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Define this customer's assets, checks, jobs, schedule and sensor; none when it is archived."""
        return definitions_of(self.migration, self.project)


def definitions_of(migration: Migration, project: Project) -> dg.Definitions:
    """Define everything of one customer but the resources, which all customers share."""
    if migration.customer.status == "archived":
        return dg.Definitions()
    run_wave, revalidate = build_jobs(migration)
    return dg.Definitions(
        assets=_assets(migration, project),
        jobs=[run_wave, revalidate, build_record_decision(migration)],
        schedules=build_schedules(migration, revalidate),
        sensors=[build_new_delivery(migration, run_wave, revalidate)],
    )


def _assets(migration: Migration, project: Project) -> list[Any]:
    sources, entities = tuple(migration.customer.sources), migration.entities()
    mapped = {entity: before(migration, project, (MAPPED, entity)) for entity in entities}
    transformed = {entity: before(migration, project, (TRANSFORMED, entity)) for entity in entities}
    return [
        build_log(migration=migration),
        *(build_deliveries(migration=migration, source=source) for source in sources),
        *(build_raw_file(migration=migration, source=source) for source in sources),
        *(build_validated(migration=migration, source=source) for source in sources),
        *(build_mapped(migration=migration, entity=name, after=mapped[name]) for name in entities),
        *(build_transformed(migration=migration, entity=name, after=transformed[name]) for name in entities),
        build_export(migration=migration),
        build_handoff_report(migration=migration),
        build_revalidation(migration=migration),
    ]
