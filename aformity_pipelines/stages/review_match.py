"""Whether the entries of a workbook are today what it showed: matched one by one, by key and by what was shown.

A row is taken where its evidence is the same as then and it is still in question; for every other one it is said what
became of it.  Keep out: the workbook's file, and what was answered.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from aformity_pipelines.domain.open_finding import OpenFinding
from aformity_pipelines.review.workbook.answers import Answer
from aformity_pipelines.review.workbook.drafting import Match
from aformity_pipelines.review.workbook.sealed import Origin, Sealed
from aformity_pipelines.review.workbook.shape import FIELD_MAP
from aformity_pipelines.stages.review_fields import mapping_evidence
from aformity_pipelines.stages.review_groups import groups_of, regrouped
from aformity_pipelines.stages.review_rows import identities, rows_by_key
from aformity_pipelines.stages.review_since import Since, choice_since, rows_since
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.waiving import stated

CHANGED = "the values that the workbook showed have changed since"
GONE = "the row is not in today's delivery"
SETTLED = "the rule is not broken by it any more"
TWINS = "more rows than were shown have this key and these values now, and nobody can tell which was meant"
RULE_CHANGED = "the rule has changed since"
NOT_OPEN = "nothing is open about it any more"


def matches_of(
    run: Run, origin: Origin, answers: Sequence[Answer], findings: Mapping[str, OpenFinding]
) -> dict[str, Match]:
    """Return what every entry of the answered findings and field mappings is today, by its code."""
    since = int(origin.facts["log_seq"])
    asked = {answer.entry.finding for answer in answers if answer.entry.sheet != FIELD_MAP}
    found: dict[str, Match] = {}
    for name in sorted(asked):
        entries = [
            entry for entry in origin.entries.values() if entry.finding == name and entry.sheet != FIELD_MAP
        ]
        found.update(_of_finding(run, entries, name, findings.get(name), since))
    for answer in answers:
        code = answer.entry.code
        if answer.entry.sheet == FIELD_MAP:
            found[code] = _of_field(run, answer.entry)
        if not answer.entry.is_row and not found[code].because:
            found[code] = Match(because=choice_since(run, answer.entry, answer.choice, since))
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
    decided = rows_since(run, subject, rule, since)
    if finding is None:
        for entry in entries:
            yield (
                entry.code,
                Match(because=decided.by_key.get(entry.key, NOT_OPEN) if entry.is_row else NOT_OPEN),
            )
        return
    (heading,) = (entry for entry in entries if not entry.is_row)
    if heading.evidence != stated(run, subject, rule):
        yield from ((entry.code, Match(because=RULE_CHANGED)) for entry in entries)
        return
    rows = [entry for entry in entries if entry.is_row]
    yield from ((entry.code, Match()) for entry in entries if not entry.is_row)
    yield from _of_rows(run, rows, finding, decided)


def _of_rows(
    run: Run, entries: Iterable[Sealed], finding: OpenFinding, decided: Since
) -> Iterator[tuple[str, Match]]:
    shown = Counter((entry.key, entry.digest) for entry in entries)
    groups = groups_of(run, finding)
    open_now: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in identities(run, finding):
        open_now[row.key, row.evidence].append(row.row)
    elsewhere = [key for key, evidence in shown if (key, evidence) not in open_now]
    today: dict[str, set[str]] = defaultdict(set)
    for row in rows_by_key(run, finding, elsewhere) if elsewhere else ():
        today[row.key].add(row.evidence)
    for entry in entries:
        same = entry.key, entry.digest
        if len(open_now.get(same, ())) > shown[same]:
            yield entry.code, Match(because=TWINS)
        elif open_now.get(same):
            row_id = open_now[same].pop(0)
            shown[same] -= 1
            because = decided.by_row.get(row_id) or regrouped(entry.group, groups.get(row_id, ""))
            yield entry.code, Match(row=row_id, because=because)
        else:
            yield entry.code, Match(because=_became(entry, today, decided))


def _became(entry: Sealed, today: Mapping[str, set[str]], decided: Since) -> str:
    """Say what became of a row that is not in question as it was shown."""
    if entry.key not in today:
        return GONE
    if entry.digest not in today[entry.key]:
        return CHANGED
    return decided.by_key.get(entry.key, SETTLED)
