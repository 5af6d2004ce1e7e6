"""One field of one record: which row gave it its value, where a link now points, and why it is blank."""

from dataclasses import dataclass
from typing import Any

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.tracing.answer import Outcome, Step, StepKind
from aformity_pipelines.tracing.decided import decided_steps
from aformity_pipelines.tracing.explained import Explained
from aformity_pipelines.tracing.fate import explain_fate, explain_held
from aformity_pipelines.tracing.find import Found
from aformity_pipelines.tracing.link import Linked, follow_link
from aformity_pipelines.tracing.live import left_out_since, update_steps, with_wave
from aformity_pipelines.tracing.parts import replay_parts
from aformity_pipelines.tracing.published import Stored, concerns, findings_of, stored_record
from aformity_pipelines.tracing.replay import missing_headers, read_of
from aformity_pipelines.tracing.settled import finding_steps
from aformity_pipelines.tracing.sources import Sources
from aformity_pipelines.tracing.value import Traced, not_fed, trace_value
from aformity_pipelines.tracing.words import as_text, quoted, said, sentence, told


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldAnswer:
    """What is known about one field of a record."""

    outcome: Outcome
    value: Any
    because: str
    steps: tuple[Step, ...]
    notices: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    waiting: Any = None  # what does not go out yet, or never, where the product shows another value


def explain_field(sources: Sources, entity: str, found: Found, name: str) -> FieldAnswer:
    """Follow one field of a record from its delivered cells to the published file."""
    if sources.why_unread(found.asked.source, found.asked.row_id):
        return _unread(sources, entity, found)
    traced, notices = _trace_parts(sources, entity, found, name)
    winner = next((each for each in traced if each.value is not None), traced[0] if traced else None)
    if winner is None:
        return FieldAnswer(
            outcome=Outcome.FAULT,
            value=None,
            because="its delivery is not there any more",
            steps=(),
            notices=notices,
        )
    steps = [*winner.steps, *_merge_steps(sources, found, traced, winner)]
    mapped = Linked(value=winner.value, outcome=winner.outcome, because=_won(found, winner))
    linked = follow_link(sources, entity, found, name, mapped)
    findings = tuple(
        each
        for each in findings_of(sources, entity, found)
        if concerns(sources, entity, each, name, found.parts)
    )
    earlier = decided_steps(sources, entity, found, name)
    steps += [*linked.steps, *finding_steps(sources, findings), *earlier]
    accepted = sources.decision(next((f.accepted_by for f in findings if f.accepted_by), None) or "")
    because = f"{linked.because}. This is known: {told(accepted)}" if accepted else linked.because
    stored = stored_record(sources, entity, found.main)
    if stored is None:
        return _not_exported(sources, entity, found, linked, because, steps, notices)
    steps += [*update_steps(sources, entity, found, name), _export_step(sources, name, stored)]
    value = stored.values.get(name)
    waits = None if stored.is_own or value == linked.value else _waits(sources, entity, found)
    if waits:
        outcome, why = waits
        return FieldAnswer(
            outcome=outcome,
            value=value,
            waiting=linked.value,
            because=sentence(why.says) if outcome is Outcome.STAYS else f"it {sentence(why.says)}",
            steps=tuple(dict.fromkeys((*steps, *why.steps))),
            notices=notices,
        )
    faults = _disagreement(entity, name, found, linked.value, stored)
    steps += [Step(kind=StepKind.FAULT, says=each, refs=(found.main.row_id,)) for each in faults]
    return FieldAnswer(
        outcome=Outcome.FAULT if faults else linked.outcome,
        value=value,
        because="the published file and the replay of the mapping disagree" if faults else because,
        steps=tuple(steps),
        notices=notices,
        faults=faults,
    )


def _unread(sources: Sources, entity: str, found: Found) -> FieldAnswer:
    """Say why there is no field to follow: the row could not be read."""
    fate = explain_fate(sources, entity, found)
    label = sources.migration.destination.entities[entity].label.lower()
    return FieldAnswer(
        outcome=Outcome.UNREADABLE, value=None, because=f"its {label} {sentence(fate.says)}", steps=fate.steps
    )


def _waits(sources: Sources, entity: str, found: Found) -> tuple[Outcome, Explained] | None:
    """Return why a live record does not get its new value; None where nothing keeps it from it."""
    if found.main.fate == Fate.UNRESOLVED:
        return Outcome.UPDATE_HELD, explain_held(sources, entity, found)
    entry = left_out_since(sources, entity, found.main)
    if entry is None:
        return None
    step = Step(kind=StepKind.DECISION, says=f"{said(entry)}. {entry.why}", refs=(entry.id,))
    return Outcome.STAYS, Explained(says=f"nothing new goes out for it: {told(entry)}", steps=(step,))


def _disagreement(entity: str, name: str, found: Found, expected: object, stored: Stored) -> tuple[str, ...]:
    """Return the fault, where the published file does not hold what the replay gives."""
    value = stored.values.get(name)
    if value == expected:
        return ()
    return (
        f"{entity}.{name} of {found.main.row_id}: the published file holds {quoted(as_text(value))}, the"
        f" replay gives {quoted(as_text(expected))}. Where a notice names a change since, run the wave again;"
        " otherwise this is a fault of the software, report it.",
    )


def _trace_parts(
    sources: Sources, entity: str, found: Found, name: str
) -> tuple[list[Traced], tuple[str, ...]]:
    """Trace the field in each row of the record, the surviving row first."""
    traced, notices = [], []
    again = replay_parts(sources, entity, found.parts, name)
    for part in found.parts:
        read = read_of(sources.migration, entity, part.source, part.part)
        if name not in read.fields:
            traced.append(not_fed(sources, entity, name, part))
        elif part.row_id in again:
            traced.append(trace_value(sources, entity, name, part, again[part.row_id]))
        elif missing := missing_headers(sources, read):
            notices.append(
                f"{part.source} was delivered without {', '.join(missing)}; its values cannot be followed."
            )
        else:
            notices.append(
                f"The delivery of {part.row_id} was replaced; its cells are in the archived copy only."
            )
    return traced, tuple(notices)


def _merge_steps(sources: Sources, found: Found, traced: list[Traced], winner: Traced) -> list[Step]:
    if len(found.parts) < 2:
        return []
    decided = next((p.because for p in found.parts if p.fate == Fate.MERGED and p.because), None)
    if decided is None:
        rows = sources.query("select decision from {merges} where row_id = ? limit 1", [winner.row.row_id])
        decided = rows[0][0] if rows else None
    entry = sources.decision(decided or "")
    agreed = f" Merged by decision: {said(entry)}. {entry.why}" if entry else ""
    steps = []
    for each in traced:
        place, is_main = sources.place_of(each.row.row_id), each.row is found.main
        role = "the surviving row" if is_main else "a merged row"
        held = (
            f"has {quoted(as_text(each.value))}" if each.value is not None else f"has nothing: {each.because}"
        )
        won = " This value won." if each is winner and each.value is not None else ""
        refs = (each.row.row_id, *((entry.id,) if entry else ()))
        steps.append(Step(kind=StepKind.MERGE, says=f"{place}, {role}, {held}.{won}{agreed}", refs=refs))
        agreed = ""
    return steps


def _won(found: Found, winner: Traced) -> str:
    if winner.value is None or winner.row is found.main:
        return winner.because
    return f"{winner.because}; the record that remains had none, so it comes from one that was merged into it"


def _not_exported(
    sources: Sources,
    entity: str,
    found: Found,
    linked: Linked,
    because: str,
    steps: list[Step],
    notices: tuple[str, ...],
) -> FieldAnswer:
    """Say what the field would be, and why its record is not in the product."""
    fate = explain_fate(sources, entity, found, found.main if found.asked.fate == Fate.MERGED else None)
    if linked.value is None:
        outcome = linked.outcome
    else:
        outcome = Outcome.HELD if found.main.fate == Fate.UNRESOLVED else Outcome.NOT_EXPORTED
    label = sources.migration.destination.entities[entity].label.lower()
    own = f"the {label} {sentence(fate.says)}"
    return FieldAnswer(
        outcome=outcome,
        value=linked.value,
        because=own if linked.value is not None else f"{because}; {own}",
        steps=tuple(dict.fromkeys((*steps, *fate.steps))),
        notices=notices,
        faults=_absence_fault(entity, found),
    )


def _absence_fault(entity: str, found: Found) -> tuple[str, ...]:
    """Return the fault, where the ledger says exported and the file lacks the record."""
    if found.main.fate != Fate.EXPORTED:
        return ()
    return (
        f"{entity} {found.main.row_id}: the ledger says that it was exported, and the published file does not"
        " hold it. This is a fault of the software, report it.",
    )


def _export_step(sources: Sources, name: str, stored: Stored) -> Step:
    text = as_text(stored.values.get(name))
    whose = "The published file" if stored.is_own else f"The file of {with_wave(stored.export)}"
    says = f"{whose} holds {quoted(text)} in {name}." if text is not None else f"{whose} leaves {name} blank."
    folder = sources.folder.name if stored.is_own else stored.export.name
    return Step(kind=StepKind.EXPORT, says=says, where=f"{folder}/{stored.path.name}", after=text)
