"""A delivery held against the one before as Dagster metadata: counts and headers, no value of a customer."""

import dagster as dg

from aformity_pipelines.domain.redelivery import Redelivery
from aformity_pipelines.orchestration.packed import Described, cut


def of_comparison(found: Redelivery) -> Described:
    """Return what differs, the counts of rows each by itself, so that the UI draws them over time."""
    return {
        "since_last_delivery": dg.MetadataValue.text(cut(" ".join(found.sentences()))),
        "rows_added": dg.MetadataValue.int(found.added),
        "rows_gone": dg.MetadataValue.int(found.removed),
        "rows_changed": dg.MetadataValue.int(found.changed),
        "rows_as_before": dg.MetadataValue.int(found.unchanged),
    }
