"""`aformity inspect`: what files are, before anybody maps them."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from aformity_pipelines.cli.failures import A_PERSON_DECIDES, DONE, FAILED
from aformity_pipelines.cli.format_options import with_format_options
from aformity_pipelines.cli.inspect_view import show_file, show_links
from aformity_pipelines.cli.inspected import Inspected, inspect_file, inspected_json, links_between
from aformity_pipelines.cli.options import JsonOption, RootOption
from aformity_pipelines.cli.output import put_json
from aformity_pipelines.config.destinations import destinations, load_destination
from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.destination import Destination
from aformity_pipelines.orchestration.place import NoProject, project_root

NAME = "inspect"
EXAMPLE = "aformity inspect customers/lumen_labs/intake/*.csv"


@with_format_options
def command(
    files: Annotated[list[Path], typer.Argument(metavar="PATH...", help="Files as the customer sent them.")],
    *,
    hints: FormatHints,
    destination: Annotated[
        str | None,
        typer.Option(
            "--destination", help="Whose entities the tables may hold; by default the project's only one."
        ),
    ] = None,
    columns: Annotated[
        int,
        typer.Option(
            "--columns", min=1, help="At most so many columns of a table are listed; --json has all."
        ),
    ] = 250,
    root: RootOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what files are: tables, columns, keys, duplicates, unusual values, rejected records, what must be settled."""
    known = _destination(root, destination)
    with TemporaryDirectory(prefix="aformity-") as name:
        folder = Path(name)
        found: tuple[Inspected, ...] = ()
        for path in files:
            one = inspect_file(path, hints, folder=folder, destination=known)
            found = (*found, one)
            if not as_json:
                show_file(one, most_columns=columns)
        related = links_between(found, folder)
    if as_json:
        put_json(inspected_json(found, related))
    else:
        show_links(related)
    if code := _exit_code(found):
        raise typer.Exit(code)


def _exit_code(found: tuple[Inspected, ...]) -> int:
    if any(one.refused for one in found):
        return FAILED
    return A_PERSON_DECIDES if any(one.questions for one in found) else DONE


def _destination(root: Path | None, name: str | None) -> Destination | None:
    """Return the destination that was named, or the project's only one; None outside of any project."""
    try:
        project = project_root(root or Path.cwd())
    except NoProject:
        if name or root:
            raise
        return None
    known = destinations(project)
    if name is None and len(known) != 1:
        return None
    return load_destination(project, name or known[0])
