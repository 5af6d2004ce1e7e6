"""`aformity explain`: the SQL of a stage, as it runs."""

from enum import StrEnum
from typing import Annotated

import typer

from aformity_pipelines.cli.opened import one_of, opened
from aformity_pipelines.cli.options import (
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    WaveOption,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, say
from aformity_pipelines.stages.graph import MAPPED, sources_behind
from aformity_pipelines.stages.outputs import StageMissing, Stopped, is_current, read_record
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.transform.project import load_project
from aformity_pipelines.transform.run_models import compiled_sql

NAME = "explain"
EXAMPLE = "aformity explain lumen_labs contact --stage mapped"


class Stage(StrEnum):
    """The stages that are SQL."""

    MAPPED = "mapped"
    TRANSFORMED = "transformed"


def command(
    customer: CustomerArgument,
    entity: Annotated[str, typer.Argument(help="A mapped entity.")],
    stage: Annotated[Stage, typer.Option("--stage", help="Which stage.")] = Stage.MAPPED,
    wave: WaveOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the SELECT that makes an entity: field mappings and value maps, or the SQL models."""
    workspace = workspace_of(root, storage)
    with opened(workspace, customer, wave, date_of(None)) as run:
        one_of("mapped entity", entity, run.migration.entities())
        sql, is_recorded = _sql(run, entity, stage)
    if as_json:
        put_json(
            {"customer": customer, "entity": entity, "stage": stage, "is_recorded": is_recorded, "sql": sql}
        )
        return
    if not is_recorded:
        say(
            f"-- {stage} {entity} has not run with what is there now; corrections, exclusions and deferrals join later"
        )
    say(sql)


def _sql(run: Run, entity: str, stage: Stage) -> tuple[str, bool]:
    """Return the SQL and whether it is what the stage last ran, decisions included."""
    from aformity_pipelines.stages import mapped, transformed  # noqa: PLC0415 - imports Polars

    record = read_record(run, stage, entity)
    inputs_of = mapped.inputs_of if stage is Stage.MAPPED else transformed.inputs_of
    try:
        if record and is_current(record, run, inputs_of(run, entity)):
            return record.sql, True
    except (Stopped, StageMissing):
        pass  # a stage before it has to run first; what it would do can be shown all the same
    if stage == MAPPED:
        return mapped.mapping_sql(run, entity, open_all(run, sources_behind(run.migration, entity))), False
    project = load_project(run.workspace.transforms)
    readable = {source: ".".join(source) for source in project.sources_of(entity)}
    return compiled_sql(project, entity, readable), False
