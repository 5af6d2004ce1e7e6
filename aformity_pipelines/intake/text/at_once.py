"""Whole blocks at a time: the records of a block in which nothing is wrong, found by its bytes' positions.

Gives up at the first sign of a fault, for then quotes can no longer be paired by counting.
Keep out: broken records, and grammars with signs of several bytes.
"""

import numpy as np

from aformity_pipelines.intake.text.plan import Grammar, LineEnd
from aformity_pipelines.intake.text.stretch import Bytes, Flags, Indexes, Marks, Region, Stretch
from aformity_pipelines.intake.text.tokens import MAX_RECORD_BYTES

_CR, _LF = b"\r\n"
_NOWHERE: Indexes = np.empty(0, dtype=np.int64)
_WRITTEN = {LineEnd.LF: b"\n", LineEnd.CRLF: b"\r\n", LineEnd.CR: b"\r", LineEnd.MIXED: b"\n"}


def is_simple(grammar: Grammar) -> bool:
    """Whether every sign is one byte that means one thing."""
    escape = b"" if grammar.escape == grammar.quote else grammar.escape
    signs = grammar.delimiter + grammar.quote + escape + grammar.comment
    return len(grammar.delimiter) <= 1 and len(set(signs)) == len(signs)


def stretch_at_once(
    block: bytes, grammar: Grammar, *, first_row: int, region: Region | None, is_last: bool
) -> Stretch | None:
    """Return the whole records of `block`, which starts at a record, or None if anything is irregular."""
    kind = _only_kind(block, grammar.line_end)
    if is_last and not block.endswith(_WRITTEN[kind]):
        block += _WRITTEN[kind]
    bytes_ = np.frombuffer(block, dtype=np.uint8)
    is_end = _ends_a_line(bytes_, kind, is_last=is_last)
    comments = _comment_lines(bytes_, is_end, grammar.comment)
    quotes = _quotes(bytes_, grammar, comments)
    if quotes is None:
        return None
    structure = _structure(bytes_, is_end, grammar.delimiter)
    structure = structure[~(is_between(structure, quotes) | is_between(structure, comments))]
    last_of_record = np.flatnonzero(is_end[structure])
    line_ends = structure[last_of_record]
    used = int(line_ends[-1]) + 1 if line_ends.size else 0
    if used < len(block) and (is_last or (not used and len(block) > MAX_RECORD_BYTES)):
        return None
    ends = _without_cr(bytes_, line_ends, kind)
    marks = Marks(
        structure=structure[: np.searchsorted(structure, used)],
        quotes=quotes[: np.searchsorted(quotes, used)],
        line_ends_within=_other_line_ends(bytes_[:used], block, line_ends, ends),
    )
    starts = np.concatenate(([0], line_ends[:-1] + 1)) if used else line_ends
    widths = np.diff(last_of_record, prepend=-1)
    widths[np.searchsorted(starts, comments[: np.searchsorted(comments, used) : 2])] = 0
    stretch = Stretch(
        first_row=first_row, block=block, used=used, starts=starts, ends=ends, widths=widths, marks=marks
    )
    is_faulty = (
        (kind is LineEnd.CRLF and np.any(ends == line_ends))
        or not is_between(marks.line_ends_within, marks.quotes).all()
        or _has_misplaced_quote(bytes_, marks.quotes, grammar)
        or np.any(ends - starts > MAX_RECORD_BYTES)
        or _may_swallow(stretch, region)
    )
    return None if is_faulty else stretch


def _only_kind(block: bytes, kind: LineEnd) -> LineEnd:
    """Return the kind of line end of a block; one that has but one of the mixed kinds is easier."""
    if kind is not LineEnd.MIXED:
        return kind
    if b"\r" not in block:
        return LineEnd.LF
    pairs = block.count(b"\r\n")
    return LineEnd.CRLF if pairs == block.count(b"\r") == block.count(b"\n") else LineEnd.MIXED


def _ends_a_line(bytes_: Bytes, kind: LineEnd, *, is_last: bool) -> Flags:
    """Return for each byte whether it is the last one of a line end, were it outside of quotes."""
    is_lf: Flags = bytes_ == _LF
    if kind in {LineEnd.LF, LineEnd.CRLF}:
        return is_lf
    is_end: Flags = bytes_ == _CR
    is_end[:-1] &= ~is_lf[1:]
    if kind is LineEnd.MIXED:
        is_end |= is_lf
    if not is_last and bytes_.size and bytes_[-1] == _CR:
        is_end[-1] = False  # an LF may follow
    return is_end


def _comment_lines(bytes_: Bytes, is_end: Flags, sign: bytes) -> Indexes:
    """Return where comment lines start and end, by turns."""
    if not sign:
        return _NOWHERE
    is_start = bytes_ == ord(sign)
    is_start[1:] &= is_end[:-1]
    starts = np.flatnonzero(is_start)
    line_ends = np.append(np.flatnonzero(is_end), bytes_.size)
    bounds: Indexes = np.stack((starts, line_ends[np.searchsorted(line_ends, starts)]), axis=1).ravel()
    return bounds


def _quotes(bytes_: Bytes, grammar: Grammar, comments: Indexes) -> Indexes | None:
    """Return where quotes stand that open or close, but those in comments; None if some stand elsewhere."""
    if not grammar.quote:
        return _NOWHERE
    quotes = np.flatnonzero(bytes_ == ord(grammar.quote))
    if not quotes.size:
        return quotes
    quotes = quotes[~is_between(quotes, comments)]
    escaped = _NOWHERE
    if grammar.escape not in {b"", grammar.quote}:
        is_escaped = np.isin(quotes - 1, escaping(bytes_, grammar.escape), assume_unique=True)
        escaped, quotes = quotes[is_escaped], quotes[~is_escaped]
    # A line is a comment only outside of quotes: true of each one if it is of all.
    is_sound = is_between(escaped, quotes).all() and not is_between(comments[::2], quotes).any()
    return quotes if is_sound else None


def escaping(bytes_: Bytes, escape: bytes) -> Indexes:
    """Return where a sign stands that escapes the next one: every other of those in a row, from the first on."""
    signs = np.flatnonzero(bytes_ == ord(escape))
    index = np.arange(signs.size)
    is_first = np.diff(signs, prepend=-2) > 1
    every_other: Indexes = signs[(index - np.maximum.accumulate(np.where(is_first, index, 0))) % 2 == 0]
    return every_other


def _structure(bytes_: Bytes, is_end: Flags, delimiter: bytes) -> Indexes:
    """Return where delimiters and line ends stand, were they outside of quotes."""
    return np.flatnonzero(is_end | (bytes_ == ord(delimiter)) if delimiter else is_end)


def is_between(positions: Indexes, bounds: Indexes) -> Flags:
    """Return which positions lie from an odd bound up to the next, or behind the last odd one."""
    if not bounds.size:
        return np.zeros(positions.size, dtype=bool)
    turns = np.searchsorted(positions, bounds)
    if turns.size % 2:
        turns = np.append(turns, positions.size)
    opening, closing = turns[::2], turns[1::2]
    spans = opening < closing
    change = np.zeros(positions.size + 1, dtype=np.int8)
    change[opening[spans]] += 1
    change[closing[spans]] -= 1
    inside: Flags = np.cumsum(change[:-1], dtype=np.int8).view(np.bool_)
    return inside


def _without_cr(bytes_: Bytes, line_ends: Indexes, kind: LineEnd) -> Indexes:
    """Return where records end whose line ends end at `line_ends`."""
    if kind in {LineEnd.LF, LineEnd.CR}:
        return line_ends
    is_pair = (bytes_[line_ends] == _LF) & (bytes_[np.maximum(line_ends - 1, 0)] == _CR)
    ends: Indexes = line_ends - is_pair
    return ends


def _other_line_ends(bytes_: Bytes, block: bytes, line_ends: Indexes, ends: Indexes) -> Indexes:
    """Return where a CR or LF stands that ends no record."""
    is_other = bytes_ == _LF
    if b"\r" in block:
        is_other |= bytes_ == _CR
    is_other[line_ends] = False
    is_other[ends] = False
    return np.flatnonzero(is_other)


def _has_misplaced_quote(bytes_: Bytes, quotes: Indexes, grammar: Grammar) -> bool:
    """Whether a quote neither borders a field nor belongs to a doubled one."""
    opening, closing = quotes[::2], quotes[1::2]
    is_border = np.zeros(256, dtype=bool)
    is_border[[*grammar.delimiter, _CR, _LF]] = True
    is_doubled = opening[1:] == closing[:-1] + 1
    if grammar.escape not in {b"", grammar.quote}:
        is_doubled[:] = False
    opens_well = (opening == 0) | is_border[bytes_[np.maximum(opening - 1, 0)]]
    opens_well[1:] |= is_doubled
    closes_well = is_border[bytes_[closing + 1]]
    closes_well[:-1] |= is_doubled
    return not (opens_well.all() and closes_well.all())


def _may_swallow(stretch: Stretch, region: Region | None) -> bool:
    """Whether a record of another width than its table goes over several lines."""
    if region is None:
        return False
    several = stretch.of_several_lines()
    is_odd = (stretch.widths[several] != region.width) & region.holds(stretch.first_row + several)
    return bool(is_odd.any())
