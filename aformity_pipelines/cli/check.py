"""`aformity check`: every problem in what people wrote, at once, with the place and what to do."""

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from aformity_pipelines.cli.delivered import headers_in
from aformity_pipelines.cli.failures import FAILED
from aformity_pipelines.cli.options import JsonOption, RootOption, StorageOption, workspace_of
from aformity_pipelines.cli.output import put_json, say
from aformity_pipelines.config.load import check, customers
from aformity_pipelines.config.problems import Problem, render

NAME = "check"
EXAMPLE = "aformity check lumen_labs"


def command(
    customer: Annotated[str | None, typer.Argument(help="One customer; by default all of them.")] = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find every problem in the settings, mappings, value maps and decisions; exit 1 where there is one."""
    workspace = workspace_of(root, storage)
    problems = check(
        workspace.root, customer, lambda migration, source: headers_in(workspace, migration, source)
    )
    checked = [customer] if customer else list(customers(workspace.root))
    if as_json:
        put_json({"customers": checked, "problems": [dataclasses.asdict(problem) for problem in problems]})
    else:
        for problem in problems:
            say(render(problem, _text(workspace.root, problem)))
        ends = "no problem" if not problems else f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        say(f"{len(checked)} customer{'' if len(checked) == 1 else 's'} checked, {ends}.")
    if problems:
        raise typer.Exit(FAILED)


def _text(root: Path, problem: Problem) -> str:
    path = root / problem.path
    return path.read_text(encoding="utf-8-sig", errors="replace") if path.is_file() else ""
