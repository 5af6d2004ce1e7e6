"""Cells that hold whole lines which look like records of their table.

A lost closing quote, and a lost opening one some lines later, make one sound record of all lines from the first to the
last of them: by its quotes alone nobody can tell.  Keep out: records whose quotes do not close, or of another width.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from aformity_pipelines.intake.reading import RawWarning, WarningKind
from aformity_pipelines.intake.text.plan import Grammar
from aformity_pipelines.intake.text.stretch import Flags, Stretch
from aformity_pipelines.intake.text.tokens import Tokenizer

_LINE_END = re.compile(rb"\r\n|\n|\r")
_SHOWN_BYTES = 60


@dataclass(slots=True, kw_only=True)
class Swallowed:
    """Counts the records with a line inside that has all `width` fields of the table, as has the line they end in."""

    grammar: Grammar
    width: int
    _tokenizer: Tokenizer = field(init=False)
    _count: int = 0
    _lines: int = 0
    _example: str = ""

    def __post_init__(self) -> None:
        self._tokenizer = Tokenizer(self.grammar)

    def take(self, stretch: Stretch, kept: Flags) -> None:
        """Look at the kept records of a stretch that go over several lines."""
        if self.width < 2 or not self.grammar.quote:
            return
        several = stretch.of_several_lines()
        for index in several[kept[several]].tolist():
            inside = self._records_in(stretch.record(index))
            if inside and not self._count:
                shown = inside[0][:_SHOWN_BYTES].decode(errors="backslashreplace")
                self._example = f"row {stretch.first_row + index} holds the line {shown!r}"
            self._count += bool(inside)
            self._lines += len(inside)

    def warnings(self) -> Iterator[RawWarning]:
        """Yield the warning, or none."""
        if self._count:
            example = f"{self._example}; {self._lines} such lines in all: see whether a quote was lost"
            yield RawWarning(kind=WarningKind.RECORDS_IN_CELL, count=self._count, example=example)

    def _records_in(self, record: bytes) -> list[bytes]:
        """Return the lines between the first and the last of a record that look like records."""
        _, *between, last = _LINE_END.split(record)
        if not between or last.count(self.grammar.delimiter) < self.width - 1:
            return []
        return [line for line in between if self._is_record(line)]

    def _is_record(self, line: bytes) -> bool:
        if line.count(self.grammar.delimiter) != self.width - 1:
            return False
        token = self._tokenizer.token(line, 0, is_last=True)
        return token is not None and token.breach is None and token.width == self.width
