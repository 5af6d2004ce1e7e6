"""Decisions of one customer as drafts for another: what was decided about rules, values and files, never about rows.

Who decided, how that is known and what shows it is left to be written by who approves; the drafts name no row and no
person, and no text that may be personal.
"""

from collections.abc import Iterator
from typing import Any

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decision_kinds import in_words
from aformity_pipelines.domain.decisions import (
    Entry,
    IntakeAnswered,
    MappingApproved,
    RiskAccepted,
    RowsDeferred,
    RowsExcluded,
    RuleWaived,
    ValuesReplaced,
)
from aformity_pipelines.domain.drafts import GAP, TO_FILL_IN
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.promotion import LeftBehind, PromotedDraft
from aformity_pipelines.stages.personal import Personal
from aformity_pipelines.stages.promoted_names import NAMES_SOMEBODY, Private

HOW_KNOWN = f"{TO_FILL_IN}: how you know who decided"
SAYS = f"{TO_FILL_IN}: one sentence for the customer"
WHY = f"{TO_FILL_IN}: why"
EVIDENCE = f"{TO_FILL_IN}: the mail, minutes or document that shows it"
ABOUT_ROWS = "it is about single rows, and their keys stay where they are"
ABOUT_OWN = "it is about work, questions or exports of that customer alone"
APPROVALS = "an approval is never carried over: somebody approves the field map here"
PERSONAL = "the texts that it replaces may be personal"
NOT_HERE = "{end} has no {what}"


def promoted_decisions(
    start: Migration, end: Migration, hidden: Personal, subjects: frozenset[str]
) -> Iterator[PromotedDraft | LeftBehind]:
    """Yield a draft, or why there is none, for each decision in force at `start`, in log order.

    `hidden` is what may be personal there, whatever its policy shows; `subjects` are the entities and sources that
    `end` knows once the mappings are there.
    """
    kept = Private.of(start, end)
    for entry in in_force(start):
        why = _why_left(entry, end, hidden, subjects) or _why_private(entry, kept)
        if why:
            yield LeftBehind(what=in_words(entry.kind), number=1, why=why)
        else:
            draft = _draft(entry, is_same=start.slug == end.slug)
            yield PromotedDraft(draft=draft, decision=entry.id, shown=_shown(entry))


def _why_left(entry: Entry, end: Migration, hidden: Personal, subjects: frozenset[str]) -> str:
    """Return why a decision is no suggestion for somebody else; empty where it is one."""
    if isinstance(entry, MappingApproved):
        return APPROVALS
    if isinstance(entry, IntakeAnswered):
        return _unknown(end, "source", entry.covers.source, frozenset(end.customer.sources))
    if isinstance(entry, RuleWaived):
        return _unknown(end, "entity or source", entry.covers.subject, subjects)
    if isinstance(entry, ValuesReplaced):
        if hidden.hides_delivered(entry.covers.subject, entry.field):
            return PERSONAL
        return _unknown(end, "entity or source", entry.covers.subject, subjects)
    if not isinstance(entry, RiskAccepted | RowsExcluded | RowsDeferred):
        is_about_rows = hasattr(entry, "covers") and entry.kind not in ("follow_up_opened", "question_asked")
        return ABOUT_ROWS if is_about_rows else ABOUT_OWN
    if entry.covers.rule is None or entry.covers.size == 1:
        return ABOUT_ROWS
    if isinstance(entry, RowsDeferred):
        waves = frozenset(wave.name for wave in end.customer.waves)
        if why := _unknown(end, "wave", entry.until_wave, waves):
            return why
    return _unknown(end, "entity or source", entry.covers.subject, subjects)


def _why_private(entry: Entry, kept: Private) -> str:
    """Return why the texts that would be carried over stay; empty where they name nobody."""
    texts: tuple[str, ...] = ()
    if isinstance(entry, ValuesReplaced):
        texts = tuple(text for pair in entry.replacements.items() for text in pair)
    if isinstance(entry, IntakeAnswered):
        hints = entry.format.model_dump(mode="json", exclude_defaults=True)
        texts = tuple(str(hint) for hint in hints.values())
    return NAMES_SOMEBODY if any(map(kept.is_named_in, texts)) else ""


def _unknown(end: Migration, what: str, name: str, known: frozenset[str]) -> str:
    return "" if name in known else NOT_HERE.format(end=end.slug, what=f"{what} {name!r}")


def _draft(entry: Entry, *, is_same: bool) -> dict[str, Any]:
    """Return a decision as somebody else would make it; its words only for the same customer elsewhere."""
    found: dict[str, Any] = {
        "kind": entry.kind,
        "by": GAP,
        "how_known": HOW_KNOWN,
        "says": entry.says if is_same else SAYS,
        "why": entry.why if is_same else WHY,
    }
    if isinstance(entry, RiskAccepted | RuleWaived):
        found["evidence"] = [EVIDENCE]
    if isinstance(entry, IntakeAnswered):
        hints = entry.format.model_dump(mode="json", exclude_defaults=True)
        return found | {"source": entry.covers.source, "format": hints}
    if isinstance(entry, RuleWaived):
        return found | {"covers": {"subject": entry.covers.subject, "rule": entry.covers.rule}}
    assert isinstance(entry, RiskAccepted | RowsExcluded | RowsDeferred | ValuesReplaced)
    covers: dict[str, Any] = {"subject": entry.covers.subject}
    if entry.covers.rule:
        covers |= {"rule": entry.covers.rule, "rows": "all"}
    if isinstance(entry, ValuesReplaced):
        found |= {"field": entry.field, "replace": dict(entry.replacements)}
    if isinstance(entry, RowsDeferred):
        found["until_wave"] = entry.until_wave
    return found | {"covers": covers}


def _shown(entry: Entry) -> str:
    if isinstance(entry, IntakeAnswered):
        return f"{in_words(entry.kind)}: how the files of {entry.covers.source} are read"
    if isinstance(entry, RuleWaived):
        return f"{in_words(entry.kind)}: asked of no row of {entry.covers.subject} there"
    assert isinstance(entry, RiskAccepted | RowsExcluded | RowsDeferred | ValuesReplaced)
    number = entry.covers.size
    return (
        f"{in_words(entry.kind)}: {number:,} row{'' if number == 1 else 's'} of {entry.covers.subject} there"
    )
