"""`aformity revalidate`: test later waves again under what holds today, without exporting."""

import os
from datetime import date
from typing import Annotated

import typer

from aformity_pipelines.cli.opened import opened
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
from aformity_pipelines.cli.output import put_json
from aformity_pipelines.cli.revalidate_view import Retested, put_retested
from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.lock import customer_lock
from aformity_pipelines.files.workspace import Workspace

NAME = "revalidate"
EXAMPLE = "aformity revalidate lumen_labs --wave wave_2 --rows"


def command(
    customer: CustomerArgument,
    wave: Annotated[
        str | None,
        typer.Option(
            "--wave", help="The wave; by default those of `schedule.waves`, else every wave after the first."
        ),
    ] = None,
    as_of: AsOfOption = None,
    rows: Annotated[bool, typer.Option("--rows", help="Show every row, with its key.")] = False,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Test deferred and unresolved rows again: what is ready now, what is held, by what, and what is overdue."""
    workspace = workspace_of(root, storage)
    found = retest(workspace, customer, wave, date_of(as_of))
    if as_json:
        put_json({"waves": [each.document(with_rows=rows) for each in found]})
        return
    for each in found:
        put_retested(each, with_rows=rows)


def retest(workspace: Workspace, slug: str, wave: str | None, day: date) -> tuple[Retested, ...]:
    """Test one wave, or all later ones, again under the customer's lock, and send what hooks are to get."""
    waves = (wave,) if wave else later_waves(load_migration(workspace.root, slug))
    return tuple(_retest(workspace, slug, name, day) for name in waves)


def later_waves(migration: Migration) -> tuple[str, ...]:
    """Return the waves that the schedule names, else those after the first; Unknown where there is only one."""
    customer = migration.customer
    waves = customer.schedule.waves if customer.schedule else tuple(each.name for each in customer.waves[1:])
    if not waves:
        raise Unknown(
            f"{migration.slug} has one wave only; name it with --wave {customer.waves[0].name} to test what is still open in it"
        )
    return waves


def _retest(workspace: Workspace, slug: str, wave: str, day: date) -> Retested:
    from aformity_pipelines.orchestration.rebuild_revalidations import (  # noqa: PLC0415 - imports Dagster
        show_revalidations,
    )
    from aformity_pipelines.stages.revalidation.digests import (  # noqa: PLC0415 - imports Arrow
        digests_of,
        folder_of,
    )
    from aformity_pipelines.stages.revalidation.revalidate import (  # noqa: PLC0415 - imports the stages
        run_revalidation,
    )
    from aformity_pipelines.stages.revalidation.rows import lines_of  # noqa: PLC0415 - imports Arrow
    from aformity_pipelines.stages.revalidation.sending import (  # noqa: PLC0415 - imports network clients
        send_digests,
    )

    with (
        customer_lock(workspace.lock(slug), f"aformity revalidate {slug}"),
        opened(workspace, slug, wave, day) as run,
    ):
        record, is_new = run_revalidation(run)
        show_revalidations(run)
        folder = folder_of(workspace, slug, record)
        return Retested(
            record=record,
            is_new=is_new,
            lines=lines_of(run.connection, workspace, slug, record),
            digests=tuple(folder / f"{digest.slug}.md" for digest in digests_of(run, record)),
            sent=send_digests(run, record, os.environ.get),
        )
