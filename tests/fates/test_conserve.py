"""Ids against ids: what is lost, invented, doubled or delivered twice stops everything."""

import duckdb
import pytest

from aformity_pipelines.domain.fates import ConservationBreach
from aformity_pipelines.fates.conserve import check_each_once, check_records, check_same_rows


def ids(*names: str | None) -> str:
    rows = ", ".join("(null)" if name is None else f"('{name}')" for name in names)
    return f"select * from (values {rows}) v(row_id)" if names else "select 'x' as row_id where false"


def compare(expected: str, found: str) -> str:
    connection = duckdb.connect(config={"threads": 1})
    try:
        check_same_rows(connection, expected=expected, found=found, where="mapped contact")
    except ConservationBreach as breach:
        return str(breach)
    return ""


@pytest.mark.parametrize(
    ("expected", "found"),
    [(ids("a", "b"), ids("b", "a")), (ids(), ids()), (ids("a"), "select 'a'")],
)
def test_the_same_ids_in_any_order_are_fine(expected: str, found: str) -> None:
    assert compare(expected, found) == ""


@pytest.mark.parametrize(
    ("expected", "found", "says"),
    [
        (ids("a", "b"), ids("a"), "mapped contact: 1 rows lost, for example b"),
        (ids("a"), ids("a", "b"), "1 rows invented, for example b"),
        (ids("a"), ids("a", "a"), "1 rows doubled, for example a"),
        (ids("a", "b"), ids("a", "a"), "1 rows doubled, for example a; 1 rows lost, for example b"),
        (ids("a", "b"), ids("a", None), "1 rows invented, for example None; 1 rows lost, for example b"),
        (ids("a", "b"), ids(), "2 rows lost, for example a"),
        (ids(), ids("a"), "1 rows invented, for example a"),
        (ids("a", "a"), ids("a"), "1 rows delivered twice, for example a"),
    ],
)
def test_any_difference_is_named(expected: str, found: str, says: str) -> None:
    assert says in compare(expected, found)


def test_an_id_that_both_sides_have_twice_is_found_where_it_comes_from() -> None:
    connection = duckdb.connect(config={"threads": 1})
    check_each_once(connection, ids("a", "b"), where="mapped contact")

    with pytest.raises(ConservationBreach, match="1 rows delivered twice, for example a"):
        check_each_once(connection, ids("a", "b", "a"), where="mapped contact")


LEDGER = [
    ("contact", "a", "exported", "created"),
    ("contact", "b", "merged", "created"),
    ("contact", "c", "deferred", None),
    ("contact", "d", "exported", "unchanged"),
    ("account", "a", "exported", "created"),
]


@pytest.mark.parametrize(
    ("records", "breach"),
    [
        ("(['a', 'b'])", None),
        ("(['a'])", "1 rows lost, for example b"),
        ("(['a', 'b']), (['c'])", "1 rows invented, for example c"),
        ("(['a', 'b']), (['d'])", "1 rows invented, for example d"),
        ("(['a', 'b']), (['b'])", "1 rows doubled, for example b"),
    ],
)
def test_an_export_holds_the_rows_that_the_ledger_says_and_no_others(
    records: str, breach: str | None
) -> None:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute("create table ledger (entity varchar, row_id varchar, fate varchar, change varchar)")
    for row in LEDGER:
        connection.execute("insert into ledger values (?, ?, ?, ?)", row)
    connection.execute(f"create table exported as select * from (values {records}) v(row_ids)")

    if breach is None:
        check_records(connection, entity="contact", exported="exported", ledger="ledger")
    else:
        with pytest.raises(ConservationBreach, match=breach):
            check_records(connection, entity="contact", exported="exported", ledger="ledger")
