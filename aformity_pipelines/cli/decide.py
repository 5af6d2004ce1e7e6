"""`aformity decide`: record decisions from a file, each bound to exactly the rows and values it was shown."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from aformity_pipelines.cli.opened import opened
from aformity_pipelines.cli.options import (
    AsOfOption,
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    WaveOption,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, put_table
from aformity_pipelines.config.documents import read_document, read_text
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.decisions import (
    AboutOthers,
    Entry,
    IntakeAnswered,
    MappingApproved,
    RuleWaived,
    links_of,
)
from aformity_pipelines.domain.drafts import Draft, DraftFile
from aformity_pipelines.files.lock import customer_lock
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.refusing import DraftRefused

NAME = "decide"
EXAMPLE = "aformity decide lumen_labs answers.yaml"


def command(
    customer: CustomerArgument,
    drafts: Annotated[Path, typer.Argument(help="A YAML file with a list `decide:` of decisions.")],
    wave: WaveOption = None,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record decisions, all or none; each covers the rows that are in question now, and no others."""
    workspace, day = workspace_of(root, storage), date_of(as_of)
    written = read_document(read_text(Path.cwd(), str(drafts)), str(drafts), DraftFile)
    try:
        recorded = record_all(workspace, customer, wave, day, written.value.decide)
    except DraftRefused as refusal:
        raise ConfigInvalid(
            written.problem(("decide", *fault.at), fault.says, fault.do or "put it right here")
            for fault in refusal.faults
        ) from None
    if as_json:
        put_json([entry.model_dump(mode="json") for entry in recorded])
        return
    rows = [
        (entry.id, entry.kind.replace("_", " "), covered(entry), entry.by.name, entry.says)
        for entry in recorded
    ]
    put_table(f"Recorded for {customer}", ("id", "decision", "covers", "by", "says"), rows)


def record_all(
    workspace: Workspace, slug: str, wave: str | None, day: date, drafts: tuple[Draft, ...]
) -> tuple[Entry, ...]:
    """Record drafts in order under the customer's lock, all or none, and return what was written.

    DraftRefused carries every fault of every draft.
    """
    from aformity_pipelines.stages import deciding  # noqa: PLC0415 - imports the stages

    with customer_lock(workspace.lock(slug), "aformity decide"), opened(workspace, slug, wave, day) as run:
        return deciding.record_all(run, drafts)


def covered(entry: Entry) -> str:
    """Say what a decision covers, in a few words."""
    if isinstance(entry, AboutOthers):
        return next(link.target for link in links_of(entry) if link.key != "supersedes")
    if isinstance(entry, RuleWaived):
        return entry.covers.rule
    if isinstance(entry, MappingApproved):
        covers = entry.covers
        if not covers.fields:
            return _counted(len(covers.value_maps), "value map", covers.entity)
        return _counted(len(covers.fields), "field", covers.entity)
    if isinstance(entry, IntakeAnswered):
        return _counted(len(entry.covers.headers), "column", entry.covers.source)
    return _counted(entry.covers.size, "row", entry.covers.subject)


def _counted(number: int, what: str, whose: str) -> str:
    return f"{number} {what if number == 1 else what + 's'} of {whose}"
