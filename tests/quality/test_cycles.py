import duckdb
import pytest

from aformity_pipelines.quality.cycles import on_a_cycle


@pytest.mark.parametrize(
    ("links", "found"),
    [
        ("('a', 'b'), ('b', NULL)", set()),
        ("('a', 'a')", {("a", "a")}),
        ("('a', 'b'), ('b', 'a')", {("a", "b"), ("b", "a")}),
        ("('a', 'b'), ('b', 'c'), ('c', 'b')", {("b", "c"), ("c", "b")}),
        ("('a', 'gone'), ('b', 'a'), (NULL, 'b')", set()),
        ("('a', 'gone'), ('a', 'a')", {("a", "a")}),
        ("('a', 'b'), ('a', 'c'), ('b', NULL), ('c', 'a')", {("a", "c"), ("c", "a")}),
    ],
)
def test_only_links_that_come_back_are_found(links, found):
    connection = duckdb.connect()
    connection.execute(f"CREATE TABLE t AS SELECT * FROM (VALUES {links}) AS v (k, up)")
    assert set(connection.execute(on_a_cycle("t", "k", "up")).fetchall()) == found


def test_a_long_chain_and_a_wide_tree_are_followed_to_their_end():
    connection = duckdb.connect()
    connection.execute(
        "CREATE TABLE t AS SELECT i AS k, CASE WHEN i > 0 THEN i - 1 END AS up FROM range(300) r(i)"
    )
    connection.execute("INSERT INTO t SELECT i, i // 10 FROM range(300, 3000) r(i)")
    assert connection.execute(on_a_cycle("t", "k", "up")).fetchall() == []
    connection.execute("UPDATE t SET up = 49 WHERE k = 0")
    assert len(connection.execute(on_a_cycle("t", "k", "up")).fetchall()) == 50
