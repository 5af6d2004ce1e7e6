"""Loss facts: how much less the values of a field mapping say than what was delivered, in counts.

One pass over the delivered text beside the mapped value, after the column facts have told which fields changed at all.
Only rows with a value are looked at, and none that a decision corrected; what became blank is counted by those facts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as setting

import duckdb

from aformity_pipelines.domain.destination import Field
from aformity_pipelines.domain.launch.losses import LossSort
from aformity_pipelines.domain.mapping import FieldMapping, Read
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.misread import MISREAD
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.facts import (
    FieldFacts,
    bad_of,
    before_of,
    beside_mapped,
    headers_of,
    is_corrected,
)
from aformity_pipelines.mapping.loss_conditions import loss_conditions

BEFORE, AFTER, REPAIRED, EMPTIED = "distinct_before", "distinct_after", "repaired", "emptied"
"""What is counted of a field besides the sorts of losses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LossFacts:
    """What one read's values of a field say less than the delivered text."""

    source: str
    part: str
    field: str
    distinct_before: int | None = (
        None  # different delivered texts that became values; None where nothing changed
    )
    distinct_after: int | None = None  # different values that they became
    rows: Mapping[LossSort, int] = setting(default_factory=dict)  # rows by sort, of those that are not zero
    repaired: int = 0  # of the rows with misread signs, those whose value holds none any more
    emptied: int = 0  # rows whose text a correction made blank


def loss_facts(
    connection: duckdb.DuckDBPyConnection,
    migration: Migration,
    entity: str,
    raw: Mapping[str, RawRelation],
    mapped: str,
    facts: Sequence[FieldFacts],
    *,
    corrections: str | None = None,
) -> tuple[LossFacts, ...]:
    """Return the loss facts of every field mapping that reads a column; `facts` are its column facts.

    Needs the macros of `mapping.casts`; `corrections` is the relation (row_id, field) of corrected values, if any.
    """
    entity_fields = migration.destination.entities[entity].fields
    known = {(each.source, each.part, each.field): each for each in facts}
    found: list[LossFacts] = []
    for read in migration.reads_of(entity):
        of_read = {name: known[read.source, read.part, name] for name in read.fields}
        misread = _misread_headers(connection, raw[read.source], read)
        counts = {
            name: _counts(
                entity_fields[name],
                mapping,
                of_read[name],
                is_misread=not misread.isdisjoint(headers_of(mapping)),
            )
            for name, mapping in read.fields.items()
            if headers_of(mapping)
        }
        bad = {name: bad_of(migration, entity, name) for name in counts}
        numbers = _numbers(connection, raw[read.source], read, mapped, counts, corrections, bad)
        found += (_facts(read, name, numbers[name]) for name in counts)
    return tuple(found)


def _misread_headers(connection: duckdb.DuckDBPyConnection, raw: RawRelation, read: Read) -> set[str]:
    """Return the headers under which any cell holds misread signs: seldom one, so this spares most of the counting."""
    headers = sorted({header for mapping in read.fields.values() for header in headers_of(mapping)})
    if not headers:
        return set()
    looks = ", ".join(f"bool_or({_is_misread(raw.exact(header))})" for header in headers)
    row = connection.execute(f"select {looks} from {raw.relation} r").fetchone()
    assert row is not None
    return {header for header, holds in zip(headers, row, strict=True) if holds}


def _numbers(
    connection: duckdb.DuckDBPyConnection,
    raw: RawRelation,
    read: Read,
    mapped: str,
    counts: Mapping[str, Mapping[str, str]],
    corrections: str | None,
    bad: Mapping[str, str],
) -> dict[str, dict[str, int]]:
    """Return for every field of a read what its SQL counts came to, in one pass."""
    counted = {name: each for name, each in counts.items() if each}
    if not counted:
        return {name: {} for name in counts}
    beside = [
        column
        for name in counted
        for column in _beside(raw, name, read.fields[name], is_corrected(corrections, name), bad[name])
    ]
    selected = [sql for each in counted.values() for sql in each.values()]
    row = connection.execute(
        f"select {', '.join(selected)} from (select {', '.join(beside)} {beside_mapped(raw, read, mapped)})"
    ).fetchone()
    assert row is not None
    results = iter(row)
    return {name: {key: next(results) for key in each} for name, each in counts.items()}


def _facts(read: Read, name: str, counted: Mapping[str, int]) -> LossFacts:
    return LossFacts(
        source=read.source,
        part=read.part,
        field=name,
        distinct_before=counted.get(BEFORE),
        distinct_after=counted.get(AFTER),
        rows={sort: counted[sort] for sort in LossSort if counted.get(sort)},
        repaired=counted.get(REPAIRED, 0),
        emptied=counted.get(EMPTIED, 0),
    )


def _beside(raw: RawRelation, name: str, mapping: FieldMapping, corrected: str, bad: str) -> Iterator[str]:
    """Yield side by side what was delivered, the same with its cells told apart, the value, and whether one was emptied."""
    value, before = f"cast(m.{identifier(name)} as varchar)", before_of(raw, mapping)
    cells = [f"nullif({raw.exact(header)}, '')" for header in headers_of(mapping)]
    # `a | b` in one cell is another text than `a` and `b` in two.
    sized = ", ".join(f"length({cell}) || ':' || {cell}" for cell in cells)
    apart = before if len(cells) == 1 else f"nullif(concat({sized}), '')"
    yield f"{before} as {_named(name, 'before')}"
    yield f"{apart} as {_named(name, 'cells')}"
    yield f"case when not {corrected} then {value} end as {_named(name, 'after')}"
    # A correction that is no value of the field made nothing blank on purpose: its text did not fit.
    yield f"{corrected} and {value} is null and {bad} is null as {_named(name, EMPTIED)}"


def _counts(
    described: Field, mapping: FieldMapping, facts: FieldFacts, *, is_misread: bool
) -> dict[str, str]:
    """Return what is to be counted of a field -> its SQL over the columns of `_beside`; empty where nothing can be."""
    before, cells, after = (_named(facts.field, what) for what in ("before", "cells", "after"))
    found = {}
    if facts.corrected:
        found[EMPTIED] = _rows_where(f"{_named(facts.field, EMPTIED)} and {before} is not null")
    if is_misread:
        holds = f"{after} is not null and {_is_misread(before)}"
        found[LossSort.ENCODING.value] = _rows_where(holds)
        found[REPAIRED] = _rows_where(f"case when {holds} then not {_is_misread(after)} end")
    if not facts.changed:
        return found
    # The texts themselves: DuckDB's hash of 64 bits gives two of a million different texts the same number.
    found[BEFORE] = f"count(distinct {cells}) filter (where {after} is not null)"
    found[AFTER] = f"count(distinct {after}) filter (where {cells} is not null)"
    for sort, condition in loss_conditions(before, after, described, mapping).items():
        found[sort.value] = _rows_where(f"case when {after} <> {before} then {condition} end")
    return found


def _is_misread(text: str) -> str:
    """Text of one byte a letter holds no such sign, and to see that costs next to nothing."""
    return f"case when strlen({text}) > length({text}) then regexp_matches({text}, {literal(MISREAD)}) else false end"


def _rows_where(condition: str) -> str:
    # count_if is NULL where the condition never has a value.
    return f"coalesce(count_if({condition}), 0)"


def _named(name: str, what: str) -> str:
    return identifier(f"{name}__{what}")
