"""`aformity diff`: what differs between what is there now and an earlier export, stage by stage or row by row."""

from typing import TYPE_CHECKING, Annotated

import typer

from aformity_pipelines.cli.diff_view import put_difference, put_rows
from aformity_pipelines.cli.opened import one_of, opened
from aformity_pipelines.cli.options import (
    AsOfOption,
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    WaveOption,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json
from aformity_pipelines.domain.difference import Difference
from aformity_pipelines.domain.row_difference import RowDifferences
from aformity_pipelines.stages.graph import STAGES

if TYPE_CHECKING:
    from aformity_pipelines.stages.difference.build import Compared
    from aformity_pipelines.stages.run import Run

NAME = "diff"
EXAMPLE = "aformity diff lumen_labs --rows --entity contact"


def command(
    customer: CustomerArgument,
    wave: WaveOption = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            help="The version to compare with: v0007, or wave_1/v0007; by default the last other one.",
        ),
    ] = None,
    stage: Annotated[str | None, typer.Option("--stage", help="Only this stage.")] = None,
    rows: Annotated[bool, typer.Option("--rows", help="Also row by row and field by field.")] = False,
    entity: Annotated[str | None, typer.Option("--entity", help="Rows of this entity only.")] = None,
    field: Annotated[str | None, typer.Option("--field", help="Rows in which this field differs.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many rows are listed.")] = 20,
    everything: Annotated[bool, typer.Option("--all", help="Lines that do not differ, too.")] = False,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show Stage, Previous, Current and Diff: rows, columns, functions, findings, blockers, fates and exports."""
    from aformity_pipelines.stages.difference.build import compare_with  # noqa: PLC0415 - imports the stages

    if stage is not None:
        one_of("stage", stage, STAGES)
    wants_rows = rows or entity is not None or field is not None
    with opened(workspace_of(root, storage), customer, wave, date_of(as_of)) as run:
        if entity is not None:
            one_of("mapped entity", entity, run.migration.entities())
        compared = compare_with(run, against)
        listed = _rows(run, compared, entity, field, limit) if wants_rows else None
    difference = only_stage(compared.difference, stage)
    if as_json:
        document = difference.model_dump(mode="json")
        put_json(
            document | ({"rows": listed.model_dump(mode="json") | {"total": listed.total}} if listed else {})
        )
        return
    put_difference(difference, everything=everything)
    if listed:
        put_rows(listed, limit)


def only_stage(difference: Difference, stage: str | None) -> Difference:
    """Return the difference without the lines and names of other stages."""
    if stage is None:
        return difference
    return difference.model_copy(
        update={
            "lines": tuple(line for line in difference.lines if line.stage == stage),
            "names": tuple(name for name in difference.names if name.stage == stage),
        }
    )


def _rows(
    run: "Run", compared: "Compared", entity: str | None, field: str | None, limit: int
) -> RowDifferences:
    from aformity_pipelines.stages.difference.rows import (  # noqa: PLC0415 - imports the stages
        Asked,
        row_differences,
    )

    entities = (entity,) if entity else run.migration.entities()
    if field is not None:
        described = run.migration.destination.entities
        known = tuple(dict.fromkeys(name for each in entities for name in described[each].fields))
        one_of("field", field, known)
    return row_differences(
        run, compared.then, compared.now, Asked(entities=entities, field=field, limit=limit)
    )
