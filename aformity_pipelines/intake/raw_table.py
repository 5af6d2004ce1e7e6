"""The raw table: every cell of a delivery as exact text, with the row that a spreadsheet shows.

Columns: `row_id`, `row`, then `c0001`, `c0002` ... in the order of the file.  Headers are data: they
lie in the Parquet file's metadata under `headers`, as JSON.  Rejected records lie in a file beside it.

Where a format has dates and times of its own (workbooks, Parquet), every reader writes them as this ISO text:
`2026-01-31`, with a time of day other than midnight `2026-01-31 10:00:00`, a time alone `10:00:00`, and fractions of a
second, at least three digits, only where there are any (`10:00:00.500`).
Keep out: how a format is read.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from aformity_pipelines.domain.sql_faults import without_values
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.atomic import replace_with
from aformity_pipelines.files.fingerprint import canonical_json
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Dialect
from aformity_pipelines.intake.refusal import ReadersDisagree

ROW_GROUP = 122_880
"""Rows that DuckDB keeps in memory to write them together."""
_REJECTED = (
    pa.field("row_id", pa.string()),
    pa.field("row", pa.int32()),
    pa.field("reason", pa.string()),
    pa.field("raw", pa.string()),
    pa.field("bytes", pa.binary()),
)
_PART_BYTES = 64 << 20
_CELL_BYTES = 40
"""What Python takes for a cell beside its text."""
_WAITING_BYTES = 16 << 20
_WAITING_ROWS = 50_000


def column_names(count: int) -> tuple[str, ...]:
    """Return the internal column names `c0001` ... of a table with `count` columns."""
    return tuple(f"c{number:04d}" for number in range(1, count + 1))


def store(
    connection: duckdb.DuckDBPyConnection,
    rows_sql: str,
    *,
    job: Job,
    number: int,
    headers: tuple[str, ...],
    dialect: Dialect,
    expected: int,
    row_group: int = ROW_GROUP,
) -> None:
    """Write the `expected` rows of `rows_sql` (columns `row`, `c0001` ..., in row order) as table `number`.

    The bytes depend on nothing but the rows, the headers, the prefix, `row_group` (a multiple of 2,048) and the
    versions of the libraries.
    Raises ReadersDisagree, and writes nothing, if DuckDB cannot read the rows or reads more or fewer.
    """
    columns = ", ".join(column_names(len(headers)))
    metadata = _metadata(headers, dialect)
    pairs = ", ".join(f"{key}: {literal(value)}" for key, value in metadata.items())
    with replace_with(job.parquet(number)) as temporary:
        copy_sql = (
            f"COPY (SELECT {literal(job.row_id_prefix)} || format('{{:07d}}', row) AS row_id,"
            f" row::INTEGER AS row, {columns} FROM ({rows_sql}))"
            f" TO {literal(str(temporary))}"
            # Names and ids repeat little: giving up on their dictionaries early saves a tenth of the time.
            f" (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 10000,"
            f" ROW_GROUP_SIZE {row_group}, KV_METADATA {{{pairs}}})"
        )
        try:
            copied = connection.execute(copy_sql).fetchone()
        except duckdb.InvalidInputException as error:
            fault = without_values(str(error))
            raise ReadersDisagree(f"{job.name}: DuckDB cannot read a sound file: {fault}") from None
        if copied != (expected,):
            raise ReadersDisagree(f"{job.name}: DuckDB read {copied} records, there are {expected}")


def store_rows(
    rows: Iterable[tuple[int, Sequence[bytes]]],
    *,
    job: Job,
    number: int,
    headers: tuple[str, ...],
    dialect: Dialect,
) -> None:
    """Write rows (row number and cells in UTF-8, in row order) as table `number`, a bounded part at a time.

    Slower than `store` where columns are few, and the one that can where they are thousands.
    """
    texts = [pa.field(name, pa.string()) for name in column_names(len(headers))]
    fields = [pa.field("row_id", pa.string()), pa.field("row", pa.int32()), *texts]
    schema = pa.schema(fields, metadata=_metadata(headers, dialect))
    with (
        replace_with(job.parquet(number)) as temporary,
        pq.ParquetWriter(
            temporary, schema, compression="zstd", compression_level=1, use_dictionary=False
        ) as writer,
    ):
        for part in _parts(rows):
            numbers = [row for row, _ in part]
            columns = zip(*(cells for _, cells in part), strict=True)
            row_ids = [f"{job.row_id_prefix}{row:07d}" for row in numbers]
            writer.write_table(pa.table([row_ids, numbers, *map(list, columns)], schema=schema))


def _parts(rows: Iterable[tuple[int, Sequence[bytes]]]) -> Iterator[list[tuple[int, Sequence[bytes]]]]:
    part: list[tuple[int, Sequence[bytes]]] = []
    size = 0
    for row, cells in rows:
        part.append((row, cells))
        size += sum(map(len, cells)) + len(cells) * _CELL_BYTES
        if size > _PART_BYTES:
            yield part
            part, size = [], 0
    if part:
        yield part


@contextmanager
def writing_rejects(
    job: Job, number: int, *, headers: tuple[str, ...], dialect: Dialect
) -> Iterator["Rejects"]:
    """Yield what takes the rejected records of table `number`; the file beside the table is there at the end.

    Without a rejected record, or if something is raised, there is no file.
    """
    with ExitStack() as opened:
        schema = pa.schema(_REJECTED, metadata=_metadata(headers, dialect))
        rejects = Rejects(opened, job.rejects(number), schema, job.row_id_prefix)
        yield rejects
        rejects.flush()


class Rejects:
    """Takes rejected records in row order and writes them in batches."""

    def __init__(self, opened: ExitStack, path: Path, schema: pa.Schema, row_id_prefix: str) -> None:
        self.count = 0
        self._opened = opened
        self._path = path
        self._schema = schema
        self._prefix = row_id_prefix
        self._writer: pq.ParquetWriter | None = None
        self._waiting: list[tuple[int, str, bytes]] = []
        self._waiting_bytes = 0

    def add(self, row: int, reason: str, raw: bytes) -> None:
        """Take the record in `row` as it stands in the file, without its line end."""
        self.count += 1
        self._waiting.append((row, reason, raw))
        self._waiting_bytes += len(raw)
        if self._waiting_bytes > _WAITING_BYTES or len(self._waiting) > _WAITING_ROWS:
            self.flush()

    def flush(self) -> None:
        """Write what waits to be written."""
        if not self._waiting:
            return
        if self._writer is None:
            temporary = self._opened.enter_context(replace_with(self._path))
            self._writer = self._opened.enter_context(
                pq.ParquetWriter(temporary, self._schema, compression="zstd", compression_level=1)
            )
        rows, reasons, raws = zip(*self._waiting, strict=True)
        texts = [raw.decode(errors="backslashreplace") for raw in raws]
        row_ids = [f"{self._prefix}{row:07d}" for row in rows]
        self._writer.write_table(
            pa.table([row_ids, pa.array(rows, pa.int32()), reasons, texts, raws], schema=self._schema)
        )
        self._waiting, self._waiting_bytes = [], 0


def _metadata(headers: tuple[str, ...], dialect: Dialect) -> dict[str, str]:
    return {"headers": canonical_json(headers), "dialect": canonical_json(asdict(dialect))}
