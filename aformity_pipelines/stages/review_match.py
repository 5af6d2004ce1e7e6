"""Whether the entries of a workbook are today what it showed: matched one by one, by key and by what was shown.

A row is taken where its evidence is the same as then and it is still in question; for every other one it is said what
became of it.  Keep out: the workbook's file, and what was answered.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from aformity_pipelines.domain.approval import row_decisions
from aformity_pipelines.domain.decisions import RowDecision, ValueCorrected, ValuesReplaced
from aformity_pipelines.domain.open_finding import OpenFinding
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.review.workbook.answers import Answer
from aformity_pipelines.review.workbook.drafting import Match
from aformity_pipelines.review.workbook.sealed import Origin, Sealed
from aformity_pipelines.review.workbook.shape import FIELD_MAP
from aformity_pipelines.stages.gating import cover
from aformity_pipelines.stages.graph import sources_behind
from aformity_pipelines.stages.review_fields import mapping_evidence
from aformity_pipelines.stages.review_rows import identities, rows_by_key
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all

_WHOLE_ROW = frozenset({"rows_excluded", "rows_deferred", "merge_approved"})
"""Kinds that settle every finding of a row."""
CHANGED = "the values that the workbook showed have changed since"
GONE = "the row is not in today's delivery"
SETTLED = "the rule is not broken by it any more"
TWINS = "more rows than were shown have this key and these values now, and nobody can tell which was meant"
NOT_OPEN = "nothing is open about it any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Since:
    """What was decided about rows since the workbook was made."""

    by_row: Mapping[str, str]  # row id -> decision
    by_key: Mapping[str, str]  # row key -> decision


def matches_of(
    run: Run, origin: Origin, answers: Sequence[Answer], findings: Mapping[str, OpenFinding]
) -> dict[str, Match]:
    """Return what every entry of the answered findings and field mappings is today, by its code."""
    asked = {answer.entry.finding for answer in answers if answer.entry.sheet != FIELD_MAP}
    since = int(origin.facts["log_seq"])
    found: dict[str, Match] = {}
    for name in sorted(asked):
        entries = [
            entry for entry in origin.entries.values() if entry.finding == name and entry.sheet != FIELD_MAP
        ]
        found.update(_of_finding(run, entries, name, findings.get(name), since))
    for answer in answers:
        if answer.entry.sheet == FIELD_MAP:
            found[answer.entry.code] = _of_field(run, answer.entry)
    return found


def _of_field(run: Run, entry: Sealed) -> Match:
    today = mapping_evidence(run, entry.finding) if entry.finding in run.migration.mappings else {}
    if entry.key not in today:
        return Match(because="the field is not mapped so any more")
    return Match() if today[entry.key] == entry.evidence else Match(because="the mapping has changed since")


def _of_finding(
    run: Run, entries: Sequence[Sealed], name: str, finding: OpenFinding | None, since: int
) -> Iterator[tuple[str, Match]]:
    _, subject, rule = name.split("/")[:3]
    decided = _decided_since(run, subject, rule, since)
    if finding is None:
        for entry in entries:
            decision = decided.by_key.get(entry.key) if entry.is_row else None
            yield entry.code, Match(because=f"decided by {decision} since" if decision else NOT_OPEN)
        return
    rows = [entry for entry in entries if entry.is_row]
    yield from ((entry.code, Match()) for entry in entries if not entry.is_row)
    yield from _of_rows(run, rows, finding, decided)


def _of_rows(
    run: Run, entries: Iterable[Sealed], finding: OpenFinding, decided: _Since
) -> Iterator[tuple[str, Match]]:
    shown = Counter((entry.key, entry.evidence) for entry in entries)
    open_now: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in identities(run, finding):
        open_now[row.key, row.evidence].append(row.row)
    elsewhere = [key for key, evidence in shown if (key, evidence) not in open_now]
    today: dict[str, set[str]] = defaultdict(set)
    for row in rows_by_key(run, finding, elsewhere) if elsewhere else ():
        today[row.key].add(row.evidence)
    for entry in entries:
        same = entry.key, entry.evidence
        if len(open_now.get(same, ())) > shown[same]:
            yield entry.code, Match(because=TWINS)
        elif open_now.get(same):
            row_id = open_now[same].pop(0)
            shown[same] -= 1
            decision = decided.by_row.get(row_id)
            yield entry.code, Match(row=row_id, because=f"decided by {decision} since" if decision else "")
        else:
            yield entry.code, Match(because=_became(entry, today, decided))


def _became(entry: Sealed, today: Mapping[str, set[str]], decided: _Since) -> str:
    """Say what became of a row that is not in question as it was shown."""
    if entry.key not in today:
        return GONE
    if entry.evidence not in today[entry.key]:
        return CHANGED
    decision = decided.by_key.get(entry.key)
    return f"decided by {decision} since" if decision else SETTLED


def _decided_since(run: Run, subject: str, rule: str, since: int) -> _Since:
    """Return the decisions after entry `since` of the log that settle the rule for rows as they are today."""
    later = [
        entry
        for entry in row_decisions(run.migration)
        if entry.seq > since and entry.covers.subject == subject and _settles(entry, rule)
    ]
    if not later:
        return _Since(by_row={}, by_key={})
    is_entity = subject in run.migration.mappings
    raw = open_all(run, sources_behind(run.migration, subject) if is_entity else (subject,))
    cover(run, raw, later)
    found = run.connection.execute(
        f"select row_id, row_key, min(decision) from {COVERED} where matches group by row_id, row_key"
    ).fetchall()
    return _Since(by_row={row: id_ for row, _, id_ in found}, by_key={key: id_ for _, key, id_ in found})


def _settles(entry: RowDecision, rule: str) -> bool:
    return (
        entry.covers.rule == rule
        or entry.kind in _WHOLE_ROW
        or (isinstance(entry, ValueCorrected | ValuesReplaced) and entry.covers.rule is None)
    )
