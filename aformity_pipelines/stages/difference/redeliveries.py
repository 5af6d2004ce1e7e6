"""The deliveries that came between two states of a wave: what a source said then held against what it says now."""

from collections.abc import Mapping

from aformity_pipelines.domain.redelivery import Redelivery
from aformity_pipelines.stages.carried import counted
from aformity_pipelines.stages.earlier_delivery import read_again, registered
from aformity_pipelines.stages.redelivered import compare, comparison_of
from aformity_pipelines.stages.run import Run

UNREAD = "{source}: one of both deliveries cannot be read any more; what differs between them cannot be told"


def redeliveries(
    run: Run, then: Mapping[str, str], now: Mapping[str, str]
) -> tuple[tuple[Redelivery, ...], tuple[str, ...]]:
    """Return what differs between the deliveries of both sides, and the sources of which that cannot be told.

    Deliveries that came in between count as carried rows do.  A source that only one side delivered is told by the
    lines of its stages.
    """
    found: list[Redelivery] = []
    untold: list[str] = []
    for source in run.migration.customer.sources:
        before, after = then.get(source), now.get(source)
        if before and after and before != after:
            compared = _stored(run, source, before, after) or _worked_out(run, source, before, after)
            if compared:
                found.append(compared)
            else:
                untold.append(UNREAD.format(source=source))
    return tuple(found), tuple(untold)


def _stored(run: Run, source: str, before: str, now: str) -> Redelivery | None:
    found = comparison_of(run, source)
    return found if found and (found.before, found.now) == (before, now) else None


def _worked_out(run: Run, source: str, before: str, now: str) -> Redelivery | None:
    known = registered(run, source)
    places = {each.sha256: place for place, each in enumerate(known)}
    if before not in places or now not in places:
        return None
    then = counted(run, source, known[: places[before] + 1])
    read = read_again(run, source, known[places[now]])
    if not then or then[-1].delivery.sha256 != before or read is None:
        return None
    return compare(run, source, then, read)
