"""Which deliveries a customer's sources had, which one counts, and going back to an older one by an explicit act."""

from collections import defaultdict
from collections.abc import Iterator

from aformity_pipelines.domain.deliveries_shown import DeliveryShown
from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.intake.register import copy_of, register_again
from aformity_pipelines.stages.earlier_delivery import registered
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.published import manifest_of, versions_of
from aformity_pipelines.stages.run import Run

FEWEST_DIGITS = 4


class NoSuchDelivery(ValueError):
    """A file or SHA-256 that names no delivery of a source, or several."""


def deliveries_shown(run: Run, sources: tuple[str, ...]) -> tuple[DeliveryShown, ...]:
    """Return every registered delivery of some sources, by source, oldest first."""
    built = _built_from(run)
    return tuple(each for source in sources for each in _of_source(run, source, built))


def _of_source(run: Run, source: str, built: dict[tuple[str, str], list[str]]) -> Iterator[DeliveryShown]:
    came = registered(run, source)
    for place, each in enumerate(came):
        is_again = any(other.sha256 == each.sha256 for other in came[:place])
        is_latest = place == len(came) - 1
        yield DeliveryShown(
            source=source,
            file=each.file_name,
            received_on=each.received_on,
            received_by=each.received_by,
            size=each.size,
            sha256=each.sha256,
            is_again=is_again,
            state=_state(run, each) if is_latest else "before",
            built=tuple(built.get((source, each.sha256), ())),
        )


def _state(run: Run, latest: Delivery) -> str:
    record = read_record(run, "raw_file", latest.source)
    if record and record.waits and record.waits.sha256 == latest.sha256:
        return "waits"
    is_read = record and record.delivery and record.delivery.sha256 == latest.sha256
    return "counts" if is_read else "new"


def _built_from(run: Run) -> dict[tuple[str, str], list[str]]:
    """Return (source, SHA-256) -> the published versions that were made from it, in the order of waves and versions."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for wave in run.migration.customer.waves:
        for folder in versions_of(run.workspace, run.slug, wave.name):
            name = f"{wave.name}/{folder.name}"
            for each in manifest_of(run.workspace, run.slug, name).deliveries.items():
                found[each].append(name)
    return found


def named_delivery(run: Run, source: str, name: str) -> Delivery:
    """Return the delivery of a source that a file name, or the beginning of its SHA-256, means.

    Raises NoSuchDelivery where there is none, or where it could be several.
    """
    came = {each.sha256: each for each in registered(run, source)}
    meant = [each for each in came.values() if each.file_name == name]
    if not meant and len(name) >= FEWEST_DIGITS:
        meant = [each for each in came.values() if each.sha256.startswith(name.lower())]
    if len(meant) == 1:
        return meant[0]
    known = ", ".join(f"{each.file_name} ({each.id})" for each in came.values()) or "none"
    what = f"{len(meant)} deliveries are called {name!r}" if meant else f"no delivery {name!r}"
    raise NoSuchDelivery(f"{source}: {what}; its deliveries are {known}")


def go_back_to(run: Run, source: str, name: str) -> Delivery:
    """Register an older delivery of a source as its latest once more, and return it.

    Raises NoSuchDelivery for an unknown one, for the one that counts already, and for one whose copy is gone.
    """
    meant, came = named_delivery(run, source, name), registered(run, source)
    if came[-1].sha256 == meant.sha256:
        raise NoSuchDelivery(f"{source}: {meant.file_name} ({meant.id}) is the latest delivery already")
    into = run.workspace.deliveries(run.slug)
    if not copy_of(meant, into).is_file():
        raise NoSuchDelivery(f"{source}: the copy of {meant.file_name} ({meant.id}) is gone; restore {into}")
    return register_again(meant, into=into, received_on=run.as_of, received_by=run.by)
