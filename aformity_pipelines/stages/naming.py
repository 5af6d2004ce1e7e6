"""Which earlier decisions a new one may name: those that hold, or wait, and to supersede, those about the same.

A log that is there is read more mildly: a rule about who decides may have changed what ended what.
"""

from collections.abc import Iterator

from aformity_pipelines.domain.approval import ended, without_effect
from aformity_pipelines.domain.decision_kinds import in_words
from aformity_pipelines.domain.decisions import (
    AboutOthers,
    AboutTheWhole,
    Entry,
    IntakeAnswered,
    Link,
    MappingApproved,
    links_of,
)
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.stages.refusing import DraftRefused, Fault


def refuse_unfit_names(migration: Migration, entry: Entry) -> None:
    """Raise DraftRefused with every earlier decision that an entry about to be recorded names and may not."""
    by_id = {each.id: each for each in migration.log}
    named = [(link, by_id[link.target]) for link in links_of(entry) if link.target in by_id]
    if faults := [fault for link, earlier in named for fault in _faults(migration, entry, link, earlier)]:
        raise DraftRefused(faults)


def _faults(migration: Migration, entry: Entry, link: Link, earlier: Entry) -> Iterator[Fault]:
    by = ended(migration).get(earlier.id)
    idle = {each.entry.id for each in without_effect(migration)}
    if by:
        says = f"{link.key} names {earlier.id}, which {by} already ended"
        yield Fault(says=says, do="name one that stands", at=(link.key,))
    elif link.key == "withdraws" and isinstance(earlier, AboutOthers) and earlier.id not in idle:
        says = f"{link.key} names {earlier.id}, a {earlier.kind} that took effect"
        yield Fault(says=says, do="record anew what holds instead", at=(link.key,))
    elif link.key == "supersedes" and (before := _subject(earlier)) != (now := _subject(entry)):
        says = f"{link.key} names {earlier.id}, which is about {before}; this is about {now}"
        do = f"take {earlier.id} back with a decision_withdrawn, and decide this by itself"
        yield Fault(says=says, do=do, at=(link.key,))


def _subject(entry: Entry) -> str:
    """Return what an entry is about: an entity or a source; for one about another entry, that one and how."""
    if isinstance(entry, AboutOthers):
        (target,) = (link.target for link in links_of(entry) if link.key != "supersedes")
        return f"{target} ({entry.kind})"
    if isinstance(entry, AboutTheWhole):
        return in_words(entry.kind)
    if isinstance(entry, MappingApproved):
        return entry.covers.entity
    return entry.covers.source if isinstance(entry, IntakeAnswered) else entry.covers.subject
