"""`aformity new`: a customer's folder, ready to be filled in."""

from typing import Annotated

import typer

from aformity_pipelines.cli.options import (
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, say
from aformity_pipelines.orchestration.scaffold import new_customer

NAME = "new"
EXAMPLE = "aformity new initech --destination b2b_saas"


def command(
    customer: CustomerArgument,
    destination: Annotated[
        str,
        typer.Option("--destination", help="A folder in expectations/, or `b2b_saas@1` for a version of it."),
    ],
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the folder of a new customer: settings, a mapping per entity, intake, and a digest key."""
    workspace = workspace_of(root, storage)
    written = new_customer(workspace, customer, destination)
    shown = [path.relative_to(workspace.root).as_posix() if path.is_relative_to(workspace.root) else str(path)
             for path in written if path.name != ".gitkeep"]  # fmt: skip
    if as_json:
        put_json({"customer": customer, "written": shown})
        return
    for path in shown:
        say(f"wrote {path}")
    say(
        f"Next: fill in customers/{customer}/defs.yaml, put files into intake/, then `aformity check {customer}`."
    )
