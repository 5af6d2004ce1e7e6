"""Merged records: their parts, what each contributed, and where they disagreed, for all merges of an entity at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from aformity_pipelines.domain.decisions import MergeApproved
from aformity_pipelines.domain.launch.rows import Merge, MergedField, MergedPart
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.stages.launch.source import Sources

NAMED_ROWS = 1000
"""Row ids that a query names; of more, the whole table is read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One row of a merged record, with its values as texts in the order of the entity's fields."""

    decision: str
    survivor: str
    row: str
    file: str
    number: int
    key: str | None  # of the record
    values: tuple[str | None, ...]
    settled: (
        tuple[str | None, ...] | None
    )  # the record's values, the same in every part; None where it is not there

    @property
    def is_survivor(self) -> bool:
        """Whether the record goes by this row."""
        return self.row == self.survivor


def merges(sources: Sources) -> tuple[Merge, ...]:
    """Return every merge that happened, with what each row contributed to the record, by decision and entity."""
    approved = {entry.id: entry for entry in sources.run.migration.log if isinstance(entry, MergeApproved)}
    described = sources.run.migration.destination.entities
    merged = {
        entity: (rows, survivors)
        for entity, rows, survivors in sources.query(
            "select entity, list(distinct row_id), list(distinct survivor) from {merges} group by entity"
        )
    }
    found = [
        _merge(approved[decision], entity, tuple(described[entity].fields), list(parts))
        for entity in sources.run.migration.entities()
        if entity in merged
        for (decision, _), parts in groupby(
            _parts(sources, entity, *merged[entity]), lambda part: (part.decision, part.survivor)
        )
    ]
    return tuple(sorted(found, key=lambda merge: (merge.decision, merge.entity)))


def _parts(sources: Sources, entity: str, rows: Sequence[str], survivors: Sequence[str]) -> Iterator[_Part]:
    """Yield the parts of all merged records of an entity, merge by merge, the survivor first."""
    mapped = sources.mapped(entity)
    if mapped is None:
        return
    fields = sources.run.migration.destination.entities[entity].fields
    values, settled = (
        f"[{', '.join(f'cast({side}.{identifier(name)} as varchar)' for name in fields)}]" for side in "pt"
    )
    mapped = _of_rows(mapped, "row_id", rows)
    # Where a gate closed behind rows that an earlier wave exported, their records are not there: the parts tell.
    transformed = sources.transformed(entity)
    records = transformed and _of_rows(transformed, "row_ids[1]", survivors)
    record = f"left join {records} t on t.row_ids[1] = m.survivor" if records else ""
    for decision, survivor, row, file, number, key, given, left in sources.query(
        f"select m.decision, m.survivor, m.row_id, l.file, l.row, l.record_key, {values},"
        f" {settled if records else 'null'}"
        " from {merges} m join {ledger} l on l.entity = m.entity and l.row_id = m.row_id"
        f" join {mapped} p on p.row_id = m.row_id {record}"
        " where m.entity = ? and l.fate in ('exported', 'merged')"
        " order by m.decision, m.survivor, m.row_id <> m.survivor, m.row_id",
        [entity],
    ):
        yield _Part(
            decision=decision,
            survivor=survivor,
            row=row,
            file=file,
            number=number,
            key=key,
            values=tuple(given),
            settled=tuple(left) if left else None,
        )


def _of_rows(relation: str, column: str, rows: Sequence[str]) -> str:
    """Return a relation with these rows alone, as long as a query can name them: a token of every other costs much."""
    named = ", ".join(map(literal, sorted(rows)))
    return f"(select * from {relation} where {column} in ({named}))" if len(rows) <= NAMED_ROWS else relation


def _merge(entry: MergeApproved, entity: str, names: Sequence[str], parts: Sequence[_Part]) -> Merge:
    origins = {name: _origin(parts, place) for place, name in enumerate(names)}
    return Merge(
        decision=entry.id,
        entity=entity,
        record=parts[0].key or parts[0].survivor,
        says=entry.says,
        why=entry.why,
        approver=entry.by,
        approved_on=entry.on,
        parts=tuple(
            MergedPart(
                row=part.row,
                file=part.file,
                row_number=part.number,
                is_survivor=part.is_survivor,
                contributed=tuple(name for name in names if origins[name] is part),
            )
            for part in parts
        ),
        disagreements=tuple(_disagreements(names, parts, origins)),
    )


def _origin(parts: Sequence[_Part], place: int) -> _Part | None:
    """Return the part whose value of a field the record has; None where it has none."""
    holding = [part for part in parts if part.values[place] is not None]
    settled, first = parts[0].settled, holding[0] if holding else None
    if settled is None:
        return first
    if settled[place] is None:
        return None
    # No part may hold it: a link leads to the record that took over from the one that the part names.
    return next((part for part in holding if part.values[place] == settled[place]), first)


def _disagreements(
    names: Sequence[str], parts: Sequence[_Part], origins: Mapping[str, _Part | None]
) -> Iterator[MergedField]:
    for place, name in enumerate(names):
        origin = origins[name]
        if origin is None:
            continue
        own, settled = origin.values[place], parts[0].settled
        values = {part.row: part.values[place] for part in parts}
        lost = {row: value for row, value in values.items() if value is not None and value != own}
        if lost:
            won = settled[place] if settled else own
            yield MergedField(field=name, won=won or "", row=origin.row, lost=lost)
