"""`aformity whatif`: what a change would move, before anything is written."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from aformity_pipelines.cli.answers import placed, read_answers
from aformity_pipelines.cli.effect_view import put_effect
from aformity_pipelines.cli.opened import opened
from aformity_pipelines.cli.options import (
    AsOfOption,
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    Unknown,
    WaveOption,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json
from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.domain.effect import Effect
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.refusing import DraftRefused

NAME = "whatif"
EXAMPLE = "aformity whatif lumen_labs --file mapping/user.yaml=new_user.yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """What somebody was shown before they agreed."""

    effect: Effect
    wanted: tuple[dict[str, Any], ...]
    """The decisions as they would be recorded, but for number and chain."""


def command(
    customer: CustomerArgument,
    wave: WaveOption = None,
    decide: Annotated[
        Path | None,
        typer.Option("--decide", help="Decisions that would be recorded, as `aformity decide` takes them."),
    ] = None,
    files: Annotated[
        list[str] | None,
        typer.Option(
            "--file",
            help="FILE=PATH: the customer's FILE (mapping/user.yaml, values/role.csv, defs.yaml,"
            " expectations/crm.json, intake/users.csv) would hold what PATH holds; more than one may be given.",
        ),
    ] = None,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which gates, rules, rows, values and approvals a change would move; nothing is written."""
    workspace, day = workspace_of(root, storage), date_of(as_of)
    if decide is None and not files:
        raise Unknown("name a change: --decide answers.yaml, or --file mapping/user.yaml=new_user.yaml")
    written = read_answers(decide) if decide else None
    drafts = written.value.decide if written else ()
    try:
        effect = effect_of(workspace, customer, wave, day, drafts, replace=contents(files or []))
    except DraftRefused as refusal:
        raise (placed(refusal, written) if written else refusal) from None
    if as_json:
        put_json({**effect.model_dump(mode="json"), "is_nothing": effect.is_nothing})
        return
    put_effect(effect)


def effect_of(
    workspace: Workspace,
    slug: str,
    wave: str | None,
    day: date,
    drafts: tuple[Draft, ...],
    *,
    replace: dict[str, bytes] | None = None,
) -> Effect:
    """Return what recording `drafts` and replacing files would move in a wave; DraftRefused where they cannot be recorded.

    Nothing is written, and no lock of the customer's is needed.
    """
    from aformity_pipelines.stages.whatif.what_if import Change, what_if  # noqa: PLC0415 - imports the stages

    with opened(workspace, slug, wave, day) as run:
        return what_if(run, Change(drafts=drafts, replace=replace or {}))


def previewed(
    workspace: Workspace, slug: str, wave: str | None, day: date, drafts: tuple[Draft, ...]
) -> Previewed:
    """Return what recording `drafts` would move in a wave, as `effect_of` does, and what would be recorded."""
    from aformity_pipelines.stages.deciding import worked_out  # noqa: PLC0415 - imports the stages
    from aformity_pipelines.stages.whatif.what_if import Change, what_if  # noqa: PLC0415 - imports the stages

    with opened(workspace, slug, wave, day) as run:
        wanted = worked_out(run, drafts)
        return Previewed(effect=what_if(run, Change(drafts=drafts), wanted=wanted), wanted=wanted)


def contents(files: list[str]) -> dict[str, bytes]:
    """Return file -> new content, of `FILE=PATH`."""
    found: dict[str, bytes] = {}
    for each in files:
        name, is_given, path = each.partition("=")
        if not (name and is_given and path):
            raise Unknown(f"--file {each}: write FILE=PATH, such as mapping/user.yaml=new_user.yaml")
        if name in found:
            raise Unknown(f"--file {name} is given twice; keep one")
        try:
            found[name] = Path(path).read_bytes()
        except OSError as error:
            raise Unknown(f"--file {each}: {path} cannot be read: {error.strerror}") from None
    return found
