"""The picture of the asset graph: stages from left to right, one box an asset, its state in shape and words.

Pure: the record's graph in, SVG out.
"""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from aformity_pipelines.domain.launch.export_files import Graph, GraphNode
from aformity_pipelines.handoff.report_words import STAGES, counted, phrase
from aformity_pipelines.handoff.svg_elements import element, label, picture, title

BOX_WIDTH, BOX_HEIGHT = 136, 42
COLUMN, ROW = 160, 56
SAME_STAGE_BEND = 22
"""Distance from one box to the next, across and down."""
TOP = 34

STATE_WORDS = {"done": "done", "closed": "gate closed", "waits": "waits for a person", "missing": "not built"}
Places = Mapping[str, tuple[float, float]]


def asset_graph(graph: Graph) -> str:
    """Draw `graph` with the stages in pipeline order; a stage that is not known here comes last."""
    stages = _stages(graph.nodes)
    layers = _untangled(stages, graph)
    rows = max((len(layer) for layer in layers), default=1)
    places = {
        _key(node): (column * COLUMN, TOP + (index + (rows - len(layer)) / 2) * ROW)
        for column, layer in enumerate(layers)
        for index, node in enumerate(layer)
    }
    return picture(
        *(
            label(
                phrase(stage),
                x=column * COLUMN + BOX_WIDTH / 2,
                y=14,
                most=20,
                text_anchor="middle",
                css="graph-stage",
            )
            for column, stage in enumerate(stages)
        ),
        *(_edge(*edge, places) for edge in graph.edges if edge[0] in places and edge[1] in places),
        *(_box(node, *places[_key(node)]) for layer in layers for node in layer),
        name="graph",
        heading="The assets of this migration, stage by stage",
        description="; ".join(_said(node) for layer in layers for node in layer) or "No asset was built",
        width=max(len(stages), 1) * COLUMN - (COLUMN - BOX_WIDTH) + 2,
        height=TOP + rows * ROW,
    )


def _key(node: GraphNode) -> str:
    return f"{node.stage}/{node.name}"


def _stages(nodes: Sequence[GraphNode]) -> tuple[str, ...]:
    present = dict.fromkeys(node.stage for node in nodes)
    return tuple(s for s in STAGES if s in present) + tuple(s for s in present if s not in STAGES)


def _untangled(stages: Sequence[str], graph: Graph) -> list[list[GraphNode]]:
    """Order each stage's nodes by the mean place of what they are made from, so that few edges cross."""
    rank: dict[str, float] = {}
    layers = []
    for stage in stages:
        nodes = [node for node in graph.nodes if node.stage == stage]
        before = {
            _key(node): [rank[start] for start, end in graph.edges if end == _key(node) and start in rank]
            for node in nodes
        }
        middle = {
            key: sum(places) / len(places) if places else float(len(nodes)) for key, places in before.items()
        }
        nodes.sort(key=lambda node: middle[_key(node)])
        spread = 1 / max(len(nodes), 1)
        rank.update({_key(node): (index + 0.5) * spread for index, node in enumerate(nodes)})
        layers.append(nodes)
    return layers


def _edge(start: str, end: str, places: Places) -> Markup:
    x1, y1 = places[start][0] + BOX_WIDTH, places[start][1] + BOX_HEIGHT / 2
    x2, y2 = places[end][0], places[end][1] + BOX_HEIGHT / 2
    leaves, arrives = ((x1 + x2) / 2,) * 2
    is_within = x2 < x1
    if is_within:  # within one stage: out on the right and back in on the right
        x2 += BOX_WIDTH
        leaves = arrives = x1 + SAME_STAGE_BEND
    return element(
        "path",
        d=f"M{x1:.0f} {y1:.0f} C{leaves:.0f} {y1:.0f} {arrives:.0f} {y2:.0f} {x2:.0f} {y2:.0f}",
        css="graph-edge graph-within" if is_within else "graph-edge",
    )


def _box(node: GraphNode, x: float, y: float) -> Markup:
    return element(
        "g",
        title(_said(node)),
        *_outline(node.state, x + 1, y + 1),
        label(node.name, x=x + 12, y=y + 18, most=17, css="graph-name"),
        label(_note(node), x=x + 12, y=y + 33, css="graph-note"),
        css=f"graph-{node.state}",
    )


def _outline(state: str, x: float, y: float) -> tuple[Markup, ...]:
    wide, high = BOX_WIDTH - 2, BOX_HEIGHT - 2
    if state in {"closed", "waits"}:
        cut = 9
        corners = (
            (x + cut, y), (x + wide - cut, y), (x + wide, y + cut), (x + wide, y + high - cut),
            (x + wide - cut, y + high), (x + cut, y + high), (x, y + high - cut), (x, y + cut),
        )  # fmt: skip
        return (
            element("polygon", points=" ".join(f"{a:.0f},{b:.0f}" for a, b in corners), css="graph-shape"),
        )
    return (
        element(
            "rect",
            x=round(x, 1),
            y=round(y, 1),
            width=wide,
            height=high,
            rx=8 if state == "done" else 0,
            css="graph-shape",
        ),
    )


def _note(node: GraphNode) -> str:
    words = STATE_WORDS[node.state]
    is_counted = node.state == "done" and node.rows is not None
    return f"{words}, {counted(node.rows or 0, 'row', 'rows')}" if is_counted else words


def _said(node: GraphNode) -> str:
    return f"{phrase(node.stage)} of {node.name}: {_note(node)}"
