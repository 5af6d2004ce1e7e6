"""`aformity decide`: record decisions from a file, each bound to exactly the rows and values it was shown.

What they would move is shown first.
"""

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aformity_pipelines.cli.answers import STANDARD_INPUT, placed, read_answers
from aformity_pipelines.cli.effect_view import put_effect
from aformity_pipelines.cli.log_notice import log_notices, put_notices
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
from aformity_pipelines.cli.output import put_json, put_table, say
from aformity_pipelines.cli.template import put_template
from aformity_pipelines.cli.whatif import previewed
from aformity_pipelines.config.documents import Written
from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.decision_words import covered
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.drafts import Draft, DraftFile
from aformity_pipelines.files.lock import customer_lock
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.refusing import DraftRefused

if TYPE_CHECKING:
    from aformity_pipelines.domain.effect import Effect

NAME = "decide"
EXAMPLE = "aformity decide lumen_labs answers.yaml --dry-run"


def command(
    customer: CustomerArgument,
    drafts: Annotated[
        Path | None,
        typer.Argument(help="A YAML or JSON file with a list `decide:` of decisions; `-` is standard input."),
    ] = None,
    wave: WaveOption = None,
    template: Annotated[
        str | None,
        typer.Option("--template", help="Print a file to fill in, for a rule that is open, and stop."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would move; write nothing.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Record without asking.")] = False,
    no_preview: Annotated[
        bool, typer.Option("--no-preview", help="Record at once, without what would move.")
    ] = False,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what decisions would move and record them, all or none; each covers the rows in question now, and no others."""
    workspace, day = workspace_of(root, storage), date_of(as_of)
    if template is not None:
        put_template(workspace, customer, wave, day, template, as_json=as_json)
        return
    if drafts is None:
        raise Unknown(
            "name the file with the decisions; `-` is standard input, and --template RULE prints one"
        )
    if dry_run and no_preview:
        raise Unknown("--dry-run shows what would move, and --no-preview does not; leave one out")
    written = read_answers(drafts)
    notices = log_notices(workspace, customer)
    if not as_json:
        put_notices(notices)
    try:
        seen = None if no_preview else previewed(workspace, customer, wave, day, written.value.decide)
        if seen and not as_json:
            put_effect(seen.effect)
        may_write = not dry_run and _is_agreed(written, drafts, yes=yes or no_preview or as_json)
        recorded = (
            record_all(
                workspace, customer, wave, day, written.value.decide, shown=seen.wanted if seen else None
            )
            if may_write
            else ()
        )
    except DraftRefused as refusal:
        raise placed(refusal, written) from None
    waiting = _without_effect(workspace, customer, recorded)
    _put(customer, recorded, seen.effect if seen else None, waiting, notices, as_json=as_json)


def _without_effect(workspace: Workspace, slug: str, recorded: tuple[Entry, ...]) -> dict[str, str]:
    """Return what was recorded and has no effect yet, with what it takes: the rules in `approvals` ask for more people."""
    from aformity_pipelines.stages.allowed import waiting_words  # noqa: PLC0415 - imports the stages

    migration = load_migration(workspace.root, slug)
    return {entry.id: words for entry in recorded if (words := waiting_words(migration, entry))}


def _is_agreed(written: Written[DraftFile], drafts: Path, *, yes: bool) -> bool:
    """Whether the decisions may be written: asked on a terminal, taken for granted where nobody can answer."""
    if yes or str(drafts) == STANDARD_INPUT or not sys.stdin.isatty():
        return True
    number = len(written.value.decide)
    return typer.confirm(f"Record {number} decision{'' if number == 1 else 's'}?")


def _put(
    customer: str,
    recorded: tuple[Entry, ...],
    effect: "Effect | None",
    waiting: dict[str, str],
    notices: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    if as_json:
        preview = effect.model_dump(mode="json") if effect else None
        entries = [entry.model_dump(mode="json") for entry in recorded]
        put_json(
            {"recorded": entries, "preview": preview, "without_effect": waiting, "notices": list(notices)}
        )
        return
    if not recorded:
        say("Nothing was written.")
        return
    rows = [
        (entry.id, entry.kind.replace("_", " "), covered(entry), entry.by.name, entry.says)
        for entry in recorded
    ]
    put_table(f"Recorded for {customer}", ("id", "decision", "covers", "by", "says"), rows)
    for words in waiting.values():
        say(words, style="yellow")


def record_all(
    workspace: Workspace,
    slug: str,
    wave: str | None,
    day: date,
    drafts: tuple[Draft, ...],
    *,
    shown: tuple[dict[str, Any], ...] | None = None,
) -> tuple[Entry, ...]:
    """Record drafts in order under the customer's lock, all or none, and return what was written.

    `shown` is what a preview said would be recorded; nothing else is recorded then.  DraftRefused carries every fault
    of every draft.
    """
    from aformity_pipelines.stages import deciding  # noqa: PLC0415 - imports the stages

    with customer_lock(workspace.lock(slug), "aformity decide"), opened(workspace, slug, wave, day) as run:
        return deciding.record_all(run, drafts, shown=shown)
