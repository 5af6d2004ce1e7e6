"""What changed since the version before: a comparison of two published versions and of the log then and now.

Which rules a decision was stale for is not kept of an earlier version.  A decision counts as stale since then where
it settles fewer rows than it did in that version's tables.
"""

from collections.abc import Iterable
from dataclasses import replace

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import (
    Entry,
    FollowUpOpened,
    QuestionAsked,
    RuleWaived,
    ValueCorrected,
    ValuesReplaced,
)
from aformity_pipelines.domain.launch.changes import Changes
from aformity_pipelines.domain.migration import LogHead
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.stages.difference.redeliveries import redeliveries
from aformity_pipelines.stages.launch.changes_said import sentences
from aformity_pipelines.stages.launch.fate_moves import fate_moves, moved_rows
from aformity_pipelines.stages.launch.previous import Previous, previous_version, reported_on
from aformity_pipelines.stages.launch.released import released
from aformity_pipelines.stages.launch.source import Sources

UNCOUNTED = (RuleWaived, ValueCorrected, ValuesReplaced)
"""Kinds of decisions whose rows no table of an export counts."""
SETTLED = """
select decision, count(distinct row_id) from (
  select accepted_by as decision, row_id from {findings} union all
  select followed_by, row_id from {findings} union all
  select because, row_id from {ledger} union all
  select decision, row_id from {merges}
) where decision in ({decisions}) group by all
"""


def changes(sources: Sources) -> Changes | None:
    """Return what changed since the version that was published before; None at the very first."""
    run = sources.run
    previous = previous_version(run, sources.folder, sources.manifest)
    if previous is None:
        return None
    then = _standing_then(sources, previous)
    now = {entry.id: entry for entry in sources.standing()}
    open_then, open_now = _open_work(then.values()), _open_work(now.values())
    moved = moved_rows(sources, previous)
    compared, _ = redeliveries(run, previous.manifest.deliveries, sources.manifest.deliveries)
    found = Changes(
        since_wave=previous.wave,
        since_version=previous.folder.name,
        since_log_seq=previous.manifest.log_seq,
        since_as_of=reported_on(run, previous),
        moves=fate_moves(moved),
        released=released(sources, previous, moved),
        decisions_added=tuple(e.id for e in run.migration.log if e.seq > previous.manifest.log_seq),
        decisions_ended=tuple(id_ for id_ in then if id_ not in now),
        decisions_stale=_stale_since(sources, previous, now),
        work_settled=tuple(id_ for id_ in open_then if id_ not in open_now),
        work_opened=tuple(id_ for id_ in open_now if id_ not in open_then),
        deliveries=_delivered(sources, previous),
        compared=compared,
    )
    return found.model_copy(update={"says": sentences(sources, found)})


def _standing_then(sources: Sources, previous: Previous) -> dict[str, Entry]:
    """Return the decisions that were in force at the end of the log as it was, by today's rules of approval."""
    migration, seq = sources.run.migration, previous.manifest.log_seq
    head = LogHead(seq=seq, sha256=previous.manifest.log_sha256)
    return {entry.id: entry for entry in in_force(replace(migration, log=migration.log[:seq], head=head))}


def _open_work(entries: Iterable[Entry]) -> tuple[str, ...]:
    return tuple(entry.id for entry in entries if isinstance(entry, FollowUpOpened | QuestionAsked))


def _delivered(sources: Sources, previous: Previous) -> tuple[str, ...]:
    """Return the sources whose delivery is another one than then, in the order of the config."""
    before, after = previous.manifest.deliveries, sources.manifest.deliveries
    return tuple(
        source
        for source in sources.run.migration.customer.sources
        if source in after and after[source] != before.get(source)
    )


def _stale_since(sources: Sources, previous: Previous, now: dict[str, Entry]) -> tuple[str, ...]:
    """Return the decisions that are stale, and were not or less so then, in log order."""
    stale = {each for rule in sources.rules().values() for each in rule.stale}
    if not stale:
        return ()
    then, today = _settled(sources, previous, stale), _settled(sources, None, stale)
    is_same = _made_of(previous.manifest) == _made_of(sources.manifest)
    return tuple(
        id_
        for id_, entry in now.items()
        if id_ in stale
        and (
            entry.seq > previous.manifest.log_seq
            or today.get(id_, 0) < then.get(id_, 0)
            or (isinstance(entry, UNCOUNTED) and not is_same)
        )
    )


def _settled(sources: Sources, version: Previous | None, decisions: Iterable[str]) -> dict[str, int]:
    """Return decision -> rows that it settles in a version's tables, those of this export where it is None."""
    names = ("findings", "ledger", "merges")
    ids = ", ".join(map(literal, sorted(decisions)))
    if version is None:
        rows = sources.query(SETTLED.format(decisions=ids, **{name: f"{{{name}}}" for name in names}))
    else:
        tables = {name: version.relation(name) for name in names}
        rows = sources.masked.counted(SETTLED.format(decisions=ids, **tables))
    return {decision: int(number) for decision, number in rows}


def _made_of(manifest: Manifest) -> tuple[object, ...]:
    versions = manifest.versions
    return (
        manifest.deliveries,
        versions.mappings,
        versions.suites,
        versions.models,
        versions.destination_version,
    )
