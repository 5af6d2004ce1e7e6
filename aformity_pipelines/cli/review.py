"""`aformity review`: the exception workbook out and in, and the same work list for programs."""

import sys
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from aformity_pipelines.cli.decide import record_all
from aformity_pipelines.cli.effect_view import put_effect
from aformity_pipelines.cli.opened import one_of, opened
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
from aformity_pipelines.cli.output import put_json, put_table, say
from aformity_pipelines.cli.whatif import Previewed, previewed
from aformity_pipelines.domain.decision_words import covered
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.refusing import DraftRefused

if TYPE_CHECKING:
    from aformity_pipelines.stages.review_import import Imported, WorkbookRefused
    from aformity_pipelines.stages.run import Run
    from aformity_pipelines.stages.work_list import WorkList

NAME = "review"
EXAMPLES = {
    "export": "aformity review export lumen_labs --wave wave_1",
    "import": "aformity review import lumen_labs lumen_labs_wave_1_2026-11-20.xlsx --dry-run",
    "list": "aformity review list lumen_labs --owner hanna --json",
}
app = typer.Typer(
    name=NAME,
    help="Findings and field map out to reviewers, their answers back in.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("export", epilog=f"Example: {EXAMPLES['export']}")
def export(
    customer: CustomerArgument,
    wave: WaveOption = None,
    person: Annotated[str | None, typer.Option("--for", help="Only what this person is to answer.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Where the workbook goes; by default here.")
    ] = None,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the exception workbook: a sheet for each reviewer, and the field map.  It holds the customer's values."""
    from aformity_pipelines.stages.open_findings import open_findings  # noqa: PLC0415 - imports the stages
    from aformity_pipelines.stages.review_export import NothingToReview, export_book  # noqa: PLC0415 - imports the stages

    workspace, day = workspace_of(root, storage), date_of(as_of)
    with opened(workspace, customer, wave, day) as run:
        _known(run, person)
        path = out or Path(f"{customer}_{run.wave}_{day.isoformat()}.xlsx")
        try:
            book = export_book(run, open_findings(run), path, only=person)
        except NothingToReview as nothing:
            put_json({"workbook": None, "says": str(nothing)}) if as_json else say(str(nothing))
            return
    sheets = [
        (sheet.name, len(sheet.blocks), sum(len(block.lines) for block in sheet.blocks))
        for sheet in book.sheets
    ]
    if as_json:
        named = [dict(zip(("sheet", "findings", "rows"), each, strict=True)) for each in sheets]
        put_json({"workbook": str(path), "wave": book.wave, "sheets": named, "fields": len(book.field_map)})
        return
    put_table(f"{path}", ("sheet", "findings", "rows"), [*sheets, ("Field map", len(book.field_map), "")])
    say("It holds the customer's values as delivered: send it to nobody else.")
    say(f"When it is back: aformity review import {customer} {path}")


@app.command("import", epilog=f"Example: {EXAMPLES['import']}")
def import_(
    customer: CustomerArgument,
    workbook: Annotated[Path, typer.Argument(help="The .xlsx file that came back.")],
    by: Annotated[
        str | None, typer.Option("--by", help="Who decided, where it is not the reviewer of the sheet.")
    ] = None,
    wave: WaveOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would happen; write nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Record without asking.")] = False,
    skip_faulty: Annotated[
        bool, typer.Option("--skip-faulty", help="Record the sound answers although others are faulty.")
    ] = False,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Record the answers of a workbook, after a preview of what they move; all of them, or none."""
    from aformity_pipelines.stages.open_findings import open_findings  # noqa: PLC0415 - imports the stages
    from aformity_pipelines.stages.review_import import import_book  # noqa: PLC0415 - imports the stages

    workspace, day = workspace_of(root, storage), date_of(as_of)
    with opened(workspace, customer, None, day) as run:
        imported = import_book(run, workbook, open_findings, wave=wave, by=by, skip_faulty=skip_faulty)
    imported, seen = _previewed(workspace, customer, day, imported, skip_faulty=skip_faulty)
    if not as_json:
        _put_import(imported)
        if seen:
            put_effect(seen.effect)
    recorded: tuple[Entry, ...] = ()
    if seen and not dry_run and _is_agreed(len(imported.drafts), yes=yes or as_json):
        recorded = _recorded(workspace, customer, day, imported, seen)
    if as_json:
        put_json(_as_json(imported, recorded, seen.effect.model_dump(mode="json") if seen else None))
        return
    if recorded:
        rows = [
            (each.id, each.kind.replace("_", " "), covered(each), each.by.name, each.says)
            for each in recorded
        ]
        put_table(f"Recorded for {customer}", ("id", "decision", "covers", "by", "says"), rows)
    else:
        say("Nothing was recorded.")


@app.command("list", epilog=f"Example: {EXAMPLES['list']}")
def list_(
    customer: CustomerArgument,
    wave: WaveOption = None,
    owner: Annotated[str | None, typer.Option("--owner", help="Only what this person owns.")] = None,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what is open; with --json each with drafts that `aformity decide` takes once they are filled in."""
    from aformity_pipelines.stages.open_findings import open_findings  # noqa: PLC0415 - imports the stages
    from aformity_pipelines.stages.work_list import work_list  # noqa: PLC0415 - imports the stages

    workspace, day = workspace_of(root, storage), date_of(as_of)
    with opened(workspace, customer, wave, day) as run:
        _known(run, owner)
        listed = work_list(run, open_findings(run), owner=owner)
    if as_json:
        put_json(listed.model_dump(mode="json"))
        return
    _put_list(listed)


def _known(run: "Run", person: str | None) -> None:
    if person is not None:
        one_of("person", person, tuple(run.migration.customer.people))


def _previewed(
    workspace: Workspace, customer: str, day: date, imported: "Imported", *, skip_faulty: bool
) -> tuple["Imported", Previewed | None]:
    """Return what can be recorded and what it moves; with `skip_faulty`, drafts that are refused become remarks."""
    while imported.drafts:
        try:
            return imported, previewed(workspace, customer, imported.wave, day, imported.drafts)
        except DraftRefused as refusal:
            faulty = {int(fault.at[0]) for fault in refusal.faults if fault.at}
            if not skip_faulty or not faulty:
                raise _with_cells(refusal, imported) from None
            sound = tuple(each for number, each in enumerate(imported.drafted) if number not in faulty)
            remarks = (*imported.remarks, *_with_cells(refusal, imported).remarks)
            imported = replace(imported, drafted=sound, remarks=remarks)
    return imported, None


def _recorded(
    workspace: Workspace, customer: str, day: date, imported: "Imported", seen: Previewed
) -> tuple[Entry, ...]:
    try:
        return record_all(workspace, customer, imported.wave, day, imported.drafts, shown=seen.wanted)
    except DraftRefused as refusal:
        raise _with_cells(refusal, imported) from None


def _with_cells(refusal: DraftRefused, imported: "Imported") -> "WorkbookRefused":
    """Return the refusal with the cell of the answer that each fault is about."""
    from aformity_pipelines.review.workbook.remarks import Remark, Weight  # noqa: PLC0415 - imports the stages
    from aformity_pipelines.stages.review_import import WorkbookRefused  # noqa: PLC0415 - imports the stages

    remarks = tuple(
        Remark(
            at=imported.drafted[int(fault.at[0])].at if fault.at else "",
            weight=Weight.REFUSES,
            says=fault.says,
            do=fault.do or "answer it in another way",
        )
        for fault in refusal.faults
    )
    return WorkbookRefused(imported.file, remarks)


def _is_agreed(number: int, *, yes: bool) -> bool:
    """Whether the decisions may be written: asked on a terminal, taken for granted where nobody can answer."""
    if yes or not sys.stdin.isatty():
        return True
    return typer.confirm(f"Record {number} decision{'' if number == 1 else 's'}?")


def _put_import(imported: "Imported") -> None:
    for remark in imported.remarks:
        say(f"{remark.weight.value}: {remark.words}", style="yellow")
    rows = [(each.at, each.draft.kind.replace("_", " "), each.draft.says) for each in imported.drafted]
    put_table(f"{imported.file}, {imported.wave}", ("first answer", "decision", "says"), rows)


def _as_json(imported: "Imported", recorded: Iterable[Entry], preview: object) -> dict[str, object]:
    remarks = [
        {"at": each.at, "weight": each.weight.value, "says": each.says, "do": each.do}
        for each in imported.remarks
    ]
    drafts = [each.draft.model_dump(mode="json", exclude_none=True) for each in imported.drafted]
    return {
        "workbook": imported.file,
        "sha256": imported.sha256,
        "wave": imported.wave,
        "drafts": drafts,
        "remarks": remarks,
        "recorded": [each.model_dump(mode="json") for each in recorded],
        "preview": preview,
    }


def _put_list(listed: "WorkList") -> None:
    rows = [
        (
            f"{item.finding.due:%Y-%m-%d}{' overdue' if item.finding.is_overdue else ''}",
            item.finding.owner.name,
            len(item.finding.rows) or "",
            item.finding.id,
            item.finding.says,
        )
        for item in listed.open
    ]
    put_table(
        f"Open in {listed.wave} of {listed.customer}",
        ("due", "owner", "rows", "finding", "what is wrong"),
        rows,
    )
