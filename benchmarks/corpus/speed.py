"""What reading costs: a clean file of a million rows, the second reader and the child process included.

CPU seconds of all threads and processes, against DuckDB writing the same file as Parquet with row numbers.
"""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.contained.service import read_measured
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Reading
from benchmarks.corpus.figure import Figure
from benchmarks.dirty import write_delivery
from benchmarks.measure import cpu_of

ROWS = 1_000_000
MOST = 3.0
MOST_GROWTH = 1.25
_MIB = 1 << 20


def figures() -> Iterator[Figure]:
    """Yield the CPU ratio at a million rows, and how much more memory four times as many take."""
    with tempfile.TemporaryDirectory(prefix="aformity-corpus-") as folder:
        write_delivery(Path(folder), ROWS)
        small = Path(folder, "contacts.csv")
        _read(small, Path(folder, "warm-up"))
        base = min(cpu_of(_as_plain_copy(small, Path(folder, "base.parquet"))) for _ in range(2))
        readings = [_read(small, Path(folder, f"read_{number}")) for number in range(2)]
        cpu, peak = min(cpu for cpu, _ in readings), readings[0][1]
        yield Figure(
            corpus=f"clean CSV, {ROWS:,} rows, {small.stat().st_size / 1e6:.0f} MB",
            measure="CPU, in DuckDB's CSV to Parquet",
            floor=f"<= {MOST:.1f}x",
            naive=f"1.0x = {base:.2f} s (DuckDB, unchecked)",
            ours=f"{cpu / base:.2f}x",
            holds=cpu / base <= MOST,
        )
        big = Path(folder, "big.csv")
        _repeat(small, big, times=4)
        grown = _read(big, Path(folder, "read_big"))[1]
        yield Figure(
            corpus=f"clean CSV, {4 * ROWS:,} rows",
            measure="peak memory, to that of a quarter of it",
            floor=f"<= {MOST_GROWTH:.2f}x",
            naive="4x (any reader that holds the table)",
            ours=f"{grown / peak:.2f}x of {peak / _MIB:.0f} MiB",
            holds=grown / peak <= MOST_GROWTH,
        )


def _read(file: Path, into: Path) -> tuple[float, int]:
    """Read the file; return the CPU seconds of this process and the child's, and the child's peak bytes."""
    job = Job(file=file, name=file.name, hints=FormatHints(), into=into, row_id_prefix="crm@00000000#")
    spent: list[tuple[float, int]] = []

    def read() -> None:
        reading, ended = read_measured(job)
        if not isinstance(reading, Reading):
            raise reading
        (table,) = reading.tables
        if table.rejected or reading.questions or table.rows % ROWS:
            raise ValueError(f"{file.name} should be clean; {table.rows} rows, {table.rejected} rejected")
        spent.append((ended.cpu_seconds, ended.peak_memory))

    own = cpu_of(read)
    child, peak = spent[0]
    return own + child, peak


def _as_plain_copy(csv: Path, into: Path) -> Callable[[], object]:
    """Return what DuckDB does when told nothing but that all is text."""

    def copy() -> None:
        with duckdb.connect() as connection:
            connection.execute(
                f"COPY (SELECT row_number() OVER () AS row, * FROM read_csv('{csv}', all_varchar=true, header=true))"
                f" TO '{into}' (FORMAT parquet, COMPRESSION zstd)"
            )

    return copy


def _repeat(small: Path, big: Path, *, times: int) -> None:
    """Write the records of a file several times over, below one header."""
    header, _, records = small.read_bytes().partition(b"\n")
    with big.open("wb") as written:
        written.write(header + b"\n")
        for _ in range(times):
            written.write(records)
