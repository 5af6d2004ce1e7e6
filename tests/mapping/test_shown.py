"""The SQL that people are shown does what the SQL that runs does."""

from typing import Any

import pytest

from aformity_pipelines.mapping.shown import field_sql
from tests.mapping.small_migration import Small

CALLS = (
    "create temp macro look_up(source, key, take, t) as (select min(c0002) from raw_codes where c0001 = t having count(*) = 1)",
    "create temp macro known_word(field, t) as case lower(trim(t)) when 'admin' then 'admin' when 'administrator' then 'admin' when 'member' then 'member' end",
    "create temp macro by_value_map(m, t, otherwise) as case t when 'chef' then 'admin' when 'gone' then null else otherwise end",
)
TEXTS = (
    " Ann  Lee ",
    "1.234,5",
    "02/03/2024",
    "2024-01-31",
    "chef",
    "gone",
    "Administrator",
    "NULL",
    "12",
    "k1",
    None,
)


@pytest.mark.parametrize(
    ("name", "mapping"),
    [
        ("name", {"rule": ["trim", "collapse_spaces", "upper"]}),
        ("name", {"rule": {"sql": "CASE WHEN \"X x\" LIKE '1%' THEN 'one' ELSE \"X x\" || '!' END"}}),
        (
            "name",
            {"rule": [{"lookup": {"source": "codes", "key": "Code", "take": "Word"}}, {"prefix": "a "}]},
        ),
        ("seats", {}),
        ("amount", {"cast": {"number": {"point": ",", "group": "."}}}),
        ("since", {"cast": {"date": {"order": "dmy"}}}),
        ("role", {"values": "v"}),
        ("role", {}),
    ],
)
def test_what_is_shown_gives_the_values_that_ran(name: str, mapping: dict[str, Any]) -> None:
    fields = {"id": {"from": "No"}, name: {"from": "X x"} | mapping}
    rows = [(str(number), text) for number, text in enumerate(TEXTS)]
    small = Small(
        reads=[{"source": "crm", "fields": fields}],
        crm=(("No", "X x"), rows),
        codes=(("Code", "Word"), [("k1", "Key one"), ("12", "a"), ("12", "b")]),
        values={"v": [("chef", "admin"), ("gone", "")]},
    )
    ran = small.rows("row_id", name)
    for call in CALLS:
        small.connection.execute(call)
    (read,) = small.migration.reads_of("person")
    shown = field_sql(small.migration, "person", read, name)

    delivered = 'select c0002 as "X x" from raw_crm where row_id = ?'
    for row_id, value in ran:
        small.connection.execute(f"create or replace temp table crm as {delivered}", [row_id])
        sql = shown if shown.startswith("select ") else f"select {shown} from crm"
        assert small.connection.execute(sql).fetchall() == [(value,)], (shown, row_id)
    assert "c0002" not in shown
    assert '"X x"' in shown


def test_the_values_of_a_value_map_stay_out_of_what_is_shown() -> None:
    fields = {"id": {"from": "No"}, "role": {"from": "Role", "values": "v"}}
    small = Small(
        reads=[{"source": "crm", "fields": fields}],
        crm=(("No", "Role"), []),
        values={"v": [("Jo Ruiz", "admin")]},
    )
    (read,) = small.migration.reads_of("person")

    assert "Jo Ruiz" in small.sql
    assert "Jo Ruiz" not in field_sql(small.migration, "person", read, "role")
