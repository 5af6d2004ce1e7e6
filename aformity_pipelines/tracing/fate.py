"""What became of a record: the words after "Account 000045 ...", and the evidence behind them."""

from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.tracing.answer import Step, StepKind
from aformity_pipelines.tracing.explained import Explained
from aformity_pipelines.tracing.find import Found, LedgerRow, find, ledger_rows
from aformity_pipelines.tracing.live import entered, explain_live, held_update, launched
from aformity_pipelines.tracing.published import findings_of
from aformity_pipelines.tracing.replay import read_of
from aformity_pipelines.tracing.settled import finding_steps, owner_and_due, settled_by
from aformity_pipelines.tracing.sources import Sources
from aformity_pipelines.tracing.words import day, listed, said, sentence, told, wave_words


def explain_fate(sources: Sources, entity: str, found: Found, row: LedgerRow | None = None) -> Explained:
    """Say what became of one row of a record (of the one that was asked for where none is named)."""
    line = row or found.asked
    told = _ended(sources, entity, found, line)
    is_held = line.fate == Fate.UNRESOLVED and line.is_live_already
    return held_update(sources, line, told) if is_held else told


def explain_held(sources: Sources, entity: str, found: Found) -> Explained:
    """Say what holds a record, whether or not it is in the product already."""
    return _ended(sources, entity, found, found.main)


def _ended(sources: Sources, entity: str, found: Found, line: LedgerRow) -> Explained:
    match Fate(line.fate), Reason(line.reason):
        case Fate.EXPORTED, Reason.LIVE | Reason.UPDATE:
            return explain_live(sources, entity, found, line)
        case Fate.EXPORTED, _:
            return _exported(sources, entity, found)
        case Fate.MERGED, _:
            return _merged(sources, entity, line)
        case Fate.EXCLUDED, Reason.MAPPING:
            return _left_out(sources, entity, line)
        case Fate.EXCLUDED, Reason.VANISHED:
            return _vanished(sources, line)
        case Fate.EXCLUDED, _:
            return _decided(sources, line, f"is not brought over{_unread(sources, line)}")
        case Fate.DEFERRED, Reason.DECISION:
            above = _decided(sources, line, f"waits for {_wave(sources, line.wave)}")
            return _as_part(sources, entity, line, above)
        case Fate.DEFERRED, Reason.WAVE:
            return _as_part(sources, entity, line, _in_later_wave(sources, line))
        case _, Reason.UNREADABLE:
            return _unreadable(sources, entity, found, line)
        case _, Reason.PARENT:
            return _with_parent(sources, entity, line)
        case _, Reason.GATE:
            return _behind_gate(sources, entity, line)
        case _, Reason.PARTNER:
            return _with_partner(sources, entity, found, line)
        case _:
            return _held(sources, entity, found, line)


def _exported(sources: Sources, entity: str, found: Found) -> Explained:
    places = listed(sources.places_of(part.row_id for part in found.parts))
    names = [path.name for path in sources.exports.get(entity, ())]
    step = Step(
        kind=StepKind.EXPORT,
        says=f"Exported with {wave_words(sources.wave)}, made from {places}.",
        where=f"{sources.folder.name}/{names[0]}" if names else sources.folder.name,
        refs=tuple(part.row_id for part in found.parts),
    )
    merged = [sources.decision(p.because or "") for p in found.parts if p.fate == Fate.MERGED]
    agreed = "; ".join(dict.fromkeys(told(entry) for entry in merged if entry))
    made = f", made of {len(found.parts)} records that were merged: {agreed}" if agreed else ""
    says = f"{entered(sources.own)}{made}"
    return Explained(says=says, steps=(step, *_merges(sources, found)))


def _in_later_wave(sources: Sources, line: LedgerRow) -> Explained:
    wave = sources.migration.customer.wave(line.wave)
    condition = wave.where.get(line.source)
    rows = f"rows of {line.source} where {condition}" if condition else "this row"
    step = _step(f"{wave_words(line.wave).capitalize()} takes {rows}.", line.row_id)
    return Explained(says=f"launches with {_wave(sources, line.wave)}: {sentence(wave.says)}", steps=(step,))


def _as_part(sources: Sources, entity: str, line: LedgerRow, above: Explained) -> Explained:
    """Say of a row that is merged into another row's record that this is why it waits; `above` is said of the record."""
    if line.record in (None, line.row_id):
        return above
    rows = sources.query(
        "select decision from {merges} where entity = ? and row_id = ? limit 1", [entity, line.row_id]
    )
    entry = sources.decision(str(rows[0][0])) if rows else None
    label = sources.migration.destination.entities[entity].label.lower()
    into = f"{label} {line.record_key or ''}".strip()
    if entry is None:
        return Explained(says=f"was merged into {into}, which {above.says}", steps=above.steps)
    step = Step(
        kind=StepKind.MERGE,
        says=f"{said(entry)}. {entry.why} It launches when the {label} does that it was merged into.",
        where="; ".join(entry.evidence),
        refs=(entry.id, line.row_id, line.record or ""),
    )
    says = f"was merged into {into}: {told(entry)}. That {label} {above.says}"
    return Explained(says=says, steps=(step, *above.steps))


def _merges(sources: Sources, found: Found) -> tuple[Step, ...]:
    steps = []
    for part in found.parts:
        entry = sources.decision(part.because or "") if part.fate == Fate.MERGED else None
        if entry:
            place = sources.place_of(part.row_id)
            says = f"{place} is part of this record: {said(entry)}. {entry.why}"
            steps.append(Step(kind=StepKind.MERGE, says=says, refs=(entry.id, part.row_id)))
    return tuple(steps)


def _merged(sources: Sources, entity: str, line: LedgerRow) -> Explained:
    into = f"{sources.migration.destination.entities[entity].label.lower()} {line.record_key}"
    if line.is_live_already:
        into = f"{into}, which {launched(sources, line.live_since)}"
    entry = sources.decision(line.because or "")
    if entry is None:
        return Explained(says=f"was merged into {into}", steps=(_step(f"Merged into {into}.", line.because),))
    step = Step(
        kind=StepKind.DECISION,
        says=f"{said(entry)}. {entry.why}",
        where="; ".join(entry.evidence),
        refs=(entry.id, line.row_id, line.record or ""),
    )
    return Explained(says=f"was merged into {into}: {told(entry)}", steps=(step,))


def _vanished(sources: Sources, line: LedgerRow) -> Explained:
    last, now = sources.delivery_of(line.row_id), sources.delivered.get(line.source)
    came = f"received on {day(now.received_on)}" if now else "received since"
    stood = f"; it stood in the one of {day(last.received_on)}" if last else ""
    says = (
        f"is not brought over: the file {came} does not hold it any more{stood}, and such rows are left out"
    )
    return Explained(says=says, steps=(_step(f"It {says}.", line.row_id),))


def _left_out(sources: Sources, entity: str, line: LedgerRow) -> Explained:
    only = read_of(sources.migration, entity, line.source, line.part).only
    why = sentence(only.why) if only else "the mapping leaves it out"
    condition = f"The mapping takes rows where {only.where}." if only else "The mapping leaves it out."
    return Explained(says=f"is not brought over: {why}", steps=(_step(condition, line.row_id),))


def _decided(sources: Sources, line: LedgerRow, what: str) -> Explained:
    entry = sources.decision(line.because or "")
    if entry is None:
        return Explained(
            says=f"{what} ({line.because})", steps=(_step(f"Decided by {line.because}.", line.because),)
        )
    step = Step(
        kind=StepKind.DECISION,
        says=f"{said(entry)}. {entry.why} How we know: {entry.how_known}",
        where="; ".join(entry.evidence),
        refs=(entry.id, line.row_id),
    )
    return Explained(says=f"{what}: {told(entry)}. {sentence(entry.why)}", steps=(step,))


def _with_parent(sources: Sources, entity: str, line: LedgerRow) -> Explained:
    parent_entity, _, parent_row = (line.because or "").partition(" ")
    step = _step("It shares the fate of the record that it belongs to.", line.because)
    rows = ledger_rows(sources, parent_entity, "row_id = ?", [parent_row])
    parent = find(sources, parent_entity, rows[0].row_id) if rows else None
    if parent is None:
        return Explained(says=f"shares the fate of {line.because}", steps=(step,))
    label = sources.migration.destination.entities[parent_entity].label.lower()
    above = explain_fate(sources, parent_entity, parent, parent.main)
    held = "is held back" if line.fate == Fate.UNRESOLVED else "waits"
    says = f"{held} with its {label} {parent.main.record_key or parent_row}, which {above.says}"
    return Explained(says=says, steps=(step, *above.steps))


def _behind_gate(sources: Sources, entity: str, line: LedgerRow) -> Explained:
    plural = sources.migration.destination.entities[entity].plural.lower()
    blocking = [
        Step(
            kind=StepKind.UNRESOLVED_WORK,
            says=f"{sentence(rule.says)}. {rule.detail}".strip().removesuffix(".")
            + f". Open: {settled_by(sources, subject, rule)}.",
            refs=(rule.rule,),
        )
        for (_, subject, _), rule in sources.rules.items()
        if rule.standing is Standing.BLOCKED and f"of {subject} " in f"{line.because} "
    ]
    why = blocking[0].says if blocking else line.because or "a gate is closed"
    says = f"is held back together with all {plural}: {sentence(why)}"
    return Explained(says=says, steps=(_step(f"{sentence(line.because or '')}.", line.row_id), *blocking))


def _unreadable(sources: Sources, entity: str, found: Found, line: LedgerRow) -> Explained:
    why = sources.why_unread(line.source, line.row_id)
    says = f"could not be read{f': {why}' if why else ''}"
    mine = tuple(f for f in findings_of(sources, entity, found) if f.rule == line.because)
    if not mine:
        return Explained(says=says, steps=(_step(f"It {says}.", line.because),))
    return Explained(says=f"{says}; {owner_and_due(sources, mine[0])}", steps=finding_steps(sources, mine))


def _unread(sources: Sources, line: LedgerRow) -> str:
    """Say of a row that a decision leaves out that it could not be read, where that is so."""
    why = sources.why_unread(line.source, line.row_id)
    return f" (it could not be read: {why})" if why else ""


def _with_partner(sources: Sources, entity: str, found: Found, line: LedgerRow) -> Explained:
    held = next((part for part in found.parts if part.reason == Reason.RULE), None)
    if held is None:
        return Explained(says=f"is held back with the row that it is merged with ({line.because})")
    above = _held(sources, entity, found, held)
    place = sources.place_of(held.row_id)
    return Explained(
        says=f"is held back with the row that it is merged with ({place}), which {above.says}",
        steps=above.steps,
    )


def _held(sources: Sources, entity: str, found: Found, line: LedgerRow) -> Explained:
    mine = tuple(f for f in findings_of(sources, entity, found) if f.is_held)
    first = next((f for f in mine if f.rule == line.because), None)
    if first is None:
        return Explained(
            says=f"is held back by rule {line.because}", steps=(_step("A rule holds it.", line.because),)
        )
    rule = sentence(first.record.says) if first.record else first.rule
    says = f"is held back by a rule ({rule}); {owner_and_due(sources, first)}"
    return Explained(says=says, steps=finding_steps(sources, mine))


def _wave(sources: Sources, name: str) -> str:
    return f"{wave_words(name)} on {day(sources.migration.customer.wave(name).launches_on)}"


def _step(says: str, ref: str | None) -> Step:
    return Step(kind=StepKind.FATE, says=says, refs=(ref,) if ref else ())
