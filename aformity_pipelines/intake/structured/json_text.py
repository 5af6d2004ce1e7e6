"""JSON as text says it: numbers keep their characters, and what a parser would pass over is a fault.

The standard library's scanner reads one value after another out of a longer text, so that nothing need be
whole in memory.  Keep out: files, records and columns.
"""

import json
import re
from dataclasses import dataclass
from typing import TypeAlias

MOST_DEPTH = 100
"""Values nested deeper than this are no table's."""
TOO_DEEP = f"values nested more than {MOST_DEPTH} deep"
_NO_BLANK = re.compile(r"[^ \t\r\n]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_NOT_TEXT = re.compile("[\udc80-\udcff]")


class Number(str):
    """The characters of a number as they stand: `1.10`, `1E5`, `007` never."""

    __slots__ = ()


Value: TypeAlias = "dict[str, Value] | list[Value] | str | Number | bool | None"


class Malformed(Exception):
    """Text that is no JSON: what is wrong, and at which character of the text given."""

    def __init__(self, reason: str, at: int, *, may_be_cut: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.at = at
        self.may_be_cut = may_be_cut  # whether the text may just end too early


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """One value, where its text ends, and what about it cannot be taken as it stands."""

    value: Value
    end: int
    fault: str | None


class JsonScanner:
    """Reads values exactly."""

    _NEAR_THE_END = 16
    """No token whose start a scanner names as wrong is longer, but a string."""

    def __init__(self) -> None:
        self._faults: list[str] = []
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_float=Number,
            parse_int=Number,
            parse_constant=self._constant,
        )

    def value_at(self, text: str, start: int) -> Parsed:
        """Return the value that begins exactly at `start`.  Raises Malformed."""
        self._faults.clear()
        try:
            value, end = self._decoder.raw_decode(text, start)
        except json.JSONDecodeError as error:
            is_open = error.msg.startswith("Unterminated string") or error.pos + self._NEAR_THE_END > len(
                text
            )
            raise Malformed(_said(error.msg), error.pos, may_be_cut=is_open) from error
        except RecursionError as error:
            raise Malformed(TOO_DEEP, start) from error
        fault = self._faults[0] if self._faults else _unwritable(text, start, end, value)
        return Parsed(value=value, end=end, fault=fault)

    def _object(self, pairs: list[tuple[str, Value]]) -> dict[str, Value]:
        found = dict(pairs)
        if len(found) < len(pairs):
            self._faults.append("a name twice in one object")
        return found

    def _constant(self, name: str) -> None:
        self._faults.append(f"{name}, which is no JSON value")


def blanks_end(text: str, start: int) -> int:
    """Return where the blanks that begin at `start` end."""
    found = _NO_BLANK.search(text, start)
    return found.start() if found else len(text)


def text_of(value: Value) -> str:
    """Return a value as compact JSON text, its numbers as they were written.  Raises Malformed if nested too deep."""
    return _text_of(value, 0)


def _text_of(value: Value, depth: int) -> str:
    if depth > MOST_DEPTH:
        raise Malformed(TOO_DEEP, 0)
    match value:
        case dict():
            members = (f"{_quoted(name)}:{_text_of(one, depth + 1)}" for name, one in value.items())
            return f"{{{','.join(members)}}}"
        case list():
            return f"[{','.join(_text_of(one, depth + 1) for one in value)}]"
        case bool():
            return "true" if value else "false"
        case Number():
            return str(value)
        case str():
            return _quoted(value)
        case None:
            return "null"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _unwritable(text: str, start: int, end: int, value: Value) -> str | None:
    """Return what keeps a value from being text: bytes that are no characters, half a character in escapes."""
    if text.isascii() and text.find("\\u", start, end) < 0:
        return None
    if _NOT_TEXT.search(text, start, end):
        return "bytes that are no UTF-8, the encoding of JSON"
    if text.find("\\u", start, end) >= 0 and _has_surrogate(value):
        return r"half of a character (a lone \uD800 to \uDFFF)"
    return None


def _has_surrogate(value: Value) -> bool:
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, dict):
            pending += [*one.keys(), *one.values()]
        elif isinstance(one, list):
            pending += one
        elif isinstance(one, str) and _SURROGATE.search(one):
            return True
    return False


def _said(message: str) -> str:
    """Return the scanner's message as the end of `a record with ...`."""
    return (
        "text that is no JSON: "
        + message[:1].lower()
        + message[1:].removesuffix(" at").removesuffix(" starting")
    )
