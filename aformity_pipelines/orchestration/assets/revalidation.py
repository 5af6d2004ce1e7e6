"""The `revalidation` asset: a wave tested again without exporting; its materializations are the history."""

import os
from dataclasses import replace

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource

from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.revalidation import Revalidation
from aformity_pipelines.domain.sql_faults import without_values
from aformity_pipelines.orchestration.keys import key_of, revalidation_key, shown, waves_of
from aformity_pipelines.orchestration.packed import Described
from aformity_pipelines.orchestration.resources import Place
from aformity_pipelines.orchestration.revalidation_shown import of_revalidation, of_sendings
from aformity_pipelines.orchestration.step import EXPECTED, StageFault, StepContext, failure, opened_run
from aformity_pipelines.stages.graph import TRANSFORMED
from aformity_pipelines.stages.revalidation.history import last_revalidation
from aformity_pipelines.stages.run import Run


def build_revalidation(*, migration: Migration) -> dg.AssetsDefinition:
    """Define the re-validation of one customer's waves."""
    slug = migration.slug
    key = revalidation_key(slug)
    says = "Deferred and unresolved rows, tested again: now ready, still blocked, newly blocked or overdue."

    @dg.asset(
        key=key,
        deps=[key_of(slug, (TRANSFORMED, entity)) for entity in migration.entities()],
        partitions_def=waves_of(migration),
        **shown(migration, subject="revalidation", kinds={"duckdb", "parquet"}, says=says),
    )
    def revalidation(
        context: dg.AssetExecutionContext, place: Place, database: DuckDBResource
    ) -> dg.MaterializeResult[None]:
        asked = StepContext(
            context=context, place=place, database=database, slug=slug, step=(key.path[1], key.path[2])
        )
        return dg.MaterializeResult(metadata=_tested_again(asked))

    return revalidation


def _tested_again(asked: StepContext) -> Described:
    """Test the step's wave again and return what is shown of it; dg.Failure says why it could not be."""
    try:
        with opened_run(asked) as run:
            record, is_new = _revalidate(run)
            return of_revalidation(run.workspace, run.slug, record, is_new=is_new) | _send(run, record)
    except (*EXPECTED, ValueError) as refused:
        raise failure(refused, {}) from refused
    except duckdb.Error as fault:
        # Dagster would keep the database's words, and a traceback with them; they may quote values.
        told = StageFault(f"{'/'.join(asked.step)}: {without_values(str(fault))}")
        raise failure(told, {}) from None


def _revalidate(run: Run) -> tuple[Revalidation, bool]:
    from aformity_pipelines.stages.raw_file import NoDelivery  # noqa: PLC0415 - imports Polars
    from aformity_pipelines.stages.revalidation.revalidate import (  # noqa: PLC0415 - imports the stages
        run_revalidation,
    )

    last = last_revalidation(run.workspace, run.slug, run.wave)
    # A tick that is caught up may lie before a test by hand; the history only goes forward.
    day = max(run.as_of, last.as_of) if last else run.as_of
    try:
        return run_revalidation(replace(run, as_of=day))
    except NoDelivery as nothing:
        raise FileNotFoundError(str(nothing)) from nothing


def _send(run: Run, record: Revalidation) -> Described:
    from aformity_pipelines.stages.revalidation.sending import (  # noqa: PLC0415 - imports network clients
        send_digests,
    )

    sent = send_digests(run, record, os.environ.get)
    return of_sendings(f"{each.owner}, {each.hook}: {each.outcome}" for each in sent)
