"""Each decision as an observation on the assets that it concerns: an asset's timeline is its review history.

The log in the customer's folder is the record, this shows it.  Every line is observed exactly once per Dagster
storage: on the log's own asset last, so that whatever was cut short goes on where it stopped.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import dagster as dg

from aformity_pipelines.domain.decision_kinds import in_words
from aformity_pipelines.domain.decision_words import covered, named_in_words
from aformity_pipelines.domain.decisions import (
    AboutOthers,
    Entry,
    FollowUpOpened,
    FollowUpReassigned,
    QuestionAsked,
    RowDecision,
    RowsDeferred,
    RuleWaived,
    ValueCorrected,
    ValuesReplaced,
    links_of,
)
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.keys import key_of, log_key
from aformity_pipelines.orchestration.packed import Described, cut
from aformity_pipelines.orchestration.waiting_lock import waited_lock
from aformity_pipelines.stages.concerned import concerned

LINE = "log_line"
"""Metadata: SHA-256 of the decision's line in the log."""
DATA_VERSION = "dagster/data_version"
PAGE = 100
WORDS_LIMIT = 300
PATIENCE = 60.0
"""Seconds to wait for another process that is writing the same history."""

Report = Callable[[dg.AssetObservation], None]
NO_EFFECTS: Mapping[str, Described] = {}


def observe_new(
    instance: dg.DagsterInstance,
    workspace: Workspace,
    migration: Migration,
    *,
    report: Report | None = None,
    effects: Mapping[str, Described] = NO_EFFECTS,
    patience: float = PATIENCE,
) -> tuple[Entry, ...]:
    """Observe every decision that this storage has not seen yet, in log order; return them.

    `report` takes the place of Dagster's own door for events outside a run; `effects` are more metadata by id.
    LockHeld says who writes the same history for longer than `patience` seconds.
    """
    if not unobserved(instance, migration):
        return ()
    holder = "the review history in Dagster"
    with waited_lock(workspace.history_lock(migration.slug), holder, seconds=patience):
        new = unobserved(instance, migration)
        observe(instance, workspace, migration, new, report=report, effects=effects)
    return new


def observe(
    instance: dg.DagsterInstance,
    workspace: Workspace,
    migration: Migration,
    entries: tuple[Entry, ...],
    *,
    report: Report | None = None,
    effects: Mapping[str, Described] = NO_EFFECTS,
) -> None:
    """Observe the next decisions of the log, in its order.  The caller holds the history's lock."""
    tell = report or instance.report_runless_asset_event
    places = concerned(workspace, migration, entries)
    lines = lines_of(migration)
    for number, entry in enumerate(entries):
        line, log = lines[entry.seq], log_key(migration.slug)
        described = of_decision(entry, line) | effects.get(entry.id, {})
        for key in (key_of(migration.slug, step) for step in places[entry.id]):
            # Only of the first can a part be there: it may have been cut short, and the log's asset comes last.
            if number or line != next(_lines_seen(instance, key), None):
                tell(_observation(key, entry, described))
        tell(_observation(log, entry, described, {DATA_VERSION: line}))


def unobserved(instance: dg.DagsterInstance, migration: Migration) -> tuple[Entry, ...]:
    """Return the decisions that this storage has not seen, in log order.

    A line that the log does not hold any more (it was restored to an earlier state) is passed over.
    """
    if not migration.log:
        return ()
    known = {line: seq for seq, line in lines_of(migration).items()}
    seen = _lines_seen(instance, log_key(migration.slug))
    last = next((known[line] for line in seen if line in known), 0)
    return migration.log[last:]


def lines_of(migration: Migration) -> dict[int, str]:
    """Return sequence number -> SHA-256 of that line of the log."""
    after = (*(entry.prev for entry in migration.log[1:]), migration.head.sha256)
    return {entry.seq: line for entry, line in zip(migration.log, after, strict=True)}


def of_decision(entry: Entry, line: str) -> Described:
    """Return a decision as metadata: who, when, why and how much, without any value or row of the customer."""
    text: dict[str, str] = {
        "decision": entry.id,
        "kind": in_words(entry.kind),
        "says": entry.says,
        "by": f"{entry.by.name}, {entry.by.role} ({entry.by.side.value})",
        "on": entry.on.isoformat(),
        "how_known": entry.how_known,
        "why": entry.why,
        **_particulars(entry),
    }
    if not isinstance(entry, AboutOthers):
        text["covers"] = covered(entry)
    if named := "; ".join(named_in_words(entry)):
        text["names"] = named
    if ended := ", ".join(link.target for link in links_of(entry) if link.ends):
        text["ends"] = ended
    if entry.supersedes_because:
        text["because"] = entry.supersedes_because
    if entry.evidence:
        text["evidence"] = "; ".join(entry.evidence)
    described: Described = {name: dg.MetadataValue.text(cut(words)) for name, words in text.items()}
    return described | {"sequence": dg.MetadataValue.int(entry.seq), LINE: dg.MetadataValue.text(line)}


def observed(instance: dg.DagsterInstance, key: dg.AssetKey) -> Iterator[Mapping[str, dg.MetadataValue[Any]]]:
    """Yield the metadata of the decisions that were observed on an asset, the latest first."""
    cursor: str | None = None
    while True:
        page = instance.fetch_observations(key, limit=PAGE, cursor=cursor)
        for record in page.records:
            if (seen := record.asset_observation) and LINE in seen.metadata:
                yield seen.metadata
        if not page.has_more:
            return
        cursor = page.cursor


def _lines_seen(instance: dg.DagsterInstance, key: dg.AssetKey) -> Iterator[str]:
    return (str(metadata[LINE].value) for metadata in observed(instance, key))


def _observation(
    key: dg.AssetKey, entry: Entry, described: Described, tags: Mapping[str, str] | None = None
) -> dg.AssetObservation:
    words = f"{entry.id}: {in_words(entry.kind)} by {entry.by.name}, {covered(entry)}"
    return dg.AssetObservation(
        asset_key=key, description=cut(words, WORDS_LIMIT), metadata=described, tags=tags
    )


def _particulars(entry: Entry) -> dict[str, str]:
    """Return what only some kinds have; corrected values and names of rows stay in the log."""
    found: dict[str, str] = {}
    if isinstance(entry, RowDecision | RuleWaived) and entry.covers.rule:
        found["rule"] = entry.covers.rule
    if isinstance(entry, ValueCorrected | ValuesReplaced):
        found["field"] = entry.field
    if isinstance(entry, RowsDeferred):
        found["until_wave"] = entry.until_wave
    if isinstance(entry, FollowUpOpened | FollowUpReassigned | QuestionAsked):
        found["owner"] = f"{entry.owner.name}, {entry.owner.role} ({entry.owner.side.value})"
        found["due"] = entry.due.isoformat()
    return found
