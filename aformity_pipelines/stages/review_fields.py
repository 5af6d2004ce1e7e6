"""The field map as a customer approves it: where each field comes from, what becomes of it, examples before and after.

Keep out: whether an approval stands; that is `review.approvals`'.
"""

import json
from collections.abc import Iterator

from aformity_pipelines.domain.mapping import FieldMapping, Read
from aformity_pipelines.domain.sql_text import identifier
from aformity_pipelines.mapping.compile import row_reference
from aformity_pipelines.mapping.facts import headers_of
from aformity_pipelines.review.approvals import (
    approvals,
    mapping_digests,
    value_map_digests,
    value_maps_of,
)
from aformity_pipelines.review.workbook.layout import fitted
from aformity_pipelines.review.workbook.shape import FieldLine
from aformity_pipelines.stages.graph import MAPPED
from aformity_pipelines.stages.mapped import EXAMPLES
from aformity_pipelines.stages.outputs import TABLE, columns_of, folder_of, parquet
from aformity_pipelines.stages.run import Run

_EXAMPLES_SHOWN = 3
_VALUES_SHOWN = 200
"""Lines of a value map in one cell; an approval is of all of them, and the cell says how many more there are."""


def field_lines(run: Run, *, only: str | None = None) -> tuple[FieldLine, ...]:
    """Return one line per read and field, in the order of the mappings; `only` the fields that one person owns."""
    lines = (
        (entity, read, name)
        for entity in run.migration.entities()
        for read in run.migration.reads_of(entity)
        for name in read.fields
        if only is None or _owner(run, entity, name) == only
    )
    facts = {entity: _facts(run, entity) for entity in run.migration.entities()}
    return tuple(
        FieldLine(
            code=f"m{number}",
            entity=entity,
            name=f"{read.source}/{read.part}/{name}",
            evidence=mapping_evidence(run, entity).get(f"{read.source}/{read.part}/{name}", ""),
            shown=tuple(fitted(text) for text in _shown(run, entity, read, name, facts[entity])),
        )
        for number, (entity, read, name) in enumerate(lines, start=1)
    )


def _owner(run: Run, entity: str, name: str) -> str:
    moment = run.migration.destination.entities[entity].fields[name].moment
    return run.migration.customer.owner_of(entity, (name,), moment=moment).person


def mapping_evidence(run: Run, entity: str) -> dict[str, str]:
    """Return `source/part/field` -> digest of the mapping and, behind a `+`, of the value map that it uses."""
    maps, digests = value_maps_of(run.migration, entity), value_map_digests(run.migration, entity)
    return {
        name: f"{digest}+{digests[maps[name].name]}" if name in maps else digest
        for name, digest in mapping_digests(run.migration, entity).items()
    }


_Facts = tuple[dict[str, str], dict[str, list[tuple[str, str, int]]]]
"""State of the approval and examples, by `source/part/field`."""


def _facts(run: Run, entity: str) -> _Facts:
    words = {each.name: each.words for each in approvals(run.migration, entity)}
    folder = folder_of(run, MAPPED, entity)
    if not (folder / TABLE).is_file():
        return words, {}
    stored = json.loads((folder / EXAMPLES).read_text(encoding="utf-8"))
    changed = {key: [tuple(each) for each in rows] for key, rows in stored.items() if rows}
    return words, _carried_over(run, entity, frozenset(changed)) | changed


def _carried_over(run: Run, entity: str, changed: frozenset[str]) -> dict[str, list[tuple[str, str, int]]]:
    """Return the most frequent values of each field that the mapping changes in no row: before and after are one."""
    table = parquet(folder_of(run, MAPPED, entity) / TABLE)
    there = columns_of(run.connection, table)
    found = {}
    for read in run.migration.reads_of(entity):
        for name in read.fields:
            key = f"{read.source}/{read.part}/{name}"
            if key in changed or name not in there:
                continue
            row = row_reference("split_part(row_id, '/', 1)", read.part)
            rows = run.connection.execute(
                f"select {identifier(name)}::varchar as value, count(*)::integer as number from {table} where source = ?"
                f" and row_id = {row} and value is not null"
                f" group by value order by number desc, value limit {_EXAMPLES_SHOWN}",
                [read.source],
            ).fetchall()
            found[key] = [(value, value, number) for value, number in rows]
    return found


def _shown(run: Run, entity: str, read: Read, name: str, facts: _Facts) -> tuple[str, ...]:
    destination, mapping = run.migration.destination.entities[entity], read.fields[name]
    words, examples = facts
    key = f"{read.source}/{read.part}/{name}"
    headers = ", ".join(headers_of(mapping))
    source = read.source.replace("_", " ").capitalize()
    part = f" ({read.part})" if read.part != "main" else ""
    return (
        f"{source}{part}: {headers}" if headers else f"{source}{part}",
        f"{destination.label}: {name.replace('_', ' ').capitalize()}",
        mapping.says or destination.fields[name].says,
        "\n".join(_rule(run, mapping)),
        "\n".join(before for before, _, _ in examples.get(key, ())),
        "\n".join(after for _, after, _ in examples.get(key, ())),
        words[key].capitalize(),
    )


def _rule(run: Run, mapping: FieldMapping) -> Iterator[str]:
    words = mapping.describe_rule()
    for step in mapping.rule:
        if step.sql:
            words = words.replace(step.describe(), "worked out by a formula")
    yield words[:1].upper() + words[1:]
    values = run.migration.value_map_of(mapping)
    entries = values.entries if values else ()
    for entry in entries[:_VALUES_SHOWN]:
        yield f"{entry.source} becomes {entry.target or '(nothing)'}"
    if len(entries) > _VALUES_SHOWN:
        yield f"and {len(entries) - _VALUES_SHOWN:,} more values"
