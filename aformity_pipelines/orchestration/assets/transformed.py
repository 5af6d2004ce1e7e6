"""The `transformed` asset: one entity after its SQL models, behind the gate that looks across records."""

from collections.abc import Iterable, Iterator

import dagster as dg
from dagster_duckdb import DuckDBResource

from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.orchestration.keys import gate_check, key_of, log_key, shown, waves_of
from aformity_pipelines.orchestration.resources import Place
from aformity_pipelines.orchestration.step import Event, StepContext, carry_out
from aformity_pipelines.stages.graph import TRANSFORMED, Step
from aformity_pipelines.stages.transformed import run_transformed


def build_transformed(*, migration: Migration, entity: str, after: Iterable[Step]) -> dg.AssetsDefinition:
    """Define `transformed` for one entity; `after` are the tables that its models and its gate read."""
    slug, step, waves = migration.slug, (TRANSFORMED, entity), waves_of(migration)
    described = migration.destination.entities[entity]
    says = f"{described.says} Reshaped, merged as approved, and held against the records it points to."

    @dg.asset(
        key=key_of(slug, step),
        deps=[*(key_of(slug, each) for each in after), log_key(slug)],
        check_specs=[gate_check(key_of(slug, step), Gate.TRANSFORMED, waves)],
        partitions_def=waves,
        **shown(migration, subject=entity, kinds={"sql", "great_expectations", "parquet"}, says=says),
    )
    def transformed(
        context: dg.AssetExecutionContext, place: Place, database: DuckDBResource
    ) -> Iterator[Event]:
        asked = StepContext(context=context, place=place, database=database, slug=slug, step=step)
        yield from carry_out(asked, lambda run: run_transformed(run, entity))

    return transformed
