"""What the tests of delimited text share: a plan by hand, and a table read by it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pyarrow.parquet as pq
import pytest

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import RawTable
from aformity_pipelines.intake.text import records
from aformity_pipelines.intake.text.encoding import Utf8Text
from aformity_pipelines.intake.text.plan import Grammar, Plan
from aformity_pipelines.intake.text.table import read_table

COMMA = Grammar(delimiter=b",", quote=b'"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Tabled:
    table: RawTable
    rows: list[tuple]  # row number and cells
    rejects: list[tuple]  # row, reason, raw, bytes


def _planned(headers: str, grammar: Grammar = COMMA, **changes) -> Plan:
    """A plan with a header of one line in row 1; `headers` are words."""
    named = tuple(headers.split())
    usual = {"header_row": 1, "header_rows": 1, "first_row": 2}
    return Plan(grammar=grammar, headers=named, **(usual | changes))


def _rows_in(parquet: Path) -> list[tuple]:
    columns = pq.read_table(parquet, use_threads=False).columns
    return list(zip(*(column.to_pylist() for column in columns), strict=True))


def _table_of(content: bytes, plan: Plan, folder: Path, *, number: int = 1, others=()) -> Tabled:
    """Read `content`, UTF-8 but for its faults, as `plan` says."""
    file = folder / "in.csv"
    file.write_bytes(content)
    job = Job(file=file, name="in.csv", hints=FormatHints(), into=folder, row_id_prefix="crm@0#")
    start = 3 if content.startswith(b"\xef\xbb\xbf") else 0
    text = Utf8Text(path=file, start=start, encoding="utf-8", because="a test says so", is_assumed=False)
    table = read_table(text, plan, job, number, others=others)
    found = _rows_in(table.parquet)
    rejects = _rows_in(table.rejects) if table.rejected else []
    assert len(found) == table.rows
    assert len(rejects) == table.rejected
    assert table.rejects.exists() == bool(table.rejected)
    return Tabled(table=table, rows=[row[1:] for row in found], rejects=[each[1:] for each in rejects])


@contextmanager
def _blocks_of(size: int) -> Iterator[None]:
    """Have files read in blocks of so many bytes."""
    with mock.patch.dict(records.walk.__kwdefaults__, {"block_bytes": size}):
        yield


@pytest.fixture(scope="session")
def planned():
    """Make a plan: (headers in one text, grammar, **changes)."""
    return _planned


@pytest.fixture(scope="session")
def table_of():
    """Read bytes by a plan: (content, plan, folder, number=, others=)."""
    return _table_of


@pytest.fixture(scope="session")
def blocks_of():
    """A context in which files are read in blocks of so many bytes."""
    return _blocks_of
