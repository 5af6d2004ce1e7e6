"""What lies outside and changes by itself: files in the intake folder, and the decision log.

Observing records a data version, so that Dagster shows what is stale and why; of the log, also every decision that
is not in its history yet.  Nothing is taken in here.
"""

import dagster as dg

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.orchestration.intake_folder import content_of
from aformity_pipelines.orchestration.keys import delivery_key, log_key
from aformity_pipelines.orchestration.observations import observe_new
from aformity_pipelines.orchestration.resources import Place

NOTHING = "nothing delivered"


def build_deliveries(*, migration: Migration, source: str) -> dg.SourceAsset:
    """Define what lies in the intake folder for one source."""
    slug, pattern = migration.slug, migration.customer.sources[source].file

    @dg.observable_source_asset(
        key=delivery_key(slug, source),
        group_name=slug,
        tags={"customer": slug},
        description=f"Files in customers/{slug}/intake that match {pattern}.",
    )
    def deliveries(place: Place) -> dg.DataVersion:
        return dg.DataVersion(content_of(place.workspace(), slug, source, pattern) or NOTHING)

    return deliveries


def build_log(*, migration: Migration) -> dg.SourceAsset:
    """Define the customer's decision log."""
    slug = migration.slug

    @dg.observable_source_asset(
        key=log_key(slug),
        group_name=slug,
        tags={"customer": slug},
        description="What people decided; every line is chained to the one before it.",
    )
    def log(context: dg.OpExecutionContext, place: Place) -> dg.DataVersion:
        workspace = place.workspace()
        current = load_migration(workspace.root, slug)
        observe_new(context.instance, workspace, current)
        return dg.DataVersion(current.head.sha256)

    return log
