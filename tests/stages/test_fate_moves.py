"""Two ledgers compared: literal tables, and a million rows."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import duckdb
import pytest

from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.stages.launch.fate_moves import fate_moves, moved_rows
from aformity_pipelines.stages.launch.previous import Previous
from aformity_pipelines.stages.launch.source import Sources

COLUMNS = "entity, row_id, part, row, row_key, fate, reason, because, wave"


def ledger(folder: Path, table: str) -> Path:
    """Write a ledger from lines of `entity row_id part row row_key fate`; `-` is no key."""
    folder.mkdir()
    lines = [line.split() for line in table.strip().splitlines()]
    rows = ", ".join(
        f"('{entity}', '{row_id}', '{part}', {row}, {'null' if key == '-' else repr(key)}, '{fate}',"
        " 'rule', 'account.name.present', 'wave_1')"
        for entity, row_id, part, row, key, fate in lines
    )
    write(folder, f"select * from (values {rows}) t({COLUMNS})")
    return folder


def write(folder: Path, select: str) -> None:
    folder.mkdir(exist_ok=True)
    duckdb.execute(f"copy ({select}) to '{folder / 'ledger.parquet'}' (format parquet)")


def moved(then: Path, now: Path) -> list[tuple[Any, ...]]:
    migration = SimpleNamespace(entities=lambda: ("account", "contact"), log=())
    connection = duckdb.connect()
    masked = SimpleNamespace(
        counted=lambda sql, also: connection.execute(sql).fetchall(),
        has_column=lambda relation, column: False,
    )
    run = SimpleNamespace(migration=migration)
    sources = cast("Sources", SimpleNamespace(folder=now, run=run, masked=masked, rules=dict))
    previous = Previous(wave="wave_1", folder=then, manifest=cast("Manifest", None))
    return [
        (move.entity, move.before, move.after, move.number, move.rows)
        for move in fate_moves(moved_rows(sources, previous))
    ]


def compared(tmp_path: Path, then: str, now: str) -> list[tuple[Any, ...]]:
    return moved(ledger(tmp_path / "then", then), ledger(tmp_path / "now", now))


def test_each_part_of_a_row_moves_by_itself(tmp_path: Path) -> None:
    then = """
        contact a@1#2/desk desk 2 a:7 unresolved
        contact a@1#2/head head 2 a:7 exported
    """
    now = """
        contact a@2#9/desk desk 9 a:7 exported
        contact a@2#9/head head 9 a:7 exported
    """

    assert compared(tmp_path, then, now) == [("contact", "unresolved", "exported", 1, ("a@2#9/desk",))]


def test_of_several_rows_with_one_key_the_first_then_is_the_first_now(tmp_path: Path) -> None:
    then = """
        account a@1#2 main 2 a:7 unresolved
        account a@1#3 main 3 a:7 exported
    """
    now = """
        account a@2#5 main 5 a:7 unresolved
        account a@2#6 main 6 a:7 unresolved
        account a@2#7 main 7 a:7 excluded
    """

    assert compared(tmp_path, then, now) == [
        ("account", None, "excluded", 1, ("a@2#7",)),
        ("account", "exported", "unresolved", 1, ("a@2#6",)),
    ]


def test_rows_without_a_key_are_never_taken_for_each_other(tmp_path: Path) -> None:
    then = "account a@1#2 main 2 - exported"
    now = "account a@2#2 main 2 - exported"

    assert compared(tmp_path, then, now) == [
        ("account", None, "exported", 1, ("a@2#2",)),
        ("account", "exported", None, 1, ("a@1#2",)),
    ]


def test_a_row_without_a_key_that_stayed_is_followed_by_its_id(tmp_path: Path) -> None:
    then = "account a@1#2 main 2 - deferred"
    now = "account a@1#2 main 2 - exported"

    assert compared(tmp_path, then, now) == [("account", "deferred", "exported", 1, ("a@1#2",))]


def test_one_key_of_two_entities_is_two_rows(tmp_path: Path) -> None:
    then = """
        account a@1#2 main 2 a:7 exported
        contact a@1#2 main 2 a:7 deferred
    """
    now = """
        account a@2#2 main 2 a:7 exported
        contact a@2#2 main 2 a:7 exported
    """

    assert compared(tmp_path, then, now) == [("contact", "deferred", "exported", 1, ("a@2#2",))]


@pytest.mark.slow
def test_a_million_rows_delivered_again_are_compared_in_seconds(tmp_path: Path) -> None:
    select = (
        "select 'account' as entity, 'a@{sha}#' || lpad((i + {shift})::varchar, 7, '0') as row_id, 'main' as part,"
        " (i + {shift})::integer as row, 'a:' || i as row_key,"
        " case when i % {every} = 0 then 'unresolved' else 'exported' end as fate, 'rule' as reason,"
        " 'account.name.present' as because, 'wave_1' as wave from range(1000000) t(i)"
    )
    write(tmp_path / "then", select.format(sha="11111111", shift=2, every=1000))
    write(tmp_path / "now", select.format(sha="22222222", shift=3, every=2000))

    started = time.perf_counter()
    ((entity, before, after, number, rows),) = moved(tmp_path / "then", tmp_path / "now")
    seconds = time.perf_counter() - started

    assert (entity, before, after, number, len(rows)) == ("account", "unresolved", "exported", 500, 200)
    assert list(rows) == sorted(rows)
    assert seconds < 10, f"{seconds:.1f} s"
    print(f"{seconds:.2f} s")
