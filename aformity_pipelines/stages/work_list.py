"""The work list for programs: every open finding with drafts that only lack what a person knows.

A draft of it, filled in, is what `aformity decide` takes.  Keep out: values of rows.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.drafts import INTAKE_ANSWERED, NEEDED, RULE_WAIVED, WITHOUT_COVERAGE
from aformity_pipelines.domain.open_finding import OpenFinding
from aformity_pipelines.stages.run import Run

FILL_IN = "…"
"""What stands in a draft where a person must say something; too short for any key, so it cannot be recorded as it is."""
_ENVELOPE = {"by": FILL_IN, "how_known": FILL_IN, "says": FILL_IN, "why": FILL_IN}
_TARGET = {
    "follow_up_reassigned": "follow_up",
    "follow_up_closed": "closes",
    "question_answered": "answers",
}


class WorkItem(Document):
    """One open finding as a program settles it."""

    finding: OpenFinding
    age: int
    """Days since it came up."""
    drafts: tuple[dict[str, Any], ...]
    """One for each kind that settles it; `…` stands where a person must say something."""


class WorkList(Document):
    """Everything that is open in one wave."""

    customer: str
    wave: str
    people: tuple[str, ...]
    """The keys that `by` and `owner` take."""
    waves: tuple[str, ...]
    """What `until_wave` takes: the waves after this one."""
    open: tuple[WorkItem, ...]


def work_list(run: Run, findings: Iterable[OpenFinding], *, owner: str | None = None) -> WorkList:
    """Return the open findings, all or those of one owner (by key in `people`), with drafts to be filled in."""
    customer = run.migration.customer
    person = customer.people[owner] if owner is not None else None
    return WorkList(
        customer=run.slug,
        wave=run.wave,
        people=tuple(customer.people),
        waves=tuple(wave.name for wave in customer.waves[customer.rank(run.wave) + 1 :]),
        open=tuple(
            WorkItem(finding=each, age=each.age(run.as_of), drafts=tuple(_drafts(each)))
            for each in findings
            if person is None or each.owner == person
        ),
    )


def _drafts(finding: OpenFinding) -> Iterator[dict[str, Any]]:
    for kind in dict.fromkeys(finding.answers):
        needed = {key: _hint(key, finding) for key in sorted(NEEDED.get(kind, ()))}
        if kind in _TARGET and finding.follow_up:
            needed[_TARGET[kind]] = finding.follow_up
        if kind == INTAKE_ANSWERED:
            needed = {"source": finding.subject, "accept_proposal": True}
        yield {"kind": kind, **_ENVELOPE, **needed, **_covers(kind, finding)}


def _hint(key: str, finding: OpenFinding) -> object:
    match key:
        case "field":
            return finding.fields[0] if finding.fields else FILL_IN
        case "evidence":
            return [FILL_IN]
        case "replace":
            return {FILL_IN: FILL_IN}
        case _:
            return FILL_IN


def _covers(kind: str, finding: OpenFinding) -> dict[str, Any]:
    if kind in WITHOUT_COVERAGE:
        return {}
    if kind == "mapping_approved":
        return {"covers": {"entity": finding.subject, "fields": "all"}}
    about = {"subject": finding.subject, "rule": finding.rule}
    if kind == RULE_WAIVED:
        return {"covers": about}
    return {"covers": {**about, "rows": list(finding.rows)}}
