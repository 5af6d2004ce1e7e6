"""Records of a delimited text, found independently of the reader that loads them.

A strict walk over the bytes: where each record starts and ends, how many fields it has, and where it breaks
the grammar.  Blocks without a fault go whole at a time, the others record by record; both find the same.
Keep out: what fields say, and what to do about a broken record.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from io import BufferedReader
from pathlib import Path

import numpy as np

from aformity_pipelines.intake.text.at_once import is_simple, stretch_at_once
from aformity_pipelines.intake.text.plan import Grammar
from aformity_pipelines.intake.text.stretch import Region, Stretch
from aformity_pipelines.intake.text.tokens import Breach, Token, Tokenizer

BLOCK_BYTES = 1 << 18
_PIECE_BYTES = 1 << 14
_LINE_END = re.compile(rb"\r\n?|\n")


def walk(
    path: Path,
    grammar: Grammar,
    *,
    start: int = 0,
    region: Region | None = None,
    is_utf8: bool = False,
    block_bytes: int = BLOCK_BYTES,
) -> Iterator[Stretch]:
    """Yield every record of the UTF-8 text from byte `start` on, in order.

    Records of the table `region` that are broken, or go over several lines and have another width, end where
    the next line can be a record.  Of a line beyond the longest record only the start is kept.  Where it is
    known that every record `is_utf8`, that is not looked at again.
    """
    splitter = _Splitter(grammar=grammar, tokenizer=Tokenizer(grammar), region=region, is_utf8=is_utf8)
    row, carried = 1, b""
    with path.open("rb") as opened:
        opened.seek(start)
        while block := opened.read(block_bytes):
            carried += block
            for stretch in splitter.split(carried, row, is_last=False):
                row += len(stretch)
                carried = carried[stretch.used :]
                yield stretch
            if not carried and not block.endswith((b"\r", b"\n")):
                carried = _after_line(opened, block_bytes)
        if carried:
            yield from splitter.split(carried, row, is_last=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Splitter:
    """Splits blocks that begin where a record does."""

    grammar: Grammar
    tokenizer: Tokenizer
    region: Region | None
    is_utf8: bool

    def split(self, block: bytes, first_row: int, *, is_last: bool) -> Iterator[Stretch]:
        """Yield the whole records of `block`, all if `is_last`; a fault slows only its piece of the block down."""
        is_open_end = is_last and not block.endswith((b"\r", b"\n"))
        whole = self._at_once(block, first_row, is_last=is_last)
        at = 0
        while at < len(block):
            stretch = whole or self._piece(block, at, first_row, is_last=is_last)
            if not stretch.used:
                return
            at += stretch.used
            first_row += len(stretch)
            if is_open_end and at >= len(block):
                stretch = replace(stretch, is_last=True)
            is_known = self.is_utf8 or stretch.block.isascii()
            yield stretch if is_known else _with_bad_bytes(stretch)
            if whole:
                return

    def _piece(self, block: bytes, at: int, first_row: int, *, is_last: bool) -> Stretch:
        """Return the next records from `at` on, none if more bytes are needed."""
        stop = at + _PIECE_BYTES
        stretch = self._at_once(block[at:stop], first_row, is_last=is_last and stop >= len(block))
        return (
            stretch if stretch and stretch.used else self._one_by_one(block, at, first_row, is_last=is_last)
        )

    def _at_once(self, block: bytes, first_row: int, *, is_last: bool) -> Stretch | None:
        if not is_simple(self.grammar):
            return None
        return stretch_at_once(block, self.grammar, first_row=first_row, region=self.region, is_last=is_last)

    def _one_by_one(self, block: bytes, start: int, first_row: int, *, is_last: bool) -> Stretch:
        starts: list[int] = []
        tokens: list[Token] = []
        at = start
        while at < min(len(block), start + _PIECE_BYTES):
            width = None if self.region is None else self.region.width_at(first_row + len(starts))
            token = self.tokenizer.token(block, at, is_last=is_last, width=width)
            if token is None:
                break
            starts.append(at)
            tokens.append(token)
            at = token.following
        return Stretch(
            first_row=first_row,
            block=block[start:at],
            used=at - start,
            starts=np.array(starts, dtype=np.int64) - start,
            ends=np.array([token.end for token in tokens], dtype=np.int64) - start,
            widths=np.array([token.width for token in tokens], dtype=np.int64),
            breaches=tuple((i, token.breach) for i, token in enumerate(tokens) if token.breach),
        )


def _with_bad_bytes(stretch: Stretch) -> Stretch:
    """Return the stretch with every sound record that is no UTF-8 among the breaches."""
    if _is_utf8(stretch.block[: stretch.used]):
        return stretch
    known = {index for index, _ in stretch.breaches}
    bad = tuple(
        (index, Breach.BYTES)
        for index in range(len(stretch))
        if index not in known and not _is_utf8(stretch.record(index))
    )
    return replace(stretch, breaches=tuple(sorted((*stretch.breaches, *bad))))


def _is_utf8(content: bytes) -> bool:
    try:
        content.decode()
    except UnicodeDecodeError:
        return False
    return True


def _after_line(opened: BufferedReader, block_bytes: int) -> bytes:
    """Skip the rest of a line; return what was read behind it."""
    while block := opened.read(block_bytes):
        if block.endswith(b"\r"):
            block += opened.read(1)
        line_end = _LINE_END.search(block)
        if line_end is not None:
            return block[line_end.end() :]
    return b""
