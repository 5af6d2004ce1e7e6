"""Merged records told from literal tables: who gave which value, and what was left."""

import time
from types import SimpleNamespace
from typing import Any

import duckdb

from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.decisions import MergeApproved
from aformity_pipelines.domain.launch.rows import Merge, MergedField
from aformity_pipelines.stages.launch.merging import merges
from tests.mapping.small_migration import DESTINATION

INA = Person(name="Ina Vogt", role="Owner", side="customer")
PARTS = [("a", "1", "Ada", 5, None), ("b", "2", "ADA", None, "member"), ("c", "3", "Ada", 7, None)]
"""(row, id, name, seats, role)"""


def approved(number: int) -> MergeApproved:
    return MergeApproved.model_construct(
        id=f"D-{number:05}", says="One person.", why="They are.", by=INA, on="2026-11-01"
    )


def told(
    parts: list[tuple[Any, ...]], record: tuple[Any, ...] | None, *, copies: int = 1
) -> tuple[Merge, ...]:
    """Return the merges of `copies` records with these parts; `record` is (id, name, seats, role) as it is live."""
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(
        "create table mapped (row_id varchar, id varchar, name varchar, seats bigint, since date, amount decimal(18, 4), role varchar)"
    )
    connection.execute(
        "create table transformed as select [row_id] as row_ids, * exclude (row_id) from mapped"
    )
    values = ", ".join(
        f"({', '.join('null' if each is None else repr(each) for each in part)})" for part in parts
    )
    numbered = f"(values {values}) v(row, id, name, seats, role), range({copies}) n(i)"
    connection.execute(
        f"insert into mapped select row || i, id, name, seats, null, null, role from {numbered}"
    )
    if record is not None:
        live = ", ".join("null" if each is None else repr(each) for each in record)
        connection.execute(
            f"insert into transformed select ['{parts[0][0]}' || i], i0, i1, i2, null, null, i3 from (values ({live})) v(i0, i1, i2, i3), range({copies}) n(i)"
        )
    connection.execute(
        f"create table merges as select 'person' as entity, row || i as row_id, '{parts[0][0]}' || i as survivor, format('D-{{:05}}', i) as decision from {numbered}"
    )
    connection.execute(
        "create table ledger as select entity, row_id, 'p.csv' as file, 7 as row, survivor as record_key, 'merged' as fate from merges"
    )
    sources = SimpleNamespace(
        run=SimpleNamespace(
            migration=SimpleNamespace(
                log=tuple(approved(number) for number in range(copies)),
                destination=DESTINATION,
                entities=lambda: ("person",),
            )
        ),
        mapped=lambda _: "mapped",
        transformed=lambda _: None if record is None else "transformed",
        query=lambda sql, values=(): connection.execute(
            sql.format(merges="merges", ledger="ledger"), values
        ).fetchall(),
    )
    return merges(sources)  # type: ignore[arg-type]  # only what the function asks for


def disagreements(merge: Merge) -> dict[str, tuple[str, str, dict[str, str]]]:
    return {each.field: (each.won, each.row, each.lost) for each in merge.disagreements}


def test_each_field_counts_for_the_part_whose_value_the_record_has() -> None:
    (merge,) = told(PARTS, ("1", "Ada", 5, "member"))

    assert [(part.row, part.is_survivor, part.contributed) for part in merge.parts] == [
        ("a0", True, ("id", "name", "seats")),
        ("b0", False, ("role",)),
        ("c0", False, ()),
    ]


def test_where_parts_disagree_the_value_that_won_and_those_that_were_left_are_told() -> None:
    (merge,) = told(PARTS, ("1", "Ada", 5, "member"))

    assert disagreements(merge) == {
        "id": ("1", "a0", {"b0": "2", "c0": "3"}),
        "name": ("Ada", "a0", {"b0": "ADA"}),
        "seats": ("5", "a0", {"c0": "7"}),
    }


def test_a_model_that_lets_another_part_win_is_believed() -> None:
    (merge,) = told(PARTS, ("1", "ADA", 7, "member"))

    assert [part.contributed for part in merge.parts] == [("id",), ("name", "role"), ("seats",)]
    assert disagreements(merge)["seats"] == ("7", "c0", {"a0": "5"})


def test_a_link_that_leads_elsewhere_by_now_is_no_disagreement_of_parts_that_agree() -> None:
    (merge,) = told([("a", "1", "Bo", None, None), ("b", "2", "Bo", None, None)], ("1", "Bea", None, None))

    assert set(disagreements(merge)) == {"id"}
    assert merge.parts[0].contributed == ("id", "name")


def test_without_a_record_the_first_part_with_a_value_gives_it() -> None:
    (merge,) = told(PARTS, None)

    assert merge.disagreements[0] == MergedField(field="id", won="1", row="a0", lost={"b0": "2", "c0": "3"})
    assert [part.contributed for part in merge.parts] == [("id", "name", "seats"), ("role",), ()]


def test_many_merges_are_told_at_once() -> None:
    begin = time.process_time()
    found = told(PARTS, ("1", "Ada", 5, "member"), copies=2_000)

    assert [len(merge.parts) for merge in found] == [3] * 2_000
    assert time.process_time() - begin < 4  # two queries a merge take more than ten seconds
