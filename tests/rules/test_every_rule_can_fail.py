"""Every rule of every suite has a row that breaks it, and finds that row and no other."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from aformity_pipelines.config.destinations import load_destination
from aformity_pipelines.config.load import customers, load_migration
from aformity_pipelines.domain.destination import FieldType
from aformity_pipelines.domain.findings import Gate, RuleResult, RuleState
from aformity_pipelines.domain.sql_types import DUCKDB_TYPES
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.quality.suites import Suite, all_waves, assemble, derive_entity_suite, load_extras
from aformity_pipelines.stages.suites import entity_suite, intake_suite
from tests.rules.breaking_rows import (
    EMPTY_TABLE,
    EXPORT,
    INTAKE,
    MAPPED,
    SOUND,
    TRANSFORMED,
    Breaking,
    Delivered,
    Row,
)

ROOT = Path(__file__).parents[2]
WORKSPACE = Workspace(root=ROOT, storage=ROOT / "storage")
DESTINATION = load_destination(ROOT, "b2b_saas")
BY_GATE = {Gate.MAPPED: MAPPED, Gate.TRANSFORMED: TRANSFORMED, Gate.EXPORT: EXPORT}
GATES = [(entity, gate) for entity in DESTINATION.entities for gate in BY_GATE]
SAMPLES = {slug: load_migration(ROOT, slug) for slug in customers(ROOT)}
LOOKUPS = frozenset({"activity.subject.lookup"})


def suite_of(entity: str, gate: Gate) -> Suite:
    """The whole suite for a customer who maps every field, and what the samples' lookups add."""
    fields = frozenset(DESTINATION.entities[entity].fields)
    path = WORKSPACE.suites("b2b_saas", entity) / f"{gate}.json"
    extras = load_extras(path) if path.is_file() else ()
    derived = derive_entity_suite(DESTINATION, entity, gate, fields)
    known = {each["meta"]["rule"] for each in (*derived, *extras)}
    added = tuple(
        each
        for migration in SAMPLES.values()
        if entity in migration.mappings
        for each in entity_suite(WORKSPACE, migration, entity, gate)["expectations"]
        if each["meta"]["rule"] not in known
    )
    return assemble(f"{entity}.{gate}", (*derived, *added), extras)


def ids_of(suite: Suite) -> set[str]:
    return {each["meta"]["rule"] for each in suite["expectations"]}


def breaking_of(entity: str, gate: Gate) -> dict[str, Breaking]:
    return {rule: each for rule, each in BY_GATE[gate].items() if rule.startswith(f"{entity}.")}


@pytest.mark.parametrize(("entity", "gate"), GATES)
def test_no_rule_is_without_a_breaking_row_and_no_row_without_a_rule(entity: str, gate: Gate) -> None:
    whole_table = {rule for rule in EMPTY_TABLE if rule.startswith(f"{entity}.")}
    if gate is Gate.EXPORT:
        whole_table = set()

    assert ids_of(suite_of(entity, gate)) == set(breaking_of(entity, gate)) | whole_table


@pytest.mark.parametrize("slug", SAMPLES)
def test_no_source_of_a_sample_has_an_intake_rule_without_a_breaking_row(slug: str) -> None:
    migration = SAMPLES[slug]

    for source, declared in migration.customer.sources.items():
        delivered = INTAKE[slug, source]
        names = [
            *(f"{header}.delivered" for header in delivered.read),
            f"{delivered.key}.required",
            "key.unique",
        ]
        names += ["rows.present"] + ([] if declared.lookup_only else ["columns.known"])
        assert ids_of(intake_suite(WORKSPACE, migration, source)) == {f"{source}.{name}" for name in names}


def test_the_gates_of_both_samples_hold_no_other_rules() -> None:
    for migration in SAMPLES.values():
        for entity in migration.entities():
            for gate in BY_GATE:
                mine = ids_of(entity_suite(WORKSPACE, migration, entity, gate))
                assert mine <= ids_of(suite_of(entity, gate))
    assert ids_of(suite_of("activity", Gate.MAPPED)) >= LOOKUPS


# Entities


def table_with(connection: duckdb.DuckDBPyConnection, entity: str, rows: Iterable[tuple[str, Row]]) -> None:
    """Create the judged table, typed, `__bad` and `match_key` columns with it, and the views that rules look into."""
    described = DESTINATION.entities[entity].fields
    columns = [f'"{name}" {DUCKDB_TYPES[field.type]}' for name, field in described.items()]
    columns += [f'"{name}__bad" varchar' for name in described]
    connection.execute(f"create table {entity} (row_id varchar, match_key varchar, {', '.join(columns)})")
    for row_id, row in rows:
        names = ", ".join(f'"{name}"' for name in ("row_id", *row))
        marks = ", ".join("?" * (len(row) + 1))
        connection.execute(f"insert into {entity} ({names}) values ({marks})", [row_id, *row.values()])
    connection.execute(f"create view {all_waves(entity)} as from {entity}")
    for other in DESTINATION.entities.keys() - {entity}:
        key = DESTINATION.entities[other].key
        connection.execute(
            f"create view {all_waves(other)} as select '{SOUND[other][key]}' as {key} union all select null"
        )


def rows_of(entity: str, breaking: dict[str, Breaking]) -> list[tuple[str, Row]]:
    """The sound row, then each breaking row and its twin, told apart by their keys where these are not the point."""
    key = DESTINATION.entities[entity].key
    rows = [("sound", SOUND[entity])]
    for number, (rule, each) in enumerate(breaking.items()):
        for suffix, row in (("", each.row), (" (twin)", each.twin)):
            if row is not None:
                own_key = f"k{number}{suffix[2:3]}@acme.example"
                rows.append((f"{rule}{suffix}", {**SOUND[entity], key: own_key, **row}))
    return rows


def judged(
    connection: duckdb.DuckDBPyConnection, table: str, suite: Suite, gate: Gate, **asked: Any
) -> tuple[dict[str, RuleResult], dict[str, set[str]]]:
    from aformity_pipelines.quality.run_suite import run_suite

    run = run_suite(connection, table=table, suite=suite, gate=gate, subject=table, **asked)
    found: dict[str, set[str]] = {}
    for rule, row_id in connection.execute(f'select rule, row_id from "{run.findings_table}"').fetchall():
        found.setdefault(rule, set()).add(row_id)
    return {result.rule.id: result for result in run.results}, found


@pytest.mark.slow
@pytest.mark.parametrize(("entity", "gate"), GATES)
def test_each_rule_finds_its_breaking_row_and_no_other(entity: str, gate: Gate) -> None:
    breaking = breaking_of(entity, gate)
    connection = duckdb.connect()
    table_with(connection, entity, rows_of(entity, breaking))

    results, found = judged(connection, entity, suite_of(entity, gate), gate)

    expected = {rule: {rule, f"{rule} (twin)"} if each.twin else {rule} for rule, each in breaking.items()}
    assert found == expected
    assert {rule for rule, each in results.items() if each.state is RuleState.FAILED} == set(breaking)


@pytest.mark.slow
@pytest.mark.parametrize("entity", DESTINATION.entities)
@pytest.mark.parametrize("gate", [Gate.MAPPED, Gate.TRANSFORMED])
def test_a_table_without_rows_breaks_the_rule_that_expects_some(entity: str, gate: Gate) -> None:
    connection = duckdb.connect()
    table_with(connection, entity, [])

    results, found = judged(connection, entity, suite_of(entity, gate), gate)

    assert found == {}
    failed = {rule for rule, each in results.items() if each.state is RuleState.FAILED}
    assert failed == {f"{entity}.rows.present"}
    assert RuleState.PASSED not in {each.state for each in results.values()}


# Sources

SOURCES = list(INTAKE)


def delivery(
    connection: duckdb.DuckDBPyConnection, source: str, headers: tuple[str, ...], rows: list[dict[str, str]]
) -> dict[str, str]:
    """Create a raw table as intake stores it; return header -> internal name."""
    internal = {header: f"c{number:04d}" for number, header in enumerate(headers, start=1)}
    columns = ", ".join(f"{name} {DUCKDB_TYPES[FieldType.TEXT]}" for name in internal.values())
    connection.execute(
        f"create table {source} (row_id varchar, row integer, row_key varchar, wave varchar, {columns})"
    )
    for number, row in enumerate(rows, start=2):
        values = [f"r{number}", number, f"k{number}", "wave_1", *(row.get(header, "x") for header in headers)]
        connection.execute(f"insert into {source} values ({', '.join('?' * len(values))})", values)
    return internal


def judged_delivery(
    slug: str, source: str, headers: tuple[str, ...], rows: list[dict[str, str]]
) -> tuple[set[str], dict[str, set[str]]]:
    """Return the rules that do not pass, without the source's name, and the rows of each."""
    connection = duckdb.connect()
    columns = delivery(connection, source, headers, rows)
    suite = intake_suite(WORKSPACE, SAMPLES[slug], source)
    results, found = judged(connection, source, suite, Gate.INTAKE, columns=columns)
    ended = {
        rule.removeprefix(f"{source}.")
        for rule, each in results.items()
        if each.state is not RuleState.PASSED
    }
    return ended, {rule.removeprefix(f"{source}."): rows for rule, rows in found.items()}


def headers_of(delivered: Delivered) -> tuple[str, ...]:
    return (*delivered.read, *delivered.beside)


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "source"), SOURCES)
def test_intake_rules_find_a_blank_and_a_repeated_key_and_nothing_else(slug: str, source: str) -> None:
    delivered = INTAKE[slug, source]
    key = delivered.key
    rows = [{key: "sound"}, {key: ""}, {key: "   "}, {key: "twice"}, {key: "twice"}]

    failed, found = judged_delivery(slug, source, headers_of(delivered), rows)

    assert found == {f"{key}.required": {"r3", "r4"}, "key.unique": {"r5", "r6"}}
    assert failed == set(found)


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "source"), SOURCES)
@pytest.mark.parametrize("left_out", [0, 1], ids=["even columns", "odd columns"])
def test_intake_rules_find_each_column_that_is_not_delivered(slug: str, source: str, left_out: int) -> None:
    """Half of the columns at a time, so that each rule is seen to fail and to pass."""
    delivered = INTAKE[slug, source]
    missing = set(delivered.read[left_out::2])
    headers = tuple(header for header in headers_of(delivered) if header not in missing)

    failed, _ = judged_delivery(slug, source, headers, [{delivered.key: "sound"}])

    of_the_key = {f"{delivered.key}.required", "key.unique"} if delivered.key in missing else set()
    assert failed == {f"{header}.delivered" for header in missing} | of_the_key


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "source"), SOURCES)
def test_intake_rules_find_a_column_that_nobody_mapped(slug: str, source: str) -> None:
    delivered = INTAKE[slug, source]
    is_looked_up = SAMPLES[slug].customer.sources[source].lookup_only

    failed, _ = judged_delivery(
        slug, source, (*headers_of(delivered), "New column"), [{delivered.key: "sound"}]
    )

    assert failed == (set() if is_looked_up else {"columns.known"})


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "source"), SOURCES)
def test_intake_rules_find_a_delivery_without_rows(slug: str, source: str) -> None:
    delivered = INTAKE[slug, source]

    failed, _ = judged_delivery(slug, source, headers_of(delivered), [])

    assert failed == {"rows.present", f"{delivered.key}.required", "key.unique"}
