"""The whole suite of each gate in one place: derived rules first, then what people wrote."""

from pathlib import Path

from aformity_pipelines.config.headers import headers_in_waves, headers_known, headers_read
from aformity_pipelines.domain.destination import Check, Field, Policy
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.mapping.compile import can_be_bad, has_lookup
from aformity_pipelines.quality.suites import (
    BAD_SUFFIX,
    Expectation,
    Suite,
    assemble,
    derive_entity_suite,
    derive_intake_suite,
    load_extras,
    severity_of,
)


def intake_suite(workspace: Workspace, migration: Migration, source: str) -> Suite:
    """Return the suite of a source's intake gate; it speaks headers."""
    declared = migration.customer.sources[source]
    needed = headers_read(migration, source) | headers_in_waves(migration, source)
    derived = derive_intake_suite(source, declared.key, needed, headers_known(migration, source))
    if declared.lookup_only:
        derived = tuple(e for e in derived if e["meta"]["rule"] != f"{source}.columns.known")
    return assemble(f"{source}.intake", derived, _extras(workspace.source_suite(migration.slug, source)))


def entity_suite(workspace: Workspace, migration: Migration, entity: str, gate: Gate) -> Suite:
    """Return the suite of an entity's mapped, transformed or export gate."""
    fields = mapped_fields(migration, entity)
    derived = derive_entity_suite(migration.destination, entity, gate, fields)
    if gate is Gate.MAPPED:
        derived += tuple(_lookup_rule(migration, entity, name) for name in _looked_up(migration, entity))
    folder = workspace.suites(migration.destination.destination, entity, migration.destination.version)
    return assemble(f"{entity}.{gate}", derived, _extras(folder / f"{gate}.json"))


def for_no_rows(suite: Suite) -> Suite:
    """Return a suite for a wave that none of the delivered rows belongs to: no rule asks for rows."""
    lenient = [
        {**each, "meta": {**each["meta"], "may_check_nothing": True}}
        for each in suite["expectations"]
        if each["type"] != "expect_table_row_count_to_be_between"
    ]
    return {**suite, "expectations": lenient}


def mapped_fields(migration: Migration, entity: str) -> frozenset[str]:
    """Return the fields that any read of the entity provides."""
    return frozenset(name for read in migration.reads_of(entity) for name in read.fields)


def _extras(path: Path) -> tuple[Expectation, ...]:

    return load_extras(path) if path.is_file() else ()


def _looked_up(migration: Migration, entity: str) -> list[str]:
    fields = migration.destination.entities[entity].fields
    return [
        name
        for name, field in fields.items()
        if has_lookup(migration, entity, name) and not can_be_bad(field)
    ]


def _lookup_rule(migration: Migration, entity: str, name: str) -> Expectation:
    field: Field = migration.destination.entities[entity].fields[name]
    policy = field.policies.get(Check.RELATIONSHIP, Policy.HOLD)
    label = migration.destination.entities[entity].label
    return {
        "type": "expect_column_values_to_be_null",
        "kwargs": {"column": f"{name}{BAD_SUFFIX}"},
        "severity": severity_of(policy).value,
        "meta": {
            "rule": f"{entity}.{name}.lookup",
            "policy": policy.value,
            "says": f"{label}: every code in {name.replace('_', ' ')} must be found in the list that explains it.",
            "moment": field.moment,
            "fields": [name],
            "derived": True,
        },
    }
