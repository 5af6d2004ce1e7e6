"""What the customer may ask first: how many lines the first screen shows, and what waits, in one order.

A file that waits, a question that is still open and open work become one kind of line here, so that the first
screen names owner and date of each; nothing settled is ever among them.
"""

from dataclasses import dataclass
from datetime import date

from aformity_pipelines.domain.launch.answers import LikelyQuestion, OpenQuestion
from aformity_pipelines.domain.launch.unresolved import UnresolvedWork
from aformity_pipelines.domain.waiting_file import WaitingFile
from aformity_pipelines.handoff.report_view import ReportView
from aformity_pipelines.handoff.report_words import counted

FIRST_SETTLED = 3
FIRST_WAITING = 2
"""Lines of the first screen; the others are folded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingLine:
    """One thing that somebody still settles."""

    asks: str
    says: str  # empty where the line above says it all
    owner: str
    due: date
    is_overdue: bool
    note: str  # how many rows or records it is about
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstQuestions:
    """Settled and waiting, each split into what the first screen shows and what is folded."""

    settled: tuple[LikelyQuestion, ...]
    more_settled: tuple[LikelyQuestion, ...]
    waiting: tuple[WaitingLine, ...]
    more_waiting: tuple[WaitingLine, ...]


def first_questions(view: ReportView) -> FirstQuestions:
    """Return what the customer may ask first; open work stands in where no question was derived from it."""
    record = view.record
    waiting = [_of_file(file) for file in record.waiting]
    if record.open_questions:
        waiting += [_of_question(question) for question in record.open_questions]
    else:
        waiting += [_of_work(work, view) for work in view.pressing]
    return FirstQuestions(
        settled=record.questions[:FIRST_SETTLED],
        more_settled=record.questions[FIRST_SETTLED:],
        waiting=tuple(waiting[:FIRST_WAITING]),
        more_waiting=tuple(waiting[FIRST_WAITING:]),
    )


def _of_file(file: WaitingFile) -> WaitingLine:
    return WaitingLine(
        asks=f"{file.file} waits for {'another file' if file.refused else 'an answer'}",
        says="",
        owner=file.owner.name,
        due=file.due,
        is_overdue=file.is_overdue,
        note="rows not counted yet",
        evidence=(f"raw_file/{file.source}",),
    )


def _of_question(question: OpenQuestion) -> WaitingLine:
    return WaitingLine(
        asks=question.asks,
        says=question.says,
        owner=question.owner.name,
        due=question.due,
        is_overdue=question.is_overdue,
        note=counted(question.records, "record", "records"),
        evidence=question.evidence,
    )


def _of_work(work: UnresolvedWork, view: ReportView) -> WaitingLine:
    return WaitingLine(
        asks=work.says,
        says="",
        owner=work.owner.name,
        due=work.due,
        is_overdue=work.is_overdue,
        note=f"{counted(work.row_count, 'row', 'rows')} of {view.entity_label(work.entity)}",
        evidence=(work.id,) if work.id == work.rule else (work.id, work.rule),
    )
