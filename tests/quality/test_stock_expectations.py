import duckdb
import pytest

from aformity_pipelines.quality.errors import GateBroken
from tests.quality.crm import judge, rule

pytestmark = pytest.mark.slow


@pytest.fixture
def connection():
    connection = duckdb.connect()
    connection.execute("""CREATE TABLE account AS SELECT * FROM (VALUES
        ('r1', DATE '2020-01-01', DATE '2021-01-01', 'a', 'x', 1),
        ('r2', DATE '2020-01-01', DATE '2019-01-01', 'b', 'x', 2),
        ('r3', NULL,              DATE '2019-01-01', 'b', 'y', 2)
    ) AS t (row_id, start_on, end_on, code, kind, n)""")
    return connection


@pytest.mark.parametrize(
    ("written", "rows"),
    [
        (rule("x", "column_values_to_be_between", column="start_on", min_value="2020-06-01"), {"r1", "r2"}),
        (rule("x", "column_value_lengths_to_be_between", column="code", min_value=2, max_value=9), {"r1", "r2", "r3"}),
        (rule("x", "column_values_to_be_unique", column="kind"), {"r1", "r2"}),
        (rule("x", "compound_columns_to_be_unique", column_list=["code", "n"]), {"r2", "r3"}),
        (rule("x", "multicolumn_sum_to_equal", column_list=["n", "n"], sum_total=4), {"r1"}),
        (
            rule("x", "column_pair_values_a_to_be_greater_than_b", column_A="end_on", column_B="start_on",
                 ignore_row_if="either_value_is_missing"),
            {"r2"},
        ),
        (
            rule("x", "column_values_to_not_be_null", column="start_on", row_condition='col("n")==2',
                 condition_parser="great_expectations"),
            {"r3"},
        ),
        (rule("x", "column_values_to_match_regex", column="code", regex="^a"), {"r2", "r3"}),
        (rule("x", "column_values_to_not_match_regex", column="code", regex="b"), {"r2", "r3"}),
        (rule("x", "column_values_to_match_regex_list", column="code", regex_list=["^b", "z"]), {"r1"}),
        (rule("x", "column_values_to_not_match_regex_list", column="code", regex_list=["^b", "z"]), {"r2", "r3"}),
        (rule("x", "column_values_to_match_like_pattern", column="code", like_pattern="b%"), {"r1"}),
        (rule("x", "column_values_to_not_match_like_pattern", column="code", like_pattern="b%"), {"r2", "r3"}),
    ],
)  # fmt: skip
def test_a_stock_expectation_finds_exactly_the_rows_that_break_it(connection, written, rows):
    assert judge(connection, "account", written).rows == {"x": rows}


def test_a_stock_expectation_without_failing_rows_passes(connection):
    judged = judge(
        connection, "account", rule("x", "column_value_lengths_to_be_between", column="code", max_value=1)
    )
    assert (judged.state("x"), judged.results["x"].checked) == ("passed", 3)


def test_types_are_known_for_views_too(connection):
    connection.execute("CREATE VIEW seen AS FROM account")
    assert (
        judge(
            connection, "seen", rule("x", "column_values_to_be_of_type", column="n", type_="INTEGER")
        ).state("x")
        == "passed"
    )
    assert (
        judge(
            connection, "seen", rule("x", "column_values_to_be_of_type", column="n", type_="VARCHAR")
        ).state("x")
        == "failed"
    )


def test_a_rule_about_a_whole_column_fails_without_rows_and_without_its_value(connection):
    judged = judge(connection, "account", rule("x", "column_max_to_be_between", column="n", max_value=1))
    assert (judged.state("x"), judged.results["x"].failing, judged.rows) == ("failed", 0, {})
    assert judged.results["x"].detail == "expect_column_max_to_be_between does not hold for column 'n'"


def sql(query):
    return rule("x", "unexpected_rows_expectation", unexpected_rows_query=query)


def test_a_rule_in_sql_lists_every_row_that_it_selects(connection):
    connection.execute("INSERT INTO account SELECT 's' || i, NULL, NULL, 'c', 'z', 3 FROM range(300) r(i)")
    judged = judge(connection, "account", sql("SELECT row_id FROM {batch} WHERE n > 2;"))
    assert judged.rows["x"] == {f"s{i}" for i in range(300)}


def test_a_rule_in_sql_that_selects_nothing_passes(connection):
    assert judge(connection, "account", sql("SELECT row_id FROM {batch} WHERE n > 2")).state("x") == "passed"


@pytest.mark.parametrize(
    "query",
    [
        "SELECT n FROM {batch} WHERE n > 1",
        "SELECT row_id FROM {batch} CROSS JOIN range(2) WHERE n > 1",
        "SELECT row_id FROM {batch} WHERE nn > 1",
    ],
)
def test_a_rule_in_sql_that_names_no_row_once_breaks_the_gate(connection, query):
    with pytest.raises(GateBroken, match="x: "):
        judge(connection, "account", sql(query))
