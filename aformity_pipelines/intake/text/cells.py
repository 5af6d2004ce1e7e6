"""The cells of a text as one stream of bytes, each closed by a byte that no text in UTF-8 holds.

Two readers that give the same stream for the same number of columns have read the same cells.
Keep out: comparing.
"""

import numpy as np

from aformity_pipelines.intake.text.at_once import escaping, is_between
from aformity_pipelines.intake.text.stretch import Bytes, Flags, Indexes, Marks, Stretch
from aformity_pipelines.intake.text.tokens import Tokenizer

CELL_END = b"\xff"


def cell_stream(stretch: Stretch, kept: Flags, tokenizer: Tokenizer, width: int) -> bytes:
    """Return the cells of the kept records in file order; short records are filled with empty cells."""
    if not kept.any():
        return b""
    if stretch.marks is None or np.any(stretch.widths[kept] < width):
        return b"".join(_closed(stretch, index, tokenizer, width) for index in np.flatnonzero(kept).tolist())
    if kept.all() and not stretch.marks.quotes.size:
        return _translated(stretch.block[: stretch.used], tokenizer.delimiter)
    return _without_quotes(stretch, kept, stretch.marks, tokenizer)


def _closed(stretch: Stretch, index: int, tokenizer: Tokenizer, width: int) -> bytes:
    cells = tokenizer.cells(stretch.record(index))
    return CELL_END.join(cells) + CELL_END * (width - len(cells) + 1)


def _translated(block: bytes, delimiter: bytes) -> bytes:
    """Return a block without quotes, where every delimiter and line end is one."""
    structure = delimiter + b"\r\n"
    return block.replace(b"\r\n", b"\n").translate(bytes.maketrans(structure, CELL_END * len(structure)))


def _without_quotes(stretch: Stretch, kept: Flags, marks: Marks, tokenizer: Tokenizer) -> bytes:
    """Return a block without quotes around cells, second ones of a doubled pair, escapes, and what is not kept."""
    bytes_ = np.frombuffer(stretch.block, dtype=np.uint8)[: stretch.used].copy()
    is_left = np.ones(stretch.used, dtype=bool)
    opening, closing = marks.quotes[::2], marks.quotes[1::2]
    is_left[opening] = False
    if tokenizer.escape:
        is_left[closing] = False
        is_left[_escapes(bytes_, marks.quotes, tokenizer)] = False
    else:
        is_doubled = np.zeros(closing.size, dtype=bool)
        is_doubled[:-1] = opening[1:] == closing[:-1] + 1
        is_left[closing[~is_doubled]] = False
    bytes_[marks.structure] = CELL_END[0]
    following = np.append(stretch.starts[1:], stretch.used)
    is_left[stretch.ends[following - stretch.ends > 1]] = False
    for index in np.flatnonzero(~kept).tolist():
        is_left[stretch.starts[index] : following[index]] = False
    return bytes_[is_left].tobytes()


def _escapes(bytes_: Bytes, quotes: Indexes, tokenizer: Tokenizer) -> Indexes:
    """Return where a sign inside quotes escapes a quote or another such sign."""
    signs = escaping(bytes_, tokenizer.escape)
    is_escaping = np.isin(
        bytes_[signs + 1], np.frombuffer(tokenizer.quote + tokenizer.escape, dtype=np.uint8)
    )
    return signs[is_escaping & is_between(signs, quotes)]
