"""Whole blocks at a time: the records of a block in which nothing is wrong, found by its bytes' positions.

Gives up at the first sign of a fault, for then quotes can no longer be paired by counting.
Keep out: broken records, grammars with signs of several bytes, and lines that end with CR alone.
"""

import re

import numpy as np

from aformity_pipelines.intake.text.plan import Grammar, LineEnd
from aformity_pipelines.intake.text.stretch import Bytes, Flags, Indexes, Marks, Region, Stretch
from aformity_pipelines.intake.text.tokens import MAX_RECORD_BYTES

_END_BYTES = {LineEnd.LF: b"\n", LineEnd.CRLF: b"\r\n"}


def is_simple(grammar: Grammar) -> bool:
    """Whether every sign is one byte that means the same wherever it stands."""
    return len(grammar.delimiter) <= 1 and grammar.escape in {b"", grammar.quote}


def stretch_at_once(
    block: bytes, grammar: Grammar, *, first_row: int, region: Region | None, is_last: bool
) -> Stretch | None:
    """Return the whole records of `block`, which starts at a record, or None if anything is irregular."""
    line_end = _line_end(block, grammar.line_end)
    if line_end is None or (grammar.comment and _has_comment(block, grammar.comment)):
        return None
    if is_last and not block.endswith(line_end):
        block += line_end
    bytes_ = np.frombuffer(block, dtype=np.uint8)
    quotes = _positions(block, bytes_, grammar.quote)
    structure = _structure(bytes_, quotes, grammar.delimiter, line_end)
    last_of_record = np.flatnonzero(bytes_[structure] == line_end[-1])
    line_ends = structure[last_of_record]
    used = int(line_ends[-1]) + 1 if line_ends.size else 0
    if used < len(block) and (is_last or (not used and len(block) > MAX_RECORD_BYTES)):
        return None
    structure = structure[: np.searchsorted(structure, used)]
    quotes = quotes[: np.searchsorted(quotes, used)]
    starts = np.concatenate(([0], line_ends[:-1] + 1)) if used else line_ends
    stretch = Stretch(
        first_row=first_row,
        block=block,
        used=used,
        starts=starts,
        ends=line_ends - (len(line_end) - 1),
        widths=np.diff(last_of_record, prepend=-1),
        marks=Marks(structure=structure, quotes=quotes, line_end=line_end),
    )
    is_faulty = (
        _has_foreign_line_end(bytes_[:used], quotes, line_ends, line_end)
        or _has_misplaced_quote(bytes_, quotes, grammar.delimiter + line_end)
        or np.any(stretch.ends - starts > MAX_RECORD_BYTES)
        or _may_swallow(stretch, region)
    )
    return None if is_faulty else stretch


def _line_end(block: bytes, kind: LineEnd) -> bytes | None:
    """Return the only kind of line end that a block may have; None if it has several, or CR alone."""
    if kind is not LineEnd.MIXED:
        return _END_BYTES.get(kind)
    if b"\r" not in block:
        return b"\n"
    pairs = block.count(b"\r\n")
    return b"\r\n" if pairs == block.count(b"\r") == block.count(b"\n") else None


def _has_comment(block: bytes, sign: bytes) -> bool:
    return block.startswith(sign) or re.search(rb"[\r\n]" + re.escape(sign), block) is not None


def _positions(block: bytes, bytes_: Bytes, sign: bytes) -> Indexes:
    if not sign or sign not in block:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(bytes_ == ord(sign))


def _structure(bytes_: Bytes, quotes: Indexes, delimiter: bytes, line_end: bytes) -> Indexes:
    """Return where delimiters and line ends stand outside quotes."""
    is_structure = bytes_ == line_end[-1]
    if delimiter:
        is_structure |= bytes_ == ord(delimiter)
    positions = np.flatnonzero(is_structure)
    return positions[~_is_between(positions, quotes)] if quotes.size else positions


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


def _has_misplaced_quote(bytes_: Bytes, quotes: Indexes, borders: bytes) -> bool:
    """Whether a quote neither borders a field nor belongs to a doubled one."""
    opening, closing = quotes[::2], quotes[1::2]
    is_border = np.zeros(256, dtype=bool)
    is_border[list(borders)] = True
    is_doubled = opening[1:] == closing[:-1] + 1
    opens_well = (opening == 0) | is_border[bytes_[np.maximum(opening - 1, 0)]]
    opens_well[1:] |= is_doubled
    closes_well = is_border[bytes_[closing + 1]]
    closes_well[:-1] |= is_doubled
    return not (opens_well.all() and closes_well.all())


def _has_foreign_line_end(bytes_: Bytes, quotes: Indexes, line_ends: Indexes, line_end: bytes) -> bool:
    """Whether an unquoted CR or LF is not part of the file's own kind of line end."""
    is_other = bytes_ == ord("\r")
    if line_end == b"\r\n":
        before = np.maximum(line_ends - 1, 0)
        if not is_other[before].all():
            return True
        is_other[before] = False
    others = np.flatnonzero(is_other)
    return bool(others.size) and not _is_between(others, quotes).all()


def _may_swallow(stretch: Stretch, region: Region | None) -> bool:
    """Whether a record of another width than its table goes over several lines."""
    if region is None or stretch.marks is None or not stretch.marks.quotes.size:
        return False
    odd = np.flatnonzero(
        (stretch.widths != region.width) & region.holds(stretch.rows()) & ~stretch.is_blank()
    )
    return any(_has_line_end(stretch.record(int(index))) for index in odd)


def _has_line_end(record: bytes) -> bool:
    return b"\n" in record or b"\r" in record
