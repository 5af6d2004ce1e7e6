"""Column facts: for every mapped field how many rows it fills, changes or cannot read, with examples.

One pass over the delivered text beside the mapped value; what it finds goes into the review history and
the handoff.  Nothing here decides anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from aformity_pipelines.domain.mapping import FieldMapping, Read
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import can_be_bad, has_lookup, row_reference
from aformity_pipelines.mapping.sql import headers_in, identifier, literal

EXAMPLES = 3
LOOKED_AT = 10_000
"""Changed rows, the first by row id, among which examples are picked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldFacts:
    """What a field mapping did to one read's rows."""

    source: str
    part: str
    field: str
    rows: int
    filled: int  # rows with a value
    changed: int  # rows whose value, as text, differs from the delivered text
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
) -> tuple[FieldFacts, ...]:
    """Return the facts of every mapped field; `mapped` is the relation that the mapping produced."""
    return tuple(
        facts
        for read in migration.reads_of(entity)
        for facts in _facts_of_read(connection, migration, entity, raw[read.source], read, mapped)
    )


def _facts_of_read(
    connection: duckdb.DuckDBPyConnection,
    migration: Migration,
    entity: str,
    raw: RawRelation,
    read: Read,
    mapped: str,
) -> list[FieldFacts]:
    joined = (
        f"from {raw.relation} r join {mapped} m on m.row_id = {row_reference('r.row_id', read.part)}"
        f" where m.source = {literal(read.source)} and m.set_aside is null"
    )
    columns = ["count(*)"]
    for name, mapping in read.fields.items():
        columns += _counts(migration, entity, name, before_of(raw, mapping))
    row = connection.execute(f"select {', '.join(columns)} {joined}").fetchone()
    assert row is not None
    rows, counts, found = row[0], iter(row[1:]), []
    for name, mapping in read.fields.items():
        filled, changed, unreadable, cleared = (next(counts) for _ in range(4))
        examples: tuple[tuple[str, str, int], ...] = ()
        if changed and mapping.constant is None:
            examples = _examples(connection, name, before_of(raw, mapping), joined)
        found.append(
            FieldFacts(
                source=read.source, part=read.part, field=name, rows=rows, filled=filled,
                changed=changed, unreadable=unreadable, cleared=cleared, examples=examples,
            )
        )  # fmt: skip
    return found


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


def _counts(migration: Migration, entity: str, name: str, before: str) -> list[str]:
    value = f"m.{identifier(name)}"
    field_ = migration.destination.entities[entity].fields[name]
    has_bad = can_be_bad(field_) or has_lookup(migration, entity, name)
    bad = f"m.{identifier(name + '__bad')}" if has_bad else "cast(null as varchar)"
    return [
        f"count({value})",
        f"count(*) filter (where {value} is not null and {_as_text(name)} is distinct from {before})",
        f"count({bad})",
        f"count(*) filter (where {value} is null and {bad} is null and {before} is not null)",
    ]


def _examples(
    connection: duckdb.DuckDBPyConnection, name: str, before: str, joined: str
) -> tuple[tuple[str, str, int], ...]:
    changed = (
        f"select m.row_id, {before} as before, {_as_text(name)} as after {joined}"
        f" and m.{identifier(name)} is not null and {_as_text(name)} is distinct from {before}"
        f" and {before} is not null order by m.row_id limit {LOOKED_AT}"
    )
    rows = connection.execute(
        f"select before, after, count(*) as n from ({changed})"
        f" group by 1, 2 order by n desc, before, after limit {EXAMPLES}"
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
