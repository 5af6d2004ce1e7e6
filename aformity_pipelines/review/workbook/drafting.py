"""Answers become drafts: equal answers to one finding are one decision over all of their rows.

Who looked at it is the reviewer whose sheet it is; how we know it is the workbook, named by its SHA-256.
Keep out: what a draft covers, and whether it may be recorded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aformity_pipelines.domain.drafts import Draft, DraftCoverage
from aformity_pipelines.domain.open_finding import OpenFinding
from aformity_pipelines.review.workbook.answers import Answer
from aformity_pipelines.review.workbook.remarks import Remark, Weight
from aformity_pipelines.review.workbook.returned import Return, Returned
from aformity_pipelines.review.workbook.shape import FIELD_MAP

_TOGETHER = 2
"""Rows that a decision about look-alikes has at least."""

_SINGULAR = ("is", "stays as it is", "launches", "looks")
_PLURAL = ("are", "stay as they are", "launch", "look")


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What an entry of the workbook is today."""

    row: str = ""  # row id today
    because: str = ""  # why nothing is decided about it any more; empty where it stands as it was shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """A draft, and the cell of the first answer that it is made of."""

    draft: Draft
    at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafting:
    """What drafts are made with."""

    returned: Return
    matches: Mapping[str, Match]  # by code of the entry
    findings: Mapping[str, OpenFinding]  # by id, as they are open today
    people: Mapping[str, str]  # key in `people` -> name
    file: str
    sha256: str
    on: str  # ISO date
    called: Mapping[
        str, tuple[str, str]
    ]  # entity or source -> what one and what several of its rows are called

    def how_known(self, sheet: str) -> str:
        """Say how we know what was decided."""
        return f"exception workbook {self.file}, sheet {sheet}, imported on {self.on}"

    @property
    def evidence(self) -> tuple[str, ...]:
        """What shows it."""
        return (f"{self.file} (SHA-256 {self.sha256})",)


def draft(answers: Sequence[Answer], using: Drafting) -> tuple[tuple[Drafted, ...], tuple[Remark, ...]]:
    """Return the decisions that the answers ask for, and a remark for each answer that does not become one."""
    remarks: list[Remark] = []
    groups: dict[tuple[object, ...], list[Answer]] = {}
    partly: set[tuple[object, ...]] = set()
    for answer in answers:
        match = using.matches.get(answer.entry.code, Match())
        if match.because:
            remarks.append(_skip(answer, match.because))
            partly.add(_alike(answer))
        else:
            groups.setdefault(_alike(answer), []).append(answer)
    found = [
        each
        for alike, group in groups.items()
        for each in _drafted(group, using, remarks, is_whole=alike not in partly)
    ]
    return tuple(found), tuple(remarks)


def _alike(answer: Answer) -> tuple[object, ...]:
    if answer.entry.sheet == FIELD_MAP:
        return ("map", answer.entry.finding, answer.by, answer.reason)
    return (
        *(answer.entry.finding, answer.choice, answer.by, answer.value),
        *(answer.reason, answer.owner, answer.due),
    )


def _drafted(
    group: Sequence[Answer], using: Drafting, remarks: list[Remark], *, is_whole: bool
) -> Iterator[Drafted]:
    first = group[0]
    if first.entry.sheet == FIELD_MAP:
        yield Drafted(draft=_approval(group, using), at=first.at)
        return
    rows = [using.matches[each.entry.code].row for each in group if each.entry.is_row]
    own: dict[str, Any] = {}
    if first.choice.kind == "merge_approved":
        survivor = _survivor(group, using, remarks)
        if survivor is None:
            return
        own["survivor"] = survivor.entry.key
        rows = list(dict.fromkeys((using.matches[survivor.entry.code].row, *rows)))
    if first.choice.kind in {"merge_approved", "merge_refused"} and len(rows) < _TOGETHER:
        if not is_whole:
            remarks += [_skip(each, "the rows that were answered with it are not taken") for each in group]
            return
        remarks += [
            _refuse(each, "names one row alone", "answer the other rows that it is about") for each in group
        ]
        return
    yield Drafted(draft=_decision(first, rows, own, using), at=first.at)


def _survivor(group: Sequence[Answer], using: Drafting, remarks: list[Remark]) -> Returned | None:
    """Return the row that stays; None with a remark where it is not one row, answered otherwise, or not as it was."""
    first = group[0]
    meant = [
        row
        for row in using.returned.rows.values()
        if row.entry.is_row
        and row.entry.heading == first.entry.heading
        and first.value is not None
        and first.value.strip() in {row.label, row.entry.key}
    ]
    if len(meant) != 1:
        known = (
            f"{len(meant)} rows of this finding are called" if meant else "no row of this finding is called"
        )
        do = "write what stands in the column Row of the one that stays"
        remarks += [_refuse(each, f"{known} {first.value!r}", do) for each in group]
        return None
    (survivor,) = meant
    if not survivor.is_blank and survivor.entry.code not in {each.entry.code for each in group}:
        says = f"{survivor.label!r} is to stay, and is answered otherwise at {survivor.at('Answer')}"
        remarks += [_refuse(each, says, "answer it in the same way, or leave it blank") for each in group]
        return None
    match = using.matches.get(survivor.entry.code, Match(because="the row that stays is not known today"))
    if match.because:
        remarks += [_skip(each, f"the row that stays: {match.because}") for each in group]
        return None
    return survivor


def _approval(group: Sequence[Answer], using: Drafting) -> Draft:
    first = group[0]
    fields = tuple(each.entry.key for each in group)
    return Draft(
        kind="mapping_approved",
        by=first.by,
        how_known=using.how_known(first.entry.sheet),
        says=f"{first.entry.finding.capitalize()}: {len(fields)} field{'' if len(fields) == 1 else 's'} may be filled as the field map shows.",
        why=first.reason,
        evidence=using.evidence,
        covers=DraftCoverage(entity=first.entry.finding, fields=fields),
    )


def _decision(first: Answer, rows: Sequence[str], own: dict[str, Any], using: Drafting) -> Draft:
    finding, kind = using.findings[first.entry.finding], first.choice.kind
    wanted: dict[str, Any] = {
        "kind": kind,
        "by": first.by,
        "how_known": using.how_known(first.entry.sheet),
        "says": _says(first, len(rows), finding, using),
        "why": first.reason,
        "evidence": using.evidence,
        "until_wave": first.choice.wave,
        "owner": first.owner,
        "due": first.due,
        **own,
    }
    if first.choice.target is None:
        chosen = {"rows": tuple(rows)} if kind != "rule_waived" else {}
        wanted["covers"] = {"subject": finding.subject, "rule": finding.rule, **chosen}
    match kind:
        case "value_corrected":
            wanted |= {"field": first.choice.field, "value": first.value}
        case "question_asked":
            wanted |= {"says": first.reason, "why": f"Asked in the review, about: {finding.says}"}
        case "question_answered":
            wanted |= {"answers": first.choice.target, "answer": first.reason}
        case "follow_up_closed":
            wanted["closes"] = first.choice.target
        case "follow_up_reassigned":
            wanted["follow_up"] = first.choice.target
    return Draft.model_validate(wanted)


def _says(first: Answer, number: int, finding: OpenFinding, using: Drafting) -> str:
    """Return the sentence for the customer: what is so from now on.  Values and keys of rows stay out."""
    one, many = using.called.get(finding.subject, ("row", "rows"))
    rows = f"{number:,} {(one if number == 1 else many).lower()}"
    is_, stay, launch, look = _SINGULAR if number == 1 else _PLURAL
    field = (first.choice.field or "").replace("_", " ")
    whose = using.people.get(first.owner or "", first.owner)
    until = f"{first.due:%-d %B %Y}" if first.due else ""
    unmet = f"What is not met: {finding.says}"
    sentences = {
        "risk_accepted": f"{rows} {stay}. {unmet}",
        "rows_excluded": f"{rows} {is_} not brought over.",
        "rows_deferred": f"{rows} {launch} with {first.choice.wave}.",
        "value_corrected": f"The {field} of {rows} is corrected.",
        "merge_approved": f"{rows} are one record.",
        "merge_refused": f"{rows} {look} alike and stay apart.",
        "follow_up_opened": f"{whose} looks into {rows} by {until}. {unmet}",
        "follow_up_reassigned": f"{whose} goes on with it, by {until}. {unmet}",
        "follow_up_closed": f"It is done. {unmet}",
        "question_answered": f"The question is answered. {unmet}",
        "rule_waived": f"Not asked of us, for rows to come either: {finding.says}",
    }
    return sentences.get(first.choice.kind, first.reason)


def _skip(answer: Answer, because: str) -> Remark:
    return Remark(
        at=answer.at, weight=Weight.SKIPS, says=f"{answer.label or answer.entry.key}: {because}; not recorded"
    )


def _refuse(answer: Answer, says: str, do: str) -> Remark:
    return Remark(at=answer.at, weight=Weight.REFUSES, says=f"{answer.choice.words!r}: {says}", do=do)
