import logging

import duckdb
import pytest

from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.quality.suites import derive_entity_suite
from tests.quality.crm import crm, judge, rule

pytestmark = pytest.mark.slow

ACCOUNTS = """CREATE TABLE account AS SELECT * FROM (VALUES
    ('r1', 'a1', 'a2',   5,    NULL,  NULL, NULL,   'active', NULL),
    ('r2', 'a2', 'a1',   NULL, 'x',   NULL, 'soon', 'active', NULL),
    ('r3', 'a3', 'a1',   5,    NULL,  NULL, NULL,   NULL,     'nope'),
    ('r4', 'a3', 'gone', NULL, NULL,  NULL, NULL,   NULL,     NULL),
    ('r5', NULL, NULL,   5,    NULL,  DATE '2020-01-01', NULL, 'it''s over', NULL)
) AS t (row_id, account_id, parent_id, seats, seats__bad, since, since__bad, status, status__bad)"""

CONTACTS = """CREATE TABLE contact AS SELECT * FROM (VALUES
    ('r1', 'c1', 'a1', 'jo@acme.com'),
    ('r2', 'c2', 'a9', 'jo@acme.com' || chr(10)),
    ('r3', 'c1', 'a2', 'josephine@acme.com'),
    ('r4', 'c4', NULL, NULL)
) AS t (row_id, contact_id, account_id, email)"""

FIELDS = frozenset({"account_id", "parent_id", "seats", "since", "status", "contact_id", "email"})


@pytest.fixture
def connection():
    connection = duckdb.connect()
    connection.execute(ACCOUNTS)
    connection.execute(CONTACTS)
    connection.execute("CREATE TEMP VIEW account__all AS FROM account")
    connection.execute("CREATE TEMP VIEW contact__all AS FROM contact")
    return connection


def derived(connection, entity, gate):
    suite = derive_entity_suite(crm(), entity, gate, FIELDS)
    return judge(connection, entity, *suite, gate=gate, subject=entity)


def test_each_mapped_rule_finds_exactly_the_rows_that_break_it(connection):
    assert derived(connection, "account", Gate.MAPPED).rows == {
        "account.account_id.required": {"r5"},
        "account.seats.required": {"r4"},
        "account.seats.type": {"r2"},
        "account.since.type": {"r2"},
        "account.status.allowed": {"r3"},
    }
    assert derived(connection, "contact", Gate.MAPPED).rows == {
        "contact.account_id.required": {"r4"},
        "contact.email.required": {"r4"},
        "contact.email.format": {"r2"},
        "contact.email.length": {"r3"},
    }


def test_each_transformed_rule_finds_exactly_the_rows_that_break_it(connection):
    assert derived(connection, "account", Gate.TRANSFORMED).rows == {
        "account.account_id.unique": {"r3", "r4"},
        "account.parent_id.relationship": {"r4"},
        "account.parent_id.acyclic": {"r1", "r2"},
    }
    assert derived(connection, "contact", Gate.TRANSFORMED).rows == {
        "contact.contact_id.unique": {"r1", "r3"},
        "contact.account_id.relationship": {"r2"},
    }


def test_each_export_rule_finds_exactly_the_rows_that_break_it(connection):
    assert derived(connection, "account", Gate.EXPORT).rows == {
        "account.account_id.required": {"r5"},
        "account.account_id.unique": {"r3", "r4"},
        "account.parent_id.relationship": {"r4"},
    }


def test_an_export_gate_passes_an_empty_wave(connection):
    connection.execute("DELETE FROM contact")
    judged = derived(connection, "contact", Gate.EXPORT)
    assert {(result.state.value, result.checked) for result in judged.results.values()} == {("passed", 0)}


def test_a_row_of_a_wave_is_judged_against_the_rows_of_all_waves(connection):
    connection.execute("CREATE VIEW wave AS FROM account WHERE row_id IN ('r1', 'r3')")
    suite = derive_entity_suite(crm(), "account", Gate.TRANSFORMED, FIELDS)
    judged = judge(connection, "wave", *suite)
    assert judged.rows == {"account.account_id.unique": {"r3"}, "account.parent_id.acyclic": {"r1"}}
    assert judged.results["account.parent_id.relationship"].checked == 2


def test_an_orphan_is_found_although_a_key_is_missing_in_the_other_table(connection):
    assert connection.execute("SELECT count(*) FROM account WHERE account_id IS NULL").fetchone() == (1,)
    assert derived(connection, "contact", Gate.TRANSFORMED).rows["contact.account_id.relationship"] == {"r2"}


def test_an_empty_table_fails_the_row_count_and_checks_nothing_else(connection):
    connection.execute("DELETE FROM account")
    judged = derived(connection, "account", Gate.MAPPED)
    assert judged.state("account.rows.present") == "failed"
    assert judged.results["account.rows.present"].detail == "the table holds 0 rows"
    others = {
        result.state.value for rule_id, result in judged.results.items() if not rule_id.endswith("present")
    }
    assert others == {"nothing_checked"}
    assert judged.rows == {}


def test_an_optional_column_without_a_value_is_not_a_pass(connection):
    connection.execute("UPDATE account SET since = NULL, since__bad = NULL, parent_id = NULL")
    assert derived(connection, "account", Gate.MAPPED).state("account.since.type") == "nothing_checked"
    judged = derived(connection, "account", Gate.TRANSFORMED)
    assert judged.state("account.parent_id.relationship") == "nothing_checked"


def test_a_required_column_without_a_value_fails_in_every_row(connection):
    connection.execute("UPDATE account SET seats = NULL, seats__bad = NULL")
    judged = derived(connection, "account", Gate.MAPPED)
    assert judged.rows["account.seats.required"] == {"r1", "r2", "r3", "r4", "r5"}
    assert judged.state("account.seats.type") == "nothing_checked"


def test_blank_values_of_optional_fields_are_not_counted_as_checked(connection):
    judged = derived(connection, "account", Gate.MAPPED)
    assert judged.results["account.since.type"].checked == 2
    assert judged.results["account.seats.required"].checked == 5


def test_every_failing_row_is_listed_however_many_there_are(connection):
    connection.execute(
        "CREATE TABLE many AS SELECT i AS row_id, CASE WHEN i % 3 > 0 THEN i END AS n FROM range(3000) r(i)"
    )
    judged = judge(connection, "many", rule("n", "column_values_to_not_be_null", column="n"))
    assert judged.rows["n"] == {str(i) for i in range(0, 3000, 3)}


def test_more_rules_than_one_number_has_bits_are_still_told_apart(connection):
    names = [f"n{i}" for i in range(130)]
    columns = ", ".join(f"CASE WHEN i <> {i} THEN 1 END AS n{i}" for i in range(130))
    connection.execute(f"CREATE TABLE wide AS SELECT i AS row_id, {columns} FROM range(130) r(i)")
    rules = [rule(name, "column_values_to_not_be_null", column=name) for name in names]
    assert judge(connection, "wide", *rules).rows == {f"n{i}": {str(i)} for i in range(130)}


def test_results_come_in_suite_order(connection):
    rules = [
        rule("z", "column_values_to_not_be_null", column="account_id"),
        rule("rows", "table_row_count_to_be_between", min_value=1),
        rule("a", "column_values_to_not_be_null", column="seats"),
    ]
    assert list(judge(connection, "account", *rules).results) == ["z", "rows", "a"]


def test_the_id_of_a_row_may_have_another_name(connection):
    connection.execute("CREATE VIEW renamed AS SELECT row_id AS source_row, account_id FROM account")
    required = rule("id", "column_values_to_not_be_null", column="account_id")
    assert judge(connection, "renamed", required, row_column="source_row").rows == {"id": {"r5"}}


def test_sql_words_are_fair_names_for_entities_and_fields(connection):
    connection.execute('CREATE TABLE "order" AS SELECT 1 AS row_id, \'x\' AS "group", NULL AS "Qualify"')
    rules = [
        rule("group", "column_values_to_be_in_set", column="group", value_set=["y"]),
        rule("qualify", "column_values_to_not_be_null", column="Qualify"),
    ]
    assert judge(connection, "order", *rules).rows == {"group": {"1"}, "qualify": {"1"}}


@pytest.mark.parametrize("value", ["it's", "50%", ":param_1", "$1", "a\\b", '"', "%(x)s", "ü"])
def test_a_value_with_any_character_is_compared_as_it_is(connection, value):
    connection.execute("CREATE TABLE odd (row_id VARCHAR, v VARCHAR)")
    connection.execute("INSERT INTO odd VALUES ('same', ?), ('other', 'x')", [value])
    assert judge(
        connection, "odd", rule("v", "column_values_to_be_in_set", column="v", value_set=[value])
    ).rows == {"v": {"other"}}


def test_an_open_transaction_of_the_caller_stays_open(connection):
    connection.begin()
    connection.execute("DELETE FROM contact")
    judge(connection, "account", rule("id", "column_values_to_not_be_null", column="account_id"))
    connection.rollback()
    assert connection.execute("SELECT count(*) FROM contact").fetchone() == (4,)


def test_judging_is_silent_and_leaves_no_file(connection, capfd, caplog, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with caplog.at_level(logging.WARNING):
        derived(connection, "account", Gate.MAPPED)
    assert (*capfd.readouterr(), caplog.text, list(tmp_path.iterdir())) == ("", "", "", [])
