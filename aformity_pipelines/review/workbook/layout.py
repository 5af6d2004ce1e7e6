"""Where things stand on the sheets of an exception workbook: one place that both the writer and the reader follow.

Keep out: what stands there.
"""

from dataclasses import dataclass

from aformity_pipelines.review.workbook.shape import FIELD_MAP

HEADER_ROW = 1
"""The header stands in the first row of every sheet with answers, counted from 1."""
CODE = 1
"""The hidden column that says which entry a row is."""
CELL_LIMIT = 32_767
"""UTF-16 units in a cell, by Excel's own limit."""
LAST_ROW = 1_048_576
"""Rows of a sheet, by Excel's own limit."""
_CUT = 32_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of a sheet: first the code, then what is shown, then what is answered."""

    shown: tuple[tuple[str, int], ...]  # header and width
    answers: tuple[tuple[str, int], ...]

    @property
    def first_answer(self) -> int:
        """The number of the first column that a reviewer fills in, counted from 1."""
        return CODE + 1 + len(self.shown)

    @property
    def last(self) -> int:
        """The number of the last column."""
        return self.first_answer + len(self.answers) - 1

    def column(self, header: str) -> int:
        """Return the number of an answer's column."""
        return self.first_answer + [name for name, _ in self.answers].index(header)


ANSWER, NEW_VALUE, REASON, OWNER, DUE = "Answer", "New value or merge into", "Reason", "Owner", "Due date"
COMMENT, APPROVER = "Comment", "Approved by"

REVIEW = Layout(
    shown=(
        ("Row", 18),
        ("File", 22),
        ("Row in file", 10),
        ("What it is about", 46),
        ("Delivered", 34),
        ("The product would get", 30),
    ),
    answers=((ANSWER, 26), (NEW_VALUE, 26), (REASON, 36), (OWNER, 20), (DUE, 13)),
)
MAPPING = Layout(
    shown=(
        ("Source", 26),
        ("Destination", 26),
        ("Meaning", 40),
        ("Rule", 36),
        ("Examples before", 26),
        ("Examples after", 26),
        ("Status", 17),
    ),
    answers=((ANSWER, 14), (COMMENT, 36), (APPROVER, 22)),
)


def layout_of(sheet: str) -> Layout:
    """Return the columns of a sheet with answers."""
    return MAPPING if sheet == FIELD_MAP else REVIEW


def letters(column: int) -> str:
    """Return the letters of a column counted from 1."""
    text = ""
    while column:
        column, digit = divmod(column - 1, 26)
        text = chr(65 + digit) + text
    return text


def fitted(text: str) -> str:
    """Return a text as a cell can hold it: one that is longer is cut, and says so."""
    units = len(text.encode("utf-16-le")) // 2
    if units <= CELL_LIMIT:
        return text
    start = text.encode("utf-16-le")[: 2 * _CUT].decode("utf-16-le", "ignore")
    return f"{start} … (the first {_CUT:,} of {units:,} characters; the file holds the rest)"
