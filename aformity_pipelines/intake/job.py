"""One file to read, and the limits within which it is read.  Keep out: reading."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from aformity_pipelines.domain.delivery import FormatHints

_MIB = 1 << 20
_SMALL = 64 * _MIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may cost; a file that needs more is refused with the limit's name.

    The seconds are those of a file of up to 64 MiB: `for_size` gives a bigger one more.
    """

    memory: int = 1_200 * _MIB  # bytes that the process may write to; its libraries take 0.15 GB beside
    cpu_seconds: int = 24
    wall_seconds: int = 26
    written: int = 16_384 * _MIB  # bytes of any one file written
    inflated: int = 4_096 * _MIB  # bytes that compressed parts may hold altogether
    tables: int = 1_000  # sheets, too, and the files in an archive
    rows: int = 50_000_000
    columns: int = 16_384
    cells: int = 2_000_000_000
    cell_bytes: int = 2_000_000

    def for_size(self, size: int) -> "Limits":
        """Return the limits of a file of `size` bytes: memory stays, every 2 MiB above 64 MiB add a second."""
        more = max(0, size - _SMALL) // (2 * _MIB)
        return replace(self, cpu_seconds=self.cpu_seconds + more, wall_seconds=self.wall_seconds + more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Everything that a reader is told: it opens `file`, and writes into the empty folder `into` alone."""

    file: Path
    name: str  # what the customer called it; only ever shown
    hints: FormatHints
    into: Path
    row_id_prefix: str  # what stands before the row number in every row id
    limits: Limits = field(default_factory=Limits)
    as_cells: bool = False  # whether every cell of a workbook is wanted at its place, instead of its tables

    def parquet(self, table: int) -> Path:
        """Return where table number `table` is written."""
        return self.into / f"table_{table}.parquet"

    def rejects(self, table: int) -> Path:
        """Return where the rejected records of table number `table` are written."""
        return self.into / f"rejects_{table}.parquet"
