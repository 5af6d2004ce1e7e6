"""The `export` asset: one package per wave, since the fates of all entities are settled together.

Entities behind a closed gate are left out; each entity's check says whether it is in the package and why not.
"""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from dagster_duckdb import DuckDBResource

from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.orchestration.difference_shown import of_difference
from aformity_pipelines.orchestration.keys import check_name, key_of, shown, waves_of
from aformity_pipelines.orchestration.metadata import VERSION
from aformity_pipelines.orchestration.packed import Described
from aformity_pipelines.orchestration.resources import Place
from aformity_pipelines.orchestration.step import Beside, Event, StepContext, carry_out, check_result
from aformity_pipelines.stages.difference.published import difference_of_last_two
from aformity_pipelines.stages.export import run_export
from aformity_pipelines.stages.gates import closed_by
from aformity_pipelines.stages.graph import EXPORT, PACKAGE, TRANSFORMED
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.published import current_version
from aformity_pipelines.stages.run import Run

STEP = (EXPORT, PACKAGE)


def build_export(*, migration: Migration) -> dg.AssetsDefinition:
    """Define the export of one customer's migration."""
    slug, waves, key = migration.slug, waves_of(migration), key_of(migration.slug, STEP)
    says = "Everything that is ready for the product, in load order, with the fate of every source row beside it."

    @dg.asset(
        key=key,
        deps=[key_of(slug, (TRANSFORMED, entity)) for entity in migration.entities()],
        check_specs=[_check(key, entity, waves) for entity in migration.entities()],
        partitions_def=waves,
        **shown(migration, subject="export", kinds={"csv", "excel", "parquet"}, says=says),
    )
    def export(context: dg.AssetExecutionContext, place: Place, database: DuckDBResource) -> Iterator[Event]:
        asked = StepContext(context=context, place=place, database=database, slug=slug, step=STEP)
        yield from carry_out(asked, run_export, beside)

    return export


def entity_check(entity: str) -> str:
    """Return the name of the check that shows an entity's export gate."""
    return f"{check_name(Gate.EXPORT)}__{entity}"


def _check(key: dg.AssetKey, entity: str, waves: dg.PartitionsDefinition[str]) -> dg.AssetCheckSpec:
    says = f"Whether {entity} is in the package: the gates before it, and the last look at what leaves."
    return dg.AssetCheckSpec(name=entity_check(entity), asset=key, partitions_def=waves, description=says)


def beside(run: Run) -> Beside:
    """Return every entity's check, and where the package lies."""
    folder = current_version(run.workspace.published(run.slug, run.wave))
    return Beside(
        checks=tuple(_entity_result(run, entity) for entity in run.migration.entities()),
        paths=(described(folder) | _difference(run)) if folder else {},
    )


def _difference(run: Run) -> Described:
    found = difference_of_last_two(run.workspace, run.slug, run.wave)
    return of_difference(found) if found else {}


def described(folder: Path) -> Described:
    """Return which published version lies in a folder."""
    return {VERSION: dg.MetadataValue.text(folder.name), "package": dg.MetadataValue.path(str(folder))}


def _entity_result(run: Run, entity: str) -> dg.AssetCheckResult:
    record = read_record(run, EXPORT, entity)
    why = closed_by(run, entity)
    if why is None and record is not None:
        return check_result(record, entity_check(entity))
    return dg.AssetCheckResult(
        check_name=entity_check(entity),
        passed=False,
        severity=dg.AssetCheckSeverity.WARN,
        description=f"Left out of the package: {why or 'it was not judged'}",
    )
