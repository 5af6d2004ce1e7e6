"""What the intake tests share: register bytes, read them, look at the rows."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.delivered import read_delivery
from aformity_pipelines.intake.reading import RawTable
from aformity_pipelines.intake.register import copy_of, register

DAY = date(2026, 1, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    table: RawTable
    row_ids: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]  # row number and cells, in file order


def _read_file(path: Path, folder: Path, **hints: str | int) -> Read:
    """Register and read one file with the hints given."""
    into = folder / "deliveries"
    delivery = register(path, into=into, received_on=DAY, received_by="jo", source="crm")
    table = read_delivery(
        copy_of(delivery, into), FormatHints.model_validate(hints), delivery=delivery, into=folder / "build"
    )
    with duckdb.connect() as connection:
        found = connection.execute("SELECT * FROM read_parquet(?)", [str(table.parquet)]).fetchall()
    assert len(found) == table.rows
    return Read(table=table, row_ids=tuple(r[0] for r in found), rows=tuple(tuple(r[1:]) for r in found))


def _read_bytes(content: bytes, folder: Path, name: str = "in.csv", **hints: str | int) -> Read:
    """Read `content` as a file of that name."""
    path = folder / name
    path.write_bytes(content)
    return _read_file(path, folder, **hints)


@pytest.fixture(scope="session")
def read_file():
    """Register and read one file: (path, working folder, **format hints)."""
    return _read_file


@pytest.fixture(scope="session")
def read_bytes():
    """Register and read bytes: (content, working folder, file name, **format hints)."""
    return _read_bytes
