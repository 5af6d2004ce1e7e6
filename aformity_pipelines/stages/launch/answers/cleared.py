"""Cells that were not empty and of which nothing came: a word for nothing, the value map, or a step of the rule."""

import dataclasses
from collections.abc import Iterator

from aformity_pipelines.domain.mapping import Cast, FieldMapping, Read
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import MAIN, field_texts, row_reference
from aformity_pipelines.mapping.facts import before_of, headers_of
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.corrected import CORRECTED
from aformity_pipelines.stages.launch.masking import is_blank
from aformity_pipelines.tracing.answer import Outcome

CLEARED = "answer_cleared"
"""Temp table (row_id, cause, key, text) of one field of one read; `key` is the number of a line of the
value map, or of a step, from 1."""
_CELLS = "unmasked_cells"
"""Temp table (row_id, c0001 ...): the delivered rows behind it, with the columns that the field is made of."""
COMBINING = frozenset({"join", "first", "sql"})


def create_cleared(basis: Basis, entity: str, read: Read, field: str, *, bad: str) -> None:
    """Create `answer_cleared`; `bad` is the SQL of the text of mapped row `m` that is no value of the field."""
    mapping, raw = read.fields[field], basis.raw(read.source)
    basis.query(
        f"create or replace temp table {CLEARED} (row_id varchar, cause varchar, key varchar, text varchar)"
    )
    if raw is None:
        return
    before = before_of(raw, mapping)
    columns = ", ".join(f"r.{identifier(raw.internal[header])}" for header in headers_of(mapping))
    basis.measure(
        f"create or replace temp table {_CELLS} as select r.row_id, {columns} from {raw.relation} r"
        f" join {basis.sources.mapped(entity)} m on m.row_id = {row_reference('r.row_id', read.part)}"
        f" where {is_blank(field, 'm')} and {bad} is null and m.source = ? and m.set_aside is null"
        f" and {before} is not null and m.row_id not in"
        f" (select row_id from {CORRECTED} where entity = ? and field = ?)",
        [read.source, entity, field],
    )
    cells = dataclasses.replace(raw, relation=_CELLS)
    shortened = list(_shortened(basis, entity, read, field, cells))
    filled = " or ".join(f"{cells.filled(header)} is not null" for header in headers_of(mapping))
    joins = "".join(
        f" left join ({texts}) t{steps} on t{steps}.row_id = {row_reference('r.row_id', read.part)}"
        for steps, texts in shortened
    )
    whole = f"t{shortened[-1][0]}.text"
    values = basis.sources.run.migration.value_map_of(mapping)
    entries = ", ".join(literal(each.source) for each in values.entries) if values else ""
    line = f"list_position([{entries}], {whole})" if entries else "null"
    steps = " ".join(f"when t{number}.text is null then '{number}'" for number, _ in shortened if number)
    basis.measure(
        f"insert into {CLEARED} select {row_reference('r.row_id', read.part)},"
        f" case when {line} is not null then '{Outcome.CLEARED_BY_VALUE_MAP}'"
        f" when not ({filled}) or {_is_blank_when(mapping, shortened)} then '{Outcome.BLANK_WORD}'"
        f" else '{Outcome.CLEARED_BY_RULE}' end,"
        f" case when {line} is not null then cast({line} as varchar) when not ({filled}) then ''"
        f" {steps} else '' end, {basis.sources.masked.shown_sql(entity, field, before)} from {_CELLS} r{joins}"
    )


def _is_blank_when(mapping: FieldMapping, shortened: list[tuple[int, str]]) -> str:
    """Return the SQL of whether the first step that leaves nothing is one that reads a text as nothing entered."""
    whens = " ".join(
        f"when t{number}.text is null then {'true' if mapping.rule[number - 1].name == 'blank_when' else 'false'}"
        for number, _ in shortened
        if number
    )
    return f"case {whens} else false end" if whens else "false"


def _shortened(
    basis: Basis, entity: str, read: Read, field: str, cells: RawRelation
) -> Iterator[tuple[int, str]]:
    """Yield, for each number of steps that leaves one text, the SELECT of (row_id, text) after so many."""
    mapping = read.fields[field]
    first = next((n for n, step in enumerate(mapping.rule, 1) if step.name in COMBINING), 0)
    lookups = {step.lookup.source for step in mapping.rule if step.lookup}
    relations = {name: raw for name in lookups if (raw := basis.raw(name))} | {read.source: cells}
    for number in range(first if len(mapping.columns) != 1 else 0, len(mapping.rule) + 1):
        migration = _with_steps(basis.sources.run.migration, entity, read, field, number)
        yield number, field_texts(migration, entity, relations, field)


def _with_steps(migration: Migration, entity: str, read: Read, field: str, number: int) -> Migration:
    """Return the migration reduced to one field of one read, with the first steps of its rule."""
    short = read.fields[field].model_copy(
        update={"rule": read.fields[field].rule[:number], "values": None, "cast": Cast()}
    )
    one = read.model_copy(update={"fields": {field: short}})
    mapping = migration.mappings[entity].model_copy(update={"reads": (one,)})
    return dataclasses.replace(migration, mappings={**migration.mappings, entity: mapping})


def part_of(read: Read) -> str:
    """Return what stands behind the row id of a read's rows; empty for the main part."""
    return "" if read.part == MAIN else read.part
