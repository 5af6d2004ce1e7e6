"""The field map of the launch record: every field, every source column, in the customer's words."""

import json
from collections.abc import Iterator

from aformity_pipelines.domain.decisions import ValueCorrected, ValuesReplaced
from aformity_pipelines.domain.destination import Field, FieldType
from aformity_pipelines.domain.launch.field_map import ColumnFate, ColumnLine, Example, MappedField, MappingKind
from aformity_pipelines.domain.mapping import FieldMapping, Read
from aformity_pipelines.domain.stage_record import FieldRecord
from aformity_pipelines.mapping.facts import headers_of
from aformity_pipelines.review.approvals import Approval, approvals
from aformity_pipelines.stages.launch.source import Sources
from aformity_pipelines.stages.mapped import EXAMPLES
from aformity_pipelines.stages.outputs import folder_of


def field_map(sources: Sources) -> tuple[MappedField, ...]:
    """Return one line per read and field, and one for every field that nothing feeds."""
    return tuple(line for entity in sources.run.migration.entities() for line in _fields_of(sources, entity))


def _fields_of(sources: Sources, entity: str) -> Iterator[MappedField]:
    migration = sources.run.migration
    approved = {each.name: each for each in approvals(migration, entity)}
    record = sources.records.get(("mapped", entity))
    facts = {(f.source, f.part, f.field): f for f in record.fields} if record else {}
    examples = _examples(sources, entity)
    fields = migration.destination.entities[entity].fields
    for name, field in fields.items():
        reads = [read for read in migration.reads_of(entity) if name in read.fields]
        if not reads:
            yield MappedField(
                entity=entity, field=name, says=field.says, moment=field.moment, kind=MappingKind.NOT_MAPPED
            )
        for read in reads:
            key = f"{read.source}/{read.part}/{name}"
            yield _line(
                sources, entity, name, read,
                approval=approved[key],
                facts=facts.get((read.source, read.part, name)),
                examples=examples.get(key, ()),
            )  # fmt: skip


def _line(
    sources: Sources,
    entity: str,
    name: str,
    read: Read,
    *,
    approval: Approval,
    facts: FieldRecord | None,
    examples: tuple[Example, ...],
) -> MappedField:
    field = sources.run.migration.destination.entities[entity].fields[name]
    mapping = read.fields[name]
    headers = headers_of(mapping)
    return MappedField(
        entity=entity,
        field=name,
        says=mapping.says or field.says,
        moment=field.moment,
        kind=kind_of(mapping, changed=facts.changed if facts else 0),
        source=read.source,
        part=read.part,
        headers=headers,
        rule=_rule(mapping, field, changed=facts.changed if facts else 0),
        formula="\n".join(step.sql for step in mapping.rule if step.sql),
        approved_by=approval.decision,
        approval=approval.words,
        values_approved_by=approval.value_map,
        rows=facts.rows if facts else 0,
        filled=facts.filled if facts else 0,
        changed=facts.changed if facts else 0,
        corrected=facts.corrected if facts else 0,
        corrected_by=_corrected_by(sources, entity, name) if facts and facts.corrected else (),
        unreadable=facts.unreadable if facts else 0,
        examples=examples,
        upstream=tuple(f"{read.source}.{header}" for header in headers),
    )


def kind_of(mapping: FieldMapping, *, changed: int) -> MappingKind:
    """Return how a field gets its values, in the report's words; a value that changed was not taken over."""
    if mapping.constant is not None:
        return MappingKind.CONSTANT
    if len(headers_of(mapping)) > 1:
        return MappingKind.COMBINED
    return MappingKind.DIRECT if mapping.is_direct() and not changed else MappingKind.TRANSFORMED


def _rule(mapping: FieldMapping, field: Field, *, changed: int) -> str:
    """Return the rule in words; a plain field that changes does so by its type or its list of values."""
    if not (mapping.is_direct() and changed):
        return _in_words(mapping)
    if field.allowed:
        return "the product's own word for it"
    return "read as text" if field.type is FieldType.TEXT else f"read as {field.type}"


def _in_words(mapping: FieldMapping) -> str:
    """Return the rule in words; SQL, which customers do not read, is only named."""
    words = mapping.describe_rule()
    for step in mapping.rule:
        if step.sql:
            words = words.replace(step.describe(), "worked out by a formula")
    return words


def _corrected_by(sources: Sources, entity: str, name: str) -> tuple[str, ...]:
    """Return the decisions that corrected values of a field."""
    return tuple(
        entry.id
        for entry in sources.standing()
        if isinstance(entry, ValueCorrected | ValuesReplaced)
        and (entry.covers.subject, entry.field) == (entity, name)
        and entry.id in sources.records["mapped", entity].decisions
    )


def _examples(sources: Sources, entity: str) -> dict[str, tuple[Example, ...]]:
    path = folder_of(sources.run, "mapped", entity) / EXAMPLES
    if not path.is_file():
        return {}
    stored = json.loads(path.read_text(encoding="utf-8"))
    found = {}
    for key, rows in stored.items():
        hides = sources.is_personal(entity, key.rsplit("/", 1)[1])
        found[key] = tuple(
            Example(before=_shown(before, hides), after=_shown(after, hides), rows=number)
            for before, after, number in rows
        )
    return found


def _shown(text: str, hides: bool) -> str:
    return mask(text) if hides else text


def mask(text: str) -> str:
    """Return the shape of a personal value: letters as `x` or `X`, digits as `9`, the rest as it stands."""
    return "".join(_masked(sign) for sign in text)


def _masked(sign: str) -> str:
    if sign.isalpha():
        return "X" if sign.isupper() else "x"
    return "9" if sign.isdigit() else sign


def columns_left(sources: Sources) -> tuple[ColumnLine, ...]:
    """Return every source column that no field reads, once."""
    found: dict[tuple[str, str], ColumnLine] = {}
    for mapping in sources.run.migration.mappings.values():
        for read in mapping.reads:
            for header, column in read.columns.items():
                found[read.source, header] = ColumnLine(
                    source=read.source, header=header, fate=ColumnFate(column.fate.value), why=column.why
                )
    return tuple(found.values())
