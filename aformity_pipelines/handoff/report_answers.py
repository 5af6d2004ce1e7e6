"""Every answer, as the report groups it: settled and open apart, then by entity and field, then as the record orders.

Pure, and no markup.  Search and reader find the same lines: each has one place in the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aformity_pipelines.domain.launch.answers import Answer, AskedAbout, OpenAnswer
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.report_rows import FileRows, rows_by_file

ABOUT_WORDS: dict[AskedAbout, str] = {
    AskedAbout.BLANK: "Why is it blank?",
    AskedAbout.VALUE: "Why this value?",
    AskedAbout.ROLE: "Why this role?",
    AskedAbout.MERGED: "Why one record?",
    AskedAbout.KEPT_APART: "Why several records?",
    AskedAbout.EXCLUDED: "Where did it go?",
    AskedAbout.DEFERRED: "Why only later?",
    AskedAbout.HELD: "Why not yet?",
    AskedAbout.UNREADABLE: "Could not be read",
    AskedAbout.KNOWN: "Is that known?",
    AskedAbout.MAPPING: "Where does it come from?",
}
"""Kinds of questions, as the filter of the search names them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerLine:
    """One answer and its place in the page."""

    anchor: str
    answer: Answer | OpenAnswer
    places: tuple[FileRows, ...]  # how people find its rows

    @property
    def listed(self) -> int:
        """Rows that the answer names."""
        return sum(len(place.rows) for place in self.places)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldAnswers:
    """The answers about one field; `field` is empty for those about records as a whole."""

    field: str
    lines: tuple[AnswerLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityAnswers:
    """The answers about one entity, records as a whole first."""

    entity: str
    label: str
    fields: tuple[FieldAnswers, ...]

    @property
    def number(self) -> int:
        """Answers about the entity."""
        return sum(len(each.lines) for each in self.fields)


def settled_answers(record: LaunchRecord) -> tuple[EntityAnswers, ...]:
    """Group the answers that nobody has to act on."""
    return _grouped(record, record.answers, "a")


def open_answers(record: LaunchRecord) -> tuple[EntityAnswers, ...]:
    """Group the answers that wait for somebody."""
    return _grouped(record, record.open_answers, "w")


def kinds_asked(record: LaunchRecord) -> tuple[tuple[AskedAbout, str], ...]:
    """Return the kinds of questions that have an answer, and their words."""
    asked = {each.about for each in record.answers} | {each.about for each in record.open_answers}
    return tuple((about, words) for about, words in ABOUT_WORDS.items() if about in asked)


def _grouped(
    record: LaunchRecord, answers: Sequence[Answer | OpenAnswer], prefix: str
) -> tuple[EntityAnswers, ...]:
    held: dict[str, dict[str, list[AnswerLine]]] = {outcome.entity: {} for outcome in record.outcomes}
    for place, answer in enumerate(answers, 1):
        line = AnswerLine(
            anchor=f"{prefix}{place}",
            answer=answer,
            places=rows_by_file(record, answer.rows, answer.entity),
        )
        held.setdefault(answer.entity, {}).setdefault(answer.field or "", []).append(line)
    labels = {outcome.entity: outcome.plural for outcome in record.outcomes}
    return tuple(
        EntityAnswers(
            entity=entity,
            label=labels.get(entity, entity),
            fields=tuple(
                FieldAnswers(field=field, lines=tuple(fields[field]))
                for field in sorted(fields, key=lambda name: bool(name))
            ),
        )
        for entity, fields in held.items()
        if fields
    )
