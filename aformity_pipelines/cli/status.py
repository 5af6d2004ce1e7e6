"""`aformity status`: where every wave stands, and who owes what by when."""

from typing import Annotated

import typer

from aformity_pipelines.cli.opened import opened
from aformity_pipelines.cli.options import (
    JsonOption,
    RootOption,
    StorageOption,
    WaveOption,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, say
from aformity_pipelines.cli.standing import Standing, standing_of
from aformity_pipelines.cli.standing_tables import put_standing
from aformity_pipelines.config.load import customers, load_migration
from aformity_pipelines.files.workspace import Workspace

NAME = "status"
EXAMPLE = "aformity status lumen_labs"


def command(
    customer: Annotated[str | None, typer.Argument(help="One customer; by default all of them.")] = None,
    wave: WaveOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show gates, fates, unresolved work by date and owner, the last export and the report."""
    workspace = workspace_of(root, storage)
    slugs = (customer,) if customer else customers(workspace.root)
    found = [standing for slug in slugs for standing in _standings(workspace, slug, wave)]
    if as_json:
        put_json({"waves": [standing.model_dump(mode="json") for standing in found]})
        return
    for standing in found:
        put_standing(standing)
        say("")


def _standings(workspace: Workspace, slug: str, wave: str | None) -> list[Standing]:
    waves = [wave] if wave else [each.name for each in load_migration(workspace.root, slug).customer.waves]
    standings = []
    for name in waves:
        with opened(workspace, slug, name, date_of(None)) as run:
            standings.append(standing_of(run))
    return standings
