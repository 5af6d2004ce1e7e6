"""The one question: why a record, or one field of it, is the way it is."""

import difflib
import re

from aformity_pipelines.domain.decisions import DECISION_ID
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.tracing.answer import Answer, Outcome
from aformity_pipelines.tracing.fate import explain_fate
from aformity_pipelines.tracing.field import explain_field
from aformity_pipelines.tracing.find import NEAR, Found, find, near, rows_numbered
from aformity_pipelines.tracing.journey import gone_words, waited_before, way_steps
from aformity_pipelines.tracing.own import delivered_steps, own_steps
from aformity_pipelines.tracing.published import findings_of
from aformity_pipelines.tracing.settled import finding_steps
from aformity_pipelines.tracing.sources import Sources
from aformity_pipelines.tracing.words import (
    as_text,
    field_words,
    listed,
    quoted,
    record_words,
    sentence,
    wave_words,
)

OUTCOMES = {
    Fate.EXPORTED: Outcome.EXPORTED,
    Fate.MERGED: Outcome.MERGED,
    Fate.EXCLUDED: Outcome.EXCLUDED,
    Fate.DEFERRED: Outcome.DEFERRED,
    Fate.UNRESOLVED: Outcome.UNRESOLVED,
}


def trace(sources: Sources, entity: str, asked: str, field: str | None = None) -> Answer:
    """Answer for one record (or one field of it) of a published version.

    `asked` is a key of the product, a row key, a row id, `source#row` or a row number.  What is not there is
    an answer too: `outcome` is `not_found` and `near` says what could have been meant.
    """
    unknown = _unknown_name(sources, entity, asked, field)
    if unknown:
        return unknown
    found = find(sources, entity, asked)
    if found is None and (numbered := rows_numbered(sources, entity, asked)):
        says = f"{asked} is a row of each of {listed(tuple(each.partition('#')[0] for each in numbered))}"
        return _not_found(sources, entity, asked, field, says, numbered)
    if found is None:
        label = sources.migration.destination.entities[entity].label
        read = listed(tuple(dict.fromkeys(r.source for r in sources.migration.reads_of(entity))))
        says = f"No row of {read} is {label.lower()} {quoted(asked)} in {wave_words(sources.wave)}"
        return _not_found(sources, entity, asked, field, says, near(sources, entity, asked))
    if field is None:
        return _citing(_of_record(sources, entity, asked, found))
    return _citing(_of_field(sources, entity, asked, found, field))


def _citing(answer: Answer) -> Answer:
    """Return the answer with the decisions that its evidence cites."""
    cited = dict.fromkeys(ref for step in answer.steps for ref in step.refs if re.match(DECISION_ID, ref))
    return answer.model_copy(update={"decisions": tuple(cited)})


def _of_record(sources: Sources, entity: str, asked: str, found: Found) -> Answer:
    fate, way = explain_fate(sources, entity, found), sources.follow(entity, found.asked.row_id)
    findings = finding_steps(sources, findings_of(sources, entity, found))
    turns = tuple(way_steps(sources, way))
    is_there = found.asked.fate in (Fate.EXPORTED, Fate.MERGED) or found.asked.is_live_already
    before = waited_before(sources, way) if is_there else ""
    steps = dict.fromkeys(
        (
            *turns,
            *fate.steps,
            *delivered_steps(sources, found),
            *findings,
            *own_steps(sources, entity, found),
        )
    )
    gone = gone_words(sources, found.asked, findings_of(sources, entity, found)) if is_there else ""
    says = "; ".join(sentence(each) for each in (fate.says, before, gone) if each)
    return _base(sources, entity, asked, found, None).model_copy(
        update={
            "outcome": OUTCOMES[Fate(found.asked.fate)],
            "headline": f"{_name(sources, entity, asked, found)} {says}.",
            "way": way,
            "steps": tuple(steps),
        }
    )


def _of_field(sources: Sources, entity: str, asked: str, found: Found, field: str) -> Answer:
    answer = explain_field(sources, entity, found, field)
    value = as_text(answer.value)
    state = "is blank" if value is None else f"is {quoted(value)}"
    waiting = as_text(answer.waiting)
    if answer.outcome in (Outcome.HELD, Outcome.NOT_EXPORTED):
        state = f"is not in the product (it would be {quoted(value)})"
    if answer.outcome in (Outcome.UPDATE_HELD, Outcome.STAYS):
        shown = "blank" if value is None else quoted(value)
        instead = "its being cleared" if waiting is None else f"the newer {quoted(waiting)}"
        state = f"is {shown} in the product, and {instead} does not go there"
    base = _base(sources, entity, asked, found, field)
    subject = _field_of(sources, entity, asked, found, field)
    return base.model_copy(
        update={
            "outcome": answer.outcome,
            "headline": f"{subject} {state}, because {sentence(answer.because)}.",
            "value": value,
            "waiting": waiting,
            "steps": answer.steps,
            "notices": (*base.notices, *answer.notices),
            "faults": answer.faults,
        }
    )


def _field_of(sources: Sources, entity: str, asked: str, found: Found, field: str) -> str:
    """Name a field of what was asked for; of a merged record, it is the field of the record that remains."""
    name = _name(sources, entity, asked, found)
    if found.asked.fate == Fate.MERGED and found.asked.record_key:
        label = sources.migration.destination.entities[entity].label.lower()
        remains = f"{label} {found.asked.record_key}"
        return f"{name} is part of {remains} now, whose {field_words(field)}"
    return f"The {field_words(field)} of {name[0].lower()}{name[1:]}"


def _name(sources: Sources, entity: str, asked: str, found: Found) -> str:
    """Name what was asked for: a record by its key, a row by its place."""
    described = sources.migration.destination.entities[entity]
    is_whole = found.asked.row_id == found.main.row_id and found.asked.record_key is not None
    if is_whole or found.is_by_key:
        return record_words(described, found.main.record_key if is_whole else asked, "")
    return record_words(described, None, sources.place_of(found.asked.row_id))


def _base(sources: Sources, entity: str, asked: str, found: Found, field: str | None) -> Answer:
    rows = "1 other row answers" if len(found.others) == 1 else f"{len(found.others)} other rows answer"
    others = (f"{rows} to {asked}: ask for {', '.join(found.others[:NEAR])}.",) if found.others else ()
    return Answer(
        customer=sources.migration.slug,
        wave=sources.wave,
        version=sources.folder.name,
        entity=entity,
        asked=asked,
        field=field,
        outcome=Outcome.NOT_FOUND,
        headline="",
        key=found.asked.record_key,
        rows=tuple(part.row_id for part in found.parts),
        fate=Fate(found.asked.fate).value,
        reason=Reason(found.asked.reason).value,
        live_since=found.asked.live_since,
        notices=(*sources.notices, *others),
    )


def _unknown_name(sources: Sources, entity: str, asked: str, field: str | None) -> Answer | None:
    mapped = tuple(sources.migration.mappings)
    if entity not in mapped:
        says = f"{entity!r} is not an entity of this migration ({', '.join(mapped)})"
        return _not_found(sources, entity, asked, field, says, _alike(entity, mapped))
    fields = tuple(sources.migration.destination.entities[entity].fields)
    if field is not None and field not in fields:
        says = f"{field!r} is not a field of {entity} ({', '.join(fields)})"
        return _not_found(sources, entity, asked, field, says, _alike(field, fields))
    return None


def _alike(name: str, known: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(difflib.get_close_matches(name, known, n=NEAR))


def _not_found(
    sources: Sources, entity: str, asked: str, field: str | None, says: str, alike: tuple[str, ...]
) -> Answer:
    meant = f"; did you mean {listed(alike, 'or')}?" if alike else "."
    return Answer(
        customer=sources.migration.slug,
        wave=sources.wave,
        version=sources.folder.name,
        entity=entity,
        asked=asked,
        field=field,
        outcome=Outcome.NOT_FOUND,
        headline=f"{says}{meant}",
        near=alike,
        notices=sources.notices,
    )
