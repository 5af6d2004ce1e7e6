"""What happened to a record itself: where it was delivered, corrected fields, merged values, links left blank, decisions."""

from collections.abc import Iterator

from aformity_pipelines.domain.decisions import ValueCorrected, ValuesReplaced
from aformity_pipelines.tracing.answer import Step, StepKind
from aformity_pipelines.tracing.decided import decided_steps
from aformity_pipelines.tracing.find import Found, LedgerRow
from aformity_pipelines.tracing.parts import disagreements, replay_parts
from aformity_pipelines.tracing.published import exported_values, links_left_blank
from aformity_pipelines.tracing.replay import Row, read_of, texts
from aformity_pipelines.tracing.sources import Sources
from aformity_pipelines.tracing.way import correction_of
from aformity_pipelines.tracing.words import field_words, said


def delivered_steps(sources: Sources, found: Found) -> Iterator[Step]:
    """Yield where each row of a record stands in what was delivered, the one that was asked for first."""
    for part in sorted(found.parts, key=lambda each: each.row_id != found.asked.row_id):
        where = sources.place_of(part.row_id)
        yield Step(kind=StepKind.DELIVERED, says="This row was delivered.", where=where, refs=(part.row_id,))


def own_steps(sources: Sources, entity: str, found: Found) -> Iterator[Step]:
    """Yield what happened to single fields of a record, and what was decided about it."""
    again = replay_parts(sources, entity, found.parts)
    for part in found.parts:
        if part.row_id in again:
            yield from _corrections(sources, entity, part, again[part.row_id])
    if len(found.parts) > 1:
        stored = exported_values(sources, entity, found.main)
        yield from disagreements(sources, entity, found, again, stored)
    for name in links_left_blank(sources, entity, found.main.record):
        says = f"The link {field_words(name)} is left blank until the record that it points to is there."
        yield Step(kind=StepKind.LINK, says=says, refs=(found.main.row_id,))
    yield from decided_steps(sources, entity, found)


def _corrections(sources: Sources, entity: str, part: LedgerRow, again: Row) -> Iterator[Step]:
    """Yield each correction of a row's fields, and which later one holds instead."""
    read = read_of(sources.migration, entity, part.source, part.part)
    entries = map(sources.decision, again.decisions)
    about = [each for each in entries if isinstance(each, ValueCorrected | ValuesReplaced)]
    now = {
        field: texts(sources, entity, read, field, part.row_id).plain
        for field in dict.fromkeys(each.field for each in about)
        if field in read.fields
    }
    made = [each for each in about if each.field in now and correction_of(each, each.field, now[each.field])]
    latest = {entry.field: entry.id for entry in made}
    for entry in made:
        later = latest[entry.field]
        over = "" if later == entry.id else f"; {later} holds instead"
        says = f"{field_words(entry.field).capitalize()} was corrected: {said(entry)}{over}."
        yield Step(kind=StepKind.CORRECTION, says=says, refs=(entry.id, part.row_id))
