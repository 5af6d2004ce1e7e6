"""`aformity demo`: both sample customers, from their files to the handoff, in a copy that can be thrown away."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from aformity_pipelines.cli.decide import record_all
from aformity_pipelines.cli.opened import opened
from aformity_pipelines.cli.options import JsonOption, RootOption, Unknown, workspace_of
from aformity_pipelines.cli.output import put_json, put_table, say
from aformity_pipelines.cli.revalidate import retest
from aformity_pipelines.cli.revalidate_view import put_retested
from aformity_pipelines.cli.run import DECISIONS, run_stale
from aformity_pipelines.cli.standing import Standing, standing_of
from aformity_pipelines.domain.decision_words import covered
from aformity_pipelines.domain.drafts import StoryStep
from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.files.workspace import Workspace

NAME = "demo"
EXAMPLE = "aformity demo"
MARK = ".made-by-aformity-demo"
SAMPLES = ("northwind", "lumen_labs")


def command(
    into: Annotated[
        Path | None, typer.Option("--into", help="Where the copy goes; by default .demo in the project.")
    ] = None,
    root: RootOption = None,
    as_json: JsonOption = False,
) -> None:
    """Play the stories of both sample customers and say where the reports are."""
    source = workspace_of(root, None).root
    workspace = _copy(source, into or source / ".demo")
    standings = {slug: _play(workspace, slug, is_quiet=as_json) for slug in SAMPLES}
    if as_json:
        put_json({slug: standing.model_dump(mode="json") for slug, standing in standings.items()})
        return
    _put_fates(standings)
    say(f"All customers: open {_put_site(workspace)}", style="bold")
    for slug, standing in standings.items():
        say(f"{slug}: open {standing.report}", style="bold")
    shown = workspace.root.relative_to(source) if workspace.root.is_relative_to(source) else workspace.root
    say(f"Look around with --root {shown}, for example: aformity status lumen_labs --root {shown}")


def _copy(source: Path, into: Path) -> Workspace:
    from aformity_pipelines.stages.story import copy_project  # noqa: PLC0415 - imports the stages

    if into.exists():
        if not (into / MARK).is_file():
            raise Unknown(f"{into} was not made by the demo; name another folder with --into, or empty it")
        shutil.rmtree(into)
    workspace = copy_project(source, into.resolve(), SAMPLES)
    (into / MARK).touch()
    return workspace


def _play(workspace: Workspace, slug: str, *, is_quiet: bool) -> Standing:
    from aformity_pipelines.stages.story import (  # noqa: PLC0415 - imports the stages
        NumberedStep,
        StoryBroken,
        check_expected,
        play,
        steps_of,
    )
    from aformity_pipelines.stages.story_answers import drafts_of  # noqa: PLC0415 - imports the stages

    def decide(numbered: NumberedStep) -> None:
        step = numbered.step
        with opened(workspace, slug, step.wave, step.as_of) as before:
            drafts = drafts_of(before, numbered)
        entries = record_all(workspace, slug, step.wave, step.as_of, drafts)
        if not is_quiet:
            for entry in entries:
                say(f"    {entry.id} {entry.by.name}: {entry.says} ({covered(entry)})", style="dim")

    def run(step: StoryStep) -> None:
        _, refusals = run_stale(workspace, slug, step.run, step.as_of, is_quiet=is_quiet)
        if faults := [each for each in refusals if each["reason"] not in DECISIONS]:
            raise StoryBroken(f"{slug}: {faults[0]['step']}: {faults[0]['says']}")

    def revalidate(step: StoryStep) -> None:
        for found in retest(workspace, slug, step.revalidate, step.as_of):
            if not is_quiet:
                put_retested(found, with_rows=False)

    steps = steps_of(workspace, slug)

    def begin(numbered: NumberedStep) -> None:
        if not is_quiet:
            say(f"\n{slug}, step {numbered.number} of {len(steps)}. {numbered.step.says}", style="bold")

    for numbered in play(workspace, slug, decide=decide, run=run, revalidate=revalidate, begin=begin):
        with opened(workspace, slug, numbered.step.wave, numbered.step.as_of) as opened_run:
            check_expected(opened_run, numbered)
    last = steps[-1].step
    with opened(workspace, slug, last.run, last.as_of) as opened_run:
        return standing_of(opened_run)


def _put_site(workspace: Workspace) -> Path:
    """Build the site of both, seen from the day on which the later story ends; return where it begins."""
    from aformity_pipelines.stages.site.collect import collect_site  # noqa: PLC0415 - imports the stages
    from aformity_pipelines.stages.site.publish import (  # noqa: PLC0415 - imports the stages
        INDEX,
        publish_site,
    )
    from aformity_pipelines.stages.story import steps_of  # noqa: PLC0415 - imports the stages

    last = max(steps_of(workspace, slug)[-1].step.as_of for slug in SAMPLES)
    publish_site(workspace, collect_site(workspace, last), workspace.site)
    return workspace.site / INDEX


def _put_fates(standings: dict[str, Standing]) -> None:
    for slug, standing in standings.items():
        rows = []
        for entity, fates in standing.fates.items():
            counts = [fates.get(fate, 0) for fate in Fate]
            rows.append((entity, *counts, sum(counts)))
        put_table(f"{slug}: every source row has one fate", ("entity", *Fate, "delivered"), rows)
