"""`aformity site`: one place for the CSM team, built as files that any web server can serve."""

from pathlib import Path
from typing import Annotated

import typer

from aformity_pipelines.cli.options import (
    AsOfOption,
    JsonOption,
    RootOption,
    StorageOption,
    date_of,
    workspace_of,
)
from aformity_pipelines.cli.output import put_json, say
from aformity_pipelines.cli.site_server import serve
from aformity_pipelines.domain.site import Site
from aformity_pipelines.stages.site.collect import collect_site
from aformity_pipelines.stages.site.publish import INDEX, publish_site

NAME = "site"
EXAMPLE = "aformity site --out public/handoffs"


def command(
    out: Annotated[
        Path | None, typer.Option("--out", help="The site's folder; by default site/ in the storage.")
    ] = None,
    is_served: Annotated[
        bool, typer.Option("--serve", help="Then show it to browsers on this machine; Ctrl-C ends it.")
    ] = False,
    port: Annotated[
        int, typer.Option("--port", help="Where --serve listens; 0 takes any.", min=0, max=65535)
    ] = 8010,
    as_of: AsOfOption = None,
    root: RootOption = None,
    storage: StorageOption = None,
    as_json: JsonOption = False,
) -> None:
    """Build the site of all customers: where each stands, every handoff, and what changed.  It needs no network."""
    workspace = workspace_of(root, storage)
    # Not resolved: a link is refused, so that nothing is replaced but a folder of ours.
    folder = out.absolute() if out else workspace.site
    site = collect_site(workspace, date_of(as_of))
    publish_site(workspace, site, folder)
    if as_json:
        put_json({"site": str(folder), "index": str(folder / INDEX), **site.model_dump(mode="json")})
    else:
        say(str(folder / INDEX))
        say(_summary(site))
    if is_served:
        serve(folder, port, started=None if as_json else lambda url: say(f"{url}  (Ctrl-C ends it)"))


def _summary(site: Site) -> str:
    """Return how many customers there are and how many ask for attention."""
    shown = [each for each in site.customers if not each.is_archived]
    last = [wave for each in shown if (wave := each.last)]
    facts = [
        f"{len(site.customers):,} {'customer' if len(site.customers) == 1 else 'customers'} as of {site.as_of}",
        f"{sum(not wave.handoffs[0].freshness.is_current for wave in last):,} with a handoff out of date",
        f"{sum(bool(wave.overdue) for wave in last):,} with overdue work",
        f"{sum(not each.last for each in shown):,} without a handoff",
        f"{sum(bool(each.problems) for each in shown):,} that cannot be read",
    ]
    return "; ".join(facts)
