"""A link after merges and exports: pointed to the surviving record, or blank until its record is there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aformity_pipelines.domain.destination import ParentAbsent, Relationship
from aformity_pipelines.tracing.answer import Outcome, Step, StepKind
from aformity_pipelines.tracing.fate import explain_fate
from aformity_pipelines.tracing.find import Found, LedgerRow, find
from aformity_pipelines.tracing.published import holders_of, links_left_blank, taken_over
from aformity_pipelines.tracing.sources import Sources
from aformity_pipelines.tracing.words import said


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """A field's value after links were followed; unchanged where the field is no link."""

    value: Any
    outcome: Outcome
    because: str
    steps: tuple[Step, ...] = ()


def follow_link(sources: Sources, entity: str, found: Found, name: str, mapped: Linked) -> Linked:
    """Return what became of a mapped value, if it points to another record."""
    target = sources.migration.destination.entities[entity].fields[name].relationship
    if target is None or mapped.value is None or target.entity not in sources.migration.mappings:
        return mapped
    value, because = str(mapped.value), mapped.because
    steps: tuple[Step, ...] = ()
    is_held = bool(holders_of(sources, target.entity, value))
    gone = None if is_held else taken_over(sources, target.entity, value)
    if gone and gone.record_key:
        steps = (_moved(sources, target, value, gone),)
        because = (
            f"{because}; {target.entity} {value} was merged into {gone.record_key}, so the link points there"
        )
        value = gone.record_key
    if len(found.parts) > 1 and target.entity == entity and value == found.main.record_key:
        because = f"the record was merged with the one that it pointed to ({value}), and nothing can point to itself"
        step = Step(kind=StepKind.LINK, says=f"{because[0].upper()}{because[1:]}.", before=value)
        return Linked(value=None, outcome=Outcome.LINK_MERGED, because=because, steps=(*steps, step))
    # Of a record that is not in the product nothing is listed as left blank; its link would be all the same.
    leads_nowhere = not (is_held or gone) and target.when_not_exported is ParentAbsent.BLANK
    if leads_nowhere or name in links_left_blank(sources, entity, found.main.record):
        return _waiting(sources, target, value, steps)
    kept = value if steps else mapped.value
    return Linked(value=kept, outcome=mapped.outcome, because=because, steps=steps)


def _moved(sources: Sources, target: Relationship, old: str, gone: LedgerRow) -> Step:
    entry = sources.decision(gone.because or "")
    agreed = f": {said(entry)}" if entry else ""
    says = f"{target.entity} {old} was merged into {gone.record_key}, so the link points there{agreed}."
    refs = (gone.row_id, *((entry.id,) if entry else ()))
    return Step(kind=StepKind.LINK, says=says, before=old, after=gone.record_key, refs=refs)


def _waiting(sources: Sources, target: Relationship, value: str, steps: Sequence[Step]) -> Linked:
    holders = holders_of(sources, target.entity, value)
    other = find(sources, target.entity, holders[0].row_id) if holders else None
    label = sources.migration.destination.entities[target.entity].label.lower()
    fate = explain_fate(sources, target.entity, other, other.main) if other else None
    if fate:
        because, more = (
            f"it points to {label} {value}, which {fate.says}; the link is left blank until then",
            fate.steps,
        )
    else:
        because, more = f"it points to {label} {value}, and no such {label} was delivered", ()
    step = Step(
        kind=StepKind.LINK, says=f"{because[0].upper()}{because[1:]}.", before=value,
        refs=(other.main.row_id,) if other else (),
    )  # fmt: skip
    return Linked(value=None, outcome=Outcome.LINK_WAITS, because=because, steps=(*steps, step, *more))
