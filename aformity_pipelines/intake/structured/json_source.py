"""A JSON text of any length, one value at a time: what stands where, and the bytes that it came from.

Only the value being read is in memory.  Bytes that are no UTF-8 come through as surrogates and go back to
the same bytes, so that a record with one of them can be set apart.  Keep out: which values are records.
"""

import codecs
import re
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.intake.refusal import DeliveryRefused
from aformity_pipelines.intake.structured.json_text import JsonScanner, Malformed, Value, blanks_end

MOST_CHARACTERS = 16 << 20
"""The longest single record that is read."""
_BLOCK = 1 << 18
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}"]', re.DOTALL)
_DEPTH = {"{": 1, "[": 1, "}": -1, "]": -1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Element:
    """One value as found: its text, and what it says unless a fault keeps it from being read."""

    raw: str
    value: Value
    fault: str | None

    def bytes(self) -> bytes:
        """Return the bytes of the text (in UTF-8) as they stand in the file."""
        return self.raw.encode(errors="surrogateescape")


class JsonSource:
    """Reads the UTF-8 text at `path` from byte `start` on; `name` is what messages call it."""

    def __init__(self, path: Path, start: int, *, name: str) -> None:
        self._opened = path.open("rb")
        self._opened.seek(start)
        self._decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
        self._scanner = JsonScanner()
        self._name = name
        self._text = ""
        self._at = 0
        self._lines_before = 1
        self._is_whole = False
        self._indent: str | None = None  # what stands before the next value if it begins its line
        self._lacks_comma = False

    def close(self) -> None:
        """Close the file."""
        self._opened.close()

    def peek(self) -> str:
        """Return the next character that is no blank, without taking it; '' at the end of the text."""
        while True:
            start, self._at = self._at, blanks_end(self._text, self._at)
            if start < self._at:
                _, line_end, after = self._text[start : self._at].rpartition("\n")
                self._indent = after if line_end else None
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, signs: str) -> str:
        """Take the next character, which must be one of `signs`.  Raises DeliveryRefused."""
        sign = self.peek()
        self._indent = None
        if self._lacks_comma and sign != "]":
            self._lacks_comma = False
            return ","
        if not sign:
            raise self._cut_off()
        if sign not in signs:
            wanted = " or ".join(repr(one) for one in signs)
            raise self.broken(f"{wanted} is missing")
        self._at += 1
        return sign

    def value(self) -> Element:
        """Take the next value whole.  Raises Malformed, with nothing taken, or DeliveryRefused if the file is cut."""
        self.peek()
        while True:
            try:
                parsed = self._scanner.value_at(self._text, self._at)
            except Malformed as error:
                if not error.may_be_cut or self._is_whole:
                    raise
            else:
                # A number that touches the end may go on behind it.
                if parsed.end < len(self._text) or self._is_whole:
                    return self._taken(parsed.end, parsed.value, parsed.fault)
            if len(self._text) - self._at > MOST_CHARACTERS:
                raise self.broken(f"a value of more than {MOST_CHARACTERS:,} characters begins here")
            self._more()

    def damaged(self, error: Malformed) -> Element:
        """Take a value that is no JSON, up to the bracket that closes it or the line of the next one.

        Raises DeliveryRefused where nothing shows its end.
        """
        if not self.peek():
            raise self._cut_off()
        where = self.line()
        end = self._next_sibling()
        if end is None:
            end = self._closing_bracket()
        if end is None and self._is_whole and error.may_be_cut:
            raise self._cut_off()
        if end is None:
            raise DeliveryRefused(f"{self._name}: line {where}: {error.reason}; ask for the file again")
        return self._taken(end, None, error.reason)

    def line(self) -> int:
        """Return the line, from 1, in which the next character stands."""
        return self._lines_before + self._text.count("\n", 0, self._at)

    def broken(self, what: str) -> DeliveryRefused:
        """Return the refusal of a text that is no JSON where it is read now."""
        return DeliveryRefused(f"{self._name}: line {self.line()}: {what}; ask for the file again")

    def _cut_off(self) -> DeliveryRefused:
        last = self._lines_before + self._text.count("\n")
        return DeliveryRefused(f"{self._name}: is cut off in line {last}; ask for the file again")

    def _taken(self, end: int, value: Value, fault: str | None) -> Element:
        element = Element(raw=self._text[self._at : end], value=value, fault=fault)
        self._at = end
        return element

    def _more(self) -> bool:
        """Read on, at least doubling what is not taken yet; False at the end."""
        if self._is_whole:
            return False
        rest = self._text[self._at :]
        block = self._opened.read(max(_BLOCK, len(rest)))
        self._is_whole = not block
        self._lines_before += self._text.count("\n", 0, self._at)
        self._text, self._at = rest + self._decoder.decode(block, final=not block), 0
        return True

    def _next_sibling(self) -> int | None:
        """Return where a value that begins its line ends: before the next line that begins just so."""
        if self._indent is None:
            return None
        first = re.escape(self._text[self._at])
        outer = f"[ \t]{{0,{max(len(self._indent) - 1, 0)}}}"
        sibling = re.compile(rf"\n(?:{re.escape(self._indent)}{first}|{outer}\])")
        while (found := sibling.search(self._text, self._at)) is None:
            if len(self._text) - self._at > MOST_CHARACTERS or not self._more():
                return None
        raw = self._text[self._at : found.start()].rstrip(" \t\r\n")
        self._lacks_comma = not raw.endswith(",")
        return self._at + len(raw.removesuffix(","))

    def _closing_bracket(self) -> int | None:
        """Return where the bracket that opens the value is closed, if what follows can follow a value."""
        while True:
            depth = 0
            for token in _BRACKETS.finditer(self._text, self._at):
                depth += _DEPTH.get(token.group(), 0)
                if depth <= 0:
                    follows = self._text[blanks_end(self._text, token.end()) :][:1]
                    if follows or self._is_whole:
                        return token.end() if depth == 0 and follows in {",", "]", ""} else None
                    break
            if len(self._text) - self._at > MOST_CHARACTERS or not self._more():
                return None
