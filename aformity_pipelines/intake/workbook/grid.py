"""A sheet's cells by place: what a row says, and the records of a box column by column.

Keep out: what a table is.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import polars as pl

from aformity_pipelines.intake.raw_table import column_names
from aformity_pipelines.intake.workbook.filled import Filled, Numbers, distinct
from aformity_pipelines.intake.workbook.sheet import Box


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """The cells of one sheet; `rows` and `columns` in the order of rows, then columns, `order` where each cell is."""

    cells: pl.DataFrame  # as in CELLS, in any order
    order: Numbers
    rows: Numbers
    columns: Numbers
    filled: Filled

    @classmethod
    def of(cls, cells: pl.DataFrame) -> Self:
        """Put cells in their order.  Text of spaces alone fills no cell."""
        unordered_rows = cells["row"].to_numpy().astype(np.int64)
        unordered_columns = cells["column"].to_numpy().astype(np.int64)
        order = np.argsort(unordered_rows * 32_768 + unordered_columns, kind="stable")
        rows, columns = unordered_rows[order], unordered_columns[order]
        is_said = cells["text"].str.contains(r"\S").fill_null(value=False).to_numpy()[order]
        filled = Filled(rows=rows[is_said], columns=columns[is_said])
        return cls(cells=cells, order=order, rows=rows, columns=columns, filled=filled)

    def row_texts(self, row: int, box: Box) -> tuple[str, ...]:
        """Return what the row says in the box's columns; '' where there is no cell."""
        texts = [""] * (box.right - box.left + 1)
        start, end = (int(place) for place in np.searchsorted(self.rows, (row, row + 1)))
        found = self.cells["text"].gather(self.order[start:end])
        for column, text in zip(self.columns[start:end].tolist(), found, strict=True):
            if box.left <= column <= box.right and text is not None:
                texts[column - box.left] = text
        return tuple(texts)

    def records(self, box: Box) -> pl.DataFrame:
        """Return the rows of the box in which a cell is filled: `row`, `c0001` ...; NULL where there is no cell."""
        rows = distinct(self.filled.within(box).rows)
        width = box.right - box.left + 1
        start, end = np.searchsorted(self.rows, (box.top, box.bottom + 1))
        index_of_row = np.full(max(box.bottom - box.top + 1, 0), -1, np.int64)
        index_of_row[rows - box.top] = np.arange(len(rows))
        index = index_of_row[self.rows[start:end] - box.top]
        column = self.columns[start:end] - box.left
        inside = (column >= 0) & (column < width) & (index >= 0)
        place, index = self.order[start:end][inside], index[inside]
        # Numbers of 16 bits are sorted by radix, ten times as fast.
        by_column = np.argsort(column[inside].astype(np.uint16), kind="stable")
        ends = np.cumsum(np.bincount(column[inside], minlength=width))
        table = {"row": pl.Series(rows, dtype=pl.Int32)}
        texts = self.cells["text"]
        for name, chosen in zip(column_names(width), np.split(by_column, ends[:-1]), strict=True):
            from_cell = np.full(len(rows), len(texts), np.int64)
            from_cell[index[chosen]] = place[chosen]
            table[name] = texts.gather(_or_null(from_cell, len(texts)))
        return pl.DataFrame(table)


def _or_null(places: Numbers, none: int) -> pl.Series:
    """Return places in which the number `none` is NULL."""
    series = pl.Series(places)
    return series if int(places.max(initial=0)) < none else series.set(series == none, None)
