"""The second reader: the cells that the strict walk found must be those that were loaded, byte by byte.

Keep out: reading the text, and deciding who is right.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from aformity_pipelines.intake.raw_table import column_names
from aformity_pipelines.intake.refusal import ReadersDisagree
from aformity_pipelines.intake.text.cells import CELL_END
from aformity_pipelines.intake.text.stretch import Bytes, Indexes

_BATCH_ROWS = 32_768
_BATCH_BYTES = 64 << 20
_NOTHING: Bytes = np.empty(0, dtype=np.uint8)


def must_agree(parquet: Path, width: int, expected: Iterable[tuple[Indexes, bytes]], *, name: str) -> None:
    """Compare a raw table with what the strict walk found: row numbers, and cells as `cell_stream` gives them.

    Raises ReadersDisagree with the first row and column that differ.
    """
    found = _Found(parquet, width)
    for rows, stream in expected:
        found.expect(rows, stream, name)
    if not found.is_over():
        raise ReadersDisagree(f"{name}: more records were loaded than there are")


class _Found:
    """The cells of a Parquet file, taken bit by bit."""

    def __init__(self, parquet: Path, width: int) -> None:
        self._width = width
        self._batches = _batches(parquet, width)
        self._rows = np.empty(0, dtype=np.int64)
        self._cells = _NOTHING

    def is_over(self) -> bool:
        """Whether everything has been compared."""
        return not self._cells.size and not self._rows.size and not self._more()

    def expect(self, rows: Indexes, stream: bytes, name: str) -> None:
        """Compare the next records.  Raises ReadersDisagree where they differ."""
        while self._rows.size < rows.size and self._more():
            pass
        if not np.array_equal(self._rows[: rows.size], rows):
            raise ReadersDisagree(f"{name}: records were loaded with other row numbers from row {rows[0]} on")
        left = np.frombuffer(stream, dtype=np.uint8)
        while left.size:
            if not self._cells.size and not self._more():
                raise ReadersDisagree(f"{name}: records are missing from row {rows[0]} on")
            size = min(left.size, self._cells.size)
            differs = left[:size] != self._cells[:size]
            if differs.any():
                at = len(stream) - left.size + int(np.argmax(differs))
                raise ReadersDisagree(f"{name}: {_difference(rows, stream, at, self._width)}")
            left, self._cells = left[size:], self._cells[size:]
        self._rows = self._rows[rows.size :]

    def _more(self) -> bool:
        batch = next(self._batches, None)
        if batch is None:
            return False
        rows, cells = batch
        self._rows = np.concatenate((self._rows, rows))
        self._cells = np.concatenate((self._cells, cells)) if self._cells.size else cells
        return True


def _batches(parquet: Path, width: int) -> Iterator[tuple[Indexes, Bytes]]:
    """Yield row numbers and cells, each closed by the end byte, a bounded number of bytes at a time."""
    columns = ["row", *column_names(width)]
    with pq.ParquetFile(parquet) as opened:
        for batch in opened.iter_batches(batch_size=_BATCH_ROWS, columns=columns, use_threads=False):
            rows = max(1, batch.num_rows * _BATCH_BYTES // max(batch.nbytes, _BATCH_BYTES))
            for start in range(0, batch.num_rows, rows):
                yield _stream(batch.slice(start, rows))


def _stream(batch: pa.RecordBatch) -> tuple[Indexes, Bytes]:
    row, *texts = batch.columns
    if any(column.null_count for column in (row, *texts)):
        raise ReadersDisagree("a cell was loaded without a value, which no delimited text has")
    binary = [column.cast(pa.binary()) for column in texts]
    joined = pc.binary_join_element_wise(*binary, b"", CELL_END)
    first, last = joined.offset, joined.offset + len(joined)
    offsets = np.frombuffer(joined.buffers()[1], dtype=np.int32)
    cells = np.frombuffer(joined.buffers()[2] or b"", dtype=np.uint8)[offsets[first] : offsets[last]]
    return row.to_numpy().astype(np.int64), cells


def _difference(rows: Indexes, stream: bytes, at: int, width: int) -> str:
    """Return which cell of a stream byte `at` belongs to."""
    cell = stream.count(CELL_END, 0, at)
    start = stream.rfind(CELL_END, 0, at) + 1
    shown = stream[start : start + 80].split(CELL_END, 1)[0].decode(errors="replace")
    return f"row {rows[cell // width]}, column {cell % width + 1}: {shown!r} was loaded as another text"
