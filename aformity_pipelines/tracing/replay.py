"""The mapping run again for a few rows: the same compiled SQL, the same decisions, only fewer rows.

What it yields is held against the published file; it never replaces it.
"""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aformity_pipelines.domain.destination import Entity, Field
from aformity_pipelines.domain.mapping import Cast, FieldMapping, Read
from aformity_pipelines.domain.mapping import Mapping as EntityMapping
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import Effects, compile_entity
from aformity_pipelines.mapping.facts import headers_of
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.review.effects import create_effects
from aformity_pipelines.tracing.covering import cover
from aformity_pipelines.tracing.sources import Sources

COMBINING = frozenset({"join", "first", "sql"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of the mapping's output, made again: some of its fields, or all."""

    values: Mapping[str, Any]  # field -> typed value
    bad: Mapping[str, str]  # field -> the text that is no value of it
    decisions: tuple[str, ...]  # ids of the decisions that still cover the row, in log order


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One delivered cell."""

    header: str
    exact: str | None
    filled: str | None  # None where the source says by it that nothing was entered


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """A field's text on its way through the rule."""

    cells: tuple[Cell, ...]
    stages: tuple[tuple[str, str | None], ...]  # (step in words, text after it)
    plain: str | None  # the text before value map and cast, corrections left out


def read_of(migration: Migration, entity: str, source: str, part: str) -> Read:
    """Return the read that made a row."""
    return next(r for r in migration.reads_of(entity) if (r.source, r.part) == (source, part))


def missing_headers(sources: Sources, read: Read) -> tuple[str, ...]:
    """Return the headers, and lists to look things up in, that a read lacks; such a read cannot be run again."""
    raw = sources.raw.get(read.source)
    needed = [header for mapping in read.fields.values() for header in headers_of(mapping)]
    lists = [step.lookup.source for mapping in read.fields.values() for step in mapping.rule if step.lookup]
    lacking = [header for header in needed if raw is None or header not in raw.internal]
    return tuple(dict.fromkeys([*lacking, *(name for name in lists if name not in sources.raw)]))


def replay(
    sources: Sources, entity: str, read: Read, row_ids: Sequence[str], names: Sequence[str]
) -> dict[str, Row]:
    """Return some fields of some rows of one read, mapped again, by row id; rows whose delivery is gone are left out.

    The read must map the fields.
    """
    raw = _narrowed(sources, entity, row_ids)
    covering = cover(sources, entity, raw)
    one, narrow = _only_fields(sources.migration, entity, read, names)
    relations = _with_lists(sources, narrow, raw)
    acting = [each for each in covering if getattr(each, "field", None) in (None, *names)]
    effects = create_effects(sources.connection, one, entity, relations, acting)
    found = _run(sources, one, entity, relations, effects, row_ids)
    pairs = sources.query(
        f"select row_id, decision from {COVERED} where matches and list_contains(?, row_id)", [list(row_ids)]
    )
    order = {each.id: place for place, each in enumerate(covering)}
    return {
        row["row_id"]: Row(
            values={name: row[name] for name in names},
            bad={name: row[f"{name}__bad"] for name in names if row.get(f"{name}__bad") is not None},
            decisions=tuple(sorted({d for r, d in pairs if r == row["row_id"]}, key=order.__getitem__)),
        )
        for row in found
    }


def texts(sources: Sources, entity: str, read: Read, name: str, row_id: str) -> Texts:
    """Return the delivered cells of a field and its text after each step of the rule, for one row."""
    mapping = read.fields[name]
    raw = _narrowed(sources, entity, [row_id])
    first = next((n for n, s in enumerate(mapping.rule, 1) if s.name in COMBINING), 0)
    lengths = [n for n in range(1, len(mapping.rule) + 1) if len(mapping.columns) < 2 or n >= first]
    stages = {f"stage_{n}": _plain(mapping, n) for n in lengths} | {
        "whole": _plain(mapping, len(mapping.rule))
    }
    says = sources.migration.destination.entities[entity]
    as_text = says.model_copy(update={"fields": {stage: _text_field(says.fields[name]) for stage in stages}})
    changed = read.model_copy(update={"fields": stages})
    one = _only(sources.migration, entity, as_text, changed)
    rows = _run(sources, one, entity, _with_lists(sources, changed, raw), Effects(), [row_id])
    row = rows[0] if rows else {}
    return Texts(
        cells=_cells(sources, raw[read.source], headers_of(mapping), row_id),
        stages=tuple((mapping.rule[n - 1].describe(), row.get(f"stage_{n}")) for n in lengths),
        plain=row.get("whole"),
    )


def keys_sql(sources: Sources, entity: str) -> str:
    """Return a SELECT of (row_id, key) of every row of an entity, as mapped; empty where nothing can be read."""
    key = sources.migration.destination.entities[entity].key
    selects = []
    for read in sources.migration.reads_of(entity):
        if key in read.fields and not missing_headers(sources, read):
            one, _ = _only_fields(sources.migration, entity, read, (key,))
            mapped = compile_entity(one, entity, sources.raw)
            selects.append(f"select row_id, cast({identifier(key)} as varchar) as key from ({mapped})")
    return " union all ".join(selects)


def _plain(mapping: FieldMapping, steps: int) -> FieldMapping:
    """Return the mapping with its first steps only, no value map and no cast."""
    return mapping.model_copy(update={"rule": mapping.rule[:steps], "values": None, "cast": Cast()})


def _text_field(field: Field) -> Field:
    return Field(says=field.says, moment=field.moment)


def _only_fields(
    migration: Migration, entity: str, read: Read, names: Sequence[str]
) -> tuple[Migration, Read]:
    """Return the migration reduced to some fields of one read, and that read."""
    described = migration.destination.entities[entity]
    few = described.model_copy(update={"fields": {name: described.fields[name] for name in names}})
    narrow = read.model_copy(update={"fields": {name: read.fields[name] for name in names}})
    return _only(migration, entity, few, narrow), narrow


def _only(migration: Migration, entity: str, described: Entity, read: Read) -> Migration:
    """Return the migration reduced to one read of one entity."""
    entities = {**migration.destination.entities, entity: described}
    return dataclasses.replace(
        migration,
        destination=migration.destination.model_copy(update={"entities": entities}),
        mappings={entity: EntityMapping.model_construct(entity=entity, reads=(read,))},
    )


def _with_lists(sources: Sources, read: Read, raw: Mapping[str, RawRelation]) -> dict[str, RawRelation]:
    """Return the narrowed relations and, whole, the lists that the read looks things up in."""
    looked_up = {s.lookup.source for m in read.fields.values() for s in m.rule if s.lookup}
    return {**raw, **{name: sources.raw[name] for name in looked_up}}


def _run(
    sources: Sources,
    one: Migration,
    entity: str,
    relations: Mapping[str, RawRelation],
    effects: Effects,
    row_ids: Iterable[str],
) -> list[dict[str, Any]]:
    chosen = ", ".join(literal(row_id) for row_id in row_ids)
    sql = compile_entity(one, entity, relations, effects)
    result = sources.connection.execute(f"select * from ({sql}) where row_id in ({chosen})")
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _narrowed(sources: Sources, entity: str, row_ids: Iterable[str]) -> dict[str, RawRelation]:
    """Copy the wanted rows of the entity's sources to temp tables; return them as raw relations."""
    wanted = ", ".join(literal(row_id.partition("/")[0]) for row_id in row_ids)
    narrowed = {}
    for source in dict.fromkeys(read.source for read in sources.migration.reads_of(entity)):
        if source in sources.raw:
            raw, table = sources.raw[source], f"traced_{source}"
            sources.connection.execute(
                f"create or replace temp table {table} as select * from {raw.relation} where row_id in ({wanted})"
            )
            narrowed[source] = dataclasses.replace(raw, relation=table)
    return narrowed


def _cells(sources: Sources, raw: RawRelation, headers: Sequence[str], row_id: str) -> tuple[Cell, ...]:
    if not headers:
        return ()
    columns = ", ".join(f"{raw.exact(header)}, {raw.filled(header)}" for header in headers)
    rows = sources.query(
        f"select {columns} from {raw.relation} r where r.row_id = ?", [row_id.partition("/")[0]]
    )
    if not rows:
        return ()
    pairs = zip(rows[0][::2], rows[0][1::2], strict=True)
    return tuple(
        Cell(header=h, exact=exact, filled=filled) for h, (exact, filled) in zip(headers, pairs, strict=True)
    )
