"""The launch state in a few sentences, each with what it rests on."""

from collections.abc import Iterator, Sequence

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch.count_names import (
    FOLLOWING,
    FOLLOWING_REASONS,
    HELD,
    HELD_UPDATES,
    records_count,
    rows_count,
    updated_count,
)
from aformity_pipelines.domain.launch.outcomes import EntityOutcome
from aformity_pipelines.domain.launch.statements import Statement
from aformity_pipelines.domain.launch.unresolved import UnresolvedWork
from aformity_pipelines.domain.revalidation import Revalidation
from aformity_pipelines.domain.waiting_file import WaitingFile
from aformity_pipelines.stages.launch.source import Sources, day
from aformity_pipelines.tracing.words import listed, wave_words

SHOWN_WORK = 5
"""Pieces of open work that a sentence names; the section on unresolved work has them all."""


def glance(
    sources: Sources,
    counted: Sequence[EntityOutcome],
    unresolved: Sequence[UnresolvedWork],
    waiting: Sequence[WaitingFile],
    tested: Sequence[Revalidation] = (),
) -> tuple[Statement, ...]:
    """Return the launch state in a few sentences, the headline first."""
    return (
        _headline(sources, counted),
        *_waiting(waiting),
        *_open(sources, counted, unresolved),
        *_settled(sources, counted),
        *_tested([each for each in tested if each.wave != sources.run.wave]),
    )


def _headline(sources: Sources, counted: Sequence[EntityOutcome]) -> Statement:
    customer, wave = sources.run.migration.customer, sources.run.migration.customer.wave(sources.run.wave)
    live = [each for each in counted if each.records]
    if sources.manifest.builds_on and any(each.records or each.updated for each in counted):
        return _added(sources, counted)
    if not live and any(each.fates[Fate.EXPORTED] for each in counted):
        before = "what is ready of it went live with an earlier wave"
        state = f"Nothing more of {customer.customer} goes live with {wave_words(wave.name)}: {before}."
    elif not live:
        state = f"Nothing of {customer.customer} can go live yet."
    else:
        brought = listed(tuple(_named(each, each.records) for each in live))
        state = f"{customer.customer} goes live on {day(wave.launches_on)} with {brought}."
    return Statement(says=state, evidence=("manifest", *(records_count(each.entity) for each in live)))


def _added(sources: Sources, counted: Sequence[EntityOutcome]) -> Statement:
    """Say what an export adds to what is in the product: new records, and what changes about those that are there."""
    customer, wave = sources.run.migration.customer, sources.run.migration.customer.wave(sources.run.wave)
    new = tuple(_named(each, each.records) for each in counted if each.records)
    changed = tuple(_named(each, each.updated) for each in counted if each.updated)
    brings = f"brings {customer.customer} {listed(new)}" if new else f"brings {customer.customer} nothing new"
    updates = f", and updates {listed(changed)} in the product" if changed else ""
    words = wave_words(wave.name)
    return Statement(
        says=f"{words[:1].upper()}{words[1:]} {brings} on {day(wave.launches_on)}{updates}.",
        evidence=(
            "manifest",
            *(records_count(each.entity) for each in counted if each.records),
            *(updated_count(each.entity) for each in counted if each.updated),
        ),
    )


def _named(outcome: EntityOutcome, number: int) -> str:
    return f"{number:,} {(outcome.plural if number != 1 else outcome.label).lower()}"


def _tested(tested: Sequence[Revalidation]) -> Iterator[Statement]:
    """Say of each later wave how it stood when it was tested last."""
    for each in tested:
        found = (
            (each.ready, "{n} ready"),
            (each.still_blocked, "{n} still held back"),
            (each.newly_blocked, "{n} newly held back"),
            (each.overdue, "{n} overdue"),
        )
        told = tuple(words.format(n=f"{number:,}") for number, words in found if number)
        words = wave_words(each.wave)
        rows = _counted(each.tested, "row", "rows")
        state = f"{rows}, {listed(told)}" if told else "no row is left to launch"
        says = f"{words[:1].upper()}{words[1:]} was tested again on {day(each.as_of)}: {state}."
        yield Statement(says=says, evidence=("revalidations",))


def _waiting(waiting: Sequence[WaitingFile]) -> Iterator[Statement]:
    for file in waiting:
        what = "another file" if file.refused else "an answer"
        says = (
            f"{file.file}, received on {day(file.received_on)}, waits for {what}: {file.owner.name} settles it by"
            f" {day(file.due)}; nobody can count its rows until then."
        )
        yield Statement(says=says, evidence=(f"raw_file/{file.source}",))


def _open(
    sources: Sources, counted: Sequence[EntityOutcome], unresolved: Sequence[UnresolvedWork]
) -> Iterator[Statement]:
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
        yield from _held_updates(counted)
    if others:
        items = _counted(len(others), "open item holds", "open items hold")
        evidence = ("unresolved", *dict.fromkeys(work.id for work in others[:SHOWN_WORK]))
        yield Statement(
            says=f"{items} nothing back: no row waits for {'it' if len(others) == 1 else 'them'}.",
            evidence=evidence,
        )


def _held_updates(counted: Sequence[EntityOutcome]) -> Iterator[Statement]:
    number = sum(each.held_updates for each in counted)
    if number:
        stays = "stays as it is" if number == 1 else "stay as they are"
        rows = _counted(number, "of these rows is", "of these rows are")
        says = f"{rows} in the product already and {stays}: only what changed since waits."
        yield Statement(says=says, evidence=(HELD_UPDATES,))


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
    waiting, gone = (sum(each.fates[fate] for each in counted) for fate in (Fate.DEFERRED, Fate.EXCLUDED))
    later = f"{_counted(waiting, 'row is', 'rows are')} planned for a later wave" if waiting else ""
    rows = ("more is", "more are") if waiting else ("row is", "rows are")
    agreed = f"{'' if gone == 1 else 'each '}for a reason that was agreed"
    left_out = f"{_counted(gone, *rows)} left out for good, {agreed}" if gone else ""
    if later or left_out:
        counts = ((waiting, Fate.DEFERRED), (gone, Fate.EXCLUDED))
        yield Statement(
            says=f"{'; '.join(each for each in (later, left_out) if each)}.",
            evidence=tuple(rows_count(fate=fate) for number, fate in counts if number),
        )
    for left in sources.manifest.left_out:
        says = f"{sources.label(left.entity)} are not in: {left.why}."
        yield Statement(says=says, evidence=("manifest",))


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
