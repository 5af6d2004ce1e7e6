"""`aformity status`: where every wave stands, and who owes what by when."""

from datetime import date
from typing import Annotated

import typer

from aformity_pipelines.cli.opened import one_of, opened
from aformity_pipelines.cli.options import (
    AsOfOption,
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
    owner: Annotated[
        str | None,
        typer.Option("--owner", help="Only the work of one person: a name of `people`, or in full."),
    ] = None,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show gates, fates, open work by owner, age and due date, the last export and the report."""
    workspace, day = workspace_of(root, storage), date_of(as_of)
    slugs = (customer,) if customer else customers(workspace.root)
    found = [standing for slug in slugs for standing in _standings(workspace, slug, wave, day)]
    if owner is not None:
        found = _of_owner(found, _full_name(workspace, slugs, owner))
    if as_json:
        put_json({"waves": [standing.model_dump(mode="json") for standing in found]})
        return
    for standing in found:
        put_standing(standing)
        say("")


def _standings(workspace: Workspace, slug: str, wave: str | None, day: date) -> list[Standing]:
    waves = [wave] if wave else [each.name for each in load_migration(workspace.root, slug).customer.waves]
    standings = []
    for name in waves:
        with opened(workspace, slug, name, day) as run:
            standings.append(standing_of(run))
    return standings


def _full_name(workspace: Workspace, slugs: tuple[str, ...], owner: str) -> str:
    """Return the name of one of the customers' people, given by short name or in full; Unknown says who there is."""
    people = {
        short: person.name
        for slug in slugs
        for short, person in load_migration(workspace.root, slug).customer.people.items()
    }
    by_name = {name.casefold(): name for name in people.values()}
    if owner.casefold() in by_name:
        return by_name[owner.casefold()]
    return people[one_of("person", owner, tuple(people))]


def _of_owner(found: list[Standing], name: str) -> list[Standing]:
    """Return the waves with the open work of one person only."""
    return [
        each.model_copy(update={"unresolved": tuple(w for w in each.unresolved if w.owner.name == name)})
        for each in found
    ]
