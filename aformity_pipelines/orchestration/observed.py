"""What lies outside and changes by itself: files in the intake folder, and the decision log.

Observing records a data version, so that Dagster shows what is stale and why.  Nothing is taken in here.
"""

import dagster as dg

from aformity_pipelines.config.decision_log import read_log
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.orchestration.intake_folder import content_of
from aformity_pipelines.orchestration.keys import delivery_key, log_key
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
        return dg.DataVersion(content_of(place.workspace().intake(slug), (pattern,)) or NOTHING)

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
    def log(place: Place) -> dg.DataVersion:
        _, head = read_log(place.workspace().log(slug))
        return dg.DataVersion(head.sha256)

    return log
