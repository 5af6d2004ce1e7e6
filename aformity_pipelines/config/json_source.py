"""JSON as written: one document into the same tree of texts with places that YAML gives.

As strict as the YAML reader: duplicate keys and control characters are refused.  Programs write `null` for what
they do not say, so a member that is null is not there; anywhere else null is a problem.
"""

import json
import re
from bisect import bisect_right
from dataclasses import dataclass, field

from aformity_pipelines.config.problems import LINE_ENDS, ConfigInvalid, Problem
from aformity_pipelines.config.yaml_nodes import ListNode, MapNode, Member, Node, ScalarNode

MAX_DEPTH = 40
_TOKEN = re.compile(
    r'"(?:[^"\\\x00-\x1f]|\\.)*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[][{}:,]'
)
NULL = "null"


def parse_json(text: str, path: str) -> Node:
    """Return the tree of one JSON document; `path` is what problems call the file.

    ConfigInvalid says where the text stops being JSON, or names every key that is set twice.
    """
    reader = _Reader(text=text, path=path)
    root = reader.value(depth=0)
    if reader.peek():
        raise reader.stop("something follows the end of the document", "keep one document per file")
    if isinstance(root, ScalarNode) and _is_null(root):
        raise reader.stop("the document is null", "write its keys")
    if reader.problems:
        raise ConfigInvalid(reader.problems)
    return root


def _is_null(node: Node) -> bool:
    return isinstance(node, ScalarNode) and node.is_plain and node.value == NULL


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads one value after another; notes duplicate keys and reads on."""

    text: str
    path: str
    offset: int = 0
    starts: list[int] = field(default_factory=list)  # of every line, once a place is asked for
    problems: list[Problem] = field(default_factory=list)

    def value(self, *, depth: int) -> Node:
        """Return the next value, whatever it is."""
        if depth > MAX_DEPTH:
            raise self.stop(f"values are nested more than {MAX_DEPTH} levels deep", "write them flatter")
        token = self.peek()
        if token == "{":
            return self._members(depth)
        if token == "[":
            return self._items(depth)
        if not token or token in "]}:,":
            raise self.stop("a value is missing here", "write it, or remove the comma or key before it")
        return self._scalar()

    def peek(self) -> str:
        """Return the next token without taking it; empty at the end."""
        while self.offset < len(self.text) and self.text[self.offset] in " \t\r\n":
            self.offset += 1
        if self.offset == len(self.text):
            return ""
        found = _TOKEN.match(self.text, self.offset)
        if found is None:
            raise self.stop("this is not JSON", "check quotes, commas and brackets here and before")
        return found.group()

    def stop(self, says: str, do: str) -> ConfigInvalid:
        """Return the end of reading: a problem where the reader stands."""
        self._note(self._place(), says, do)
        return ConfigInvalid(self.problems)

    def _members(self, depth: int) -> MapNode:
        line, column = self._place()
        node, seen = MapNode(line=line, column=column), dict[str, int]()
        self._take("{")
        while self.peek() != "}":
            if not self.peek().startswith('"'):
                raise self.stop("a key in quotes is missing here", "write one, or remove the comma before it")
            key = self._scalar()
            self._take(":")
            value = self.value(depth=depth + 1)
            if key.value in seen:
                says = f"key {key.value!r} is already set on line {seen[key.value]}"
                self._note((key.line, key.column), says, "keep one")
            elif not _is_null(value):
                node.members[key.value] = Member(key=key, value=value)
            seen.setdefault(key.value, key.line)
            if self.peek() != "}":
                self._take(",", before="}")
        self._take("}")
        return node

    def _items(self, depth: int) -> ListNode:
        line, column = self._place()
        node = ListNode(line=line, column=column)
        self._take("[")
        while self.peek() != "]":
            item = self.value(depth=depth + 1)
            if _is_null(item):
                self._note(
                    (item.line, item.column), "a list holds null", 'write "" for a blank text, or remove it'
                )
            node.items.append(item)
            if self.peek() != "]":
                self._take(",", before="]")
        self._take("]")
        return node

    def _scalar(self) -> ScalarNode:
        token, (line, column) = self.peek(), self._place()
        is_text = token.startswith('"')
        try:
            value = json.loads(token) if is_text else token
            value.encode()
        except ValueError:
            raise self.stop("this text holds an escape that is no character", "correct it") from None
        self.offset += len(token)
        return ScalarNode(line=line, column=column, value=value, is_plain=not is_text)

    def _take(self, token: str, before: str = "") -> None:
        if self.peek() != token:
            raise self.stop(f"`{token}` is missing here", "add it")
        self.offset += len(token)
        if before and self.peek() == before:
            raise self.stop(f"nothing stands between `{token}` and `{before}`", f"remove the `{token}`")

    def _place(self) -> tuple[int, int]:
        if not self.starts:
            self.starts += [0, *(end.end() for end in LINE_ENDS.finditer(self.text))]
        line = bisect_right(self.starts, self.offset)
        return line, self.offset - self.starts[line - 1] + 1

    def _note(self, place: tuple[int, int], says: str, do: str) -> None:
        self.problems.append(Problem(path=self.path, line=place[0], column=place[1], says=says, do=do))
