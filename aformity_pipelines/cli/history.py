"""`aformity history`: every decision in the order of the log, and whether the log is the one that was written."""

import dataclasses
from datetime import date
from typing import Annotated, Any

import typer

from aformity_pipelines.cli.failures import FAILED
from aformity_pipelines.cli.history_rebuild import rebuild_history
from aformity_pipelines.cli.opened import one_of
from aformity_pipelines.cli.options import (
    AsOfOption,
    JsonOption,
    RootOption,
    StorageOption,
    Unknown,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, put_table, say
from aformity_pipelines.config.decision_log import examine
from aformity_pipelines.config.load import customers, load_migration
from aformity_pipelines.domain.decision_words import covered, named_in_words
from aformity_pipelines.domain.decisions import Entry, RowDecision
from aformity_pipelines.domain.log_words import log_on, standing_words
from aformity_pipelines.files.workspace import Workspace

NAME = "history"
EXAMPLE = "aformity history lumen_labs"
EXAMPLES = 5
"""Covered rows that are named where one decision is shown."""


def command(
    customer: Annotated[
        str | None, typer.Argument(help="One customer; with --verify or --rebuild by default all of them.")
    ] = None,
    id_: Annotated[str | None, typer.Option("--id", help="Show one decision whole: D-012.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Check that the log is the one that was written; exit 1 if not.")
    ] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Put the history back into Dagster after its storage was lost.")
    ] = False,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what was decided, by whom and why, and what stands; or check the log, or rebuild Dagster's view of it."""
    workspace = workspace_of(root, storage)
    if sum((id_ is not None, verify, rebuild)) > 1:
        raise Unknown("--id, --verify and --rebuild do different things; ask for one of them")
    if not verify and not rebuild:
        if customer is None:
            raise Unknown("name a customer: `aformity history CUSTOMER`")
        _list(workspace, customer, id_, date_of(as_of) if as_of else None, as_json=as_json)
        return
    known = customers(workspace.root)
    slugs = known if customer is None else (one_of("customer", customer, known),)
    if verify and as_of:
        raise Unknown("--verify checks the log as it is; leave --as-of out")
    if verify:
        _verify(workspace, slugs, as_json=as_json)
    else:
        rebuild_history(workspace, slugs, date_of(as_of), as_json=as_json)


def _list(workspace: Workspace, slug: str, id_: str | None, day: date | None, *, as_json: bool) -> None:
    from aformity_pipelines.stages.log_verified import unfinished_words  # noqa: PLC0415 - imports the stages

    migration = load_migration(workspace.root, slug)
    if day is not None:
        migration = log_on(migration, day)
    stands = standing_words(migration)
    entries = {entry.id: entry for entry in migration.log}
    if id_ is not None:
        entries = {id_: entries[one_of("decision", id_, tuple(entries))]}
    notice = unfinished_words(examine(workspace.log(slug)))
    if as_json:
        listed = [_as_document(entry, stands[entry.id]) for entry in entries.values()]
        head = dataclasses.asdict(migration.head)
        put_json({"customer": slug, "decisions": listed, "head": head, "unfinished": notice or None})
        return
    if id_ is not None:
        _put_whole(entries[id_], stands[id_])
    elif entries:
        put_table(
            f"Decisions for {slug}, in the order of the log",
            ("seq", "id", "on", "decision", "by", "covers", "stands", "says"),
            [_row(entry, stands[entry.id]) for entry in entries.values()],
        )
    else:
        say(f"Nothing has been decided for {slug}.")
    if notice:
        say(f"Note: {notice}.", style="yellow")


def _row(entry: Entry, stands: str) -> tuple[object, ...]:
    by = f"{entry.by.name}, {entry.by.role}"
    return (entry.seq, entry.id, entry.on, _kind(entry), by, covered(entry), stands, entry.says)


def _kind(entry: Entry) -> str:
    return entry.kind.replace("_", " ")


def _as_document(entry: Entry, stands: str) -> dict[str, Any]:
    return entry.model_dump(mode="json", exclude_none=True) | {"about": covered(entry), "stands": stands}


def _put_whole(entry: Entry, stands: str) -> None:
    """Print one decision with everything that it says, a line each; the rows that it covers by count and example."""
    by = entry.by
    say(f"{entry.id}, entry {entry.seq} of the log: {_kind(entry)}, {covered(entry)}")
    lines = {
        "says": entry.says,
        "why": entry.why,
        "decided": f"{entry.on} by {by.name}, {by.role} ({by.side})",
        "known by": entry.how_known,
        "stands": stands,
        "names": "; ".join(named_in_words(entry)),
        "because": entry.supersedes_because,
        "evidence": "; ".join(entry.evidence),
    } | _particular(entry)
    width = max(len(name) for name in lines)
    for name, text in lines.items():
        if text:
            say(f"  {name:<{width}}  {text}")


def _particular(entry: Entry) -> dict[str, str]:
    """Return what only this kind of decision has, and what it was shown."""
    common = {"seq", "prev", "id", "on", "by", "how_known", "says", "why", "evidence", "kind", "covers"}
    common |= {"supersedes", "supersedes_because"}
    own = entry.model_dump(mode="json", exclude=common, exclude_none=True)
    found = {name.replace("_", " "): _text(value) for name, value in own.items()}
    if isinstance(entry, RowDecision):
        covers = entry.covers
        first = ", ".join(row.key for row in covers.rows[:EXAMPLES])
        more = " and more" if covers.size > EXAMPLES and first else ""
        found |= {
            "rule": covers.rule or "",
            "shown": ", ".join(covers.fields),
            "rows": f"{first}{more}" if first else f"listed in coverage/{covers.rows_in}.csv",
            "shown with": f"{len(covers.members)} other rows" if covers.members else "",
        }
    return found


def _text(value: object) -> str:
    if isinstance(value, dict):
        is_person = set(value) == {"name", "role", "side"}
        return (
            f"{value['name']}, {value['role']} ({value['side']})"
            if is_person
            else "; ".join(f"{key} -> {each}" for key, each in value.items())
        )
    return str(value)


def _verify(workspace: Workspace, slugs: tuple[str, ...], *, as_json: bool) -> None:
    from aformity_pipelines.stages.log_verified import verified  # noqa: PLC0415 - imports the stages

    found = [verified(workspace, slug) for slug in slugs]
    if as_json:
        put_json(
            [
                {
                    "customer": each.customer,
                    "decisions": each.log.head.seq if each.log else None,
                    "head": each.log.head.sha256 if each.log else None,
                    "coverage_files": each.coverage_files,
                    "versions": [witness.name for witness in each.witnesses],
                    "problems": [dataclasses.asdict(problem) for problem in each.problems],
                    "notices": each.notices,
                }
                for each in found
            ]
        )
    else:
        for each in found:
            for problem in each.problems:
                say(problem.headline(), style="red")
            if each.log and not each.problems:
                say(
                    f"{each.customer}: the log is the one that was written. Checked: {each.log.head.seq} decisions,"
                    f" each line and its chain; {_head_words(each.log.is_committed)};"
                    f" {each.coverage_files} coverage files; the log's end in {len(each.witnesses)} published"
                    " exports and handoffs."
                )
            for notice in each.notices:
                say(f"Note: {each.customer}: {notice}.", style="yellow")
    if any(each.problems for each in found):
        raise typer.Exit(FAILED)


def _head_words(is_committed: bool) -> str:
    return "its end in decisions.head" if is_committed else "no decisions.head is there to compare with"
