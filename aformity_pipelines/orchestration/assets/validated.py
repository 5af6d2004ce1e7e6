"""The `validated` asset: one source's rows, once the intake gate has let them through.

The gate is the asset itself, not the check beside it: a closed gate raises, so no version is stored, and
`mapped` reads the verdict again in whatever run it is started.
"""

from collections.abc import Iterator

import dagster as dg
from dagster_duckdb import DuckDBResource

from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.orchestration.keys import gate_check, key_of, log_key, shown, waves_of
from aformity_pipelines.orchestration.resources import Place
from aformity_pipelines.orchestration.step import Event, StepContext, carry_out
from aformity_pipelines.stages.graph import RAW_FILE, VALIDATED
from aformity_pipelines.stages.validated import run_validated


def build_validated(*, migration: Migration, source: str) -> dg.AssetsDefinition:
    """Define `validated` for one source of one customer's migration."""
    slug, step, waves = migration.slug, (VALIDATED, source), waves_of(migration)
    says = (
        f"{migration.customer.sources[source].says} Judged as delivered: expected columns, keys, row shape."
    )

    @dg.asset(
        key=key_of(slug, step),
        deps=[key_of(slug, (RAW_FILE, source)), log_key(slug)],
        check_specs=[gate_check(key_of(slug, step), Gate.INTAKE, waves)],
        partitions_def=waves,
        **shown(migration, subject=source, kinds={"duckdb", "great_expectations"}, says=says),
    )
    def validated(
        context: dg.AssetExecutionContext, place: Place, database: DuckDBResource
    ) -> Iterator[Event]:
        asked = StepContext(context=context, place=place, database=database, slug=slug, step=step)
        yield from carry_out(asked, lambda run: run_validated(run, source))

    return validated
