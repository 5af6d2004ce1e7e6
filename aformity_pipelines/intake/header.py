"""Which row is the header: found where it is plain, asked for where it is not.

Works on the first rows of a table, whatever the format.  Keep out: delimiters, encodings, sheets.
"""

import re
from collections.abc import Sequence

from aformity_pipelines.intake.refusal import Question, QuestionKind, put_format

_DATA_KINDS = (
    ("an e-mail address", re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")),
    ("a date", re.compile(r"\d{4}-\d\d?-\d\d?([T ].*)?|\d\d?[./]\d\d?[./]\d{4}([ ].*)?")),
)
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)*")

Row = tuple[int, tuple[str, ...]]
"""The row that a spreadsheet shows, and its cells; absent cells are ''."""


def is_title(cells: Sequence[str]) -> bool:
    """Whether a row can only be a line of a title block or an empty one: at most one cell says something."""
    return sum(bool(cell.strip()) for cell in cells) <= 1


def doubts(rows: Sequence[Row], header: int) -> Question | None:
    """Return what makes the row at index `header` doubtful as the header, or None if it is plain."""
    number, cells = rows[header]
    above = [row for row in rows[:header] if not is_title(row[1])]
    if above:
        first, _ = above[0]
        what = f"row {number} looks like the header, but row {first} above it holds several cells too"
        return Question(kind=QuestionKind.HEADER, what=what, answer=put_format(header_row=number))
    below = rows[header + 1][1] if header + 1 < len(rows) else ()
    if len(cells) > 1 and (is_title(cells) or _nameless(cells, below)):
        what = f"row {number} should be the header but names only some of the columns: {cells[:5]}"
        return Question(
            kind=QuestionKind.HEADER,
            what=what,
            answer=f"{put_format(header_row=number)}, or the row that is the header",
        )
    kind = _kind_shared(cells, below)
    if kind is None:
        return None
    what = (
        f"row {number} should be the header but looks like a record: like the row below it, it holds {kind}"
    )
    answer = f"{put_format(header_row=number)} if it is the header, else ask for the file with its header"
    return Question(kind=QuestionKind.HEADER, what=what, answer=answer)


def _nameless(cells: Sequence[str], below: Sequence[str]) -> bool:
    """Whether columns with values have no name; the first may have none, as in files with an index."""
    pairs = tuple(zip(cells, below, strict=False))[1:]
    return any(under.strip() and not cell.strip() for cell, under in pairs)


def _kind_shared(cells: Sequence[str], below: Sequence[str]) -> str | None:
    for kind, pattern in _DATA_KINDS:
        for cell, under in zip(cells, below, strict=False):
            if pattern.fullmatch(cell.strip()) and pattern.fullmatch(under.strip()):
                return kind
    filled = [cell.strip() for cell in cells if cell.strip()]
    if filled and below and all(_NUMBER.fullmatch(cell) for cell in filled):
        return "numbers only"
    return None
