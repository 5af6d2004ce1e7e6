"""The `mapped` asset: one entity's records as its field mappings make them, behind the mapped gate."""

from collections.abc import Iterable, Iterator

import dagster as dg
from dagster_duckdb import DuckDBResource

from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.orchestration.keys import gate_check, key_of, log_key, shown, waves_of
from aformity_pipelines.orchestration.resources import Place
from aformity_pipelines.orchestration.step import Event, StepContext, carry_out
from aformity_pipelines.stages.graph import MAPPED, Step
from aformity_pipelines.stages.mapped import run_mapped


def build_mapped(*, migration: Migration, entity: str, after: Iterable[Step]) -> dg.AssetsDefinition:
    """Define `mapped` for one entity; `after` are the validated sources that it reads or looks up."""
    slug, step, waves = migration.slug, (MAPPED, entity), waves_of(migration)
    described = migration.destination.entities[entity]
    says = f"{described.says} Each field from its source columns, by the mapping that people approve."

    @dg.asset(
        key=key_of(slug, step),
        deps=[*(key_of(slug, each) for each in after), log_key(slug)],
        check_specs=[gate_check(key_of(slug, step), Gate.MAPPED, waves)],
        partitions_def=waves,
        **shown(migration, subject=entity, kinds={"duckdb", "great_expectations", "parquet"}, says=says),
    )
    def mapped(context: dg.AssetExecutionContext, place: Place, database: DuckDBResource) -> Iterator[Event]:
        asked = StepContext(context=context, place=place, database=database, slug=slug, step=step)
        yield from carry_out(asked, lambda run: run_mapped(run, entity))

    return mapped
