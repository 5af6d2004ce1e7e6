import duckdb
import pytest

from aformity_pipelines.quality.errors import GateBroken
from tests.quality.crm import judge, rule

pytestmark = pytest.mark.slow


@pytest.fixture
def connection():
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE account AS SELECT * FROM (VALUES ('r1', 'secret', 1), ('r2', NULL, 2)) AS t (row_id, name, n)"
    )
    return connection


GOOD = rule("name.required", "column_values_to_not_be_null", column="name")


@pytest.mark.parametrize(
    "misspelled",
    [
        rule("typo", "column_values_to_not_be_nul", column="name"),
        rule("typo", "column_values_to_not_be_null", colum="name"),
        rule("typo", "column_values_to_be_in_table", column="name", ref_table="x"),
        rule("typo", "column_values_to_not_be_null", column="name", mostyl=1),
    ],
)
def test_an_expectation_that_is_misspelled_is_refused_by_rule_id(connection, misspelled):
    with pytest.raises(ValueError, match="typo"):
        judge(connection, "account", GOOD, misspelled)


def test_a_severity_that_does_not_exist_is_refused(connection):
    with pytest.raises(ValueError, match="fatal"):
        judge(connection, "account", GOOD | {"severity": "fatal"})


def test_a_missing_column_of_our_own_table_is_our_fault(connection):
    gone = [
        rule(f"{name}.required", "column_values_to_not_be_null", column=name) for name in ("email", "phone")
    ]
    with pytest.raises(GateBroken) as broken:
        judge(connection, "account", GOOD, *gone)
    assert broken.value.faults == {
        "email.required": "the table has no column email",
        "phone.required": "the table has no column phone",
    }


def test_a_missing_table_is_our_fault(connection):
    with pytest.raises(GateBroken, match="nowhere"):
        judge(connection, "nowhere", GOOD)
    related = rule(
        "name.related", "column_values_to_be_in_table", column="name", ref_table="no", ref_column="n"
    )
    with pytest.raises(GateBroken, match=r"name\.related"):
        judge(connection, "account", GOOD, related)


def test_a_rule_that_raises_is_neither_a_finding_nor_a_pass(connection):
    raising = rule("name.regex", "column_values_to_match_regex", column="name", regex="(")
    with pytest.raises(GateBroken, match=r"name\.regex"):
        judge(connection, "account", GOOD, raising)


def test_a_view_that_cannot_be_read_breaks_the_gate_without_showing_the_value(connection):
    connection.execute(
        "CREATE VIEW cast_view AS SELECT row_id, name, CAST(name AS INTEGER) AS number FROM account"
    )
    between = rule("number.range", "column_values_to_be_between", column="number", min_value=1)
    with pytest.raises(GateBroken) as broken:
        judge(connection, "cast_view", between)
    assert "secret" not in str(broken.value)


def test_rows_without_an_id_of_their_own_break_the_gate(connection):
    connection.execute("INSERT INTO account VALUES ('r2', NULL, 3)")
    with pytest.raises(GateBroken, match="id of their own"):
        judge(connection, "account", GOOD)


def test_rows_that_change_while_they_are_judged_break_the_gate(connection):
    connection.execute("CREATE SEQUENCE tick")
    connection.execute("""CREATE VIEW moving AS
        SELECT row_id, CASE WHEN tick % (1 + tick // 5000) > 0 THEN 1 END AS n
        FROM (SELECT row_id, nextval('tick') AS tick FROM range(5000) r(row_id))""")
    with pytest.raises(GateBroken, match="were listed"):
        judge(connection, "moving", rule("n", "column_values_to_not_be_null", column="n"))
