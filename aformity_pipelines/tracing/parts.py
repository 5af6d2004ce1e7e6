"""The rows of a record mapped again, and in which fields they disagree: which value won, and which were left."""

from collections.abc import Iterator, Mapping, Sequence

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.tracing.answer import Step, StepKind
from aformity_pipelines.tracing.find import Found, LedgerRow
from aformity_pipelines.tracing.replay import Row, missing_headers, read_of, replay
from aformity_pipelines.tracing.sources import Sources
from aformity_pipelines.tracing.words import as_text, field_words, listed, quoted


def replay_parts(
    sources: Sources, entity: str, parts: Sequence[LedgerRow], name: str | None = None
) -> dict[str, Row]:
    """Return rows mapped again, by row id: one field, or all that their reads map.

    Left out are rows whose delivery is gone or lacks a column, and those whose read does not map the field.
    """
    found: dict[str, Row] = {}
    for source, part in dict.fromkeys((row.source, row.part) for row in parts):
        read = read_of(sources.migration, entity, source, part)
        is_mapped = name is None or name in read.fields
        if is_mapped and not missing_headers(sources, read):
            ids = [row.row_id for row in parts if (row.source, row.part) == (source, part)]
            found |= replay(sources, entity, read, ids, tuple(read.fields) if name is None else (name,))
    return found


def disagreements(
    sources: Sources,
    entity: str,
    found: Found,
    again: Mapping[str, Row],
    stored: Mapping[str, object] | None,
) -> Iterator[Step]:
    """Yield, for each field in which the rows of a record disagree, what the record holds and what the others had.

    `again` holds the rows as `replay_parts` maps them, `stored` the record as the published file holds it; None
    where it is not in the product, then the record is said to be going to hold it.
    """
    parts = [part for part in found.parts if part.row_id in again]
    decided = tuple(dict.fromkeys(p.because for p in found.parts if p.fate == Fate.MERGED and p.because))
    for name in sources.migration.destination.entities[entity].fields:
        held = [(part, again[part.row_id].values.get(name)) for part in parts]
        if len({value for _, value in held}) > 1:
            won = next(((part, value) for part, value in held if value is not None), None)
            value = stored[name] if stored is not None else won[1] if won else None
            yield _disagreement(sources, name, held, value, is_live=stored is not None, decided=decided)


def _disagreement(
    sources: Sources,
    name: str,
    held: Sequence[tuple[LedgerRow, object]],
    value: object,
    *,
    is_live: bool,
    decided: tuple[str, ...],
) -> Step:
    winners = [part for part, each in held if each is not None and each == value]
    from_ = f", from {_row(held, winners[0])}" if winners else ""
    others = [(part, each) for part, each in held if part not in winners]
    had = listed(tuple(f"{_row(held, part)} has {quoted(as_text(each))}" for part, each in others))
    holds = "holds" if is_live else "would hold"
    says = f"{field_words(name).capitalize()}: the record {holds} {quoted(as_text(value))}{from_}; {had}."
    lost = [as_text(each) for _, each in others]
    return Step(
        kind=StepKind.MERGE,
        says=says,
        where="; ".join(sources.place_of(part.row_id) for part, _ in held),
        before=lost[0] if len(lost) == 1 else None,
        after=as_text(value),
        refs=(*(part.row_id for part, _ in held), *decided),
    )


def _row(held: Sequence[tuple[LedgerRow, object]], part: LedgerRow) -> str:
    """Name a row among others: by its number, and by its source where they come from several."""
    is_one_file = len({each.source for each, _ in held}) == 1
    return f"row {part.row}" if is_one_file else f"row {part.row} of {part.source}"
