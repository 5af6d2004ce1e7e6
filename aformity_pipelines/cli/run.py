"""`aformity run`: one wave through Dagster in this process, as far as its gates are open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from aformity_pipelines.cli.failures import A_PERSON_DECIDES, FAILED
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
from aformity_pipelines.cli.output import ERR, put_json, say
from aformity_pipelines.cli.standing import Standing, standing_of
from aformity_pipelines.cli.standing_tables import put_standing
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.graph import STAGES, Step
from aformity_pipelines.stages.routing import decide_command
from aformity_pipelines.stages.run import Run

NAME = "run"
EXAMPLE = "aformity run lumen_labs --wave wave_1"
DECISIONS = frozenset({"gate_closed", "delivery_waits"})
"""Reasons of a refusal that a person's decision takes away."""


class Stage(StrEnum):
    """The stages, in order."""

    RAW_FILE = "raw_file"
    VALIDATED = "validated"
    MAPPED = "mapped"
    TRANSFORMED = "transformed"
    EXPORT = "export"
    HANDOFF_REPORT = "handoff_report"


def command(
    customer: CustomerArgument,
    wave: WaveOption = None,
    until: Annotated[Stage, typer.Option("--until", help="The last stage to run.")] = Stage.HANDOFF_REPORT,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run what has changed, and all that depends on it; exit 3 where a person must decide first."""
    workspace = workspace_of(root, storage)
    chosen, refusals = run_stale(
        workspace, customer, wave, date_of(as_of), until=str(until), is_quiet=as_json
    )
    with opened(workspace, customer, wave, date_of(as_of)) as run:
        standing, decide = standing_of(run), decide_command(run)
    _show(standing, chosen, refusals, decide, as_json=as_json)
    if any(each["reason"] not in DECISIONS for each in refusals):
        raise typer.Exit(FAILED)
    if refusals or standing.closed or standing.waiting:
        raise typer.Exit(A_PERSON_DECIDES)


def run_stale(
    workspace: Workspace,
    customer: str,
    wave: str | None,
    day: date,
    *,
    until: str = STAGES[-1],
    is_quiet: bool = False,
) -> tuple[tuple[Step, ...], list[dict[str, str]]]:
    """Run what is stale through Dagster; return the steps chosen and what refused to go on."""
    with opened(workspace, customer, wave, day) as run:
        chosen = _chosen(run, until)
        return chosen, _through_dagster(run, chosen, is_quiet=is_quiet) if chosen else []


def _chosen(run: Run, until: str) -> tuple[Step, ...]:
    from aformity_pipelines.stages.plan import stale  # noqa: PLC0415 - imports Polars

    wanted = STAGES[: STAGES.index(until) + 1]
    return tuple(step for step in stale(run) if step[0] in wanted)


def _through_dagster(run: Run, chosen: tuple[Step, ...], *, is_quiet: bool) -> list[dict[str, str]]:
    from aformity_pipelines.orchestration.in_process import Asked, run_steps  # noqa: PLC0415 - imports Dagster

    asked = Asked(workspace=run.workspace, slug=run.slug, wave=run.wave, as_of=run.as_of, by=run.by)
    with _progress(len(chosen), is_quiet=is_quiet) as tell:
        refusals = run_steps(asked, chosen, tell, waits=lambda who: ERR.print(who, style="dim"))
    return [{"step": "/".join(each.step), "reason": each.reason, "says": each.says} for each in refusals]


@contextmanager
def _progress(steps: int, *, is_quiet: bool) -> Iterator[Callable[[Step, str], None]]:
    """Yield a listener that shows each step on standard error while it runs."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=ERR, disable=is_quiet, transient=True) as progress:
        task = progress.add_task("starting Dagster", total=steps)

        def tell(step: Step, event: str) -> None:
            if is_quiet:
                return
            if event == "started":
                progress.update(task, description=" ".join(step))
                return
            progress.console.print(
                f"{'done   ' if event == 'done' else 'stopped'} {' '.join(step)}", style="dim"
            )
            progress.advance(task)

        yield tell


def _show(
    standing: Standing,
    chosen: tuple[Step, ...],
    refusals: list[dict[str, str]],
    decide: str,
    *,
    as_json: bool,
) -> None:
    if as_json:
        steps = ["/".join(step) for step in chosen]
        put_json({"ran": steps, "refusals": refusals, "standing": standing.model_dump(mode="json")})
        return
    if not chosen:
        say(f"Nothing to do: nothing that {standing.wave} depends on has changed since its last run.")
    shown = {gate.explanation for gate in standing.gates} | {
        refusal["says"] for refusal in refusals if refusal["reason"] == "delivery_waits"
    }
    for refusal in refusals:
        if refusal["says"] not in shown:
            say(f"{refusal['step']}: {refusal['says']}", style="red")
    put_standing(standing)
    if standing.closed or standing.unresolved:
        settle = dict.fromkeys(f"`{each.settle}`" for each in standing.unresolved)
        say(f"Settle it with {' or '.join(dict.fromkeys((*settle, f'`{decide}`')))}", style="bold")
