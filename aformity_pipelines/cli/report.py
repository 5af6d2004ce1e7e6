"""`aformity report`: where a wave's handoff report lies, whether it still says what is so, and a browser to read it."""

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
from aformity_pipelines.cli.output import ERR, put_json, say
from aformity_pipelines.files.lock import customer_lock
from aformity_pipelines.stages.handoffs import RECORD_FILE, REPORT_FILE, current_handoff
from aformity_pipelines.stages.outputs import StageMissing
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.site.collect import current_freshness

NAME = "report"
EXAMPLE = "aformity report lumen_labs --open"


def command(
    customer: CustomerArgument,
    wave: WaveOption = None,
    is_opened: Annotated[bool, typer.Option("--open", help="Open it in a browser.")] = False,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", help="Write it again as of a day (2026-12-01), from the last export."),
    ] = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print where the current handoff report of a wave lies, and whether it still says what is so."""
    workspace = workspace_of(root, storage)
    with opened(workspace, customer, wave, date_of(as_of)) as run:
        if as_of is not None:
            _write_again(run)
        folder = current_handoff(run)
        if folder is None:
            raise StageMissing(f"{customer} has no handoff of {run.wave}; `aformity run {customer}` makes it")
        freshness = current_freshness(workspace, customer, folder)
        found = {"customer": customer, "wave": run.wave, "report": str(folder / REPORT_FILE)}
    if as_json:
        stale = {"is_current": freshness.is_current, "freshness": freshness.words}
        put_json(found | {"launch_record": str(folder / RECORD_FILE)} | stale)
    else:
        say(found["report"])
        if not freshness.is_current:
            ERR.print(freshness.words, markup=False, soft_wrap=True)
    if is_opened:
        webbrowser.open((folder / REPORT_FILE).as_uri())


def _write_again(run: Run) -> None:
    from aformity_pipelines.stages.handoff_report import (  # noqa: PLC0415 - the whole engine, only for writing
        run_handoff_report,
    )

    with customer_lock(run.workspace.lock(run.slug), f"aformity report {run.slug}"):
        run_handoff_report(run)
