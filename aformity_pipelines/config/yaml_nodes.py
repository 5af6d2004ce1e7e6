"""The tree of a YAML file: texts, lists and mappings, each with line and column from 1.

Shapes and places only; how a tree is read from text is `yaml_source`'s.
"""

from dataclasses import dataclass, field

Loc = tuple[str | int, ...]
"""The way from the root to a key or item: keys, and positions in lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalarNode:
    """One text, and where it starts (line and column from 1)."""

    line: int
    column: int
    value: str
    is_plain: bool  # written without quotes and not as a block


@dataclass(frozen=True, slots=True, kw_only=True)
class ListNode:
    """Items in order."""

    line: int
    column: int
    items: "list[Node]" = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One key of a mapping, and its value."""

    key: ScalarNode
    value: "Node"


@dataclass(frozen=True, slots=True, kw_only=True)
class MapNode:
    """Members by key, in order of the file."""

    line: int
    column: int
    members: dict[str, Member] = field(default_factory=dict)


Node = ScalarNode | ListNode | MapNode
Plain = str | bool | list["Plain"] | dict[str, "Plain"]


def plain(node: Node) -> Plain:
    """Return dicts, lists and strings."""
    match node:
        case ScalarNode():
            return node.value
        case ListNode():
            return [plain(item) for item in node.items]
        case MapNode():
            return {key: plain(member.value) for key, member in node.members.items()}


def at(node: Node, loc: Loc) -> tuple[int, int]:
    """Return line and column of the key or item that `loc` names, else of its nearest ancestor.

    Reads the locations of pydantic's errors: an index into a list of which only one item was
    written without brackets is passed over.
    """
    place = (node.line, node.column)
    for step in loc:
        if isinstance(node, MapNode) and str(step) in node.members:
            member = node.members[str(step)]
            place, node = (member.key.line, member.key.column), member.value
        elif isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
            place = (node.line, node.column)
        elif not (step == 0 and not isinstance(node, ListNode)):
            break
    return place
