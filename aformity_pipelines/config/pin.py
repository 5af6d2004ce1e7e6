"""The pin of a defs.yaml: which version of its destination a customer is on, and the same file with another one.

Only that text is replaced: comments, order, quotes and line ends stay as people wrote them.
"""

from aformity_pipelines.config.documents import Defs, read_document
from aformity_pipelines.config.problems import LINE_ENDS, ConfigInvalid
from aformity_pipelines.config.yaml_nodes import MapNode, Node, ScalarNode

PIN = ("attributes", "destination", "version")
MARK = "\ufeff"


def with_pin(content: bytes, path: str, version: str) -> bytes:
    """Return a defs.yaml that pins another version, every other byte as it was.

    ConfigInvalid where the file makes no sense, or writes its pin in a way that this cannot replace.
    """
    text = content.decode("utf-8")
    own = text.removeprefix(MARK)
    written = read_document(own, path, Defs)
    pinned = _scalar(written.node)
    start = _offset(own, pinned)
    for form in (f'"{pinned.value}"', f"'{pinned.value}'", pinned.value):
        if own.startswith(form, start):
            quote = form[0] if form[0] in "\"'" else '"'
            changed = f"{own[:start]}{quote}{version}{quote}{own[start + len(form) :]}"
            return f"{text[: len(text) - len(own)]}{changed}".encode()
    says = "the version is written in a way that cannot be replaced"
    raise ConfigInvalid([written.problem(PIN, says, f'write it as "{pinned.value}"')])


def _scalar(node: Node) -> ScalarNode:
    for key in PIN:
        assert isinstance(node, MapNode)
        node = node.members[key].value
    assert isinstance(node, ScalarNode)
    return node


def _offset(text: str, node: ScalarNode) -> int:
    """Return where a scalar starts, counted in characters."""
    ends = [end.end() for end in LINE_ENDS.finditer(text)]
    return (ends[node.line - 2] if node.line > 1 else 0) + node.column - 1
