"""`aformity check`: every problem in what people wrote, at once, with the place and what to do."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from aformity_pipelines.cli.delivered import headers_in, waiting_in
from aformity_pipelines.cli.failures import FAILED
from aformity_pipelines.cli.options import JsonOption, RootOption, StorageOption, workspace_of
from aformity_pipelines.cli.output import put_json, say
from aformity_pipelines.config.documents import Defs, read_document, read_text
from aformity_pipelines.config.load import check, customers, load_migration
from aformity_pipelines.config.problems import ConfigInvalid, Problem, listed, render
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.register import deliveries
from aformity_pipelines.orchestration.intake_folder import plain_files
from aformity_pipelines.orchestration.scaffold import placeholders
from aformity_pipelines.stages.pinned import pin_problem

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
    more = {each for slug in checked for each in (*_unfilled(workspace, slug), *_unagreed(workspace, slug))}
    problems = tuple(sorted({*problems, *more}))
    waiting = {slug: each for slug in checked if (each := _waiting(workspace, slug))}
    if as_json:
        found = [dataclasses.asdict(problem) for problem in problems]
        put_json({"customers": checked, "problems": found, "waiting": waiting})
    else:
        for problem in problems:
            say(render(problem, _text(workspace.root, problem)))
        for slug, lines in waiting.items():
            for line in lines:
                say(f"Note: {slug}: {line}; `aformity status {slug}` says what is asked", style="yellow")
        ends = "no problem" if not problems else f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        say(f"{len(checked)} customer{'' if len(checked) == 1 else 's'} checked, {ends}.")
    if problems:
        raise typer.Exit(FAILED)


def _waiting(workspace: Workspace, slug: str) -> tuple[str, ...]:
    """Return the deliveries of a customer that wait for a person: no problem of the config, but good to know."""
    path = f"customers/{slug}/defs.yaml"
    try:
        written = read_document(read_text(workspace.root, path), path, Defs)
    except ConfigInvalid:
        return ()
    return waiting_in(workspace, slug, written.value.attributes.sources)


def _unfilled(workspace: Workspace, slug: str) -> Iterator[Problem]:
    """Yield what a new folder still lacks: texts to be replaced, and files for its sources."""
    path = f"customers/{slug}/defs.yaml"
    try:
        written = read_document(read_text(workspace.root, path), path, Defs)
    except ConfigInvalid:
        return  # told already
    yield from placeholders(written)
    into = workspace.deliveries(slug)
    registered = {delivery.source for delivery in deliveries(into)} if into.is_dir() else set()
    names = [
        each.name for each in plain_files(workspace.intake(slug), ("*",)) if not each.name.startswith(".")
    ]
    for name, source in written.value.attributes.sources.items():
        if name not in registered and not plain_files(workspace.intake(slug), (source.file,)):
            there = f"there {'is' if len(names) == 1 else 'are'} {listed(names)}" if names else "it is empty"
            yield written.problem(
                ("attributes", "sources", name, "file"),
                f"no file in customers/{slug}/intake/ matches {source.file!r}",
                f"put the file there, correct the pattern, or remove the source ({there})",
            )


def _unagreed(workspace: Workspace, slug: str) -> Iterator[Problem]:
    """Yield what is wrong with a version of the destination that was pinned without a decision."""
    try:
        migration = load_migration(workspace.root, slug)
    except ConfigInvalid:
        return  # told already
    if problem := pin_problem(workspace, migration):
        yield problem


def _text(root: Path, problem: Problem) -> str:
    path = root / problem.path
    return path.read_text(encoding="utf-8-sig", errors="replace") if path.is_file() else ""
