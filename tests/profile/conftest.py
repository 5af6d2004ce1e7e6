"""What the profile tests share: a raw table from literal columns."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.domain.profile import TableProfile
from aformity_pipelines.profile.table import profile

FIRST_ROW = 2


@pytest.fixture
def raw(tmp_path: Path) -> Callable[..., Path]:
    """Write columns of texts (None: no value) as a raw table whose first record is in row 2."""

    def write(*columns: list[str | None], name: str = "table.parquet") -> Path:
        path = tmp_path / name
        with duckdb.connect() as connection:
            names = [f"c{number:04d}" for number in range(1, len(columns) + 1)]
            typed = ", ".join(f"{column} VARCHAR" for column in names)
            connection.execute(f"CREATE TABLE t (row_id VARCHAR, row INTEGER, {typed})")
            for row, cells in enumerate(zip(*columns, strict=True), start=FIRST_ROW):
                marks = ", ".join("?" for _ in range(len(columns) + 2))
                connection.execute(f"INSERT INTO t VALUES ({marks})", [f"t#{row}", row, *cells])
            connection.execute("COPY t TO ? (FORMAT parquet)", [str(path)])
        return path

    return write


@pytest.fixture
def profiled(raw: Callable[..., Path]) -> Callable[..., TableProfile]:
    """Profile literal columns: header -> values."""

    def run(**columns: list[str | None]) -> TableProfile:
        with duckdb.connect() as connection:
            return profile(connection, raw(*columns.values()), tuple(columns))

    return run
