"""`aformity deliveries`: every file that came, what counts, what was built from it; two compared; an older one again."""

from typing import Annotated

import typer

from aformity_pipelines.cli.opened import one_of, opened
from aformity_pipelines.cli.options import (
    AsOfOption,
    CustomerArgument,
    JsonOption,
    RootOption,
    StorageOption,
    Unknown,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, put_table, say
from aformity_pipelines.domain.deliveries_shown import DeliveryShown, RowsShown
from aformity_pipelines.domain.redelivery import Redelivery
from aformity_pipelines.files.lock import customer_lock
from aformity_pipelines.stages.run import Run

NAME = "deliveries"
EXAMPLE = "aformity deliveries lumen_labs --source crm_contacts --compare --rows"
PAIR = 2


def command(
    customer: CustomerArgument,
    deliveries: Annotated[
        list[str] | None,
        typer.Argument(
            help="With --compare: the two deliveries, earlier first, each by file name or the beginning of its SHA-256."
        ),
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="One source; by default all.")] = None,
    compare: Annotated[
        bool,
        typer.Option("--compare", help="Say what differs between two deliveries; by default the last two."),
    ] = False,
    rows: Annotated[
        bool, typer.Option("--rows", help="With --compare: row by row, with the cells then and now.")
    ] = False,
    again: Annotated[
        str | None,
        typer.Option(
            "--again",
            help="Go back: this older delivery (file name or SHA-256) counts as the latest from now on.",
        ),
    ] = None,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the deliveries of a customer's sources, compare two of one source, or go back to an older one."""
    workspace, day = workspace_of(root, storage), date_of(as_of)
    _refuse_senseless(deliveries or [], source, compare=compare, rows=rows, again=again)
    if again is not None:
        with (
            customer_lock(workspace.lock(customer), "aformity deliveries"),
            opened(workspace, customer, None, day) as run,
        ):
            _go_back(run, source, again)
    with opened(workspace, customer, None, day) as run:
        known = tuple(run.migration.customer.sources)
        wanted = (one_of("source", source, known),) if source else known
        if compare:
            _compare(run, wanted, deliveries or [], with_rows=rows, as_json=as_json)
        else:
            _list(run, wanted, as_json=as_json)


def _refuse_senseless(
    deliveries: list[str], source: str | None, *, compare: bool, rows: bool, again: str | None
) -> None:
    """Raise Unknown for options that do not go together."""
    if again is not None and (compare or rows or deliveries):
        raise Unknown("--again goes back to one delivery; compare in a command of its own")
    if (rows or deliveries) and not compare:
        raise Unknown("--rows and the names of two deliveries are about --compare; add it")
    if deliveries and (len(deliveries) != PAIR or source is None):
        raise Unknown("to compare two deliveries, name both, the earlier first, and their --source")


def _go_back(run: Run, source: str | None, again: str) -> None:
    from aformity_pipelines.stages.deliveries_listed import go_back_to  # noqa: PLC0415 - imports the stages

    known = tuple(run.migration.customer.sources)
    if source is None and len(known) > 1:
        raise Unknown(f"say of which --source {again!r} is a delivery: {', '.join(known)}")
    go_back_to(run, one_of("source", source or known[0], known), again)


def _list(run: Run, sources: tuple[str, ...], *, as_json: bool) -> None:
    from aformity_pipelines.stages.deliveries_listed import deliveries_shown  # noqa: PLC0415 - imports the stages

    found = deliveries_shown(run, sources)
    if as_json:
        put_json({"deliveries": [each.model_dump(mode="json") for each in found]})
        return
    columns = ("source", "file", "received", "by", "bytes", "sha256", "", "built from it")
    put_table(f"Deliveries of {run.slug}", columns, [_line(each) for each in found])
    if any(each.state == "new" for each in found):
        say(f"`new` was registered and is not read yet: `aformity run {run.slug}` reads it.")


def _line(each: DeliveryShown) -> tuple[object, ...]:
    state = "" if each.state == "before" else each.state
    more = f" and {len(each.built) - 3} more" if len(each.built) > 3 else ""
    return (
        each.source,
        f"{each.file} (again)" if each.is_again else each.file,
        each.received_on,
        each.received_by,
        each.size,
        each.sha256[:8],
        state,
        f"{', '.join(each.built[:3])}{more}",
    )


def _compare(run: Run, sources: tuple[str, ...], names: list[str], *, with_rows: bool, as_json: bool) -> None:
    from aformity_pipelines.stages.deliveries_compared import compared_deliveries  # noqa: PLC0415 - imports the stages

    pair = (names[0], names[1]) if names else None
    found = [(source, compared_deliveries(run, source, pair, with_rows=with_rows)) for source in sources]
    if as_json:
        documents = [
            {"source": source, "comparison": None}
            if each is None
            else {"source": source, "comparison": each[0].model_dump(mode="json")}
            | ({"differing": each[1].model_dump(mode="json")} if each[1] else {})
            for source, each in found
        ]
        put_json({"comparisons": documents})
        return
    for source, each in found:
        if each is None:
            say(f"{source}: there are no two deliveries to compare.")
            continue
        _show(*each)


def _show(found: Redelivery, rows: RowsShown | None) -> None:
    say(
        f"{found.source}: {found.before_file} ({found.before[:8]}) -> {found.now_file} ({found.now[:8]})",
        style="bold",
    )
    for sentence in found.sentences():
        say(f"  {sentence}")
    if rows is None:
        return
    put_table(
        f"Rows that differ ({len(rows.rows)} of {rows.total} shown)",
        ("change", "key", "before", "now", "cells"),
        [
            (
                each.change.value,
                each.key,
                each.before_row or "",
                each.row or "",
                "; ".join(f"{cell.header}: {_cell(cell.before)} -> {_cell(cell.now)}" for cell in each.cells),
            )
            for each in rows.rows
        ],
    )


def _cell(text: str | None) -> str:
    return repr(text) if text else "(blank)"
