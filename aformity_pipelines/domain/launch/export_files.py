"""What was published, and the assets that it came from."""

from typing import Literal

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.launch.statements import Statement


class ExportFile(Document):
    """One file of the export."""

    path: str
    entity: str
    """The entity whose new records it holds; empty for other files."""
    updates: str = ""
    """The entity of which it holds records that are in the product already and change."""
    format: str
    rows: int
    size: int
    sha256: str


class Export(Document):
    """What was published for the wave."""

    version: str
    manifest_sha256: str
    load_order: tuple[str, ...]
    files: tuple[ExportFile, ...]
    left_out: tuple[Statement, ...] = ()
    """Entities that are not in it, and why."""


class GraphNode(Document):
    """One asset of the migration's graph."""

    stage: str
    name: str
    state: Literal["done", "closed", "waits", "missing"]
    rows: int | None = None


class Graph(Document):
    """The asset graph, stage by stage."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[tuple[str, str], ...]
    """Pairs of `stage/name`."""
