"""The `raw_file` asset: one source's delivery, registered and read as exact text.  It knows no waves."""

from collections.abc import Iterator

import dagster as dg
from dagster_duckdb import DuckDBResource

from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.orchestration.keys import delivery_key, key_of, log_key, shown
from aformity_pipelines.orchestration.profile_shown import of_profile
from aformity_pipelines.orchestration.redelivery_shown import of_comparison
from aformity_pipelines.orchestration.resources import Place
from aformity_pipelines.orchestration.step import Beside, Event, StepContext, carry_out
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.outputs import StageMissing, folder_of
from aformity_pipelines.stages.run import Run

FORMATS = {"xlsx": "excel", "xlsm": "excel", "xls": "excel", "tsv": "csv", "txt": "csv"}


def build_raw_file(*, migration: Migration, source: str) -> dg.AssetsDefinition:
    """Define `raw_file` for one source of one customer's migration."""
    declared, step = migration.customer.sources[source], (RAW_FILE, source)
    ending = declared.file.rsplit(".", 1)[-1].lower()
    kinds = {FORMATS.get(ending, "csv"), "parquet"}
    says = f"{declared.says} As delivered, every cell as exact text."

    @dg.asset(
        key=key_of(migration.slug, step),
        deps=[delivery_key(migration.slug, source), log_key(migration.slug)],
        **shown(migration, subject=source, kinds=kinds, says=says),
    )
    def raw_file(
        context: dg.AssetExecutionContext, place: Place, database: DuckDBResource
    ) -> Iterator[Event]:
        asked = StepContext(context=context, place=place, database=database, slug=migration.slug, step=step)
        yield from carry_out(asked, lambda run: _read(run, source), lambda run: beside(run, source))

    return raw_file


def beside(run: Run, source: str) -> Beside:
    """Return what is known about the table that was read: what differs from the delivery before, and its columns."""
    from aformity_pipelines.profile.table import read_profile  # noqa: PLC0415 - imports DuckDB
    from aformity_pipelines.stages.redelivered import comparison_of  # noqa: PLC0415 - imports the readers

    stored, found = read_profile(folder_of(run, RAW_FILE, source)), comparison_of(run, source)
    shown = of_comparison(found) if found else {}
    return Beside(paths=shown | (of_profile(stored) if stored else {}))


def _read(run: Run, source: str) -> tuple[StageRecord, bool]:
    from aformity_pipelines.stages.raw_file import NoDelivery, run_raw_file  # noqa: PLC0415 - imports Polars

    try:
        return run_raw_file(run, source)
    except NoDelivery as nothing:
        raise StageMissing(str(nothing)) from nothing
