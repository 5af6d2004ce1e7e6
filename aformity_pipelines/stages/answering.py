"""Answering: a draft about a file's format is tried on the delivery that was shown, and recorded with what came of it."""

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aformity_pipelines.config.problems import did_you_mean
from aformity_pipelines.domain.delivery import Delivery, FormatHints
from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.intake.delivered import read_delivery
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood, Question, QuestionKind
from aformity_pipelines.intake.register import all_deliveries, copy_of
from aformity_pipelines.stages.carried import counted, earlier_of
from aformity_pipelines.stages.earlier_delivery import ReadTable, told_of
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.intake_answers import HowToRead, without_values
from aformity_pipelines.stages.outputs import StageMissing, read_record
from aformity_pipelines.stages.refusing import DraftRefused, Fault, refused
from aformity_pipelines.stages.renamed import check_names
from aformity_pipelines.stages.run import Run, digest_of

ASK_ANEW = "ask the customer for another file"


def answer(run: Run, draft: Draft, source: str) -> dict[str, Any]:
    """Return `format` and `covers` of an answer; DraftRefused says why it settles nothing, or not all that is asked."""
    known = run.migration.customer.sources
    if source not in known:
        raise refused(f"{source!r} is not one of the sources", did_you_mean(source, known), ("source",))
    delivery = _shown(run, source)
    told = told_of(run, source, delivery.sha256)
    told = dataclasses.replace(told, answers=tuple(a for a in told.answers if a.id != draft.supersedes))
    _, asked = _try(run, delivery, told.hints, told)
    given = _given(draft, source, asked)
    hints = given.over(told.hints)
    if hints == told.hints:
        raise refused(f"{source}: this is how its files are read already", "remove it", ("format",))
    headers, still = _try(run, delivery, hints, told)
    if still and not (headers and _is_next(asked, still)):
        raise DraftRefused(
            Fault(says=f"{source}: {delivery.file_name}, read so, leaves a question: {each.what}", do=each.answer,
                  at=("source",))
            for each in still
        )  # fmt: skip
    return {
        "format": given.model_dump(mode="json", exclude_defaults=True),
        "covers": {
            "source": source,
            "delivery": delivery.sha256,
            "file_name": delivery.file_name,
            "questions": digest_of([without_values(each).model_dump(mode="json") for each in asked]),
            "headers": list(headers),
        },
    }


def _is_next(asked: Iterable[Question], still: Iterable[Question]) -> bool:
    """Whether all that is left is about names of columns, and was not asked yet: it is answered next."""
    is_about_names = all(each.kind is QuestionKind.RENAMED for each in still)
    return is_about_names and all(each.kind is not QuestionKind.RENAMED for each in asked)


def _shown(run: Run, source: str) -> Delivery:
    """Return the delivery that people were shown: the one that the last run read, or let wait."""
    record = read_record(run, RAW_FILE, source)
    seen = record and (record.waits or record.delivery)
    if not seen:
        raise StageMissing(f"{source} of {run.slug} has not been read; `aformity run {run.slug}` comes first")
    found = [
        each
        for each in all_deliveries(run.workspace.deliveries(run.slug))
        if (each.source, each.sha256) == (source, seen.sha256)
    ]
    if not found:
        raise refused(
            f"{source}: {seen.file_name} was not taken in, so nobody has seen it", ASK_ANEW, ("source",)
        )
    return found[-1]


def _try(
    run: Run, delivery: Delivery, hints: FormatHints, told: HowToRead
) -> tuple[tuple[str, ...], tuple[Question, ...]]:
    """Return the headers that a delivery has when it is read so, and what is asked then; no headers where it cannot be.

    Whether a column has another name now can only be asked of a file that can be read.
    """
    copy = copy_of(delivery, run.workspace.deliveries(run.slug))
    before = counted(run, delivery.source, earlier_of(run, delivery.source))
    with TemporaryDirectory(dir=run.workspace.scratch(run.slug)) as folder:
        headers: tuple[str, ...] = ()
        try:
            raw = read_delivery(copy, hints, delivery=delivery, into=Path(folder))
            told.check_columns(delivery.file_name, raw.headers)
            headers = raw.headers
            now = ReadTable(delivery=delivery, headers=headers, table=raw.parquet)
            check_names(run, delivery.source, before, now)
        except NotUnderstood as asked:
            return headers, asked.questions
        except DeliveryRefused as refusal:
            raise refused(f"{delivery.source}: {refusal}", ASK_ANEW, ("source",)) from refusal
    return headers, ()


def _given(draft: Draft, source: str, asked: Iterable[Question]) -> FormatHints:
    """Return what the draft answers; with `accept_proposal`, the proposals fill what it leaves open."""
    given = draft.format or FormatHints()
    if not draft.accept_proposal:
        return given
    open_questions = tuple(asked)
    if not open_questions:
        raise refused(f"{source}: nothing is asked about its delivery", "remove it", ("accept_proposal",))
    for question in open_questions:
        if question.proposal == FormatHints() and draft.format is None:
            says = f"{source}: there is no proposal for this: {question.what}"
            raise refused(says, question.answer, ("accept_proposal",))
        given = given.over(question.proposal)
    return given
