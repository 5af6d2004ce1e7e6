"""Records that are in the product from an export before: since when, what updates changed, and what stays as it was."""

from collections.abc import Iterator

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import Entry, RowsDeferred
from aformity_pipelines.domain.fates import Reason
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.tracing.answer import Step, StepKind
from aformity_pipelines.tracing.covering import rows_decided
from aformity_pipelines.tracing.explained import Explained
from aformity_pipelines.tracing.find import Found, LedgerRow
from aformity_pipelines.tracing.published import FieldChange, changes_of
from aformity_pipelines.tracing.sources import Exported, Sources
from aformity_pipelines.tracing.words import (
    day,
    field_words,
    listed,
    quoted,
    said,
    sentence,
    told,
    wave_words,
)

NAMED = 4
"""Fields of an update that a sentence names before it counts the rest."""


def launched(sources: Sources, name: str | None) -> str:
    """Say with which wave a record went into the product, and when that was loaded where somebody said so.

    `name` is the version that created it, such as `wave_1/v0008-4a873acd`; None where nobody knows.
    """
    export = next((each for each in sources.every_export if each.name == name), None)
    if export is None:
        wave = wave_words(name.partition("/")[0]) if name else "an earlier wave"
        return f"went into the product with {wave}"
    return entered(export)


def entered(export: Exported, *, is_many: bool = False) -> str:
    """Say that records came into the product with an export; where nobody said that it was loaded, that they will."""
    if export.loaded:
        return f"went into the product with {with_wave(export)}"
    go = "go" if is_many else "goes"
    return f"{go} into the product with {wave_words(export.wave)} (exported; nobody has said yet that it was loaded)"


def with_wave(export: Exported) -> str:
    """Name the wave of an export, and the day on which it was loaded."""
    loaded = f" (loaded on {day(export.loaded.on)})" if export.loaded else ""
    return f"{wave_words(export.wave)}{loaded}"


def explain_live(sources: Sources, entity: str, found: Found, line: LedgerRow) -> Explained:
    """Say of a record that went into the product before what this export brings it: an update, or nothing."""
    since = launched(sources, line.live_since)
    steps = tuple(update_steps(sources, entity, found))
    mine = [each for each in changes_of(sources, entity, found.main) if each.export.folder == sources.folder]
    if mine:
        names = tuple(dict.fromkeys(field_words(each.field) for each in mine))
        shown = (*names[:NAMED], f"{len(names) - NAMED} more") if len(names) > NAMED else names
        says = f"{since}, and {with_wave(sources.own)} {'brought' if sources.own.loaded else 'brings'} its new {listed(shown)}"
        return Explained(says=says, steps=steps)
    if line.because == Reason.VANISHED:
        says = f"{since}, and stays there as it is, though the file does not hold it any more"
        return Explained(says=says, steps=steps)
    entry = left_out_since(sources, entity, line)
    if entry is None:
        return Explained(says=since, steps=steps)
    says = f"{since}, and stays there as it is: {told(entry)}. {sentence(entry.why)}"
    step = Step(
        kind=StepKind.DECISION,
        says=f"Decided after it went into the product: {said(entry)}. {entry.why} Nothing new goes out for it.",
        where="; ".join(entry.evidence),
        refs=(entry.id, line.row_id),
    )
    return Explained(says=says, steps=(*steps, step))


def held_update(sources: Sources, line: LedgerRow, above: Explained) -> Explained:
    """Say of a live record that what changed since waits; `above` says why it does."""
    since = launched(sources, line.live_since)
    return Explained(says=f"{since}, and what changed since {above.says}", steps=above.steps)


def left_out_since(sources: Sources, entity: str, line: LedgerRow) -> Entry | None:
    """Return the standing decision that leaves a live row out or puts it off, the latest one; None where none does."""
    if (named := sources.decision(line.because or "")) is not None:
        return named
    about = [
        each
        for each in in_force(sources.migration)
        if isinstance(each, RowsDeferred) and each.covers.subject == entity
    ]
    for entry in reversed(about):
        if rows_decided(sources, entity, entry).get(line.row_id):
            return entry
    return None


def update_steps(sources: Sources, entity: str, found: Found, field: str | None = None) -> Iterator[Step]:
    """Yield what updates changed in a record (or in one field of it), with both values, the oldest first."""
    for change in changes_of(sources, entity, found.main, field):
        yield Step(
            kind=StepKind.UPDATE,
            says=_changed(sources, entity, found, change),
            where=f"{change.export.name}/updates.parquet",
            before=change.before,
            after=change.after,
            refs=(found.main.row_id,),
        )


def _changed(sources: Sources, entity: str, found: Found, change: FieldChange) -> str:
    words, wave = field_words(change.field), with_wave(change.export)
    if change.before is not None:
        after = f"made {words} {quoted(change.after)}" if change.after is not None else f"cleared {words}"
        return f"The update of {wave} {after}; it was {quoted(change.before)} before."
    filled = f"The update of {wave} filled {words} with {quoted(change.after)}; it was blank before"
    if _was_left_blank(sources, entity, found, change):
        return f"{filled}, since the record that it points to was not in the product yet."
    return f"{filled}."


def _was_left_blank(sources: Sources, entity: str, found: Found, change: FieldChange) -> bool:
    """Whether an export before the update left a link blank until its record would be there."""
    before = sources.every_export[: sources.every_export.index(change.export)]
    for export in before:
        ledger, blanked = (
            f"read_parquet({literal(str(export.folder / f'{name}.parquet'))})"
            for name in ("ledger", "blanked")
        )
        if sources.query(
            f"select 1 from {blanked} b join {ledger} l on l.entity = b.entity and l.row_id = b.record"
            " where b.entity = ? and b.field = ? and l.record_key = ? limit 1",
            [entity, change.field, found.main.record_key],
        ):
            return True
    return False
