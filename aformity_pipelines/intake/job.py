"""One file to read, and the limits within which it is read.  Keep out: reading."""

from dataclasses import dataclass, field
from pathlib import Path

from aformity_pipelines.domain.delivery import FormatHints

_MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may cost; a file that needs more is refused with the limit's name."""

    memory: int = 1_536 * _MIB  # bytes of address space beyond what the reader itself takes
    cpu_seconds: int = 25
    wall_seconds: int = 28
    written: int = 16_384 * _MIB  # bytes of any one file written
    inflated: int = 4_096 * _MIB  # bytes that compressed parts may hold altogether
    rows: int = 50_000_000
    columns: int = 16_384
    cells: int = 2_000_000_000
    cell_bytes: int = 2_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Everything that a reader is told: it opens `file`, and writes into the empty folder `into` alone."""

    file: Path
    name: str  # what the customer called it; only ever shown
    hints: FormatHints
    into: Path
    row_id_prefix: str  # what stands before the row number in every row id
    limits: Limits = field(default_factory=Limits)

    def parquet(self, table: int) -> Path:
        """Return where table number `table` is written."""
        return self.into / f"table_{table}.parquet"

    def rejects(self, table: int) -> Path:
        """Return where the rejected records of table number `table` are written."""
        return self.into / f"rejects_{table}.parquet"
