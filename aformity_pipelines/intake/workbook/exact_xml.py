"""Cells and shared texts from XML through a parser: whatever the prefixes, encodings, comments and order.

Several times slower than `quick_xml`, which reads what the usual programs write.  Keep out: what cells mean.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.parsers import expat

import polars as pl

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.workbook.package import beyond, broken, hostile
from aformity_pipelines.intake.workbook.sheet import CellList, cell_at, reference

Elements = list[tuple[str, Mapping[str, str]]]
"""Elements in their order: the name and the attributes, both without namespaces."""

_UNREAD = frozenset({"rPh", "extLst"})


def exact_cells(blocks: Iterable[bytes], job: Job, part: str) -> tuple[pl.DataFrame, list[int], Elements]:
    """Return a worksheet's cells (RAW_CELLS), its hidden rows, and its elements beside rows and cells.

    Raises DeliveryRefused for XML that is broken, hostile or beyond a limit.
    """
    reader = _SheetReader(job, part)
    read_xml(blocks, reader)
    return reader.cells.frame(), reader.hidden_rows, reader.elements


def exact_texts(blocks: Iterable[bytes], job: Job, part: str) -> pl.Series:
    """Return a workbook's shared texts in their order.  Raises DeliveryRefused as `exact_cells`."""
    reader = _TextReader(job, part)
    read_xml(blocks, reader)
    return pl.Series(reader.texts, dtype=pl.String)


@dataclass(slots=True)
class Reader:
    """What every part has in common: text is gathered while it is `heard`, within the limit of a cell."""

    job: Job
    part: str
    text: list[str] = field(default_factory=list)
    length: int = 0
    is_heard: bool = False
    unread: int = 0  # how deep in elements whose text is no value

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        """See an element begin; names are without namespaces."""
        raise NotImplementedError

    def ends(self, name: str) -> None:
        """See an element end."""
        raise NotImplementedError

    def hears(self, text: str) -> None:
        """Take text that stands between two tags; raises DeliveryRefused beyond the limit of a cell."""
        if self.is_heard and not self.unread:
            self.length += len(text)
            if self.length > self.job.limits.cell_bytes:
                raise beyond(
                    self.job,
                    "cell_bytes",
                    self.job.limits.cell_bytes,
                    f"characters in one cell, in {self.part}",
                )
            self.text.append(text)

    def start_text(self) -> None:
        """Begin to gather the text of another cell."""
        self.text, self.length = [], 0


@dataclass(slots=True)
class _TextReader(Reader):
    texts: list[str] = field(default_factory=list)

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "si":
            self.start_text()
        self.unread += name in _UNREAD
        self.is_heard = name == "t"

    def ends(self, name: str) -> None:
        self.is_heard = False
        self.unread -= name in _UNREAD
        if name == "si":
            self.texts.append("".join(self.text))


@dataclass(slots=True)
class _SheetReader(Reader):
    cells: CellList = field(default_factory=CellList)
    elements: Elements = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    row: int = 0
    column: int = 0
    kind: str = "n"
    style: int = 0
    has_value: bool = False
    has_formula: bool = False
    count: int = 0

    def starts(self, name: str, attributes: Mapping[str, str]) -> None:
        self.unread += name in _UNREAD
        if name == "c":
            self._start_cell(attributes)
        elif name == "row":
            self._start_row(attributes)
        elif name == ("is" if self.kind == "inlineStr" else "v"):
            self.has_value = True
            self.is_heard = name == "v"
        elif name == "t":
            self.is_heard = self.kind == "inlineStr"
        elif name == "f":
            self.has_formula = True
        elif not self.unread:
            self.elements.append((name, attributes))

    def ends(self, name: str) -> None:
        self.is_heard = False
        self.unread -= name in _UNREAD
        if name == "c":
            self._end_cell()

    def _start_row(self, attributes: Mapping[str, str]) -> None:
        number = attributes.get("r", "")
        self.row = int(number) if re.fullmatch(r"[0-9]{1,8}", number) else self.row + 1
        self.column = 0
        if attributes.get("hidden") in {"1", "true"}:
            self.hidden_rows.append(self.row)

    def _start_cell(self, attributes: Mapping[str, str]) -> None:
        place = attributes.get("r") or reference(max(self.row, 1), self.column + 1)
        try:
            self.row, self.column = cell_at(place)
        except ValueError as error:
            raise broken(self.job, f"{error}, as {self.part} says") from error
        self.count += 1
        if self.count > self.job.limits.cells:
            raise beyond(self.job, "cells", self.job.limits.cells, f"cells, in {self.part}")
        self.kind = attributes.get("t") or "n"
        style = attributes.get("s", "0")
        self.style = int(style) if re.fullmatch(r"[0-9]{1,6}", style) else 0
        self.has_value = self.has_formula = False
        self.start_text()

    def _end_cell(self) -> None:
        text = "".join(self.text)
        if self.has_formula and (not self.has_value or (self.kind == "n" and not text)):
            self.cells.add(self.row, self.column, "f", self.style, None)
        elif self.has_value:
            self.cells.add(self.row, self.column, self.kind, self.style, text)


def read_xml(blocks: Iterable[bytes], reader: Reader) -> None:
    """Let the reader see every element and text of the XML."""
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: reader.starts(
        _local(name), {_local(key): value for key, value in attributes.items()}
    )
    parser.EndElementHandler = lambda name: reader.ends(_local(name))
    parser.CharacterDataHandler = reader.hears

    def refuse(*_: object) -> None:
        raise hostile(reader.job, reader.part)

    parser.StartDoctypeDeclHandler = refuse
    try:
        for block in blocks:
            parser.Parse(block, False)
        parser.Parse(b"", True)
    except (expat.ExpatError, LookupError, ValueError) as damage:
        # Expat asks Python for encodings that it does not know, and Python does not know all of them either.
        raise broken(reader.job, f"{reader.part} is no XML ({damage})") from damage


def _local(name: str) -> str:
    return name.rpartition("}")[2]
