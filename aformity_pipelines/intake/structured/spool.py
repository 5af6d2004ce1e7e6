"""Records of named values on their way to a raw table, whose columns show only while they are read.

A batch lies in memory, the batches before it in Parquet parts; at the end the parts become one table.
Every limit of the job on rows, columns and cells is kept here.  Keep out: where the records come from.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Self

import polars as pl

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.intake.engine import connect
from aformity_pipelines.intake.header_names import header_warnings
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.raw_table import column_names, store, writing_rejects
from aformity_pipelines.intake.reading import Dialect, RawTable, RawWarning, Skipped
from aformity_pipelines.intake.refusal import DeliveryRefused

_BATCH_BYTES = 8 << 20
_BATCH_ROWS = 20_000
_MOST_REJECTED_BYTES = 256 << 20
_FEWER = "ask for the data in several smaller files"

Record = Mapping[str, str | None]
"""Column -> exact text, or None where the format has no value; what is left out has none either."""


@dataclass(slots=True)
class _Batch:
    rows: list[int] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    size: int = 0


class Spool:
    """Takes records and rejected records in the order of the file; `table` makes the raw table of them.

    Use it as a context: what was written on the way is removed at its end.
    """

    def __init__(self, job: Job, *, number: int = 1) -> None:
        self.rows = 0
        self.columns: dict[str, None] = {}  # a dict for its order: by first appearance
        self._filled: set[str] = set()
        self._cells = 0
        self._job = job
        self._number = number
        self._batch = _Batch()
        self._rejects: list[tuple[int, str, bytes]] = []  # the table's file names headers not known yet
        self._rejected_bytes = 0
        self._parts: list[Path] = []
        self._folder = TemporaryDirectory(dir=job.into, prefix=f".parts_{number}.")
        self._bounds: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        """Return the spool itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the parts."""
        self._folder.cleanup()

    @property
    def rejected(self) -> int:
        """How many records were rejected so far."""
        return len(self._rejects)

    @property
    def first_reason(self) -> str:
        """Why the first of at least one rejected record was rejected."""
        return self._rejects[0][1]

    def add(self, row: int, record: Record, *, size: int) -> None:
        """Take the record of row `row`; `size` is about how many bytes its text takes."""
        self.rows += 1
        self._see(row)
        if not record.keys() <= self.columns.keys():
            self.columns.update(dict.fromkeys(record))
            self._keep("columns", len(self.columns), self._job.limits.columns)
        self._cells += len(record)
        self._keep("cells", self._cells, self._job.limits.cells)
        batch = self._batch
        batch.rows.append(row)
        batch.records.append(record)
        batch.size += size
        if batch.size > _BATCH_BYTES or len(batch.rows) >= _BATCH_ROWS:
            self._flush()

    def reject(self, row: int, reason: str, raw: bytes) -> None:
        """Set a record apart: why it could not be read, and its bytes as they stand in the file."""
        self._rejects.append((row, reason, raw))
        self._see(row)
        self._rejected_bytes += len(raw)
        if self._rejected_bytes > _MOST_REJECTED_BYTES:
            raise DeliveryRefused(
                f"{self._job.name}: {self.rejected:,} records cannot be read up to row {row}, where the reason is:"
                f" {reason}; ask for the file again"
            )

    def table(
        self,
        dialect: Dialect,
        *,
        columns: tuple[str, ...] | None = None,
        header_row: int = 0,
        member: str | None = None,
        warnings: tuple[RawWarning, ...] = (),
        skipped: tuple[Skipped, ...] = (),
        name_of: Callable[[str], str] = str,
    ) -> RawTable:
        """Write everything taken as one raw table: all columns seen, or exactly `columns` in that order.

        `name_of` gives the header of a column where headers may repeat and columns may not.
        """
        self._flush()
        chosen = self.telling_columns() if columns is None else columns
        headers = tuple(name_of(column) for column in chosen)
        with connect(self._job) as connection:
            store(
                connection,
                self._rows_sql(chosen),
                job=self._job,
                number=self._number,
                headers=headers,
                dialect=dialect,
                expected=self.rows,
            )
        with writing_rejects(self._job, self._number, headers=headers, dialect=dialect) as rejects:
            for row, reason, raw in self._rejects:
                rejects.add(row, reason, raw)
        first, last = self._bounds or (0, 0)
        return RawTable(
            number=self._number,
            headers=headers,
            header_row=header_row,
            header_rows=1 if header_row else 0,
            first_row=first,
            last_row=last,
            parquet=self._job.parquet(self._number),
            rows=self.rows,
            rejects=self._job.rejects(self._number),
            rejected=self.rejected,
            dialect=dialect,
            member=member,
            warnings=(*header_warnings(headers), *warnings),
            skipped=skipped,
        )

    def telling_columns(self) -> tuple[str, ...]:
        """Return the columns; one that is never filled is left out if columns below it stand for it."""
        parents = {name[:at] for name in self.columns for at, sign in enumerate(name) if sign == "."}
        self._flush()
        return tuple(name for name in self.columns if name in self._filled or name not in parents)

    def _see(self, row: int) -> None:
        self._bounds = (self._bounds[0] if self._bounds else row, row)
        self._keep("rows", self.rows + self.rejected, self._job.limits.rows)

    def _keep(self, what: str, count: int, most: int) -> None:
        if count > most:
            raise DeliveryRefused(
                f"{self._job.name}: more than {most:,} {what}, the limit of one file; {_FEWER}"
            )

    def _flush(self) -> None:
        batch, self._batch = self._batch, _Batch()
        if not batch.rows:
            return
        index = {name: f"v{number}" for number, name in enumerate(self.columns)}
        seen = dict.fromkeys(name for record in batch.records for name in record)
        series = [pl.Series("row", batch.rows, dtype=pl.Int64)]
        for name in seen:
            cells = pl.Series(index[name], [record.get(name) for record in batch.records], dtype=pl.String)
            self._check_lengths(name, cells, batch.rows)
            if cells.null_count() < len(cells):
                self._filled.add(name)
            series.append(cells)
        part = Path(self._folder.name, f"{len(self._parts)}.parquet")
        pl.DataFrame(series).write_parquet(part, compression="lz4", statistics=False)
        self._parts.append(part)

    def _check_lengths(self, name: str, cells: pl.Series, rows: list[int]) -> None:
        lengths = cells.str.len_bytes()
        most, limit = lengths.max(), self._job.limits.cell_bytes
        if isinstance(most, int) and most > limit:
            raise DeliveryRefused(
                f"{self._job.name}: row {rows[lengths.arg_max() or 0]}, column {name[:80]!r} holds {most:,} bytes,"
                f" the limit of a cell is {limit:,}; ask for the file without it"
            )

    def _rows_sql(self, columns: tuple[str, ...]) -> str:
        index = {name: f"v{number}" for number, name in enumerate(self.columns)} if self._parts else {}
        source = ", ".join(literal(str(part)) for part in self._parts)
        cells = "".join(
            f", {index.get(column, 'NULL::VARCHAR')} AS {cell}"
            for column, cell in zip(columns, column_names(len(columns)), strict=True)
        )
        if not self._parts:
            return f"SELECT 0 AS row{cells} WHERE false"
        return f"SELECT row{cells} FROM read_parquet([{source}], union_by_name=true)"
