"""The re-validations of a customer again in Dagster, from what storage keeps of them; what is there already stays."""

import dagster as dg

from aformity_pipelines.orchestration.instance import home_of
from aformity_pipelines.orchestration.keys import revalidation_key
from aformity_pipelines.orchestration.observations import PATIENCE
from aformity_pipelines.orchestration.packed import Described
from aformity_pipelines.orchestration.revalidation_shown import NUMBER, of_revalidation
from aformity_pipelines.orchestration.waiting_lock import waited_lock
from aformity_pipelines.stages.revalidation.history import history
from aformity_pipelines.stages.run import Run

PAGE = 100


def show_revalidations(run: Run) -> int:
    """Show in the project's Dagster what was tested again without it; return how many, as `write_revalidations` does.

    The caller holds the customer's lock, so no step is between its record and its event.  LockHeld says who writes
    the same history.
    """
    holder = "the showing of re-validations"
    with (
        waited_lock(run.workspace.history_lock(run.slug), holder, seconds=PATIENCE),
        dg.DagsterInstance.from_config(str(home_of(run.workspace.storage))) as instance,
    ):
        return write_revalidations(instance, run)


def write_revalidations(instance: dg.DagsterInstance, run: Run) -> int:
    """Show every kept re-validation that this storage has not seen, the oldest first; return how many.

    The caller holds the history's lock.  HistoryDamaged names a record that is not what was written.
    """
    key = revalidation_key(run.slug)
    waves = [wave.name for wave in run.migration.customer.waves]
    kept = [record for wave in waves for record in history(run.workspace, run.slug, wave)]
    seen = _seen(instance, key)
    new = [record for record in kept if (record.wave, record.number) not in seen]
    for record in sorted(new, key=lambda each: (each.as_of, waves.index(each.wave), each.number)):
        described: Described = of_revalidation(run.workspace, run.slug, record, is_new=True)
        told = dg.AssetMaterialization(asset_key=key, partition=record.wave, metadata=described)
        instance.report_runless_asset_event(told)
    return len(new)


def _seen(instance: dg.DagsterInstance, key: dg.AssetKey) -> set[tuple[str, int]]:
    """Return wave and number of every re-validation that an asset's timeline shows."""
    found: set[tuple[str, int]] = set()
    cursor: str | None = None
    while True:
        page = instance.fetch_materializations(key, limit=PAGE, cursor=cursor)
        for record in page.records:
            made = record.asset_materialization
            if made and made.partition and NUMBER in made.metadata:
                found.add((made.partition, int(str(made.metadata[NUMBER].value))))
        if not page.has_more:
            return found
        cursor = page.cursor
