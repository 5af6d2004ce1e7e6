"""Records out of XML: which elements repeat, and what each of them holds by column.

Keep out: the parser, and the table.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from aformity_pipelines.intake.refusal import DeliveryRefused
from aformity_pipelines.intake.structured.xml_events import XmlSource

OWN_TEXT = "#text"
"""The column of a record's own text."""
_MOST_DEPTH = 100
_NIL = "xsi:nil"


@dataclass(slots=True)
class _Node:
    """All elements of one path."""

    path: str
    count: int = 0
    has_attributes: bool = False
    is_repeated: bool = False  # within one parent
    children: dict[str, "_Node"] = field(default_factory=dict)

    def is_structured(self) -> bool:
        return self.has_attributes or bool(self.children)

    def below(self) -> Iterator["_Node"]:
        """Yield the nodes below this one, outer ones first."""
        for child in self.children.values():
            yield child
            yield from child.below()


class Outline:
    """The paths of a document (`customers.customer`): how often each occurs and which hold more than text."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._root = _Node("")
        self._open: list[tuple[_Node, set[str]]] = [(self._root, set())]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Count an element."""
        above, siblings = self._open[-1]
        node = above.children.get(name)
        if node is None:
            node = above.children[name] = _Node(f"{above.path}.{name}" if above.path else name)
        node.count += 1
        if name in siblings:
            node.is_repeated = True
        siblings.add(name)
        if attributes:
            node.has_attributes = True
        self._open.append((node, set()))
        if len(self._open) > _MOST_DEPTH:
            raise DeliveryRefused(
                f"{self._name}: elements nested more than {_MOST_DEPTH} deep; ask for a plain file"
            )

    def text(self, text: str) -> None:
        """Texts say nothing about what repeats."""

    def end(self, name: str) -> None:
        """Go back to the element around."""
        self._open.pop()

    def paths(self) -> tuple[str, ...]:
        """Return every path."""
        return tuple(node.path for node in self._root.below())

    def candidates(self) -> tuple[tuple[str, int], ...]:
        """Return the outermost paths that repeat and hold columns, the most frequent first.

        Where nothing does, the only thing of its kind below the root, if there is just one.
        """
        found = [node for node in _outermost_repeated(self._root) if node.is_structured()]
        if not found:
            below_root = [
                node
                for root in self._root.children.values()
                for node in root.children.values()
                if node.is_structured()
            ]
            found = below_root if len(below_root) == 1 else []
        return tuple(sorted(((node.path, node.count) for node in found), key=lambda one: -one[1]))

    def beside(self, chosen: str) -> tuple[str, ...]:
        """Return the paths of values that are no part of the records at `chosen`."""
        return tuple(
            node.path
            for node in self._root.below()
            if not node.children and node.path != chosen and not node.path.startswith(f"{chosen}.")
        )


def outline_of(source: XmlSource, name: str) -> Outline:
    """Return what a document holds, without keeping it; `name` is what messages call the file."""
    outline = Outline(name)
    for _ in source.tell(outline):
        pass
    return outline


def _outermost_repeated(node: _Node) -> Iterator[_Node]:
    for child in node.children.values():
        if child.is_repeated:
            yield child
        else:
            yield from _outermost_repeated(child)


@dataclass(slots=True)
class _Element:
    """An element of a record that has begun."""

    column: str
    is_nil: bool
    has_attributes: bool
    text: str = ""
    children: dict[str, int] = field(default_factory=dict)  # how often each name came


class XmlRecords:
    """Collects the elements at one path; `repeated` maps columns that came twice in a record to the second."""

    def __init__(self, path: str, *, name: str, most_characters: int) -> None:
        self.repeated: dict[str, str] = {}
        self._path = path
        self._name = name
        self._most_characters = most_characters
        self._outside: list[str] = [""]  # the paths of the elements around a record, the innermost last
        self._inside: list[_Element] = []
        self._record: dict[str, str | None] = {}
        self._complete: list[dict[str, str | None]] = []

    def read(self, source: XmlSource) -> Iterator[dict[str, str | None]]:
        """Yield column -> exact text of each record, in the order of the file."""
        for _ in source.tell(self):
            yield from self._complete
            self._complete = []

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """Open an element, of a record or on the way to one."""
        if self._inside:
            column = self._column(self._inside[-1], name)
        else:
            above = self._outside[-1]
            path = f"{above}.{name}" if above else name
            self._outside.append(path)
            if path != self._path:
                return
            self._record = {}
            column = ""
        is_nil = attributes.pop(_NIL, "") in {"true", "1"}
        prefix = f"{column}." if column else ""
        for attribute, text in attributes.items():
            self._record[f"{prefix}@{attribute}"] = text
        self._inside.append(_Element(column, is_nil, bool(attributes)))

    def text(self, text: str) -> None:
        """Add to the text of the innermost element."""
        if not self._inside:
            return
        element = self._inside[-1]
        element.text += text
        if len(element.text) > self._most_characters:
            raise DeliveryRefused(
                f"{self._name}: the text of {element.column or self._path!r} has more than"
                f" {self._most_characters:,} characters, the limit of a cell; ask for the file without it"
            )

    def end(self, name: str) -> None:
        """Put the text of an element that ends into its record; blanks between elements are layout."""
        if not self._inside:
            self._outside.pop()
            return
        element = self._inside.pop()
        text = element.text
        is_layout = (element.children or not element.column) and not text.strip()
        if not is_layout and (text or not element.has_attributes):
            self._record[element.column or OWN_TEXT] = None if element.is_nil and not text else text
        if not self._inside:
            self._outside.pop()
            self._complete.append(self._record)

    def _column(self, above: _Element, name: str) -> str:
        column = f"{above.column}.{name}" if above.column else name
        count = above.children[name] = above.children.get(name, 0) + 1
        if count == 1:
            return column
        self.repeated.setdefault(column, f"{column}[{count}]")
        return f"{column}[{count}]"
