"""OpenDocument spreadsheets (.ods) to sheets of cells.

Values are those of the attributes that OpenDocument 1.3 part 3, 19.385 gives them; number formats are not
looked up: a number that is shown with leading zeros is told by its shown text.  Keep out: tables, headers.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.refusal import DeliveryRefused
from aformity_pipelines.intake.workbook.exact_xml import Reader, read_xml
from aformity_pipelines.intake.workbook.number_formats import NumberFormat, Shows
from aformity_pipelines.intake.workbook.package import Package, beyond, broken, check_tables, local
from aformity_pipelines.intake.workbook.sheet import LAST_ROW, Book, Box, CellList, Sheet
from aformity_pipelines.intake.workbook.values import Meaning, as_text

_CONTENT = "content.xml"
_FORMATS = (
    NumberFormat(code="General", shows=Shows.NUMBER),
    NumberFormat(code="shown with leading zeros", shows=Shows.ZEROS),
)
_MEANING = Meaning(texts=pl.Series([], dtype=pl.String), formats=_FORMATS)
_VALUES = {
    "float": ("n", "value"),
    "percentage": ("n", "value"),
    "currency": ("n", "value"),
    "date": ("d", "date-value"),
    "time": ("d", "time-value"),
    "boolean": ("b", "boolean-value"),
}
_UNREAD = frozenset({"annotation", "tracked-changes", "shapes"})
_CELLS = frozenset({"table-cell", "covered-table-cell"})


def read_ods(job: Job) -> Book:
    """Return the job's spreadsheet.  Raises DeliveryRefused where it is broken, protected or beyond a limit."""
    with Package.opened(job) as package:
        manifest = package.tree("META-INF/manifest.xml")
        if any(local(element.tag) == "encryption-data" for element in manifest.iter()):
            raise DeliveryRefused(
                f"{job.name}: the spreadsheet is protected by a password; ask for the file without one"
            )
        reader = _Reader(job, _CONTENT)
        read_xml(package.blocks(_CONTENT), reader)
    if not reader.tables:
        raise broken(job, "it holds no spreadsheet")
    return Book(format="ods", sheets=tuple(table.sheet(job) for table in reader.tables))


@dataclass(slots=True)
class _Table:
    """One sheet while it is read; `row` and `column` are the next ones."""

    name: str
    is_hidden: bool
    cells: CellList = field(default_factory=CellList)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[Box] = field(default_factory=list)
    row: int = 1
    column: int = 1
    columns_seen: int = 1

    def sheet(self, job: Job) -> Sheet:
        return Sheet(
            name=self.name,
            is_hidden=self.is_hidden,
            cells=as_text(self.cells.frame(), _MEANING, job),
            hidden_rows=tuple(self.hidden_rows),
            hidden_columns=tuple(self.hidden_columns),
            merged=tuple(self.merged),
        )


@dataclass(slots=True)
class _Reader(Reader):
    """Sees the elements of content.xml in their order."""

    tables: list[_Table] = field(default_factory=list)
    hidden_styles: set[str] = field(default_factory=set)
    style: str = ""
    cell: Mapping[str, str] = field(default_factory=dict)
    paragraphs: int = 0
    row_cells: list[tuple[int, str, int, str | None]] = field(default_factory=list)
    row_repeats: int = 1
    count: int = 0

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        self.unread += name in _UNREAD
        if self.unread:
            return
        if name == "style":
            self.style = attributes.get("name", "")
        elif name == "table-properties" and attributes.get("display") == "false":
            self.hidden_styles.add(self.style)
        elif name == "table":
            hidden = attributes.get("style-name", "") in self.hidden_styles
            check_tables(self.job, len(self.tables) + 1)
            self.tables.append(_Table(name=attributes.get("name", ""), is_hidden=hidden))
        elif self.tables:
            self._starts_in_table(name, attributes, self.tables[-1])

    def ends(self, name: str) -> None:
        if name in _UNREAD:
            self.unread -= 1
        elif self.unread or not self.tables:
            return
        elif name in _CELLS:
            self._end_cell(self.tables[-1])
        elif name == "table-row":
            self._end_row(self.tables[-1])
        elif name == "p":
            self.is_heard = False

    def _starts_in_table(self, name: str, attributes: Mapping[str, str], table: _Table) -> None:
        if name == "table-column":
            repeats = _number(attributes, "number-columns-repeated")
            if attributes.get("visibility", "visible") != "visible":
                table.hidden_columns.append((table.columns_seen, table.columns_seen + repeats - 1))
            table.columns_seen += repeats
        elif name == "table-row":
            table.column, self.row_cells = 1, []
            self.row_repeats = _number(attributes, "number-rows-repeated")
            if attributes.get("visibility", "visible") != "visible":
                last = min(table.row + self.row_repeats, LAST_ROW + 1)
                table.hidden_rows.extend(range(table.row, last))
        elif name in _CELLS:
            self.cell, self.paragraphs = attributes, 0
            self.start_text()
        elif name == "p":
            self.is_heard = True
            if self.paragraphs:
                self.hears("\n")
            self.paragraphs += 1
        elif name == "s":
            self.hears(" " * _number(attributes, "c"))
        elif name in {"tab", "line-break"}:
            self.hears("\t" if name == "tab" else "\n")

    def _end_cell(self, table: _Table) -> None:
        repeats = _number(self.cell, "number-columns-repeated")
        kind, style, value = self._value("".join(self.text))
        if kind:
            self._count(repeats)
            columns = range(table.column, table.column + repeats)
            self.row_cells.extend((column, kind, style, value) for column in columns)
            rows, columns_spanned = (
                _number(self.cell, "number-rows-spanned"),
                _number(self.cell, "number-columns-spanned"),
            )
            if rows > 1 or columns_spanned > 1:
                right, bottom = table.column + columns_spanned - 1, table.row + rows - 1
                table.merged.append(Box(top=table.row, left=table.column, bottom=bottom, right=right))
        table.column += repeats

    def _value(self, shown: str) -> tuple[str, int, str | None]:
        """Return kind, style and value of the cell that ends, as RAW_CELLS has them; kind '' for none."""
        cell = self.cell
        kind, key = _VALUES.get(cell.get("value-type", ""), ("", ""))
        if kind and key in cell:
            value = cell[key]
            is_padded = (
                kind == "n" and shown.isdecimal() and shown.startswith("0") and len(shown) > len(value)
            )
            return kind, int(is_padded), value
        if cell.get("value-type") == "string" or shown:
            is_error = shown.startswith("#") and "formula" in cell and shown.endswith(("!", "?", "/A"))
            return ("e" if is_error else "text"), 0, cell.get("string-value", shown)
        return ("f", 0, None) if "formula" in cell else ("", 0, None)

    def _end_row(self, table: _Table) -> None:
        if self.row_cells:
            self._count(len(self.row_cells) * (self.row_repeats - 1))
            for row in range(table.row, table.row + self.row_repeats):
                for column, kind, style, value in self.row_cells:
                    table.cells.add(row, column, kind, style, value)
        table.row += self.row_repeats

    def _count(self, cells: int) -> None:
        self.count += cells
        if self.count > self.job.limits.cells:
            raise beyond(self.job, "cells", self.job.limits.cells, "cells")


def _number(attributes: Mapping[str, str], name: str) -> int:
    """Return a count of an attribute; 1 where there is none."""
    text = attributes.get(name, "1")
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 9 else 1
