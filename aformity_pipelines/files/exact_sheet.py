"""A workbook whose texts come back as they were, whatever they look like, and whose bytes say no time.

The library escapes only every other sign of `_x005F_x000D_`, and takes `<r>...</r>` for XML of its own.
Keep out: what is written.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import IO

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

FIXED_TIME = datetime(2000, 1, 1)  # noqa: DTZ001 - a constant inside the file, so that equal books are equal bytes
AS_TEXT = {
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "constant_memory": True,
}

_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def escaped(text: str) -> str:
    """Return a text as ECMA-376 part 1, 22.9.2.19 writes it: `_x000D_` for what XML cannot hold."""
    plain = _NOT_IN_XML.sub(lambda sign: f"_x{ord(sign[0]):04X}_", _LOOKS_ESCAPED.sub("_x005F_", text))
    # So it begins with no `<`, and the library escapes the rest as it does any other text.
    return f"_x003C_{plain[1:]}" if plain.startswith("<r>") else plain


def _texts_escaped(value: object) -> object:
    return escaped(value) if isinstance(value, str) else value


class ExactSheet(Worksheet):  # type: ignore[misc]  # the library has no types
    """A worksheet of a workbook with `constant_memory`, where each text is escaped here."""

    _escape_control_characters = staticmethod(_texts_escaped)


def exact_book(target: Path | IO[bytes], *, title: str = "") -> Workbook:
    """Open a new workbook in which no text becomes a formula, a link or a number; close it to write it.

    Each sheet is an `ExactSheet`, and its rows are written from the top, each once.
    """
    book = Workbook(str(target) if isinstance(target, Path) else target, AS_TEXT)
    book.set_properties({"created": FIXED_TIME} | ({"title": title} if title else {}))
    return book


__all__ = ["ExactSheet", "Workbook", "Worksheet", "escaped", "exact_book"]
