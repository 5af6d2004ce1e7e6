"""What every workbook format is read to before tables are looked for: sheets of cells, and facts beside them.

Cells are a list, not a grid: one cell far away costs one cell.  Keep out: formats of files, tables.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Self

import polars as pl

RAW_CELLS = {
    "row": pl.Int32,
    "column": pl.Int32,
    "kind": pl.String,
    "style": pl.Int32,
    "value": pl.String,
}
"""Cells as a file holds them.  `kind` is xlsx's own: `n` number, `b` boolean, `e` error, `d` ISO date, `s` index into
the shared texts, `str` and `inlineStr` text in xlsx's spelling; or `text` as it is, `f` a formula without a value."""

CELLS = {"row": pl.Int32, "column": pl.Int32, "text": pl.String}
"""Cells as they are handed on."""

FACTS = {
    "row": pl.Int32,
    "column": pl.Int32,
    "stored": pl.String,
    "number_format": pl.String,
    "remark": pl.String,
}
"""What else is known of some cells: `stored` and its format where the text is another, `remark` a WarningKind."""

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of cells, its borders included, rows and columns counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        """Return the reference as a spreadsheet writes it, such as `B2:D9`."""
        return f"{reference(self.top, self.left)}:{reference(self.bottom, self.right)}"

    def touches(self, other: "Box") -> bool:
        """Whether both have a cell in common."""
        return (
            self.top <= other.bottom
            and other.top <= self.bottom
            and self.left <= other.right
            and other.left <= self.right
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTable:
    """A table that the workbook itself declares (Excel's `Format as Table`)."""

    box: Box
    headers: tuple[str, ...]  # the names it declares; they count only where it has no header row
    header_rows: int  # 0 or 1
    totals_rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The texts of cells (CELLS), and facts about a few of them (FACTS): most have none, and there may be millions."""

    texts: pl.DataFrame
    facts: pl.DataFrame

    @classmethod
    def joined(cls, parts: Iterable["Cells"]) -> Self:
        """Return the cells of all parts, in their order."""
        found = tuple(parts)
        return cls(
            texts=pl.concat([pl.DataFrame(schema=CELLS), *(part.texts for part in found)]),
            facts=pl.concat([pl.DataFrame(schema=FACTS), *(part.facts for part in found)]),
        )

    def is_ordered(self) -> bool:
        """Whether the texts are in the order of rows, then columns, and each place is there once."""
        keys = (self.texts["row"].cast(pl.Int64) * (2 * LAST_COLUMN) + self.texts["column"]).to_numpy()
        return bool((keys[1:] > keys[:-1]).all())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One worksheet: all its cells, in any order, and what a person does not see in them."""

    name: str
    is_hidden: bool
    cells: Cells
    hidden_rows: tuple[int, ...] = ()
    hidden_columns: tuple[tuple[int, int], ...] = ()  # first and last of each range
    merged: tuple[Box, ...] = ()
    declared: tuple[DeclaredTable, ...] = ()

    def at(self, row: int, column: int) -> str:
        """Return a cell's full reference, such as `Accounts!B7`."""
        return f"{self.name}!{reference(row, column)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A whole workbook."""

    format: str  # "xlsx" | "xls" | "xlsb" | "ods"
    sheets: tuple[Sheet, ...]  # in the order of its tabs
    dates_from_1904: bool = False


@dataclass(slots=True)
class CellList:
    """Cells on their way into a frame of RAW_CELLS, in chunks, so that few Python objects live at a time."""

    _chunks: list[pl.DataFrame] = field(default_factory=list)
    _rows: list[tuple[int, int, str, int, str | None]] = field(default_factory=list)

    def add(self, row: int, column: int, kind: str, style: int, value: str | None) -> None:
        """Take one more cell."""
        self._rows.append((row, column, kind, style, value))
        if len(self._rows) >= 100_000:
            self._flush()

    def frame(self) -> pl.DataFrame:
        """Return all cells taken."""
        self._flush()
        return pl.concat(self._chunks)

    def _flush(self) -> None:
        self._chunks.append(pl.DataFrame(self._rows, schema=RAW_CELLS, orient="row"))
        self._rows = []


def letters(column: int) -> str:
    """Return the letters of a column counted from 1: 1 is `A`, 28 is `AB`."""
    text = ""
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(65 + digit) + text
    return text


def column_of(name: str) -> int:
    """Return the number of the column with these letters: `AB` is 28.  Raises ValueError for anything else."""
    number = 0
    for letter in name:
        if not "A" <= letter <= "Z":
            raise ValueError(f"{name!r} names no column")
        number = number * 26 + ord(letter) - 64
    return number


def reference(row: int, column: int) -> str:
    """Return a cell's reference in its sheet, such as `B7`."""
    return f"{letters(column)}{row}"


def cell_at(name: str) -> tuple[int, int]:
    """Return (row, column) of a reference such as `B7` or `$B$7`.  Raises ValueError where no sheet has such a cell."""
    plain = name.replace("$", "")
    row_digits = plain.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    column = column_of(plain[: len(plain) - len(row_digits)][:8])
    row = int(row_digits) if row_digits.isascii() and row_digits.isdigit() and len(row_digits) < 9 else 0
    if not (1 <= row <= LAST_ROW and 1 <= column <= LAST_COLUMN):
        raise ValueError(f"no sheet has a cell {name[:40]!r}")
    return row, column


def box_at(name: str) -> Box:
    """Return the box of a reference such as `B2:D9` or `B2`.  Raises ValueError for anything else."""
    first, _, last = name.partition(":")
    top, left = cell_at(first)
    bottom, right = cell_at(last or first)
    return Box(top=min(top, bottom), left=min(left, right), bottom=max(top, bottom), right=max(left, right))


def bounds(boxes: Iterable[Box]) -> Box:
    """Return the smallest box around all of at least one."""
    found = tuple(boxes)
    return Box(
        top=min(box.top for box in found),
        left=min(box.left for box in found),
        bottom=max(box.bottom for box in found),
        right=max(box.right for box in found),
    )
