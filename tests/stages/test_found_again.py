"""Rows that came again under another id are told by their keys; what one side lacks stands alone."""

from collections.abc import Sequence

import duckdb
import pytest

from aformity_pipelines.stages.found_again import again_ctes

Row = tuple[str, str | None, int]
OLD, NEW, KEPT = "people@aaaaaaaa", "people@bbbbbbbb", "firms@cccccccc"


def again(then: Sequence[Row], now: Sequence[Row]) -> list[tuple[str, str]]:
    """Return the pairs (row then, row now) of tables of (row_id, row_key, wave's place)."""
    with duckdb.connect() as connection:
        for name, rows in (("then_", then), ("now_", now)):
            connection.execute(
                f"create table {name} (entity varchar, row_id varchar, row_key varchar, place integer)"
            )
            for row in rows:
                connection.execute(f"insert into {name} values ('contact', ?, ?, ?)", row)
        ctes = again_ctes(by=("entity", "row_key"), order="row_id", latest="place")
        return connection.execute(
            f"with {ctes} select g.row_id, c.row_id from came c join gone g using (entity, row_key, nth, times)"
            " order by all"
        ).fetchall()


def test_a_row_of_another_delivery_is_found_by_its_key() -> None:
    assert again(
        [(f"{OLD}#1", "a", 0), (f"{OLD}#2", "b", 0)], [(f"{NEW}#1", "b", 0), (f"{NEW}#2", "c", 0)]
    ) == [(f"{OLD}#2", f"{NEW}#1")]


def test_a_row_that_both_sides_have_by_its_id_is_no_pair() -> None:
    both = [(f"{KEPT}#1", "a", 0)]
    assert again([*both, (f"{KEPT}#2", "b", 0)], [*both, (f"{NEW}#7", "b", 0)]) == [(f"{KEPT}#2", f"{NEW}#7")]


def test_of_rows_with_one_key_the_first_then_is_the_first_now() -> None:
    then = [(f"{OLD}#2", "a", 0), (f"{OLD}#1", "a", 0)]
    now = [(f"{NEW}#5", "a", 0), (f"{NEW}#9", "a", 0)]
    assert again(then, now) == [(f"{OLD}#1", f"{NEW}#5"), (f"{OLD}#2", f"{NEW}#9")]


@pytest.mark.parametrize("more", [OLD, NEW])
def test_rows_of_a_key_that_another_number_of_rows_had_are_no_pairs(more: str) -> None:
    sides = {OLD: [(f"{OLD}#1", "a", 0)], NEW: [(f"{NEW}#1", "a", 0)]}
    sides[more].append((f"{more}#2", "a", 0))
    assert again(sides[OLD], sides[NEW]) == []


def test_of_several_versions_the_latest_that_had_a_key_counts() -> None:
    then = [(f"{OLD}#1", "a", 0), (f"{OLD}#2", "a", 0), ("people@dddddddd#4", "a", 1)]
    assert again(then, [(f"{NEW}#1", "a", 0)]) == [("people@dddddddd#4", f"{NEW}#1")]


def test_rows_without_a_key_are_never_found_again() -> None:
    assert again([(f"{OLD}#1", None, 0)], [(f"{NEW}#1", None, 0)]) == []
