"""A small reader in the place of intake's: it rejects every record that is not as wide as the header.

What becomes of such records is tested apart from how files are really read.
"""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.domain.delivery import Delivery, FormatHints
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.raw_table import column_names
from aformity_pipelines.intake.reading import Dialect, RawTable, SkipKind, Skipped
from aformity_pipelines.stages import raw_file
from aformity_pipelines.stages.outputs import read_record
from tests.builders.two_sources import COMPANIES, PEOPLE, a_run, project, run_all

SHORT = "2 fields, the header has 5"
UNCLOSED = "a quote is never closed"
BROKEN = "broken,Jo Secret\nbroken quote,Kim Secret\n"
"""Two lines of companies.csv, rows 7 and 8 behind its five companies."""
RULE = "companies.record.readable"


def let_ragged_records_be_rejected(
    monkeypatch: pytest.MonkeyPatch, mutate: Callable[[RawTable], None] = lambda table: None
) -> None:
    """Let the raw stage reject ragged records; `mutate` then changes the files that it gets."""

    def rejecting(copy: Path, hints: FormatHints, *, delivery: Delivery, into: Path) -> RawTable:
        table = read(copy, delivery, into)
        mutate(table)
        return table

    monkeypatch.setattr(raw_file, "read_delivery", rejecting)


def read(copy: Path, delivery: Delivery, into: Path) -> RawTable:
    """Read a CSV file in UTF-8 without blank lines and line ends in values; the header is its first line."""
    headers, *records = csv.reader(io.StringIO(copy.read_text(encoding="utf-8"), newline=""))
    rows = [
        (delivery.row_id(number), number, *cells)
        for number, cells in enumerate(records, 2)
        if len(cells) == len(headers)
    ]
    rejected = [
        (delivery.row_id(number), number, _reason(cells, headers), ",".join(cells), b"")
        for number, cells in enumerate(records, 2)
        if len(cells) != len(headers)
    ]
    table, rejects = into / "table.parquet", into / "rejects.parquet"
    columns = "".join(f", {name} varchar" for name in column_names(len(headers)))
    _write(f"row_id varchar, row integer{columns}", rows, table)
    if rejected:
        _write("row_id varchar, row integer, reason varchar, raw varchar, bytes blob", rejected, rejects)
    return RawTable(
        number=1,
        headers=tuple(headers),
        header_row=1,
        parquet=table,
        rows=len(rows),
        rejects=rejects,
        rejected=len(rejected),
        dialect=Dialect(format="csv", encoding="utf-8", delimiter=","),
        skipped=(Skipped(kind=SkipKind.HEADER, count=1, row=1, example=headers[0]),),
    )


def _reason(cells: list[str], headers: list[str]) -> str:
    return UNCLOSED if "quote" in cells[0] else f"{len(cells)} fields, the header has {len(headers)}"


def _write(columns: str, rows: list[tuple[object, ...]], path: Path) -> None:
    connection = duckdb.connect()
    connection.execute(f"create table t ({columns})")
    if rows:
        connection.executemany(f"insert into t values ({', '.join('?' * len(rows[0]))})", rows)
    connection.execute(f"copy t to '{path}' (format parquet)")


def run_with_rejects(folder: Path) -> Workspace:
    """Return a project whose companies hold two records that could not be read; its first wave has run."""
    workspace = project(folder, files={"companies.csv": COMPANIES + BROKEN, "people.csv": PEOPLE})
    with pytest.MonkeyPatch.context() as patch:
        let_ragged_records_be_rejected(patch)
        run_all(workspace)
    return workspace


def row(workspace: Workspace, number: int) -> str:
    """Return the row id of a row of companies.csv."""
    record = read_record(a_run(workspace), "raw_file", "companies")
    assert record is not None
    assert record.delivery is not None
    return f"companies@{record.delivery.sha256[:8]}#{number:07d}"


def rewrite(path: Path, mutation: str) -> None:
    """Replace a Parquet file by what a SELECT, or the end of one, makes of it (as `t`)."""
    connection = duckdb.connect()
    connection.execute(f"create table t as from read_parquet('{path}')")
    path.unlink()
    select = mutation if mutation.startswith("select") else f"select * from t {mutation}"
    connection.execute(f"copy ({select}) to '{path}' (format parquet)")
