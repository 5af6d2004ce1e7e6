"""Records of a delimited text, counted independently of the reader that loads them.

A strict walk over the bytes (RFC 4180 with any one-byte delimiter and quote): where each record starts and
ends, how many fields it has, and where quotes or line ends break the grammar.  Whole blocks at a time.
Keep out: what fields say, and what to do about a broken record.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

Indexes = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

BLOCK_BYTES = 1 << 19
MAX_RECORD_BYTES = 2_000_000
"""The longest record that is read; DuckDB's own limit of a line."""


class Breach(StrEnum):
    """How a record breaks the grammar."""

    QUOTE = "a quote inside an unquoted field, or text after a closing quote"
    UNCLOSED = "a quote that is never closed"
    LINE_END = "a line end of another kind than the first line's"
    LENGTH = f"more than {MAX_RECORD_BYTES} bytes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The bytes that structure a text: each one byte, `quote` empty if quotes are plain text."""

    delimiter: bytes
    quote: bytes
    line_end: bytes  # b"\n" | b"\r\n" | b"\r"


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class Stretch:
    """Consecutive whole records; blank lines are records too, since a spreadsheet gives them a row.

    `starts` and `ends` (line end left out) index `block`; `breaches` pairs an index of a record here
    with what is wrong with it.
    """

    block: bytes
    starts: Indexes
    ends: Indexes
    widths: Indexes
    breaches: tuple[tuple[int, Breach], ...]

    def is_blank(self) -> Flags:
        """Return for each record whether it is an empty line."""
        blank: Flags = self.starts == self.ends
        return blank

    def text(self, index: int) -> str:
        """Return one record as it stands, without its line end."""
        return self.block[self.starts[index] : self.ends[index]].decode(errors="backslashreplace")


def walk(
    path: Path, grammar: Grammar, *, start: int = 0, block_bytes: int = BLOCK_BYTES
) -> Iterator[Stretch]:
    """Yield every record of the file from byte `start` on, in order.  Stops after an endless record."""
    with path.open("rb") as opened:
        opened.seek(start)
        carried = b""
        while True:
            block = opened.read(block_bytes)
            stretch, carried = split(carried + block, grammar, is_last=not block)
            if stretch is not None:
                yield stretch
            if not block:
                return
            if len(carried) > MAX_RECORD_BYTES:
                yield _one_record(carried, Breach.LENGTH)
                return


def split(block: bytes, grammar: Grammar, *, is_last: bool) -> tuple[Stretch | None, bytes]:
    """Return the whole records of `block`, which starts at a record, and the bytes left over."""
    if is_last and not block:
        return None, b""
    end_byte = grammar.line_end[-1]
    bytes_ = np.frombuffer(block, dtype=np.uint8)
    quotes = _positions(block, bytes_, grammar.quote)
    structure = np.flatnonzero((bytes_ == ord(grammar.delimiter)) | (bytes_ == end_byte))
    structure = structure[~_is_between(structure, quotes)] if quotes.size else structure
    last_of_record = np.flatnonzero(bytes_[structure] == end_byte)
    used = int(structure[last_of_record[-1]]) + 1 if last_of_record.size else 0
    if is_last and used < len(block):
        if quotes.size % 2:
            return _with_unclosed(block, used, grammar), b""
        return split(block + grammar.line_end, grammar, is_last=True)
    if not used:
        return None, block
    line_ends = structure[last_of_record]
    starts = np.concatenate(([0], line_ends[:-1] + 1))
    ends = line_ends.copy()
    if grammar.line_end == b"\r\n":
        ends -= (bytes_[np.maximum(line_ends - 1, 0)] == ord("\r")) & (line_ends > starts)
    kept = quotes[quotes < used]
    found = (
        (_misplaced_quotes(bytes_, kept, grammar), Breach.QUOTE),
        (_foreign_line_ends(bytes_[:used], kept, line_ends, grammar), Breach.LINE_END),
        (line_ends[ends - starts > MAX_RECORD_BYTES], Breach.LENGTH),
    )
    stretch = Stretch(
        block=block[:used],
        starts=starts,
        ends=ends,
        widths=np.diff(last_of_record, prepend=-1),
        breaches=tuple(
            (int(index), breach)
            for positions, breach in found
            for index in np.unique(np.searchsorted(line_ends, positions))
        ),
    )
    return stretch, block[used:]


def _with_unclosed(block: bytes, used: int, grammar: Grammar) -> Stretch:
    before, _ = split(block[:used], grammar, is_last=False)
    if before is None:
        return _one_record(block[used:], Breach.UNCLOSED)
    return Stretch(
        block=block,
        starts=np.append(before.starts, used),
        ends=np.append(before.ends, len(block)),
        widths=np.append(before.widths, 1),
        breaches=(*before.breaches, (len(before.starts), Breach.UNCLOSED)),
    )


def _one_record(block: bytes, breach: Breach) -> Stretch:
    one = np.array([1], dtype=np.int64)
    return Stretch(block=block, starts=one * 0, ends=one * len(block), widths=one, breaches=((0, breach),))


def _positions(block: bytes, bytes_: Bytes, sign: bytes) -> Indexes:
    if not sign or sign not in block:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(bytes_ == ord(sign))


def _is_between(positions: Indexes, quotes: Indexes) -> Flags:
    """Return which positions lie inside quotes: between an odd quote and the next, or after the last odd."""
    bounds = np.searchsorted(positions, quotes)
    if bounds.size % 2:
        bounds = np.append(bounds, positions.size)
    opening, closing = bounds[::2], bounds[1::2]
    spans = opening < closing
    change = np.zeros(positions.size + 1, dtype=np.int8)
    change[opening[spans]] += 1
    change[closing[spans]] -= 1
    inside: Flags = np.cumsum(change[:-1], dtype=np.int8).view(np.bool_)
    return inside


def _misplaced_quotes(bytes_: Bytes, quotes: Indexes, grammar: Grammar) -> Indexes:
    """Return where a quote neither borders a field nor belongs to a doubled one."""
    opening, closing = quotes[::2], quotes[1::2]
    borders = np.zeros(256, dtype=bool)
    borders[[ord(grammar.delimiter), *grammar.line_end]] = True
    is_doubled = opening[1:] == closing[:-1] + 1
    opens_well = (opening == 0) | borders[bytes_[np.maximum(opening - 1, 0)]]
    opens_well[1:] |= is_doubled
    closes_well = borders[bytes_[closing + 1]]
    closes_well[:-1] |= is_doubled
    return np.concatenate((opening[~opens_well], closing[~closes_well]))


def _foreign_line_ends(bytes_: Bytes, quotes: Indexes, line_ends: Indexes, grammar: Grammar) -> Indexes:
    """Return where an unquoted CR or LF is not part of the file's own kind of line end."""
    other = ord("\n") if grammar.line_end == b"\r" else ord("\r")
    is_other = bytes_ == other
    before = np.maximum(line_ends - 1, 0)
    paired = is_other[before] if grammar.line_end == b"\r\n" else np.zeros(len(line_ends), dtype=bool)
    bare = line_ends[~paired] if grammar.line_end == b"\r\n" else line_ends[:0]
    if np.count_nonzero(is_other) == np.count_nonzero(paired):
        return bare
    is_other[before[paired]] = False
    others = np.flatnonzero(is_other)
    return np.concatenate((bare, others[~_is_between(others, quotes)]))
