"""Groups: the rows that a rule judged together, as SQL forms them."""

import duckdb

from aformity_pipelines.review.members import GROUPED, create_groups, on_one_circle, same_value

ROWS = (
    # row, key, link, name
    ("r1", "a", "b", "Acme"),
    ("r2", "b", "c", "Bolt"),
    ("r3", "c", "a", "Acme"),
    ("r4", "d", "a", " "),
    ("r5", "e", "e", None),
    ("r6", "f", "gone", "Cask"),
    ("r7", "g", None, " "),
)


def table(*rows: tuple[str | None, ...]) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(
        'create table t (row_id varchar, row_ids varchar[], "key" varchar, link varchar, name varchar)'
    )
    for row_id, *others in rows:
        connection.execute("insert into t values (?, ?, ?, ?, ?)", [row_id, [row_id], *others])
    return connection


def grouped(connection: duckdb.DuckDBPyConnection, valued: str, *chosen: str) -> list[set[str]]:
    """Return the groups of the chosen rows, in their order."""
    create_groups(connection, valued, f"select unnest([{', '.join(repr(row) for row in chosen)}])")
    rows = connection.execute(
        f"select list(row_id) from {GROUPED} group by grp order by cast(grp as integer)"
    )
    return [set(found) for (found,) in rows.fetchall()]


def test_rows_of_one_value_are_a_group_and_a_row_without_a_value_is_in_none() -> None:
    connection = table(*ROWS)

    assert grouped(connection, same_value("t", ["name"]), "r3", "r6", "r4", "r7") == [{"r1", "r3"}, {"r6"}]


def test_values_of_several_columns_are_not_one_long_value() -> None:
    connection = table(("r1", "a|b", "c", ""), ("r2", "a", "b|c", ""), ("r3", "a", "b|c", ""))

    assert grouped(connection, same_value("t", ["key", "link"]), "r1", "r2") == [{"r1"}, {"r2", "r3"}]


def test_the_rows_of_a_circle_are_a_group_and_a_row_that_only_leads_into_it_is_not() -> None:
    connection = table(*ROWS)

    assert grouped(connection, on_one_circle("t", "link", "key"), "r2", "r4", "r5", "r6") == [
        {"r1", "r2", "r3"},
        {"r5"},
    ]


def test_of_several_circles_each_is_a_group_of_its_own() -> None:
    connection = table(("r1", "a", "b", ""), ("r2", "b", "a", ""), ("r3", "c", "d", ""), ("r4", "d", "c", ""))

    assert grouped(connection, on_one_circle("t", "link", "key"), "r2", "r3") == [{"r1", "r2"}, {"r3", "r4"}]


def test_a_record_of_several_rows_is_known_by_the_first_of_them() -> None:
    connection = table(("r1", "a", "", "Acme"), ("r3", "b", "", "Acme"))
    connection.execute("update t set row_ids = ['r1', 'r2'] where row_id = 'r1'")
    create_groups(connection, same_value("t", ["name"]), "select 'r2'")

    rows = connection.execute(f"select row_id, of from {GROUPED} order by 1").fetchall()
    assert rows == [("r1", "r1"), ("r2", "r1"), ("r3", "r3")]
