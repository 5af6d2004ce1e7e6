"""The launch state in a few sentences, each with what it rests on."""

from collections.abc import Iterator, Sequence

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch.count_names import (
    FOLLOWING,
    FOLLOWING_REASONS,
    HELD,
    records_count,
    rows_count,
)
from aformity_pipelines.domain.launch.outcomes import EntityOutcome
from aformity_pipelines.domain.launch.statements import Statement
from aformity_pipelines.domain.launch.unresolved import UnresolvedWork
from aformity_pipelines.domain.waiting_file import WaitingFile
from aformity_pipelines.stages.launch.source import Sources, day
from aformity_pipelines.tracing.words import wave_words

SHOWN_WORK = 5
"""Pieces of open work that a sentence names; the section on unresolved work has them all."""


def glance(
    sources: Sources,
    counted: Sequence[EntityOutcome],
    unresolved: Sequence[UnresolvedWork],
    waiting: Sequence[WaitingFile],
) -> tuple[Statement, ...]:
    """Return the launch state in a few sentences, the headline first."""
    return (
        _headline(sources, counted),
        *_waiting(waiting),
        *_open(sources, unresolved),
        *_settled(sources, counted),
    )


def _headline(sources: Sources, counted: Sequence[EntityOutcome]) -> Statement:
    customer, wave = sources.run.migration.customer, sources.run.migration.customer.wave(sources.run.wave)
    live = [each for each in counted if each.records]
    if not live and any(each.fates[Fate.EXPORTED] for each in counted):
        before = "what is ready of it went live with an earlier wave"
        state = f"Nothing more of {customer.customer} goes live with {wave_words(wave.name)}: {before}."
    elif not live:
        state = f"Nothing of {customer.customer} can go live yet."
    else:
        parts = [
            f"{each.records:,} {(each.plural if each.records != 1 else each.label).lower()}" for each in live
        ]
        listed = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
        state = f"{customer.customer} goes live on {day(wave.launches_on)} with {listed}."
    return Statement(says=state, evidence=("manifest", *(records_count(each.entity) for each in live)))


def _waiting(waiting: Sequence[WaitingFile]) -> Iterator[Statement]:
    for file in waiting:
        what = "another file" if file.refused else "an answer"
        says = (
            f"{file.file}, received on {day(file.received_on)}, waits for {what}: {file.owner.name} settles it by"
            f" {day(file.due)}; nobody can count its rows until then."
        )
        yield Statement(says=says, evidence=(f"raw_file/{file.source}",))


def _open(sources: Sources, unresolved: Sequence[UnresolvedWork]) -> Iterator[Statement]:
    rows = sources.query(
        "select count(*) filter (where reason not in (?, ?)), count(*) filter (where reason in (?, ?))"
        " from {ledger} where fate = ?",
        [*FOLLOWING_REASONS, *FOLLOWING_REASONS, Fate.UNRESOLVED],
    )
    held, following = rows[0]
    holding = [work for work in unresolved if work.holds]
    others = [work for work in unresolved if not work.holds]
    if held or following:
        counts = [name for name, number in ((HELD, held), (FOLLOWING, following)) if number]
        evidence = (*counts, "unresolved", *dict.fromkeys(work.id for work in holding[:SHOWN_WORK]))
        yield Statement(says=_held(held, following, holding), evidence=evidence)
    if others:
        items = _counted(len(others), "open item holds", "open items hold")
        evidence = ("unresolved", *dict.fromkeys(work.id for work in others[:SHOWN_WORK]))
        yield Statement(
            says=f"{items} nothing back: no row waits for {'it' if len(others) == 1 else 'them'}.",
            evidence=evidence,
        )


def _held(held: int, following: int, holding: Sequence[UnresolvedWork]) -> str:
    more = "row waits" if following == 1 else "rows wait"
    if not held:
        return f"{following:,} {more} with the records that they belong to."
    rows = _counted(held, "row is", "rows are")
    by = ""
    if holding:
        people = _counted(len({work.owner.name for work in holding}), "owner", "owners")
        late = sum(work.is_overdue for work in holding)
        overdue = f", {late:,} of them overdue" if late else ""
        by = f" by {_counted(len(holding), 'open item', 'open items')} with {people}{overdue}"
    also = f"; {following:,} more wait{'s' if following == 1 else ''} with the records that they belong to"
    return f"{rows} held back{by}{also if following else ''}."


def _settled(sources: Sources, counted: Sequence[EntityOutcome]) -> Iterator[Statement]:
    waiting = sum(each.fates[Fate.DEFERRED] for each in counted)
    if waiting:
        says = f"{_counted(waiting, 'row is', 'rows are')} planned for a later wave."
        yield Statement(says=says, evidence=(rows_count(fate=Fate.DEFERRED),))
    gone = sum(each.fates[Fate.EXCLUDED] for each in counted)
    if gone:
        says = f"{_counted(gone, 'row is', 'rows are')} left out for good, {'' if gone == 1 else 'each '}for a reason that was agreed."
        yield Statement(says=says, evidence=(rows_count(fate=Fate.EXCLUDED),))
    for left in sources.manifest.left_out:
        says = f"{sources.label(left.entity)} are not in: {left.why}."
        yield Statement(says=says, evidence=("manifest",))


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
