"""Parquet reads to exact text."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from aformity_pipelines.intake.job import Limits
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood


def parquet(folder: Path, sql: str) -> bytes:
    path = folder / "written.parquet"
    duckdb.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet)")
    return path.read_bytes()


def test_typed_values_become_exact_text(see, tmp_path: Path) -> None:
    sql = """SELECT 1.10::DECIMAL(9,2) AS amount, true AS b, NULL::VARCHAR AS n, '' AS e, DATE '2026-01-31' AS d,
        TIMESTAMP '2026-01-31 10:00:00' AS t, TIMESTAMPTZ '2026-01-31 10:00:00+02' AS z,
        1234567890123456789::BIGINT AS i, 0.1::FLOAT AS f, '007' AS s"""
    seen = see(parquet(tmp_path, sql))
    assert seen.headers == ("amount", "b", "n", "e", "d", "t", "z", "i", "f", "s")
    expected = ("1.10", "true", None, "", "2026-01-31", "2026-01-31 10:00:00", "2026-01-31 08:00:00+00")
    assert seen.cells == ((*expected, "1234567890123456789", "0.1", "007"),)


def test_structures_are_columns_and_lists_a_question(see, tmp_path: Path) -> None:
    content = parquet(tmp_path, "SELECT {'city': 'K', 'tags': [1.50::DECIMAL(3,2)]} AS a, MAP {'k': 1} AS m")
    seen = see(content)
    assert (seen.headers, seen.cells) == (("a.city", "a.tags", "m"), (("K", '["1.50"]', '{"k":1}'),))
    (question,) = seen.reading.questions
    again = see(content, paths=question.proposal.paths)
    assert (again.headers, again.rows, again.reading.questions) == (seen.headers, seen.rows, ())
    with pytest.raises(NotUnderstood, match="lead nowhere"):
        see(content, paths={"x": "a.street"})


def test_names_that_differ_in_case_stay_apart(see, tmp_path: Path) -> None:
    pq.write_table(pa.table({"Name": ["1"], "name": ["2"]}), tmp_path / "x.parquet")
    seen = see((tmp_path / "x.parquet").read_bytes())
    assert (seen.headers, seen.cells) == (("Name", "name"), (("1", "2"),))


def test_a_damaged_file_is_refused_or_read_alike(see, tmp_path: Path) -> None:
    sound = parquet(tmp_path, "SELECT range AS id, 'name ' || range AS name FROM range(200)")
    with pytest.raises(DeliveryRefused, match="cannot be read"):
        see(sound[:-20])
    with pytest.raises(DeliveryRefused, match="cannot be read"):
        see(b"PAR1" + b"\x00" * 500 + b"PAR1")


def test_the_limits_hold(see, tmp_path: Path) -> None:
    content = parquet(tmp_path, "SELECT range AS id, repeat('x', 100) AS name FROM range(20)")
    for limits, says in (
        (Limits(rows=10), "20 rows"),
        (Limits(columns=1), "2 columns"),
        (Limits(cell_bytes=9), "'name'"),
    ):
        with pytest.raises(DeliveryRefused, match=says):
            see(content, limits=limits)
