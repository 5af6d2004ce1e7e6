"""The cells of a text as one stream of bytes, each closed by a byte that no text in UTF-8 holds.

Two readers that give the same stream for the same number of columns have read the same cells.
Keep out: comparing.
"""

import numpy as np

from aformity_pipelines.intake.text.stretch import Flags, Marks, Stretch
from aformity_pipelines.intake.text.tokens import Tokenizer

CELL_END = b"\xff"


def cell_stream(stretch: Stretch, kept: Flags, tokenizer: Tokenizer, width: int) -> bytes:
    """Return the cells of the kept records in file order; short records are filled with empty cells."""
    if not kept.any():
        return b""
    if stretch.marks is None or np.any(stretch.widths[kept] < width):
        return b"".join(_closed(stretch, index, tokenizer, width) for index in np.flatnonzero(kept).tolist())
    if kept.all() and not stretch.marks.quotes.size:
        return _translated(stretch.block[: stretch.used], stretch.marks, tokenizer.delimiter)
    return _without_quotes(stretch, kept, stretch.marks)


def _closed(stretch: Stretch, index: int, tokenizer: Tokenizer, width: int) -> bytes:
    cells = tokenizer.cells(stretch.record(index))
    return CELL_END.join(cells) + CELL_END * (width - len(cells) + 1)


def _translated(block: bytes, marks: Marks, delimiter: bytes) -> bytes:
    """Return a block without quotes, where every delimiter and line end is one."""
    table = bytes.maketrans(delimiter + marks.line_end[-1:], CELL_END * (len(delimiter) + 1))
    return block.translate(table, delete=marks.line_end[:-1])


def _without_quotes(stretch: Stretch, kept: Flags, marks: Marks) -> bytes:
    """Return a block whose structural quotes, and second ones of a doubled pair, are taken out."""
    bytes_ = np.frombuffer(stretch.block, dtype=np.uint8)[: stretch.used].copy()
    bytes_[marks.structure] = CELL_END[0]
    is_left = np.ones(stretch.used, dtype=bool)
    opening, closing = marks.quotes[::2], marks.quotes[1::2]
    is_left[opening] = False
    is_doubled = np.zeros(closing.size, dtype=bool)
    is_doubled[:-1] = opening[1:] == closing[:-1] + 1
    is_left[closing[~is_doubled]] = False
    if len(marks.line_end) > 1:
        is_left[stretch.ends] = False
    following = np.append(stretch.starts[1:], stretch.used)
    for index in np.flatnonzero(~kept).tolist():
        is_left[stretch.starts[index] : following[index]] = False
    return bytes_[is_left].tobytes()
