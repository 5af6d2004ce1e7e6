"""Where the records of a JSON text are: lines, values one after another, or a list somewhere in a document.

Keep out: characters of JSON, columns, and writing.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from aformity_pipelines.intake.refusal import DeliveryRefused
from aformity_pipelines.intake.structured.json_source import MOST_CHARACTERS, Element, JsonSource
from aformity_pipelines.intake.structured.json_text import (
    MOST_DEPTH,
    TOO_DEEP,
    JsonScanner,
    Malformed,
    blanks_end,
)

_SAMPLE_LINES = 64
_SAMPLE_BYTES = 1 << 20


class Form(StrEnum):
    """How a JSON text is made of its records."""

    LINES = "lines"
    """One object a line; lines that are none are bad records."""
    VALUES = "values"
    """Objects one after another, over any number of lines."""
    DOCUMENT = "document"
    """One value, with the records in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A value in a document that no list holds, or one element of a list: `path` leads to the list."""

    path: str
    in_list: bool
    element: Element


@dataclass(slots=True)
class Outline:
    """The lists of a document with how many objects they hold, and its values beside them."""

    lists: dict[str, int] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)  # path -> the start of the value's text

    def candidates(self) -> tuple[str, ...]:
        """Return the paths of the lists that hold objects, the longest list first."""
        held = (path for path, objects in self.lists.items() if objects)
        return tuple(sorted(held, key=lambda path: -self.lists[path]))


def form_of(path: Path, start: int, *, name: str) -> Form:
    """Return how the text at `path` is made of its records."""
    with path.open("rb") as opened:
        opened.seek(start)
        sample = opened.read(_SAMPLE_BYTES)
    lines = sample.split(b"\n")
    whole = [line for line in lines[: _SAMPLE_LINES + 1] if line.strip()]
    if len(lines) <= _SAMPLE_LINES and len(sample) == _SAMPLE_BYTES:
        whole = whole[:-1]
    objects = sum(_is_object(line) for line in whole)
    if len(whole) > 1 and objects * 2 >= len(whole):
        return Form.LINES
    source = JsonSource(path, start, name=name)
    try:
        if source.peek() == "{":
            source.value()
            return Form.VALUES if source.peek() in {"{", "["} else Form.DOCUMENT
    except (Malformed, DeliveryRefused):
        pass
    finally:
        source.close()
    return Form.DOCUMENT


def lines_of(path: Path, start: int, *, name: str) -> Iterator[tuple[int, Element | None]]:
    """Yield each line's number, from 1, and its value, None for a blank line.  Raises DeliveryRefused."""
    scanner = JsonScanner()
    with path.open("rb") as opened:
        opened.seek(start)
        number = 0
        while line := opened.readline(MOST_CHARACTERS):
            number += 1
            if len(line) == MOST_CHARACTERS:
                raise DeliveryRefused(
                    f"{name}: line {number} is longer than {MOST_CHARACTERS:,} bytes; ask for the file again"
                )
            text = line.decode(errors="surrogateescape").strip(" \t\r\n")
            yield number, _line_element(scanner, text) if text else None


def values_of(source: JsonSource) -> Iterator[Element]:
    """Yield the values that stand one after another.  Raises DeliveryRefused at the first that is no JSON."""
    while source.peek():
        try:
            yield source.value()
        except Malformed as error:
            yield source.damaged(error)


def outline_of(source: JsonSource) -> Outline:
    """Return what a whole document holds, without keeping it."""
    outline = Outline()
    for member in members_of(source):
        if not member.in_list:
            outline.beside[member.path] = member.element.raw[:60]
            continue
        is_object = member.element.fault is not None or isinstance(member.element.value, dict)
        outline.lists[member.path] = outline.lists.get(member.path, 0) + is_object
    return outline


def members_of(source: JsonSource) -> Iterator[Member]:
    """Yield the values of a document in its order, lists element by element, objects member by member."""
    yield from _members(source, "", 0)
    if source.peek():
        raise source.broken("more text follows after the end of the value that began the file")


def _members(source: JsonSource, path: str, depth: int) -> Iterator[Member]:
    if depth > MOST_DEPTH:
        raise source.broken(TOO_DEEP)
    sign = source.peek()
    if sign == "[":
        yield from _elements(source, path)
    elif sign == "{":
        source.take("{")
        if source.peek() == "}":
            source.take("}")
            return
        while True:
            name = _name(source)
            yield from _members(source, f"{path}.{name}" if path else name, depth + 1)
            if source.take(",}") == "}":
                return
    else:
        yield Member(path=path, in_list=False, element=_sound(source))


def _elements(source: JsonSource, path: str) -> Iterator[Member]:
    source.take("[")
    if source.peek() == "]":
        source.take("]")
        return
    while True:
        try:
            element = source.value()
        except Malformed as error:
            element = source.damaged(error)
        yield Member(path=path, in_list=True, element=element)
        if source.take(",]") == "]":
            return


def _name(source: JsonSource) -> str:
    if source.peek() != '"':
        raise source.broken("the name of a value is missing")
    name = _sound(source).value
    source.take(":")
    return str(name)


def _sound(source: JsonSource) -> Element:
    try:
        element = source.value()
    except Malformed as error:
        raise source.broken(error.reason) from error
    if element.fault is not None:
        raise source.broken(element.fault)
    return element


def _line_element(scanner: JsonScanner, text: str) -> Element:
    try:
        parsed = scanner.value_at(text, 0)
    except Malformed as error:
        return Element(raw=text, value=None, fault=error.reason)
    fault = parsed.fault
    if blanks_end(text, parsed.end) < len(text):
        fault = "more text after its end"
    return Element(raw=text, value=parsed.value, fault=fault)


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
