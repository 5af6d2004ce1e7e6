"""`aformity promote`: what one customer settled as a starting point for another, as suggestions that someone must approve."""

from pathlib import Path
from typing import Annotated

import typer

from aformity_pipelines.cli.options import JsonOption, RootOption, StorageOption, workspace_of
from aformity_pipelines.cli.output import put_json, put_table, say
from aformity_pipelines.config.load import load_migration, read_unfinished
from aformity_pipelines.domain.promotion import Promotion

NAME = "promote"
EXAMPLE = "aformity promote northwind lumen_labs --dry-run"


def command(
    start: Annotated[str, typer.Argument(metavar="FROM", help="The customer that it comes from.")],
    end: Annotated[
        str, typer.Argument(metavar="TO", help="The customer that gets it; may be the same one elsewhere.")
    ],
    to_root: Annotated[
        Path | None, typer.Option("--to-root", help="The project of TO, where that is another environment.")
    ] = None,
    to_storage: Annotated[
        Path | None,
        typer.Option("--to-storage", help="The storage of TO, where it does not lie in its project."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be suggested; write nothing.")
    ] = False,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Suggest one customer's mappings, value maps and decisions to another; nothing is approved by it."""
    from aformity_pipelines.stages import promoting  # noqa: PLC0415 - imports the stages

    workspace = workspace_of(root, storage)
    target = workspace_of(to_root, to_storage) if to_root else workspace
    if (workspace.root, start) == (target.root, end):
        raise ValueError(
            f"{start} is both FROM and TO; name another customer, or another project with --to-root"
        )
    migration, unfinished = load_migration(workspace.root, start), read_unfinished(target.root, end)
    promotion = promoting.worked_out(migration, unfinished, target.customer(end))
    if not dry_run and (promotion.files or promotion.drafts):
        promoting.promote(target, promotion)
    if as_json:
        put_json(promotion.model_dump(mode="json") | {"is_written": not dry_run})
        return
    _show(promotion, is_written=not dry_run)


def _show(promotion: Promotion, *, is_written: bool) -> None:
    suggested = "Suggested" if is_written else "Would be suggested"
    if promotion.files:
        rows = [(name, len(text.splitlines())) for name, text in promotion.files.items()]
        put_table(f"{suggested} to {promotion.end}: files that it lacks", ("file", "lines"), rows)
    if promotion.drafts:
        put_table(
            f"{suggested}: decisions, to be filled in", ("decision", "kind", "rule or source", "there"),
            [(each.decision, each.draft["kind"].replace("_", " "), each.about, each.shown.partition(": ")[2]) for each in promotion.drafts],
        )  # fmt: skip
        where = f"customers/{promotion.end}/{promotion.suggested}"
        say(f"Fill in {where}, then: aformity decide {promotion.end} {where}")
    if promotion.differ:
        say(f"Another one is there already and stays: {', '.join(promotion.differ)}.", style="yellow")
    if promotion.missing:
        say(f"{promotion.end} does not have: {', '.join(promotion.missing)}.", style="yellow")
    if promotion.left:
        left = [(each.what, each.number, each.why) for each in promotion.left]
        put_table("Not carried over", ("what", "number", "why"), left)
    if not (promotion.files or promotion.drafts):
        say("There is nothing to suggest.")
    else:
        say(
            "Nothing is approved by this: the field map waits for its approval, and each decision for who makes it."
        )
