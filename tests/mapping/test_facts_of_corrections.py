from aformity_pipelines.mapping.facts import field_facts
from tests.mapping.small_migration import Small

READS = [{"source": "crm", "fields": {"id": {"from": "No"}, "name": {"from": "Name", "rule": ["lower"]}}}]
ROWS = [("1", "ADA"), ("2", "b@b"), ("3", "Cleo"), ("4", "dora")]


def test_corrected_values_are_counted_apart_and_are_no_example_of_the_rule() -> None:
    small = Small(reads=READS, crm=(("No", "Name"), list(ROWS)))
    small.connection.execute(f"create table mapped as {small.sql}")
    small.connection.execute(
        "create temp table corrections as select row_id, 'name' as field from mapped where id in ('2', '3')"
    )
    small.connection.execute("update mapped set name = 'corrected' where id in ('2', '3')")

    identity, name = field_facts(
        small.connection, small.migration, "person", small.raw, "mapped", corrections="corrections"
    )

    assert (name.filled, name.changed, name.corrected) == (4, 1, 2)
    assert name.examples == (("ADA", "ada", 1),)
    assert (identity.changed, identity.corrected) == (0, 0)


def test_a_source_without_rows_has_facts_of_nothing() -> None:
    small = Small(reads=READS, crm=(("No", "Name"), []))
    small.connection.execute(f"create table mapped as {small.sql}")

    _, name = field_facts(small.connection, small.migration, "person", small.raw, "mapped")

    assert (name.rows, name.filled, name.changed, name.corrected, name.cleared) == (0, 0, 0, 0, 0)
