"""What a look at the intake does by itself: registers complete files as deliveries, and says which waves they concern.

Reading the files is the raw stage's.  Keep out: when a file is complete, and who looks.
"""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.customer import OnDelivery
from aformity_pipelines.domain.decisions import ExportLoaded
from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.fingerprint import fingerprint
from aformity_pipelines.intake.refusal import DeliveryRefused
from aformity_pipelines.intake.register import all_deliveries, deliveries, is_match, register
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.run import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What deliveries that nobody read yet ask for."""

    run: str | None = None
    """The wave to run."""
    test: tuple[str, ...] = ()
    """Later waves to test again."""
    basis: str = ""
    """Fingerprint of the deliveries that count: asked for once each."""
    because: str = ""
    """Why nothing is asked for."""


def register_arrived(run: Run, folder: Path, names: Collection[str]) -> tuple[Delivery, ...]:
    """Register the named files of `folder` for every source whose pattern they match; the caller holds the lock.

    Returns what was not registered before: bytes that were, under whatever name, change nothing.  A file that is no
    delivery, or changes while it is read, is left to the next look and to the raw stage, which says why.
    """
    into, new = run.workspace.deliveries(run.slug), []
    for source, declared in run.migration.customer.sources.items():
        for name in sorted(names):
            if not is_match(name, declared.file):
                continue
            before = len(all_deliveries(into))
            try:
                delivery = register(
                    folder / name, into=into, received_on=run.as_of, received_by=run.by, source=source
                )
            except DeliveryRefused:
                continue
            if len(all_deliveries(into)) > before:
                new.append(delivery)
    return tuple(new)


def due(run: Run) -> Due:
    """Return what the deliveries ask for that count and were not read yet, as the customer's policy says."""
    customer, into = run.migration.customer, run.workspace.deliveries(run.slug)
    count = {each.source: each.sha256 for each in deliveries(into) if each.source in customer.sources}
    if missing := [source for source in customer.sources if source not in count]:
        return Due(because=f"nothing has been delivered for {', '.join(missing)}")
    if all(_read_of(run, source) == sha256 for source, sha256 in count.items()):
        return Due(because="every delivery was read")
    if customer.policies.on_delivery is OnDelivery.WAIT:
        return Due(because="policies.on_delivery says wait: run the wave when it is time")
    open_waves = waves_not_loaded(run.migration)
    if not open_waves:
        return Due(because="every wave was loaded: run the one whose changes are to go out")
    planned = customer.schedule.waves if customer.schedule else ()
    # The register only grows: going back to an older delivery is another state than the one it was in then.
    basis = fingerprint(str(len(all_deliveries(into))), *(count[source] for source in sorted(count)))
    return Due(run=open_waves[0], test=tuple(wave for wave in open_waves[1:] if wave in planned), basis=basis)


def waves_not_loaded(migration: Migration) -> tuple[str, ...]:
    """Return the waves of which no decision in force says that an export was loaded, in launch order."""
    loaded = {each.wave for each in in_force(migration) if isinstance(each, ExportLoaded)}
    return tuple(wave.name for wave in migration.customer.waves if wave.name not in loaded)


def _read_of(run: Run, source: str) -> str | None:
    """Return the SHA-256 of the delivery that the raw stage holds, or lets wait."""
    record = read_record(run, RAW_FILE, source)
    if record is None:
        return None
    read = record.delivery or record.waits
    return read.sha256 if read else None
