"""The clause behind "because": what gave a field its value, or why nothing came of what was delivered."""

from aformity_pipelines.domain.destination import FieldType
from aformity_pipelines.tracing.answer import Outcome
from aformity_pipelines.tracing.way import Way
from aformity_pipelines.tracing.words import as_text, listed, quoted, said, sentence

Cause = tuple[Outcome, str]
"""What kind of cause it is, and the clause behind "because"."""


def cause_of_value(way: Way) -> Cause:
    """Say what made the value, the last cause first: a correction, the value map, the rule, the cell."""
    value = quoted(as_text(way.replayed.value))
    if way.correction:
        return Outcome.VALUE, f"it was corrected: {said(way.correction.entry)}{_translated(way)}"
    if way.mapping.constant is not None:
        return Outcome.VALUE, "the mapping gives every record of this source the same value"
    delivered = _delivered(way)
    if way.entry:
        entry = way.sources.decision(way.entry.decision) if way.entry.decision else None
        cited = f", as decided: {said(entry)}" if entry else ""
        note = f" ({sentence(way.entry.note)})" if way.entry.note and not entry else ""
        because = f"{delivered}, and value map {way.mapping.values} turns {quoted(way.text)} into {value}{note}{cited}"
        return Outcome.VALUE, because
    if way.field.allowed:
        return Outcome.VALUE, f"{delivered}, which the product knows as {value}"
    if way.mapping.is_direct():
        return Outcome.VALUE, f"{delivered}; it is carried over as it is"
    rule = way.mapping.describe_rule()
    if all(quoted(cell.exact) == value for cell in way.texts.cells):
        return Outcome.VALUE, f"{delivered}; the rule ({rule}) had nothing to change"
    return Outcome.VALUE, f"{delivered}, and the rule ({rule}) makes {value} of it"


def cause_of_absence(way: Way) -> Cause:
    """Say why nothing came of what was delivered, the last cause first: decisions, cast, map, rule, cell."""
    if way.correction and not way.correction.value:
        return Outcome.CLEARED_BY_CORRECTION, f"it was cleared on purpose: {said(way.correction.entry)}"
    bad = way.replayed.bad
    if bad is not None:
        came = [way.text] if way.correction or not way.texts.cells else [c.exact for c in way.texts.cells]
        that = "which" if came == [bad] else f"and {quoted(bad)}"
        return Outcome.UNREADABLE, f"{_delivered(way)}, {that} is {no_value(way)}; nothing was guessed"
    if way.entry:
        entry = way.sources.decision(way.entry.decision) if way.entry.decision else None
        cited = said(entry) if entry else sentence(way.entry.note or "the value map says so")
        because = f"{_delivered(way)}, which value map {way.mapping.values} leaves blank on purpose: {cited}"
        return Outcome.CLEARED_BY_VALUE_MAP, because
    if way.correction:
        return Outcome.CLEARED_BY_CORRECTION, f"{_delivered(way)}, and nothing comes of it"
    entered = [cell for cell in way.texts.cells if cell.exact]
    if not entered:
        return Outcome.DELIVERED_BLANK, f"{_delivered(way)}"
    filled = [cell for cell in entered if cell.filled is not None]
    if not filled:
        words = listed(tuple(quoted(cell.exact) for cell in entered))
        because = f"{_delivered(way)}, and by {words} {way.row.source} says that nothing was entered"
        return Outcome.BLANK_WORD, because
    return _cleared_by_step(way)


def _cleared_by_step(way: Way) -> Cause:
    step = next(((words, n) for n, (words, text) in enumerate(way.texts.stages) if text is None), None)
    if step is None:
        return Outcome.CLEARED_BY_RULE, f"{_delivered(way)}, and the mapping makes nothing of it"
    words, number = step
    if words.startswith("blank_when"):
        return Outcome.BLANK_WORD, f"{_delivered(way)}, which the mapping reads as nothing entered ({words})"
    before = way.texts.stages[number - 1][1] if number else None
    left = f" of {quoted(before)}" if before is not None else ""
    return Outcome.CLEARED_BY_RULE, f"{_delivered(way)}, and rule step {words} leaves nothing{left}"


def _translated(way: Way) -> str:
    """Say that the value map read the corrected text, where it did."""
    if not way.entry:
        return ""
    return f", and value map {way.mapping.values} turns {quoted(way.text)} into {quoted(as_text(way.replayed.value))}"


def _delivered(way: Way) -> str:
    if way.correction:
        return f"it was corrected to {quoted(way.text)} ({said(way.correction.entry)})"
    if way.mapping.constant is not None:
        return f"the mapping gives every record of this source {quoted(way.mapping.constant)}"
    entered = [cell for cell in way.texts.cells if cell.exact]
    if not entered:
        return f"it was delivered blank ({way.place})"
    meant = [cell for cell in entered if cell.filled is not None] or entered
    were = "was" if len(meant) == 1 else "were"
    return f"{listed(tuple(quoted(cell.exact) for cell in meant))} {were} delivered ({way.place})"


def no_value(way: Way) -> str:
    """Say what a text fails to be, behind "is"."""
    if way.field.allowed:
        return f"none of the values that the product knows ({', '.join(each.value for each in way.field.allowed[:6])})"
    if way.field.type is FieldType.TEXT:
        return "not found in the list that it is looked up in"
    article = "an" if way.field.type is FieldType.INTEGER else "a"
    return f"not {article} {way.field.type.value} in the form that the mapping reads"
