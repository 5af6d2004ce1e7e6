"""Which records leave, and which of their links."""

import duckdb
import pytest

from aformity_pipelines.export.records import create_export_table
from tests.fates.test_assign import DESTINATION

RECORDS = [
    ("account", "a1", "top", "exported", "ready"),
    ("account", "a2", "held", "unresolved", "rule"),
    ("account", "a3", "old", "exported", "live"),
    ("account", "a4", "later", "deferred", "wave"),
    ("user", "u1", "jo", "exported", "ready"),
]


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(
        "create table records (entity varchar, record varchar, record_key varchar, fate varchar, reason varchar)"
    )
    for row in RECORDS:
        connection.execute("insert into records values (?, ?, ?, ?, ?)", row)
    connection.execute(
        "create table present as select entity, record_key as own_key, record_key from records where fate = 'exported'"
    )
    return connection


def exported(
    connection: duckdb.DuckDBPyConnection, entity: str, rows: str, columns: str
) -> list[tuple[object, ...]]:
    connection.execute(f"create table t as select * from (values {rows}) v(row_ids, {columns})")
    table = create_export_table(connection, entity, DESTINATION.entities[entity], "t")
    return connection.execute(f"select {columns} from {table} order by 1").fetchall()


def test_only_ready_records_leave_and_none_a_second_time(connection: duckdb.DuckDBPyConnection) -> None:
    rows = "(['a1'], 'top', null, 'jo'), (['a2'], 'held', null, null), (['a3'], 'old', null, null)"

    assert exported(connection, "account", rows, "id, parent, owner") == [("top", None, "jo")]


@pytest.mark.parametrize(
    ("account", "written"),
    [("top", "top"), ("old", "old"), ("held", None), ("later", None), ("nobody", None)],
)
def test_a_link_that_may_be_blank_is_kept_where_it_leads_somewhere(
    connection: duckdb.DuckDBPyConnection, account: str, written: str | None
) -> None:
    assert exported(connection, "user", f"(['u1'], 'jo', '{account}')", "id, account") == [("jo", written)]


def test_a_link_that_a_record_follows_is_never_blanked(connection: duckdb.DuckDBPyConnection) -> None:
    assert exported(connection, "account", "(['a1'], 'top', 'nobody', null)", "id, parent, owner") == [
        ("top", "nobody", None)
    ]
