"""Parquet reads to exact text."""

from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter

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


MOMENTS = (
    ("2026-01-31T00:00:00", "2026-01-31"),
    ("2026-01-31T10:00:00", "2026-01-31 10:00:00"),
    ("2026-01-31T00:00:00.500", "2026-01-31 00:00:00.500"),
    ("2026-01-31T23:59:59.120", "2026-01-31 23:59:59.120"),
    ("2026-01-31T23:59:59.007", "2026-01-31 23:59:59.007"),
)


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_dates_and_times_are_written_as_workbooks_write_them(see, tmp_path: Path, unit: str) -> None:
    given = [datetime.fromisoformat(moment) for moment, _ in MOMENTS]
    expected = tuple(text for _, text in MOMENTS)
    times = pa.array([moment.time() for moment in given], pa.time64("us"))
    pq.write_table(
        pa.table({"when": pa.array(given, pa.timestamp(unit)), "at": times}), tmp_path / "x.parquet"
    )
    with xlsxwriter.Workbook(tmp_path / "x.xlsx") as book:
        sheet, shown = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss.000"})
        sheet.write_row(0, 0, ["when", "name"])
        for row, moment in enumerate(given, start=1):
            sheet.write_datetime(row, 0, moment, shown)
            sheet.write(row, 1, "x")

    of_parquet = see((tmp_path / "x.parquet").read_bytes())
    of_workbook = see((tmp_path / "x.xlsx").read_bytes())

    assert tuple(when for when, _ in of_parquet.cells) == expected
    assert tuple(when for when, _ in of_workbook.cells) == expected
    assert [at for _, at in of_parquet.cells] == [
        "00:00:00", "10:00:00", "00:00:00.500", "23:59:59.120", "23:59:59.007",
    ]  # fmt: skip


def test_moments_in_utc_say_so_even_at_midnight(see, tmp_path: Path) -> None:
    content = parquet(
        tmp_path,
        "SELECT TIMESTAMPTZ '2026-01-31 00:00:00+00' AS a, '2026-01-31 00:00:00.5+00'::TIMESTAMPTZ AS b",
    )
    assert see(content).cells == (("2026-01-31 00:00:00+00", "2026-01-31 00:00:00.500+00"),)


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
