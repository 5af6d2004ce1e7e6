"""`aformity report`: where a wave's handoff report lies, and a browser to read it."""

import webbrowser
from typing import Annotated

import typer

from aformity_pipelines.cli.opened import opened
from aformity_pipelines.cli.options import (
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    WaveOption,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, say
from aformity_pipelines.stages.handoffs import RECORD_FILE, REPORT_FILE, current_handoff
from aformity_pipelines.stages.outputs import StageMissing

NAME = "report"
EXAMPLE = "aformity report lumen_labs --open"


def command(
    customer: CustomerArgument,
    wave: WaveOption = None,
    is_opened: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print where the current handoff report of a wave lies."""
    with opened(workspace_of(root, storage), customer, wave, date_of(None)) as run:
        folder = current_handoff(run)
        if folder is None:
            raise StageMissing(f"{customer} has no handoff of {run.wave}; `aformity run {customer}` makes it")
        found = {"customer": customer, "wave": run.wave, "report": str(folder / REPORT_FILE)}
    if as_json:
        put_json(found | {"launch_record": str(folder / RECORD_FILE)})
    else:
        say(found["report"])
    if is_opened:
        webbrowser.open((folder / REPORT_FILE).as_uri())
