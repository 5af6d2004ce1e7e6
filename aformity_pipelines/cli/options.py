"""Options that commands share, and where they lead: the project, its storage, a customer, a wave."""

from datetime import date
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.place import project_root, storage_of

RootOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--root", help="The project folder; by default the nearest one that holds customers/."),
]
StorageOption: TypeAlias = Annotated[
    Path | None,
    typer.Option("--storage", help="Where outputs go; by default AFORMITY_STORAGE, else storage/."),
]
JsonOption: TypeAlias = Annotated[
    bool, typer.Option("--json", help="Print one JSON document and nothing else.")
]
CustomerArgument: TypeAlias = Annotated[str, typer.Argument(help="The customer's folder name.")]
WaveOption: TypeAlias = Annotated[
    str | None, typer.Option("--wave", help="The wave; by default the first one.")
]
AsOfOption: TypeAlias = Annotated[
    str | None, typer.Option("--as-of", help="The date of the run (2026-12-01); by default today.")
]


class Unknown(Exception):
    """A name or a date that means nothing here."""


def workspace_of(root: Path | None, storage: Path | None) -> Workspace:
    """Return the project's paths.  NoProject where there is no project."""
    project = project_root(root or Path.cwd())
    return Workspace(root=project, storage=storage.resolve() if storage else storage_of(project))


def date_of(text: str | None) -> date:
    """Return the date that was named, or today: the only place where the command looks at the clock."""
    if text is None:
        return date.today()  # noqa: DTZ011 - the day where the person sits
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Unknown(f"--as-of {text}: not a date; write it as 2026-12-01") from None
