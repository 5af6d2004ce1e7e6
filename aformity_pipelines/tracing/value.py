"""One row's way to one field: delivered cell, rule, correction, value map, cast; and why nothing came of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from aformity_pipelines.domain.destination import FieldType
from aformity_pipelines.tracing.answer import Outcome, Step, StepKind
from aformity_pipelines.tracing.cause import cause_of_absence, cause_of_value, no_value
from aformity_pipelines.tracing.find import LedgerRow
from aformity_pipelines.tracing.published import shared_by
from aformity_pipelines.tracing.replay import Row, read_of, texts
from aformity_pipelines.tracing.sources import Sources
from aformity_pipelines.tracing.way import Way, correction_of
from aformity_pipelines.tracing.words import as_text, field_words, listed, quoted, said, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """What one row contributes to a field."""

    row: LedgerRow
    value: Any  # typed, as mapped; None where nothing came of it
    outcome: Outcome
    because: str  # the clause behind "because", for the headline
    steps: tuple[Step, ...]


def trace_value(sources: Sources, entity: str, name: str, row: LedgerRow, replayed: Row) -> Traced:
    """Follow one row's value of a field.  The row's read must map the field."""
    read = read_of(sources.migration, entity, row.source, row.part)
    followed = texts(sources, entity, read, name, row.row_id)
    found = (correction_of(sources.decision(each), name, followed.plain) for each in replayed.decisions)
    corrections = [each for each in found if each]
    value = replayed.values[name]
    way = Way(
        sources=sources,
        entity=entity,
        name=name,
        field=sources.migration.destination.entities[entity].fields[name],
        mapping=read.fields[name],
        row=row,
        value=value,
        bad=replayed.bad.get(name),
        texts=followed,
        correction=corrections[-1] if corrections else None,
        overruled=tuple(corrections[:-1]),
    )
    outcome, because = cause_of_value(way) if value is not None else cause_of_absence(way)
    return Traced(row=row, value=value, outcome=outcome, because=because, steps=tuple(_steps(way)))


def not_fed(sources: Sources, entity: str, name: str, row: LedgerRow) -> Traced:
    """Say why a row whose read does not map the field gives it nothing."""
    feeding = [read for read in sources.migration.reads_of(entity) if name in read.fields]
    if feeding:
        others = listed(tuple(dict.fromkeys(sources.file(read.source) for read in feeding)), "or")
        outcome = Outcome.NEVER_DELIVERED
        because = f"nothing in {sources.file(row.source)} is mapped to it; it only comes with {others}"
    else:
        outcome, because = Outcome.NOT_MAPPED, "nothing in the delivered files is mapped to it"
    says = f"{because[0].upper()}{because[1:]}."
    step = Step(kind=StepKind.MAPPING, says=says, where=f"mapping/{entity}.yaml", refs=(row.row_id,))
    return Traced(row=row, value=None, outcome=outcome, because=because, steps=(step,))


def _steps(way: Way) -> Iterator[Step]:
    where = way.sources.place_of(way.row.row_id)
    for cell in way.texts.cells:
        is_word = bool(cell.exact) and cell.filled is None
        meaning = ": a word by which the source says that nothing was entered" if is_word else ""
        says = (
            f"{cell.header} holds {quoted(cell.exact)}{meaning}."
            if cell.exact
            else f"{cell.header} is empty."
        )
        yield Step(
            kind=StepKind.DELIVERED,
            says=says,
            where=f"{where}, column {cell.header}",
            after=cell.exact,
            refs=(way.row.row_id,),
        )
    yield from _mapping_steps(way)
    for earlier in way.overruled:
        told = said(earlier.entry)
        says = f"An earlier correction to {quoted(earlier.value or None)} no longer counts: {told}."
        yield Step(kind=StepKind.CORRECTION, says=says, refs=(earlier.entry.id,))
    if way.correction:
        entry, before, after = way.correction.entry, way.texts.plain, way.correction.value or None
        says = f"Corrected from {quoted(before)} to {quoted(after)}: {said(entry)}. {entry.why}"
        yield Step(
            kind=StepKind.CORRECTION, says=says, where="; ".join(entry.evidence),
            before=before, after=after, refs=(entry.id,),
        )  # fmt: skip
    yield from _translation_steps(way)


def _mapping_steps(way: Way) -> Iterator[Step]:
    words = field_words(way.name)
    told = f" {way.mapping.says}" if way.mapping.says else f" {way.field.says}"
    says = f"Mapping of {words}: {way.mapping.describe_rule()}.{told}"
    yield Step(kind=StepKind.MAPPING, says=says, where=f"mapping/{way.entity}.yaml")
    approval = way.approval
    entry = way.sources.decision(approval.decision) if approval and approval.decision else None
    if entry:
        yield Step(kind=StepKind.APPROVAL, says=f"Approved: {said(entry)}.", refs=(entry.id,))
        if approval and (of_map := way.sources.decision(approval.value_map or "")):
            says = f"Its value map {way.mapping.values} is approved by itself: {said(of_map)}."
            yield Step(kind=StepKind.APPROVAL, says=says, refs=(of_map.id,))
    elif approval:
        stale = f"Its approval {approval.stale} is stale: the mapping has changed since."
        yield Step(
            kind=StepKind.APPROVAL, says=stale if approval.stale else "Nobody has approved this mapping."
        )
    before = next((cell.filled for cell in way.texts.cells), None)
    for step, text in way.texts.stages:
        if text != before:
            says = f"{step}: {quoted(before)} becomes {quoted(text)}."
            yield Step(kind=StepKind.RULE, says=says, before=before, after=text)
        before = text


def _translation_steps(way: Way) -> Iterator[Step]:
    value, text = as_text(way.value), way.text
    if way.entry:
        entry = way.sources.decision(way.entry.decision) if way.entry.decision else None
        cited = f" Decided: {said(entry)}." if entry else ""
        note = f" Note: {sentence(way.entry.note)}." if way.entry.note else ""
        says = f"{quoted(text)} becomes {quoted(way.entry.target or None)}.{note}{cited}{_shared(way)}"
        yield Step(
            kind=StepKind.VALUE_MAP, says=says, where=f"values/{way.mapping.values}.csv", before=text,
            after=way.entry.target or None, refs=(entry.id,) if entry else (),
        )  # fmt: skip
    elif way.field.allowed and text is not None and value is not None:
        known = next((each for each in way.field.allowed if each.value == value), None)
        meaning = f" {known.says}" if known and known.says else ""
        says = f"The product knows {quoted(text)} as {quoted(value)}.{meaning}{_shared(way)}"
        yield Step(kind=StepKind.VALUE_MAP, says=says, where="destination.yaml", before=text, after=value)
    if way.bad is not None:
        yield Step(kind=StepKind.CAST, says=f"{quoted(way.bad)} is {no_value(way)}.", before=way.bad)
    elif way.field.type is not FieldType.TEXT and value is not None and value != text:
        says = f"Read as {way.field.type.value}: {quoted(text)} is {value}."
        yield Step(kind=StepKind.CAST, says=says, before=text, after=value)


def _shared(way: Way) -> str:
    exact = way.texts.cells[0].exact if len(way.texts.cells) == 1 else None
    rows = shared_by(way.sources, way.entity, way.row, way.name, exact) if exact else 0
    return f" {rows} rows of {way.row.source} share this." if rows > 1 else ""
