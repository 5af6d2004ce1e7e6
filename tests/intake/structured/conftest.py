"""What these tests share: read bytes in this process and look at the tables."""

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.job import Job, Limits
from aformity_pipelines.intake.read import read_file
from aformity_pipelines.intake.reading import RawTable, Reading


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    reading: Reading
    rows: tuple[tuple[object, ...], ...]  # of the first table: row and cells
    rejects: tuple[tuple[object, ...], ...]  # row, reason, bytes

    @property
    def table(self) -> RawTable:
        return self.reading.tables[0]

    @property
    def headers(self) -> tuple[str, ...]:
        return self.table.headers

    @property
    def cells(self) -> tuple[tuple[object, ...], ...]:
        return tuple(row[1:] for row in self.rows)


@pytest.fixture
def see(tmp_path: Path):
    """Read bytes as a file of that name: (content, name, limits, **format hints)."""
    count = 0

    def _see(content: bytes, name: str = "in", limits: Limits | None = None, **hints: object) -> Seen:
        nonlocal count
        count += 1
        file, into = tmp_path / f"file_{count}", tmp_path / f"into_{count}"
        file.write_bytes(content)
        into.mkdir()
        reading = read_file(
            Job(
                file=file,
                name=name,
                hints=FormatHints.model_validate(hints),
                into=into,
                row_id_prefix="crm@0#",
                limits=limits or Limits(),
            )
        )
        assert not [path for path in into.iterdir() if path.name.startswith(".") and path.is_file()]
        return _seen(reading)

    return _see


def _seen(reading: Reading) -> Seen:
    first = reading.tables[0]
    frame = pl.read_parquet(first.parquet)
    assert frame.height == first.rows
    rejects: tuple[tuple[object, ...], ...] = ()
    if first.rejected:
        found = pl.read_parquet(first.rejects)
        assert found.columns == ["row_id", "row", "reason", "raw", "bytes"]
        rejects = tuple(found.select("row", "reason", "bytes").rows())
    assert len(rejects) == first.rejected
    return Seen(reading=reading, rows=tuple(row[1:] for row in frame.rows()), rejects=rejects)
