"""What the workbook tests share: read a workbook in this process, and look at its tables."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
import xlsxwriter

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.job import Job, Limits
from aformity_pipelines.intake.reading import RawTable, Reading
from aformity_pipelines.intake.workbook.read import read_workbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    raw: RawTable
    rows: tuple[tuple[object, ...], ...]  # row number and cells, in the order of the sheet
    stored: dict[tuple[int, int], tuple[str, str]]  # row, column -> what is stored, its number format

    @property
    def warnings(self) -> dict[str, tuple[int, str]]:
        return {str(warning.kind): (warning.count, warning.example) for warning in self.raw.warnings}

    @property
    def skipped(self) -> dict[str, tuple[int, int]]:
        return {str(skipped.kind): (skipped.count, skipped.row) for skipped in self.raw.skipped}


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    reading: Reading
    tables: tuple[Table, ...]

    @property
    def only(self) -> Table:
        (table,) = self.tables
        return table

    @property
    def asked(self) -> list[tuple[str, dict[str, object]]]:
        return [(str(q.kind), q.proposal.model_dump(exclude_defaults=True)) for q in self.reading.questions]


def _table(raw: RawTable) -> Table:
    with duckdb.connect() as connection:
        found = connection.execute("SELECT * FROM read_parquet(?)", [str(raw.parquet)]).fetchall()
        stored = (
            connection.execute("SELECT * FROM read_parquet(?)", [str(raw.stored)]).fetchall()
            if raw.stored
            else []
        )
    assert len(found) == raw.rows
    return Table(
        raw=raw,
        rows=tuple(tuple(row[1:]) for row in found),
        stored={(row, column): (text, code) for row, column, text, code in stored},
    )


def _read(path: Path, limits: Limits | None = None, **hints) -> Book:
    into = path.parent / f"{path.name}.read"
    into.mkdir(exist_ok=True)
    job = Job(
        file=path,
        name=path.name,
        hints=FormatHints.model_validate(hints),
        into=into,
        row_id_prefix="crm@01234567#",
        limits=limits or Limits(),
    )
    reading = read_workbook(job)
    return Book(reading=reading, tables=tuple(_table(table) for table in reading.tables))


def _write(path: Path, cells: dict[str, list[tuple[str, list[object]]]]) -> Path:
    """Write sheets of rows; each row begins at a cell such as `B3`."""
    with xlsxwriter.Workbook(path) as book:
        for name, rows in cells.items():
            sheet = book.add_worksheet(name)
            for first, values in rows:
                row, column = xlsxwriter.utility.xl_cell_to_rowcol(first)
                for offset, value in enumerate(values):
                    if isinstance(value, str):
                        sheet.write_string(row, column + offset, value)
                    elif value is not None:
                        sheet.write(row, column + offset, value)
    return path


@pytest.fixture(scope="session")
def read_book():
    """Read a workbook: (path, limits=None, **format hints)."""
    return _read


@pytest.fixture
def sheet_of(tmp_path: Path):
    """Read a workbook of one sheet: (rows as (first cell, values), **format hints)."""
    return lambda *rows, **hints: _read(_write(tmp_path / "x.xlsx", {"Data": list(rows)}), **hints)


@pytest.fixture
def book_of(tmp_path: Path):
    """Read a workbook of several sheets: ({name: rows}, **format hints)."""
    return lambda sheets, **hints: _read(_write(tmp_path / "x.xlsx", sheets), **hints)
