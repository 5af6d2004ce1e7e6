"""The clause behind "because": what gave a field its value, or why nothing came of what was delivered.

It is said to customers: places, ids and the names of rules are evidence, and stay out.
"""

from aformity_pipelines.domain.destination import Field, FieldType
from aformity_pipelines.tracing.answer import Outcome
from aformity_pipelines.tracing.way import Way
from aformity_pipelines.tracing.words import TYPES, as_text, day, listed, quoted, sentence, told

Cause = tuple[Outcome, str]
"""What kind of cause it is, and the clause behind "because"."""
NAMED = 6
"""Allowed values that a sentence lists; of more, it says how many they are."""


def cause_of_value(way: Way) -> Cause:
    """Say what made the value, the last cause first: a correction, the value map, the rule, the cell."""
    if way.correction:
        return Outcome.VALUE, f"it was corrected: {told(way.correction.entry)}{_read_as(way)}"
    if way.mapping.constant is not None:
        says = way.mapping.says or "Every record of this file gets the same value"
        return Outcome.VALUE, f"the field map says so: {sentence(says)}{_agreed(way)}"
    value, delivered = quoted(as_text(way.value)), _delivered(way)
    if way.entry:
        decided = way.sources.decision(way.entry.decision) if way.entry.decision else None
        note = f" (noted: {quoted(sentence(way.entry.note))})" if way.entry.note and not decided else ""
        cited = f", as decided: {told(decided)}" if decided else f"{note}{_agreed(way)}"
        return Outcome.VALUE, f"{delivered}, and {quoted(way.text)} becomes {value}{cited}"
    if all(quoted(cell.exact) == value for cell in way.texts.cells):
        return Outcome.VALUE, f"that is what was delivered; nothing was changed{_agreed(way)}"
    if way.field.allowed:
        return Outcome.VALUE, f"{delivered}, which the product knows as {value}{_agreed(way)}"
    if way.mapping.is_direct():
        read = "" if way.field.type is FieldType.TEXT else f", and it is read as {TYPES[way.field.type]}"
        return Outcome.VALUE, f"{delivered}{read}{_agreed(way)}"
    return Outcome.VALUE, f"{delivered}, and its rule makes {value} of it ({_rule(way)}){_agreed(way)}"


def cause_of_absence(way: Way) -> Cause:
    """Say why nothing came of what was delivered, the last cause first: decisions, cast, map, rule, cell."""
    if way.correction and not way.correction.value:
        return Outcome.CLEARED_BY_CORRECTION, f"it was cleared on purpose: {told(way.correction.entry)}"
    if way.bad is not None:
        came = [way.text] if way.correction or not way.texts.cells else [c.exact for c in way.texts.cells]
        that = "which" if came == [way.bad] else f"and {quoted(way.bad)}"
        return Outcome.UNREADABLE, f"{_delivered(way)}, {that} is {no_value(way)}; nothing was guessed"
    if way.entry:
        decided = way.sources.decision(way.entry.decision) if way.entry.decision else None
        note = f" (noted: {quoted(sentence(way.entry.note))})" if way.entry.note else ""
        cited = f": {told(decided)}" if decided else _agreed(way)
        because = f"{_delivered(way)}, which is left blank on purpose{note}{cited}"
        return Outcome.CLEARED_BY_VALUE_MAP, because
    if way.correction:
        return Outcome.CLEARED_BY_CORRECTION, f"{_delivered(way)}, and nothing comes of it"
    entered = [cell for cell in way.texts.cells if cell.exact]
    if not entered:
        return Outcome.DELIVERED_BLANK, _delivered(way)
    if not [cell for cell in entered if cell.filled is not None]:
        return Outcome.BLANK_WORD, f"{_delivered(way)}, which stands for nothing entered"
    return _cleared_by_step(way)


def _cleared_by_step(way: Way) -> Cause:
    step = next(((words, n) for n, (words, text) in enumerate(way.texts.stages) if text is None), None)
    if step is None:
        return (
            Outcome.CLEARED_BY_RULE,
            f"{_delivered(way)}, and the field map makes nothing of it{_agreed(way)}",
        )
    words, number = step
    if words.startswith("blank_when"):
        return Outcome.BLANK_WORD, f"{_delivered(way)}, which stands for nothing entered"
    before = way.texts.stages[number - 1][1] if number else None
    left = f" of {quoted(before)}" if before is not None else ""
    because = f"{_delivered(way)}, and its rule leaves nothing{left} ({_rule(way)}){_agreed(way)}"
    return Outcome.CLEARED_BY_RULE, because


def _rule(way: Way) -> str:
    """Return the rule as customers are told it; SQL, which they do not read, is only named."""
    words = way.mapping.describe_rule()
    for step in way.mapping.rule:
        if step.sql:
            words = words.replace(step.describe(), "worked out by a formula")
    return sentence(way.mapping.says or "") or words.replace("_", " ")


def _read_as(way: Way) -> str:
    """Say that the value map read the corrected text, where that makes another text of it."""
    value = quoted(as_text(way.value))
    is_other = way.entry is not None and quoted(way.text).casefold() != value.casefold()
    return f", and {quoted(way.text)} becomes {value}" if is_other else ""


def _agreed(way: Way) -> str:
    """Say who approved the mapping, and its value map where that was somebody else."""
    approval = way.approval
    found = (
        (way.sources.decision(each or "") for each in (approval.decision, approval.value_map))
        if approval
        else ()
    )
    agreed = dict.fromkeys(f"{entry.by.name} on {day(entry.on)}" for entry in found if entry)
    return f", as approved by {listed(tuple(agreed))}" if agreed else ""


def _delivered(way: Way) -> str:
    if way.correction:
        entry = way.correction.entry
        by = f"{entry.by.name}, {day(entry.on)}"
        return f"it was corrected to {quoted(way.text)} ({sentence(entry.says)}; {by})"
    if way.mapping.constant is not None:
        return f"the field map gives every record of this file {quoted(way.mapping.constant)}"
    entered = [cell for cell in way.texts.cells if cell.exact]
    if not entered:
        return "it was delivered blank"
    meant = [cell for cell in entered if cell.filled is not None] or entered
    were = "was" if len(meant) == 1 else "were"
    return f"{listed(tuple(quoted(cell.exact) for cell in meant))} {were} delivered"


def no_value(way: Way) -> str:
    """Say what a text fails to be, behind "is"."""
    return not_a_value(way.field)


def not_a_value(field: Field) -> str:
    """Say what a text fails to be that is no value of a field, behind "is"."""
    if field.allowed:
        values, number = tuple(each.value for each in field.allowed), len(field.allowed)
        known = listed(values, "or") if number <= NAMED else f"{number} in all"
        return f"none of the values that the product knows ({known})"
    if field.type is FieldType.TEXT:
        return "not found in the list that it is looked up in"
    return f"not {TYPES[field.type]} in the form that was agreed"
