"""Deliveries in Dagster's timeline: each source's asset shows the one that counts, once, however it was registered."""

import dagster as dg

from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.intake.register import deliveries
from aformity_pipelines.orchestration.intake_folder import content_of
from aformity_pipelines.orchestration.keys import delivery_key
from aformity_pipelines.orchestration.observations import DATA_VERSION
from aformity_pipelines.orchestration.packed import Described, cut
from aformity_pipelines.stages.run import Run

NAME_LIMIT = 200


def observe_deliveries(instance: dg.DagsterInstance, run: Run) -> None:
    """Observe the delivery that counts of each source, where that is not what Dagster showed last."""
    for delivery in deliveries(run.workspace.deliveries(run.slug)):
        declared = run.migration.customer.sources.get(delivery.source)
        if declared is None:
            continue
        key = delivery_key(run.slug, delivery.source)
        version = content_of(run.workspace, run.slug, delivery.source, declared.file)
        if version and version != _shown(instance, key):
            told = dg.AssetObservation(
                asset_key=key,
                description=f"Delivered on {delivery.received_on}: {cut(delivery.file_name, NAME_LIMIT)}",
                metadata=of_delivery(delivery),
                tags={DATA_VERSION: version},
            )
            instance.report_runless_asset_event(told)


def of_delivery(delivery: Delivery) -> Described:
    """Return what is shown of a delivery: its name, size, day and fingerprint."""
    return {
        "file": dg.MetadataValue.text(cut(delivery.file_name, NAME_LIMIT)),
        "received_on": dg.MetadataValue.text(delivery.received_on.isoformat()),
        "size": dg.MetadataValue.int(delivery.size),
        "sha256": dg.MetadataValue.text(delivery.sha256),
    }


def _shown(instance: dg.DagsterInstance, key: dg.AssetKey) -> str | None:
    """Return the data version that was observed last."""
    for record in instance.fetch_observations(key, limit=1).records:
        if seen := record.asset_observation:
            return (seen.tags or {}).get(DATA_VERSION)
    return None
