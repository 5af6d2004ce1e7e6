"""The start and the end of a text, taken apart leniently: enough to see how the whole is built.

A record that breaks the grammar is split as well as it goes, and marked.  Keep out: what cells mean, and
reading the whole file.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from aformity_pipelines.intake.text.plan import Grammar
from aformity_pipelines.intake.text.tokens import Tokenizer

HEAD_BYTES = 1 << 20
TAIL_BYTES = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The first bytes of a text, up to a line end, and where it is longer its last bytes."""

    head: bytes = field(repr=False)
    is_whole: bool
    tail: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One row: the number that a spreadsheet shows, and its cells; bytes that are no UTF-8 are lone surrogates."""

    row: int
    cells: tuple[str, ...]
    line: str = field(repr=False)  # as it stands
    is_broken: bool = False  # it breaks the grammar
    filled: int = 0  # cells that say something

    @property
    def width(self) -> int:
        """How many cells it has."""
        return len(self.cells)


def take_sample(path: Path, start: int) -> Sample:
    """Read the first MiB from byte `start` on, cut at a line end, and the last bytes of a longer text."""
    with path.open("rb") as opened:
        opened.seek(start)
        head = opened.read(HEAD_BYTES)
        if not opened.read(1):
            return Sample(head=head, is_whole=True)
        opened.seek(max(start + HEAD_BYTES, opened.seek(0, 2) - TAIL_BYTES))
        tail = opened.read()
    cut = max(head.rfind(b"\n"), head.rfind(b"\r", 0, -1)) + 1
    return Sample(head=head[: cut or len(head)], is_whole=False, tail=tail)


def records_of(head: bytes, grammar: Grammar, *, is_last: bool, width: int | None = None) -> Iterator[Record]:
    """Yield the records of `head`; comment lines are left out but counted as rows.

    `width` is how many fields records of several lines should have.  Unless `is_last`, `head` may end within a
    record, which is then left out.
    """
    tokenizer = Tokenizer(grammar)
    at, row = 0, 0
    while at < len(head):
        token = tokenizer.token(head, at, is_last=is_last, width=width)
        if token is None:
            return
        content = head[at : token.end]
        row, at = row + 1, max(token.following, at + 1)
        if grammar.comment and content.startswith(grammar.comment):
            continue
        line = _text(content)
        if token.breach is None:
            cells = tuple(map(_text, tokenizer.cells(content)))
        else:
            cells = split_leniently(line, grammar, width)
        filled = sum(1 for cell in cells if cell and not cell.isspace())
        yield Record(row=row, cells=cells, line=line, is_broken=token.breach is not None, filled=filled)


def split_leniently(line: str, grammar: Grammar, width: int | None = None) -> tuple[str, ...]:
    """Return the cells of a record that breaks the grammar, `width` of them if any way of cutting gives so many.

    Quotes around a whole cell are taken off, other quotes are text.
    """
    delimiter, quote = grammar.delimiter.decode(), grammar.quote.decode()
    if not delimiter:
        return (line,)
    if not quote:
        return tuple(line.split(delimiter))
    mark = re.escape(quote)
    ways = [_cut(line, delimiter, quote, inside) for inside in (".*?", f"(?:[^{mark}]|{mark}{mark})*")]
    return next((cells for cells in ways if len(cells) == width), ways[0])


def _cut(line: str, delimiter: str, quote: str, inside: str) -> tuple[str, ...]:
    mark, sign = re.escape(quote), re.escape(delimiter)
    cell = re.compile(rf"{mark}({inside}){mark}(?={sign}|\Z)|(.*?)(?={sign}|\Z)", re.DOTALL)
    cells: list[str] = []
    at = 0
    while found := cell.match(line, at):
        quoted = found.group(1)
        cells.append(found.group(2) if quoted is None else quoted.replace(quote * 2, quote))
        if found.end() == len(line):
            break
        at = found.end() + len(delimiter)
    return tuple(cells)


def _text(content: bytes) -> str:
    return content.decode(errors="surrogateescape")
