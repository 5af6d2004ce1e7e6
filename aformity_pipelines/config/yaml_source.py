"""YAML as written: one document into a tree of texts with places, typed by nobody yet.

Every scalar stays the text in the file, so `NO` is a country and `01234` keeps its zero.  What can
surprise a reader (duplicate keys, aliases, tags, merge keys, several documents) is refused.
"""

import yaml

from aformity_pipelines.config.problems import LINE_ENDS, ConfigInvalid, Problem
from aformity_pipelines.config.yaml_nodes import (
    ListNode,
    Loc,
    MapNode,
    Member,
    Node,
    Plain,
    ScalarNode,
    at,
    plain,
)

__all__ = ["ListNode", "Loc", "MapNode", "Member", "Node", "Plain", "ScalarNode", "at", "parse", "plain"]

MAX_DEPTH = 40
# libyaml is some ten times faster; both read the same language.
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse(text: str, path: str) -> Node:
    """Return the tree of one YAML document; `path` is what problems call the file.

    ConfigInvalid carries every problem; after a syntax error the rest of the file is not read.
    """
    reader = _Reader(path)
    control = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if control:
        raise ConfigInvalid([_control_problem(text, control.start(), path)])
    try:
        for event in yaml.parse(text, Loader=LOADER):
            reader.take(event)
    except yaml.YAMLError as error:
        reader.problems.append(_syntax_problem(error, path))
    if reader.problems:
        raise ConfigInvalid(reader.problems)
    if reader.root is None:
        raise ConfigInvalid([Problem(path=path, says="the file is empty", do="write its keys, or delete it")])
    return reader.root


class _Reader:
    """Builds the tree from parser events; notes what is refused and reads on."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.root: Node | None = None
        self.problems: list[Problem] = []
        self._open: list[_Open] = []
        self._documents = 0

    def take(self, event: yaml.Event) -> None:
        """Take the next event of the stream."""
        match event:
            case yaml.DocumentStartEvent():
                self._documents += 1
                if self._documents == 2:
                    self._refuse(event, "a second document starts here", "keep one document per file")
            case yaml.AliasEvent():
                self._refuse(event, f"`*{event.anchor}` is an alias", "write the value out in full")
                self._add(self._scalar(event, ""))
            case yaml.ScalarEvent():
                self._refuse_decoration(event)
                self._add_scalar(event)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self._refuse_decoration(event)
                self._descend(event)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                self._add(self._open.pop().node)

    def _descend(self, event: yaml.Event) -> None:
        line, column = _place(event)
        is_map = isinstance(event, yaml.MappingStartEvent)
        node = MapNode(line=line, column=column) if is_map else ListNode(line=line, column=column)
        self._open.append(_Open(node))
        if len(self._open) > MAX_DEPTH:
            says = f"values are nested more than {MAX_DEPTH} levels deep"
            self._refuse(event, says, "write them flatter")
            raise ConfigInvalid(self.problems)

    def _add_scalar(self, event: yaml.ScalarEvent) -> None:
        is_plain = event.style is None or event.style == ""
        is_value = not self._open or self._open[-1].awaits_value()
        if is_plain and event.value == "" and is_value:
            key = self._open[-1].pending if self._open else None
            says = f"`{key.value}` has no value" if key else "there is no value here"
            self._refuse(event, says, 'write "" for a blank text, or remove it', key)
        self._add(self._scalar(event, event.value, is_plain))

    def _add(self, node: Node) -> None:
        """Put a finished value where it belongs: under its key, in its list, or as the root."""
        if not self._open:
            self.root = self.root or node
            return
        parent = self._open[-1]
        if isinstance(parent.node, ListNode):
            parent.node.items.append(node)
        elif parent.has_key:
            self._add_member(parent, node)
        else:
            parent.has_key, parent.pending = True, self._as_key(node)

    def _add_member(self, parent: "_Open", value: Node) -> None:
        assert isinstance(parent.node, MapNode)
        key, parent.pending, parent.has_key = parent.pending, None, False
        if key is None:
            return
        first = parent.node.members.get(key.value)
        if first is not None:
            says = f"key {key.value!r} is already set on line {first.key.line}"
            self._refuse_at(key.line, key.column, says, "keep one")
            return
        parent.node.members[key.value] = Member(key=key, value=value)

    def _as_key(self, node: Node) -> ScalarNode | None:
        if not isinstance(node, ScalarNode):
            self._refuse_at(
                node.line, node.column, "a key is a list or a mapping", "write one text as the key"
            )
            return None
        if node.is_plain and node.value == "<<":
            self._refuse_at(
                node.line, node.column, "`<<` merges another mapping", "write the keys out in full"
            )
            return None
        return node

    def _refuse_decoration(self, event: yaml.NodeEvent) -> None:
        if event.anchor:
            self._refuse(
                event, f"`&{event.anchor}` is an anchor", "remove it, and write each value out in full"
            )
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            shown = tag.replace("tag:yaml.org,2002:", "!!")
            self._refuse(event, f"`{shown}` is a tag", "remove it; the schema knows the types")

    def _refuse(self, event: yaml.Event, says: str, do: str, place: ScalarNode | None = None) -> None:
        line, column = (place.line, place.column) if place else _place(event)
        self._refuse_at(line, column, says, do)

    def _refuse_at(self, line: int, column: int, says: str, do: str) -> None:
        self.problems.append(Problem(path=self.path, line=line, column=column, says=says, do=do))

    @staticmethod
    def _scalar(event: yaml.Event, value: str, is_plain: bool = False) -> ScalarNode:
        line, column = _place(event)
        return ScalarNode(line=line, column=column, value=value, is_plain=is_plain)


class _Open:
    """A mapping or list whose end has not been read yet."""

    def __init__(self, node: MapNode | ListNode) -> None:
        self.node = node
        self.has_key = False
        self.pending: ScalarNode | None = None

    def awaits_value(self) -> bool:
        """Whether the next node is a value and not a key."""
        return isinstance(self.node, ListNode) or self.has_key


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    assert mark is not None
    return mark.line + 1, mark.column + 1


def _control_problem(text: str, offset: int, path: str) -> Problem:
    before = LINE_ENDS.split(text[:offset])
    return Problem(
        path=path,
        line=len(before),
        column=len(before[-1]) + 1,
        says=f"there is a control character (U+{ord(text[offset]):04X}) here",
        do="remove it",
    )


def _syntax_problem(error: yaml.YAMLError, path: str) -> Problem:
    mark = getattr(error, "problem_mark", None)
    says = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
    return Problem(
        path=path,
        line=mark.line + 1 if mark else 0,
        column=mark.column + 1 if mark else 0,
        says=f"this is not YAML: {' '.join(says.split())}",
        do="check indentation, colons and quotes here and on the line above",
    )
