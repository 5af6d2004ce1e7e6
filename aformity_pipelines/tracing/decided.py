"""What was decided about a record and shows in none of its values: rows kept apart, questions answered, decisions ended."""

from collections.abc import Iterator

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import (
    DecisionWithdrawn,
    Entry,
    FollowUpClosed,
    MergeRefused,
    QuestionAnswered,
    RowDecision,
    ValueCorrected,
    ValuesReplaced,
    links_of,
)
from aformity_pipelines.review.coverage_cut import names_one_of
from aformity_pipelines.tracing.answer import Step, StepKind
from aformity_pipelines.tracing.covering import rows_decided
from aformity_pipelines.tracing.find import Found, LedgerRow, ledger_rows
from aformity_pipelines.tracing.sources import Sources
from aformity_pipelines.tracing.words import listed, said, sentence, who_when

NAMED = 3
"""Rows that a sentence names before it counts the rest."""


def decided_steps(sources: Sources, entity: str, found: Found, field: str | None = None) -> Iterator[Step]:
    """Yield who keeps the record's rows apart from others, and what became of decisions that hold no more.

    With `field` only of those decisions that were about this field.
    """
    mine = {row for part in found.parts for row in (part.row_id, part.source_row)}
    keys = {
        key
        for part in found.parts
        if part.row_key
        for key in (part.row_key, part.row_key.removesuffix(f"/{part.part}"))
    }
    subjects = {entity, *(part.source for part in found.parts)}
    log, standing = sources.migration.log, in_force(sources.migration)
    about = [
        e
        for e in log
        if isinstance(e, RowDecision) and e.covers.subject in subjects and _is_about(e, entity, field)
    ]
    effective = {entry.id for entry in standing}
    ended = {link.target: later for later in standing for link in links_of(later) if link.ends}
    for entry in about:
        is_apart = isinstance(entry, MergeRefused) and entry.id in effective
        is_gone = entry.id in ended and entry.id not in effective
        if not (is_apart or is_gone) or not names_one_of(sources.coverage, entry.covers, keys):
            continue
        if is_gone:
            yield _ended(entry, ended[entry.id])
            continue
        rows = rows_decided(sources, entity, entry)
        if all(rows.values()) and len(rows) == entry.covers.size:
            yield _kept_apart(sources, entity, entry, sorted(rows.keys() - mine))


def _is_about(entry: RowDecision, entity: str, field: str | None) -> bool:
    """Whether a decision about rows is also about the field that was asked for, if one was."""
    if field is None or f"{entry.covers.rule}.".startswith(f"{entity}.{field}."):
        return True
    return isinstance(entry, ValueCorrected | ValuesReplaced) and entry.field == field


def _kept_apart(sources: Sources, entity: str, entry: Entry, others: list[str]) -> Step:
    named: list[LedgerRow] = ledger_rows(sources, entity, "list_contains(?, row_id)", [others[:NAMED]])
    places = [sources.place_of(row.row_id) for row in named]
    if more := len(others) - len(places):
        places.append(f"{more} more")
    beside = f" from {listed(tuple(places))}" if places else ""
    says = f"Kept apart{beside}: {said(entry)}. {entry.why}"
    where = "; ".join(entry.evidence)
    return Step(kind=StepKind.DECISION, says=says, where=where, refs=(entry.id, *others[:NAMED]))


def _ended(entry: Entry, later: Entry) -> Step:
    refs = (entry.id, later.id)
    if isinstance(later, QuestionAnswered):
        says = f"Asked: {said(entry)}. Answered: {sentence(later.answer)} ({who_when(later)})."
        return Step(kind=StepKind.DECISION, says=says, where="; ".join(later.evidence), refs=refs)
    if isinstance(later, DecisionWithdrawn):
        how = f"taken back: {said(later)}. {later.why}"
    elif isinstance(later, FollowUpClosed):
        how = f"closed: {said(later)}. {later.why}"
    else:
        how = f"{later.id} took its place because {later.supersedes_because}"
    return Step(kind=StepKind.DECISION, says=f"Decided earlier: {said(entry)}; {how}", refs=refs)
