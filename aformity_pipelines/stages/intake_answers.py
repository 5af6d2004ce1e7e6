"""Answers about how files are read: what stands for a source, what is asked, and what an answer leads to.

Questions are derived from the delivery each time and never logged; only answers are.  Keep out: reading.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.domain.approval import intake_answers
from aformity_pipelines.domain.decisions import IntakeAnswered
from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.stage_record import WaitingQuestion
from aformity_pipelines.files.atomic import write_bytes
from aformity_pipelines.files.fingerprint import canonical_json
from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind
from aformity_pipelines.stages.run import digest_of

QUESTIONS = "questions.json"
"""What is asked in full, with examples from the file; it stays with the build and reaches no record."""
NOT_REGISTERED = "not registered"
"""Fingerprint of a file that was refused before it had one."""

WORDS = {
    QuestionKind.ENCODING: "it is not certain which letters some bytes stand for",
    QuestionKind.DIALECT: "it is not certain what stands between two values or around them",
    QuestionKind.HEADER: "it is not certain which row names the columns",
    QuestionKind.TABLE: "it is not certain which table, sheet or file is meant",
    QuestionKind.RECORDS: "it is not certain where the records end, or what short ones mean",
    QuestionKind.PATHS: "it is not certain which nested values become columns",
    QuestionKind.RENAMED: "it is not certain which column is the one that had another name before",
}
"""What a question is about, without any value of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HowToRead:
    """What people said about the format of a source's files."""

    declared: FormatHints  # in defs.yaml
    answers: tuple[IntakeAnswered, ...]  # that stand, oldest first

    @property
    def hints(self) -> FormatHints:
        """All of it together: answers before defs.yaml, later answers before earlier ones."""
        merged = self.declared
        for answer in self.answers:
            merged = answer.format.over(merged)
        return merged

    @property
    def decisions(self) -> tuple[str, ...]:
        """The ids of the answers."""
        return tuple(answer.id for answer in self.answers)

    def inputs(self) -> dict[str, str]:
        """Return the fingerprints of all that reading a delivery depends on beside its bytes."""
        bound = [[each.id, each.covers.model_dump(mode="json")] for each in self.answers]
        found = {"format": digest_of(self.hints.model_dump(mode="json"))}
        return found | ({"answers": digest_of(bound)} if bound else {})

    def check_columns(self, file_name: str, headers: tuple[str, ...]) -> None:
        """Raise NotUnderstood for each answer whose columns this delivery does not hold: it was given for another."""
        if questions := tuple(_outdated(self.answers, headers)):
            raise NotUnderstood(file_name, questions)


def how_to_read(migration: Migration, source: str) -> HowToRead:
    """Return what stands about the format of a source's files."""
    declared = migration.customer.sources[source].format
    return HowToRead(declared=declared, answers=intake_answers(migration, source))


def how_it_was_read(migration: Migration, source: str, delivery: str, order: Sequence[str]) -> HowToRead:
    """Return how one delivery of a source is read: by the answers that were given for it, or for any before it.

    `order` are the SHA-256 of the source's deliveries as they came.  An answer that replaced an older one because of
    a later delivery leaves the older one in force for those before; what was given for this very delivery goes first.
    """
    came = {sha256: place for place, sha256 in reversed(tuple(enumerate(order)))}
    by_id = {entry.id: entry for entry in migration.log if isinstance(entry, IntakeAnswered)}

    def then(answer: IntakeAnswered | None) -> IntakeAnswered | None:
        while answer and came.get(answer.covers.delivery, -1) > came.get(delivery, len(order)):
            answer = by_id.get(answer.supersedes) if answer.supersedes else None
        return answer

    found = {each.id: each for answer in intake_answers(migration, source) if (each := then(answer))}
    ranked = sorted(found.values(), key=lambda each: (each.covers.delivery == delivery, each.seq))
    return HowToRead(declared=migration.customer.sources[source].format, answers=tuple(ranked))


def _outdated(answers: tuple[IntakeAnswered, ...], headers: tuple[str, ...]) -> Iterator[Question]:
    for answer in answers:
        missing = [name for name in answer.covers.headers if name not in headers]
        if missing:
            more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
            columns = ", ".join(repr(name) for name in missing[:5])
            says = (
                f"{answer.id} was given for {answer.covers.file_name}; read as it says, this file lacks"
                f" {len(missing)} of its {len(answer.covers.headers)} columns ({columns}{more})"
            )
            yield Question(
                kind=QuestionKind.HEADER,
                what=says,
                answer=f"ask for the file as it was, or answer anew with `supersedes: {answer.id}`",
                shown=says,
            )


def without_values(question: Question) -> WaitingQuestion:
    """Return a question in the form that records and reports hold: no value of the file in it."""
    return WaitingQuestion(
        kind=question.kind.value,
        says=question.shown or WORDS[question.kind],
        proposal=question.proposal,
    )


def store_questions(folder: Path, questions: tuple[Question, ...]) -> None:
    """Write the questions in full beside the stage's record."""
    texts = [{"kind": q.kind.value, "what": q.what, "answer": q.answer} for q in questions]
    write_bytes(folder / QUESTIONS, f"{canonical_json(texts)}\n".encode())


def questions_in_full(folder: Path) -> tuple[tuple[str, str, str], ...]:
    """Return (kind, what was seen, what to do) of each question that `store_questions` wrote there."""
    path = folder / QUESTIONS
    texts = json.loads(path.read_bytes()) if path.is_file() else []
    return tuple((each["kind"], each["what"], each["answer"]) for each in texts)
