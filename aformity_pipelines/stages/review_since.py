"""What the log says after a workbook was made of what it asks about: decided, waiting, or decided and taken back.

A workbook answers what was open when it was made; what was decided since is not decided again by it, also where the
decision has ended or has no effect yet.  Keep out: what a row is today.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from aformity_pipelines.domain.approval import in_force, without_effect
from aformity_pipelines.domain.decisions import (
    Entry,
    FollowUpReassigned,
    MappingApproved,
    RowDecision,
    RuleWaived,
    ValueCorrected,
    ValuesReplaced,
    links_of,
)
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.review.workbook.sealed import Sealed
from aformity_pipelines.review.workbook.shape import Choice
from aformity_pipelines.stages.gating import cover
from aformity_pipelines.stages.graph import sources_behind
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all

_WHOLE_ROW = frozenset({"rows_excluded", "rows_deferred", "merge_approved"})
"""Kinds that settle every finding of a row."""
_ENDED = {"supersedes": "replaced", "closes": "closed", "answers": "answered", "withdraws": "withdrawn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What was decided about rows since the workbook was made, in words."""

    by_row: Mapping[str, str] = field(default_factory=dict)  # row id -> words
    by_key: Mapping[str, str] = field(default_factory=dict)  # row key -> words


def rows_since(run: Run, subject: str, rule: str, seq: int) -> Since:
    """Return what entries after `seq` decided about a rule's rows as they are today."""
    words = {
        entry.id: words
        for entry, words in _later(run.migration, seq)
        if isinstance(entry, RowDecision) and entry.covers.subject == subject and _settles(entry, rule)
    }
    if not words:
        return Since()
    is_entity = subject in run.migration.mappings
    raw = open_all(run, sources_behind(run.migration, subject) if is_entity else (subject,))
    decided = [each for each in run.migration.log if isinstance(each, RowDecision) and each.id in words]
    cover(run, raw, decided)
    found = run.connection.execute(
        f"select distinct decision, row_id, row_key from {COVERED} where matches"
    ).fetchall()
    place = {id_: number for number, id_ in enumerate(words)}
    by_row: dict[str, str] = {}
    by_key: dict[str, str] = {}
    for id_, row, key in sorted(found, key=lambda each: place[each[0]]):
        by_row.setdefault(row, words[id_])
        by_key.setdefault(key, words[id_])
    return Since(by_row=by_row, by_key=by_key)


def choice_since(run: Run, entry: Sealed, choice: Choice, seq: int) -> str:
    """Return what entries after `seq` say of a whole finding answered by `choice`, or of a field mapping; or nothing."""
    later = _later(run.migration, seq)
    subject, rule = ("", "") if choice.kind == "mapping_approved" else entry.finding.split("/")[1:3]
    for each, words in later:
        if isinstance(each, MappingApproved) and choice.kind == each.kind:
            is_same = each.covers.entity == entry.finding and entry.key in each.covers.fields
        elif isinstance(each, RuleWaived) and choice.kind == each.kind:
            is_same = (each.covers.subject, each.covers.rule) == (subject, rule)
        else:
            is_same = choice.target is not None and _is_done(each, choice)
        if is_same:
            return words
    return ""


def _is_done(entry: Entry, choice: Choice) -> bool:
    """Whether an entry does to an earlier one what the choice would do, or ends it."""
    moved = isinstance(entry, FollowUpReassigned) and choice.kind == entry.kind
    return any(link.target == choice.target and (link.ends or moved) for link in links_of(entry))


def _later(migration: Migration, seq: int) -> Sequence[tuple[Entry, str]]:
    """Return the decisions after `seq` with what is said of them: those in force, those that wait, those that ended."""
    ranked = sorted(
        ((rank, entry.seq, entry, words) for rank, entry, words in _told(migration) if entry.seq > seq),
        key=lambda each: each[:2],
    )
    return [(entry, words) for _, _, entry, words in ranked]


def _told(migration: Migration) -> Iterator[tuple[int, Entry, str]]:
    """Yield every entry but those that nobody was allowed to make, with its rank and its words."""
    holding = {entry.id for entry in in_force(migration)}
    idle = {each.entry.id: each for each in without_effect(migration)}
    ended = {
        link.target: f"{_ENDED[link.key]} by {entry.id} since"
        for entry in migration.log
        if entry.id in holding
        for link in links_of(entry)
        if link.ends
    }
    for entry in migration.log:
        if entry.id in holding:
            yield 0, entry, f"decided by {entry.id} since"
        elif entry.id not in idle:
            yield 2, entry, f"decided by {entry.id}, {ended.get(entry.id, 'which holds no more')}"
        elif idle[entry.id].waits:
            needs = " and ".join(dict.fromkeys(each.needs for each in idle[entry.id].unmet))
            yield 1, entry, f"decided by {entry.id}, which waits for {needs}"


def _settles(entry: RowDecision, rule: str) -> bool:
    return (
        entry.covers.rule == rule
        or entry.kind in _WHOLE_ROW
        or (isinstance(entry, ValueCorrected | ValuesReplaced) and entry.covers.rule is None)
    )
