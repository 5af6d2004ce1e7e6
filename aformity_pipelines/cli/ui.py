"""`aformity ui`: Dagster's own pages, with storage set up and nothing that calls home."""

import os
import sys
from typing import Annotated

import typer

from aformity_pipelines.cli.options import JsonOption, RootOption, StorageOption, workspace_of
from aformity_pipelines.cli.output import put_json, say
from aformity_pipelines.orchestration.instance import environment

NAME = "ui"
EXAMPLE = "aformity ui --port 3000"
MODULE = "aformity_pipelines.definitions"


def command(
    port: Annotated[int, typer.Option("--port", help="Where it listens.", min=1, max=65535)] = 3000,
    host: Annotated[str, typer.Option("--host", help="Who may reach it: there is no login.")] = "127.0.0.1",
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Start Dagster's web pages, schedules and sensors for all customers; Ctrl-C ends it."""
    workspace = workspace_of(root, storage)
    url = f"http://{host}:{port}"
    if as_json:
        put_json({"url": url})
    else:
        say(f"Dagster is starting at {url}; Ctrl-C ends it.")
    where = ["-w", "workspace.yaml"] if (workspace.root / "workspace.yaml").is_file() else ["-m", MODULE]
    command_line = [sys.executable, "-m", "dagster", "dev", *where, "-p", str(port), "-h", host]
    surroundings = environment(workspace.root, workspace.storage)
    sys.stdout.flush()
    if as_json:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    os.chdir(workspace.root)
    # In place of this process: whoever ends the command ends Dagster, and nothing goes on answering without it.
    os.execve(sys.executable, command_line, surroundings)
