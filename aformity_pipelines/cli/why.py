"""`aformity why`: where a value, a blank or a row comes from, or where it went, with the evidence."""

import dataclasses
from typing import Annotated

import typer

from aformity_pipelines.cli.failures import FAILED
from aformity_pipelines.cli.opened import one_of, opened
from aformity_pipelines.cli.options import (
    AsOfOption,
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, say
from aformity_pipelines.tracing.answer import Answer, Step, StepKind

NAME = "why"
EXAMPLE = "aformity why lumen_labs account 000417 owner"


def command(
    customer: CustomerArgument,
    entity: Annotated[str, typer.Argument(help="A mapped entity.")],
    key: Annotated[str, typer.Argument(help="The record's key, a source row's key or id, or a row number.")],
    field: Annotated[str | None, typer.Argument(help="One field of it; by default the record.")] = None,
    wave: Annotated[
        str | None, typer.Option("--wave", help="The wave; by default the one exported last.")
    ] = None,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Follow one value or row back to file, row, mapping, rule and decision; exit 1 where nothing is found."""
    from aformity_pipelines.stages.why import newest_wave, why  # noqa: PLC0415 - imports the stages

    with opened(workspace_of(root, storage), customer, wave, date_of(as_of)) as run:
        one_of("mapped entity", entity, run.migration.entities())
        asked = run if wave else dataclasses.replace(run, wave=newest_wave(run))
        answer = why(asked, entity, key, field)
    if as_json:
        put_json(answer.model_dump(mode="json"))
    else:
        _show(answer)
    if not answer.is_found or answer.faults:
        raise typer.Exit(FAILED)


def _show(answer: Answer) -> None:
    say(answer.headline, style="bold")
    for number, step in enumerate(answer.steps, start=1):
        say(f"{number:>3}. {step.says}")
        for line in evidence(step):
            say(f"     {line}", style="dim")
    if answer.near:
        say(f"Did you mean: {', '.join(answer.near)}?")
    for notice in answer.notices:
        say(f"Note: {notice}", style="yellow")
    for fault in answer.faults:
        say(f"Fault of ours: {fault}", style="red")


def evidence(step: Step) -> list[str]:
    """Return the lines below a step: the place, the text or what became of it, and the ids."""
    return [line for line in (step.where, _change(step), ", ".join(step.refs)) if line]


def _change(step: Step) -> str:
    """Say what became of a text; of what was only delivered or published, the text itself."""
    if step.before is None and step.after is None:
        return ""
    is_change = step.kind not in (StepKind.DELIVERED, StepKind.EXPORT) or step.before is not None
    return f"{_shown(step.before)} -> {_shown(step.after)}" if is_change else _shown(step.after)


def _shown(text: str | None) -> str:
    return "(blank)" if text is None else repr(text)
