"""What kind of value a cell looks like: enough to tell a header from a record and a right dialect from a wrong one.

A look, not a cast: nothing here changes a value.  Keep out: the types of a destination.
"""

import re
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache

_SHARE = 0.8
"""A column is of a kind if this share of its filled cells is."""


class CellKind(StrEnum):
    """What a cell's text looks like."""

    EMPTY = "empty"
    NUMBER = "a number"
    DATE = "a date"
    TIME = "a time"
    EMAIL = "an e-mail address"
    WEB = "a web address"
    CODE = "a code"
    TEXT = "text"


_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DAY = r"\d{4}[-/.]\d\d?[-/.]\d\d?|\d\d?[-/.]\d\d?[-/.](?:\d{4}|\d\d)"
_NAMED_DAY = rf"\d\d?[ -]{_MONTH}[ -,]*(?:\d{{4}}|\d\d)|{_MONTH}[ .]\d\d?,? \d{{4}}"
_CLOCK = r"\d\d?:\d\d(?::\d\d(?:[.,]\d+)?)?(?: ?[ap]m)?"
_PATTERNS = tuple(
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (
            CellKind.NUMBER,
            r"\(?[-+]? ?[£$€]? ?[-+]?(?:\d{1,3}(?:[ ,.']\d{3})+(?:[.,]\d+)?|\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)? ?[%€£$]?\)?",
        ),
        (CellKind.DATE, rf"(?:{_DAY}|{_NAMED_DAY})(?:[T ]+{_CLOCK}.{{0,6}})?"),
        (CellKind.TIME, _CLOCK),
        (CellKind.EMAIL, r"[^@\s,;|:~^]+@[^@\s,;|:~^]+\.[^@\s,;|:~^]+"),
        (CellKind.WEB, r"(?:https?|ftp)://[^\s|;]+|www\.[^\s,;|]+"),
        (CellKind.CODE, r"(?=\w*[-./_]?\w*\d)[A-Za-z0-9]+(?:[-./_][A-Za-z0-9]+)*"),
    )
)
_LOOKED_AT = 120


@lru_cache(maxsize=1 << 15)
def kind_of(cell: str) -> CellKind:
    """Return what `cell` looks like; spaces around it do not count."""
    text = cell.strip()
    if not text:
        return CellKind.EMPTY
    if len(text) > _LOOKED_AT:
        return CellKind.TEXT
    return next((kind for kind, pattern in _PATTERNS if pattern.fullmatch(text)), CellKind.TEXT)


def kind_of_column(cells: Iterable[str]) -> CellKind:
    """Return the kind that nearly all filled cells have, TEXT if they differ, EMPTY if none is filled."""
    counts = Counter(kind_of(cell) for cell in cells)
    del counts[CellKind.EMPTY]
    if not counts:
        return CellKind.EMPTY
    kind, count = counts.most_common(1)[0]
    return kind if count >= _SHARE * counts.total() else CellKind.TEXT
