"""The field map of the launch record: every field, and how it gets its values, in the customer's words."""

from collections.abc import Iterator

from aformity_pipelines.domain.decisions import ValueCorrected, ValuesReplaced
from aformity_pipelines.domain.destination import Field, FieldType
from aformity_pipelines.domain.launch.field_map import (
    Example,
    MappedField,
    MappingKind,
)
from aformity_pipelines.domain.mapping import FieldMapping, Read
from aformity_pipelines.domain.stage_record import FieldRecord
from aformity_pipelines.mapping.facts import headers_of
from aformity_pipelines.mapping.shown import field_sql
from aformity_pipelines.review.approvals import Approval, approvals
from aformity_pipelines.stages.launch.source import Sources
from aformity_pipelines.transform.passes import Passage, passages
from aformity_pipelines.transform.project import load_project


def field_map(sources: Sources) -> tuple[MappedField, ...]:
    """Return one line per read and field, and one for every field that nothing feeds."""
    return tuple(line for entity in sources.run.migration.entities() for line in _fields_of(sources, entity))


def _fields_of(sources: Sources, entity: str) -> Iterator[MappedField]:
    migration = sources.run.migration
    approved = {each.name: each for each in approvals(migration, entity)}
    record = sources.records.get(("mapped", entity))
    facts = {(f.source, f.part, f.field): f for f in record.fields} if record else {}
    examples = sources.masked.examples(entity)
    ways = _passages(sources, entity)
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
                way=ways.get(name),
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
    way: Passage | None,
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
        known_values=len(field.allowed),
        examples=examples,
        upstream=tuple(f"{read.source}.{header}" for header in headers),
        sql=field_sql(sources.run.migration, entity, read, name),
        models=tuple(model.name for model in way.models) if way else (),
        says_model=way.says if way else "",
    )


def _passages(sources: Sources, entity: str) -> dict[str, Passage]:
    """Return the way of every field through the SQL models; none for an entity that has no model."""
    project = load_project(sources.run.workspace.transforms)
    if entity not in {model.name for model in project.models}:
        return {}
    described = sources.run.migration.destination.entities
    return passages(project, entity, {name: tuple(each.fields) for name, each in described.items()})


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
