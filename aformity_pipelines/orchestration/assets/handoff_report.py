"""The `handoff_report` asset: the launch record of a wave and the report that renders it."""

from collections.abc import Iterator
from pathlib import Path

import dagster as dg
from dagster_duckdb import DuckDBResource
from pydantic import ValidationError

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.freshness_shown import (
    freshness_check,
    freshness_result,
    freshness_shown,
)
from aformity_pipelines.orchestration.handoff_shown import of_launch_record
from aformity_pipelines.orchestration.keys import key_of, shown, waves_of
from aformity_pipelines.orchestration.metadata import VERSION
from aformity_pipelines.orchestration.packed import Described
from aformity_pipelines.orchestration.resources import Place
from aformity_pipelines.orchestration.step import Beside, Event, StepContext, carry_out
from aformity_pipelines.stages.graph import EXPORT, HANDOFF_REPORT, PACKAGE, REPORT
from aformity_pipelines.stages.handoff_report import run_handoff_report
from aformity_pipelines.stages.handoffs import RECORD_FILE, REPORT_FILE, WORKBOOK_FILE, current_handoff
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.site.publish import INDEX

STEP = (HANDOFF_REPORT, REPORT)
FILES = {"report": REPORT_FILE, "workbook": WORKBOOK_FILE, "launch_record": RECORD_FILE}


def build_handoff_report(*, migration: Migration) -> dg.AssetsDefinition:
    """Define the handoff report of one customer's migration."""
    slug = migration.slug
    says = (
        "What is live, what is not and why, what was decided, and who owes what: one page, readable offline."
    )

    @dg.asset(
        key=key_of(slug, STEP),
        deps=[key_of(slug, (EXPORT, PACKAGE))],
        check_specs=[freshness_check(slug)],
        partitions_def=waves_of(migration),
        **shown(migration, subject="handoff_report", kinds={"html", "json", "excel"}, says=says),
    )
    def handoff_report(
        context: dg.AssetExecutionContext, place: Place, database: DuckDBResource
    ) -> Iterator[Event]:
        asked = StepContext(context=context, place=place, database=database, slug=slug, step=STEP)
        yield from carry_out(asked, run_handoff_report, beside)

    return handoff_report


def beside(run: Run) -> Beside:
    """Return what the current handoff says and where it lies, and whether the customer's handoffs are current."""
    folder = current_handoff(run)
    if folder is None:
        return Beside()
    return Beside(
        checks=(freshness_result(freshness_shown(run.workspace, run.slug)),),
        paths=described(run.workspace, run.slug, folder),
        leads=True,
    )


def described(workspace: Workspace, slug: str, folder: Path) -> Described:
    """Return which handoff lies in a folder, what it says, and where its files and the customer's page of the site are.

    Of a launch record in an older form only its place.
    """
    try:
        says = of_launch_record(LaunchRecord.model_validate_json((folder / RECORD_FILE).read_bytes()))
    except ValidationError:
        says = {}
    files = {name: folder / file for name, file in FILES.items()} | {"site": workspace.site / slug / INDEX}
    paths: Described = {name: dg.MetadataValue.path(str(path)) for name, path in files.items()}
    return {VERSION: dg.MetadataValue.text(folder.name), **says, **paths}
