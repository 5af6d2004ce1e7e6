"""What reviewers answered: each filled-in row as one answer that could be decided, or a remark that says what it lacks.

Keep out: whether the answered row is still what it was, and the decisions that follow.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

from aformity_pipelines.review.workbook.choices import ABOUT_EARLIER, CLEAR, NEEDS_NEW_VALUE, NEEDS_OWNER
from aformity_pipelines.review.workbook.grid import Cell
from aformity_pipelines.review.workbook.layout import (
    ANSWER,
    APPROVER,
    COMMENT,
    DUE,
    NEW_VALUE,
    OWNER,
    REASON,
)
from aformity_pipelines.review.workbook.remarks import Remark, Weight
from aformity_pipelines.review.workbook.returned import Return, Returned, answered, order_of
from aformity_pipelines.review.workbook.sealed import Origin, Sealed
from aformity_pipelines.review.workbook.shape import FIELD_MAP, Choice

_SHORTEST = 3
"""Letters of the shortest reason, as the log asks for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer to one entry: a row, a whole finding or a line of the field map."""

    entry: Sealed
    choice: Choice
    by: str  # key in `people`
    reason: str
    at: str  # the cell of the answer
    label: str
    value: str | None = None  # value_corrected: the value; merge_approved: how the surviving row is called
    owner: str | None = None
    due: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """All answers of a workbook, and what is wrong with the others."""

    answers: tuple[Answer, ...]
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What every answer is held against."""

    origin: Origin
    by: str | None  # who decided all of it, where that is told
    today: date
    remarks: list[Remark]

    def refuse(self, at: str, says: str, do: str) -> None:
        self.remarks.append(Remark(at=at, weight=Weight.REFUSES, says=says, do=do))


def review(returned: Return, origin: Origin, *, by: str | None, today: date) -> Reviewed:
    """Return what was answered; a heading's answer counts for the rows of its finding that were left blank."""
    desk = _Desk(origin=origin, by=by, today=today, remarks=[])
    found: dict[str, Answer] = {}
    for each in answered(returned):
        answer = _field_answer(desk, each) if each.sheet == FIELD_MAP else _answer(desk, each)
        if answer is not None:
            found[answer.entry.code] = answer
    spread = [each for answer in found.values() for each in _spread(answer, returned)]
    return Reviewed(answers=tuple(spread), remarks=tuple(desk.remarks))


def _spread(answer: Answer, returned: Return) -> Iterator[Answer]:
    """Yield the answer, or those that a heading's answer is for the rows that were left blank."""
    covers_rows = answer.choice.kind not in {"rule_waived", *ABOUT_EARLIER}
    if answer.entry.is_row or answer.entry.sheet == FIELD_MAP or not covers_rows:
        yield answer
        return
    rows = (row for row in returned.rows.values() if row.entry.is_row)
    blank = [row for row in rows if row.is_blank and row.entry.heading == answer.entry.code]
    for row in sorted(blank, key=lambda each: order_of(each.entry.code)):
        yield replace(answer, entry=row.entry, label=row.label)


def _answer(desk: _Desk, row: Returned) -> Answer | None:
    """Return what a row of a reviewer's sheet says; None where it lacks something, with remarks for all of it."""
    before = len(desk.remarks)
    heading = desk.origin.entries[row.entry.heading]
    choice = _choice(desk, row, heading)
    reason = row.text(REASON)
    if len(reason) < _SHORTEST:
        desk.refuse(row.at(REASON), "the reason is missing", "write in a sentence why")
    if choice is None:
        return None
    value = _new_value(desk, row, choice)
    owner = _person(desk, row, OWNER, is_needed=choice.kind in NEEDS_OWNER)
    due = _due(desk, row, is_needed=choice.kind in NEEDS_OWNER)
    if any(each.weight is Weight.REFUSES for each in desk.remarks[before:]):
        return None
    return Answer(
        entry=row.entry,
        choice=choice,
        by=desk.by or heading.key,
        reason=reason,
        at=row.at(ANSWER),
        label=row.label,
        value=value,
        owner=owner,
        due=due,
    )


def _field_answer(desk: _Desk, row: Returned) -> Answer | None:
    before = len(desk.remarks)
    choice = _choice(desk, row, row.entry)
    comment = row.text(COMMENT)
    if choice is None:
        return None
    if not choice.kind:
        if comment:
            asks = f"asks about {row.entry.key} of {row.entry.finding}: {comment}"
            do = "answer it, then change the mapping or have it approved; the log holds no question about a mapping"
            desk.remarks.append(Remark(at=row.at(ANSWER), weight=Weight.NOTES, says=asks, do=do))
        else:
            desk.refuse(row.at(COMMENT), "the question is missing", "write it into the comment")
        return None
    approver = desk.by or _person(desk, row, APPROVER, is_needed=True)
    if approver is None or len(desk.remarks) > before:
        return None
    reason = comment if len(comment) >= _SHORTEST else "Approved as the field map shows it."
    return Answer(
        entry=row.entry, choice=choice, by=approver, reason=reason, at=row.at(ANSWER), label=row.label
    )


def _choice(desk: _Desk, row: Returned, heading: Sealed) -> Choice | None:
    """Return the answer that was chosen; anything that the drop-down did not offer is refused."""
    words = row.text(ANSWER)
    offered = [
        each for each in heading.allowed() if (not each.whole if row.entry.is_row else not each.single)
    ]
    for each in offered:
        if each.words == words:
            return each
    listed = ", ".join(repr(each.words) for each in offered) or "none here: it takes a command"
    says = (
        f"{words[:40]!r} is none of the answers" if words else "something is filled in, but no answer chosen"
    )
    desk.refuse(row.at(ANSWER), says, f"choose one of the list ({listed})")
    return None


def _new_value(desk: _Desk, row: Returned, choice: Choice) -> str | None:
    cell = row.answers.get(NEW_VALUE, Cell(text=""))
    at = row.at(NEW_VALUE)
    if choice.kind not in NEEDS_NEW_VALUE:
        if cell.text.strip():
            desk.refuse(at, f"{choice.words!r} takes no new value", "choose `Correct …`, or clear this cell")
        return None
    if not cell.text.strip():
        says = "the new value is missing" if choice.field else "it is not said which row stays"
        do = (
            f"write it, or {CLEAR} to empty the field"
            if choice.field
            else "write what stands in its column Row"
        )
        desk.refuse(at, says, do)
    elif cell.is_turned:
        says = f"the spreadsheet made {cell.text[:40]!r} of what was typed, and may show it otherwise"
        desk.refuse(at, says, "give the cell the format Text and type the value again")
    return "" if cell.text.strip() == CLEAR and choice.field else cell.text


def _person(desk: _Desk, row: Returned, header: str, *, is_needed: bool) -> str | None:
    name, at, people = row.text(header), row.at(header), desk.origin.people
    if not is_needed:
        if name:
            desk.remarks.append(
                Remark(at=at, weight=Weight.NOTES, says="this answer needs nobody to act; it is left out")
            )
        return None
    if not name:
        desk.refuse(at, "nobody is named", f"choose one of the list ({', '.join(people)})")
    elif name not in people:
        desk.refuse(at, f"{name[:40]!r} is nobody of the list", f"choose one of it ({', '.join(people)})")
    return people.get(name)


def _due(desk: _Desk, row: Returned, *, is_needed: bool) -> date | None:
    text, at = row.text(DUE), row.at(DUE)
    if not is_needed:
        if text:
            desk.remarks.append(
                Remark(at=at, weight=Weight.NOTES, says="this answer has no due date; it is left out")
            )
        return None
    try:
        due = date.fromisoformat(text)
    except ValueError:
        says = f"{text[:40]!r} is no date" if text else "the due date is missing"
        desk.refuse(at, says, "enter it as 2026-12-01")
        return None
    if due < desk.today:
        desk.refuse(at, f"{due.isoformat()} has passed", f"enter a date from {desk.today.isoformat()} on")
    return due
