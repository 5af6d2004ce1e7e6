"""The difference of two states of a wave, from the sides that are compared."""

from dataclasses import dataclass, replace
from pathlib import Path

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decision_state import DecisionState
from aformity_pipelines.domain.difference import Difference
from aformity_pipelines.domain.migration import LogHead, Migration
from aformity_pipelines.stages.decision_states import decision_states
from aformity_pipelines.stages.difference.counted import lines, names
from aformity_pipelines.stages.difference.redeliveries import redeliveries
from aformity_pipelines.stages.difference.sides import (
    Side,
    nothing,
    published_now,
    published_side,
    side_of_today,
)
from aformity_pipelines.stages.difference.versions import find_version, last_version, version_before
from aformity_pipelines.stages.live import live_versions
from aformity_pipelines.stages.outputs import StageMissing
from aformity_pipelines.stages.run import Run

OTHER_LOG = (
    "today's log does not hold the decisions that {name} was made with; which were added since cannot be told"
)
NO_STATES = "how the decisions fit cannot be told: {why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Two sides and what differs between them."""

    then: Side
    now: Side
    difference: Difference


def compare_with(run: Run, against: str | None = None) -> Compared:
    """Compare what is in the build of the run's wave with a published version; nothing is written but scratch files.

    Without `against` that is the last version that is not what the build holds now; the first time that a wave goes
    out, the last one that it builds on.  NoVersion names the versions that are there.
    """
    published = published_now(run)
    if against:
        before: tuple[str, Path] | None = find_version(run.workspace, run.slug, run.wave, against)
    elif published:
        before = version_before(run.workspace, run.slug, run.wave, published)
    else:
        live = tuple(each.name for each in live_versions(run))
        before = last_version(run.workspace, run.slug, run.wave, live)
    then = published_side(run, *before) if before else nothing()
    now = published_side(run, run.wave, published) if published else side_of_today(run)
    return Compared(then=then, now=now, difference=_difference(run, then, now))


def _difference(run: Run, then: Side, now: Side) -> Difference:
    notes = [*then.notes, *now.notes]
    redelivered, untold = redeliveries(run, then.deliveries, now.deliveries)
    states, why = _states(run)
    notes += [*untold, *([NO_STATES.format(why=why)] if why else [])]
    added, ended, is_other = moved_decisions(run.migration, then.log)
    if is_other:
        notes.append(OTHER_LOG.format(name=then.name))
    return Difference(
        customer=run.slug,
        wave=run.wave,
        previous=then.name,
        current=now.name,
        lines=lines(then.kept, now.kept, not_run=now.not_run),
        names=names(then.kept, now.kept),
        deliveries=redelivered,
        decisions=states,
        decisions_added=added,
        decisions_ended=ended,
        notes=tuple(dict.fromkeys(notes)),
    )


def moved_decisions(migration: Migration, then: LogHead) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """Return the ids of decisions recorded since the log ended so, of those in force then that are no more, and
    whether the log is another one, so that neither can be told.

    Who may decide is judged by today's rules.
    """
    log = migration.log
    if then.seq > len(log) or (then.seq and _hash_at(migration, then.seq) != then.sha256):
        return (), (), True
    stood = in_force(replace(migration, log=log[: then.seq], head=then))
    stand = {entry.id for entry in in_force(migration)}
    return (
        tuple(entry.id for entry in log[then.seq :]),
        tuple(entry.id for entry in stood if entry.id not in stand),
        False,
    )


def _hash_at(migration: Migration, seq: int) -> str:
    """Return the hash of a line of the log, as the next line or the head names it."""
    return migration.head.sha256 if seq == len(migration.log) else migration.log[seq].prev


def _states(run: Run) -> tuple[tuple[DecisionState, ...], str]:
    """Return how each standing decision fits today's deliveries, or why that cannot be told."""
    try:
        return decision_states(run), ""
    except StageMissing as missing:
        return (), str(missing)
