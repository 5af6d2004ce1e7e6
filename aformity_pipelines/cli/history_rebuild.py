"""`aformity history --rebuild`: the review history in Dagster again, after its storage was lost."""

import dataclasses
from datetime import date

from aformity_pipelines.cli.opened import opened
from aformity_pipelines.cli.output import put_json, put_table, say
from aformity_pipelines.files.workspace import Workspace


def rebuild_history(workspace: Workspace, slugs: tuple[str, ...], day: date, *, as_json: bool) -> None:
    """Put the history of some customers back into Dagster's storage, and say how much of it was missing.

    ConfigInvalid where a folder or its log is broken: nothing of that customer is put back then.
    """
    from aformity_pipelines.orchestration.rebuild import rebuild  # noqa: PLC0415 - imports Dagster

    rebuilt = []
    for slug in slugs:
        with opened(workspace, slug, None, day) as run:
            rebuilt.append(rebuild(run))
    if as_json:
        put_json([dataclasses.asdict(each) for each in rebuilt])
        return
    columns = ("customer", "decisions", "exports", "handoffs", "stages")
    put_table(
        "Put back into Dagster",
        columns,
        [(each.customer, each.decisions, each.exports, each.handoffs, each.stages) for each in rebuilt],
    )
    for each in rebuilt:
        for name in each.unreadable:
            say(f"{each.customer}: {name} was written in another form; it stays out of the history")
