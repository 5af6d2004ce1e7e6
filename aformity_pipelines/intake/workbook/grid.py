"""A sheet's cells by place: what a row says, and the records of a box column by column.

Keep out: what a table is.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import polars as pl
import pyarrow as pa

from aformity_pipelines.intake.raw_table import column_names
from aformity_pipelines.intake.workbook.filled import Filled, Numbers, distinct
from aformity_pipelines.intake.workbook.sheet import Box, Cells

_BLOCK_CELLS = 1 << 20
"""How many cells are in memory as records at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of one sheet: `rows`, `columns` and `texts` in the order of rows, then columns."""

    rows: Numbers
    columns: Numbers
    texts: pl.Series
    facts: pl.DataFrame  # as in FACTS
    filled: Filled

    @classmethod
    def of(cls, cells: Cells) -> Self:
        """Put cells in their order.  Text of spaces alone fills no cell."""
        texts = cells.texts if cells.is_ordered() else cells.texts.sort("row", "column")
        rows, columns = texts["row"].to_numpy(), texts["column"].to_numpy()
        is_said = texts["text"].str.contains(r"\S").fill_null(value=False)
        filled = Filled(rows=rows, columns=columns)
        if not is_said.all():
            filled = Filled(rows=rows[is_said.to_numpy()], columns=columns[is_said.to_numpy()])
        return cls(rows=rows, columns=columns, texts=texts["text"], facts=cells.facts, filled=filled)

    def row_texts(self, row: int, box: Box) -> tuple[str, ...]:
        """Return what the row says in the box's columns; '' where there is no cell."""
        texts = [""] * (box.right - box.left + 1)
        start, end = (int(place) for place in np.searchsorted(self.rows, (row, row + 1)))
        for column, text in zip(self.columns[start:end].tolist(), self.texts[start:end], strict=True):
            if box.left <= column <= box.right and text is not None:
                texts[column - box.left] = text
        return tuple(texts)

    def rows_of(self, box: Box) -> Numbers:
        """Return the rows of the box in which a cell is filled."""
        return distinct(self.filled.within(box).rows)

    def records(self, box: Box) -> pa.RecordBatchReader:
        """Return those rows with their cells, some at a time: `row`, `c0001` ...; NULL where there is no cell."""
        names = column_names(box.right - box.left + 1)
        empty = pl.DataFrame(schema={"row": pl.Int32, **dict.fromkeys(names, pl.String)})
        return pa.RecordBatchReader.from_batches(empty.to_arrow().schema, self._batches(box, names))

    def _batches(self, box: Box, names: tuple[str, ...]) -> Iterator[pa.RecordBatch]:
        rows = self.rows_of(box)
        most = max(1, _BLOCK_CELLS // len(names))
        for first in range(0, len(rows), most):
            block = rows[first : first + most]
            part = replace(box, top=int(block[0]), bottom=int(block[-1]))
            yield from self._block(part, block, names).to_arrow().to_batches()

    def _block(self, box: Box, rows: Numbers, names: tuple[str, ...]) -> pl.DataFrame:
        """Return the given rows of the box, which begins with the first and ends with the last of them."""
        start, end = (int(place) for place in np.searchsorted(self.rows, (box.top, box.bottom + 1)))
        index_of_row = np.full(box.bottom - box.top + 1, -1, np.int64)
        index_of_row[rows - box.top] = np.arange(len(rows))
        index = index_of_row[self.rows[start:end] - box.top]
        column = self.columns[start:end] - box.left
        place = np.flatnonzero((column >= 0) & (column < len(names)) & (index >= 0))
        index, column = index[place], column[place]
        # Numbers of 16 bits are sorted by radix, ten times as fast.
        by_column = np.argsort(column.astype(np.uint16), kind="stable")
        ends = np.cumsum(np.bincount(column, minlength=len(names)))
        table = {"row": pl.Series(rows, dtype=pl.Int32)}
        texts = self.texts.slice(start, end - start).rechunk()
        for name, chosen in zip(names, np.split(by_column, ends[:-1]), strict=True):
            from_cell = np.full(len(rows), len(texts), np.int64)
            from_cell[index[chosen]] = place[chosen]
            table[name] = texts.gather(_or_null(from_cell, len(texts)))
        return pl.DataFrame(table)


def _or_null(places: Numbers, none: int) -> pl.Series:
    """Return places in which the number `none` is NULL."""
    series = pl.Series(places)
    return series if int(places.max(initial=0)) < none else series.set(series == none, None)
