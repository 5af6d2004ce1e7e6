import duckdb
import pytest

from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.quality.suites import derive_intake_suite
from tests.quality.crm import judge

HEADERS = {"Id": "c0001", "id": "c0002", "Na.me": "c0003"}


def intake(key=("Id",), read=("Id", "Na.me"), known=("Id", "id", "Na.me")):
    return derive_intake_suite("crm_contacts", tuple(key), frozenset(read), frozenset(known))


def delivered(rows):
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE raw (row_id VARCHAR, _sheet VARCHAR, c0001 VARCHAR, c0002 VARCHAR, c0003 VARCHAR)"
    )
    if rows:
        connection.executemany("INSERT INTO raw VALUES (?, 'Sheet1', ?, ?, ?)", rows)
    return connection


def judged(rows, suite, headers=HEADERS):
    return judge(delivered(rows), "raw", *suite, gate=Gate.INTAKE, subject="crm_contacts", columns=headers)


def test_rules_block_on_the_shape_of_a_delivery_and_hold_rows_without_identity():
    policies = {one["meta"]["rule"]: one["meta"]["policy"] for one in intake(key=("Id", "id"))}
    assert policies == {
        "crm_contacts.rows.present": "block",
        "crm_contacts.Id.delivered": "block",
        "crm_contacts.Na.me.delivered": "block",
        "crm_contacts.id.delivered": "block",
        "crm_contacts.columns.known": "block",
        "crm_contacts.Id.required": "hold",
        "crm_contacts.id.required": "hold",
        "crm_contacts.key.unique": "hold",
    }


@pytest.mark.slow
def test_blank_and_repeated_keys_are_found_and_blanks_do_not_repeat():
    rows = [("r1", "1", "", "A"), ("r2", "2", "", "B"), ("r3", "1", "", "C"), ("r4", "", "", "D"), ("r5", "", "", "E"),
            ("r6", None, "", "F"), ("r7", "  ", "", "G")]  # fmt: skip
    assert judged(rows, intake()).rows == {
        "crm_contacts.Id.required": {"r4", "r5", "r6", "r7"},
        "crm_contacts.key.unique": {"r1", "r3"},
    }


@pytest.mark.slow
def test_a_key_of_several_columns_repeats_as_a_whole():
    rows = [
        ("r1", "1", "x", ""),
        ("r2", "1", "y", ""),
        ("r3", "1", "x", ""),
        ("r4", "1", "", ""),
        ("r5", "1", "", ""),
    ]
    assert judged(rows, intake(key=("Id", "id"))).rows == {
        "crm_contacts.id.required": {"r4", "r5"},
        "crm_contacts.key.unique": {"r1", "r3"},
    }


@pytest.mark.slow
def test_headers_that_differ_only_by_case_are_different_columns():
    rows = [("r1", "1", "same", ""), ("r2", "2", "same", "")]
    assert judged(rows, intake(key=("Id",))).rows == {}
    assert judged(rows, intake(key=("id",))).rows == {"crm_contacts.key.unique": {"r1", "r2"}}


@pytest.mark.slow
def test_a_missing_header_fails_by_name_and_rules_on_it_check_nothing():
    result = judged([("r1", "1", "", "A")], intake(), headers={"id": "c0002", "Na.me": "c0003"})
    assert result.state("crm_contacts.Id.delivered") == "failed"
    assert "'Id'" in result.results["crm_contacts.Id.delivered"].detail
    assert result.state("crm_contacts.Id.required") == "nothing_checked"
    assert result.results["crm_contacts.key.unique"].detail == "column 'Id' is missing"
    assert result.state("crm_contacts.Na.me.delivered") == "passed"


@pytest.mark.slow
def test_a_header_named_like_an_internal_column_is_missing_all_the_same():
    result = judged([("r1", "1", "", "A")], intake(key=("c0001",), read=("c0001",)))
    assert result.state("crm_contacts.c0001.delivered") == "failed"


@pytest.mark.slow
def test_a_column_that_nobody_decided_about_is_named_and_bookkeeping_is_not():
    result = judged([("r1", "1", "", "A")], intake(known=("Id", "Na.me")))
    known = result.results["crm_contacts.columns.known"]
    assert (known.state.value, known.failing) == ("failed", 0)
    assert known.detail.endswith("excluded: 'id'")
    assert judged([("r1", "1", "", "A")], intake()).state("crm_contacts.columns.known") == "passed"


@pytest.mark.slow
def test_an_empty_delivery_fails_although_its_headers_are_right():
    result = judged([], intake())
    assert result.state("crm_contacts.rows.present") == "failed"
    assert result.state("crm_contacts.Id.delivered") == "passed"
    assert result.state("crm_contacts.Id.required") == "nothing_checked"
