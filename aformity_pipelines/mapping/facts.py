"""Column facts: for every mapped field how many rows it fills, changes or cannot read, with examples.

One pass over the delivered text beside the mapped value; what it finds goes into the review history and
the handoff.  Nothing here decides anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from aformity_pipelines.domain.mapping import FieldMapping, Read
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import can_be_bad, has_lookup, row_reference
from aformity_pipelines.mapping.sql import headers_in

EXAMPLES = 3
LOOKED_AT = 10_000
"""Changed rows, the first by row id, among which examples are picked."""
FACTS = "column_facts"
"""Temp table of one row: `counts`, the rows and then five of each field, and `<field>__first`, its first changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFacts:
    """What a field mapping did to one read's rows."""

    source: str
    part: str
    field: str
    rows: int
    filled: int  # rows with a value
    changed: int  # rows whose value, as text, differs from the delivered text by the mapping's doing
    corrected: int = 0  # rows whose value a decision corrected; not among the changed
    unreadable: int  # rows whose text fits neither type nor value map
    cleared: int  # rows whose text a rule, value map or `blanks` turned into nothing
    examples: tuple[tuple[str, str, int], ...] = ()  # (before, after, rows), most frequent change first


def headers_of(mapping: FieldMapping) -> tuple[str, ...]:
    """Return every source header that a field mapping reads, in order."""
    in_sql = [header for step in mapping.rule if step.sql for header in headers_in(step.sql)]
    return tuple(dict.fromkeys((*mapping.columns, *in_sql)))


def field_facts(
    connection: duckdb.DuckDBPyConnection,
    migration: Migration,
    entity: str,
    raw: Mapping[str, RawRelation],
    mapped: str,
    *,
    corrections: str | None = None,
) -> tuple[FieldFacts, ...]:
    """Return the facts of every mapped field; `mapped` is the relation that the mapping produced.

    `corrections` is the relation (row_id, field) of the values that decisions corrected, if there are any.
    """
    return tuple(
        facts
        for read in migration.reads_of(entity)
        for facts in _facts_of_read(
            connection, migration, entity, raw[read.source], read, mapped, corrections
        )
    )


def _facts_of_read(
    connection: duckdb.DuckDBPyConnection,
    migration: Migration,
    entity: str,
    raw: RawRelation,
    read: Read,
    mapped: str,
    corrections: str | None,
) -> list[FieldFacts]:
    beside, columns, first = ["m.row_id"], ["count(*)"], []
    for name, mapping in read.fields.items():
        beside += _beside(migration, entity, name, before_of(raw, mapping))
        beside.append(f"{is_corrected(corrections, name)} as {_named(name, 'corrected')}")
        columns += _counts(name)
        first.append(_first_changes(name))
    counted = ", ".join(columns)
    connection.execute(
        f"create or replace temp table {FACTS} as select {', '.join((f'[{counted}] as counts', *first))}"
        f" from (select {', '.join(beside)} {beside_mapped(raw, read, mapped)})"
    )
    row = connection.execute(f"select counts from {FACTS}").fetchone()
    assert row is not None
    rows, counts, found = row[0][0], iter(row[0][1:]), []
    for name in read.fields:
        filled, changed, corrected, unreadable, cleared = (next(counts) for _ in range(5))
        found.append(
            FieldFacts(
                source=read.source, part=read.part, field=name, rows=rows, filled=filled, changed=changed,
                corrected=corrected, unreadable=unreadable, cleared=cleared, examples=_examples(connection, name) if changed else (),
            )
        )  # fmt: skip
    return found


def bad_of(migration: Migration, entity: str, name: str) -> str:
    """Return the SQL of the text of mapped row `m` that is no value of a field; NULL where it is one, or blank."""
    described = migration.destination.entities[entity].fields[name]
    has_bad = can_be_bad(described) or has_lookup(migration, entity, name)
    return f"m.{identifier(name + '__bad')}" if has_bad else "cast(null as varchar)"


def beside_mapped(raw: RawRelation, read: Read, mapped: str) -> str:
    """Return the FROM of a read's delivered rows `r` beside their mapped rows `m`, without those that are set aside."""
    return (
        f"from {raw.relation} r join {mapped} m on m.row_id = {row_reference('r.row_id', read.part)}"
        f" where m.source = {literal(read.source)} and m.set_aside is null"
    )


def before_of(raw: RawRelation, mapping: FieldMapping) -> str:
    """Return the SQL of what was delivered for a field: its cells, several joined by ` | `."""
    headers = headers_of(mapping)
    if not headers:
        return "cast(null as varchar)"
    if len(headers) == 1:
        return f"nullif({raw.exact(headers[0])}, '')"
    cells = ", ".join(f"nullif({raw.exact(header)}, '')" for header in headers)
    return f"nullif(concat_ws(' | ', {cells}), '')"


def _as_text(name: str) -> str:
    return f"cast(m.{identifier(name)} as varchar)"


def _beside(migration: Migration, entity: str, name: str, before: str) -> list[str]:
    """Return what was delivered for a field, its value as text, and the text that did not fit, side by side."""
    bad = bad_of(migration, entity, name)
    texts = {"before": before, "after": _as_text(name), "bad": bad}
    return [f"{text} as {_named(name, what)}" for what, text in texts.items()]


def _named(name: str, what: str) -> str:
    return identifier(f"{name}__{what}")


def is_corrected(corrections: str | None, name: str) -> str:
    """Return the SQL condition that a decision corrected a field of the mapped row `m`; `false` without `corrections`."""
    if corrections is None:
        return "false"
    return f"m.row_id in (select row_id from {corrections} where field = {literal(name)})"


def _counts(name: str) -> list[str]:
    before, after, bad, corrected = (_named(name, what) for what in ("before", "after", "bad", "corrected"))
    return [
        f"count({after})",
        f"count({after}) filter (where not {corrected}) - {_rows_where(f'{after} = {before} and not {corrected}')}",
        _rows_where(corrected),
        f"count({bad})",
        _rows_where(f"{after} is null and {bad} is null and {before} is not null and not {corrected}"),
    ]


def _rows_where(condition: str) -> str:
    # count_if is NULL where the condition never has a value.
    return f"coalesce(count_if({condition}), 0)"


def _first_changes(name: str) -> str:
    before, after, corrected = (_named(name, what) for what in ("before", "after", "corrected"))
    return (
        f"arg_min({{'before': {before}, 'after': {after}}}, row_id, {LOOKED_AT})"
        f" filter (where {after} <> {before} and not {corrected}) as {_named(name, 'first')}"
    )


def _examples(connection: duckdb.DuckDBPyConnection, name: str) -> tuple[tuple[str, str, int], ...]:
    rows = connection.execute(
        f"select change.before, change.after, count(*) as n"
        f" from (select unnest({_named(name, 'first')}) as change from {FACTS})"
        f" group by 1, 2 order by n desc, 1, 2 limit {EXAMPLES}"
    ).fetchall()
    return tuple((before_text, after, count) for before_text, after, count in rows)


def value_counts(migration: Migration, entity: str, raw: Mapping[str, RawRelation], mapped: str) -> str:
    """Return a SELECT of (field, source, part, before, after, unknown, rows) for every field with a closed list.

    `before` is what was delivered, `after` the value, `unknown` whether neither value map nor list knew it.
    """
    fields = migration.destination.entities[entity].fields
    selects = [
        f"select {literal(name)} as field, {literal(read.source)} as source, {literal(read.part)} as part,"
        f" {before_of(raw[read.source], mapping)} as before, {_as_text(name)} as after,"
        f" {_unknown(migration, entity, name)} as unknown, count(*) as rows"
        f" from {raw[read.source].relation} r join {mapped} m on m.row_id = {row_reference('r.row_id', read.part)}"
        f" where m.set_aside is null group by all"
        for read in migration.reads_of(entity)
        for name, mapping in read.fields.items()
        if (mapping.values or fields[name].allowed) and mapping.constant is None
    ]
    nothing = (
        "select '' as field, '' as source, '' as part, '' as before, '' as after, false as unknown, 0 as rows"
        " where false"
    )
    return f"select * from ({' union all '.join([nothing, *selects])}) order by all"


def _unknown(migration: Migration, entity: str, name: str) -> str:
    field_ = migration.destination.entities[entity].fields[name]
    return f"m.{identifier(name + '__bad')} is not null" if can_be_bad(field_) else "false"
