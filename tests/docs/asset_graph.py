"""docs/asset_graph.svg: the graph of `lumen_labs` as Dagster has it, drawn by the report's own pen."""

import re
from importlib.resources import files

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.launch.export_files import Graph, GraphNode
from aformity_pipelines.handoff.graph_svg import asset_graph
from aformity_pipelines.stages.graph import before, project_in, steps
from tests.architecture.sources import ROOT

CUSTOMER = "lumen_labs"
MARGIN = 14


def graph() -> Graph:
    """Return the customer's graph: what its assets are made from, by the function that Dagster's assets ask."""
    migration = load_migration(ROOT, CUSTOMER)
    project = project_in(ROOT / "dbt_like_transforms")
    found = steps(migration)
    return Graph(
        nodes=tuple(GraphNode(stage=stage, name=name, state="done") for stage, name in found),
        edges=tuple(
            ("/".join(start), "/".join(step)) for step in found for start in before(migration, project, step)
        ),
    )


def picture() -> str:
    """Return the SVG as a file of its own: with its style, a ground to stand on and a margin."""
    svg = asset_graph(graph())
    width, height = map(int, re.findall(r'viewBox="0 0 (\d+) (\d+)"', svg)[0])
    outer = f'viewBox="{-MARGIN} {-MARGIN} {width + 2 * MARGIN} {height + 2 * MARGIN}"'
    svg = re.sub(r'viewBox="[^"]*" width="\d+" height="\d+"', outer, svg, count=1)
    svg = svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"', 1)
    return svg.replace("<title", f"<style>{_style()}</style><title", 1).replace("><", ">\n<") + "\n"


def _style() -> str:
    folder = files("aformity_pipelines.handoff") / "templates"
    page = (folder / "base.css").read_text(encoding="utf-8")
    colours = page[: page.index("* {")]
    rules = (folder / "pictures.css").read_text(encoding="utf-8").splitlines()
    drawn = [rule for rule in rules if rule.startswith((".picture text", ".picture .graph", ".graph"))]
    return "\n".join((colours.strip(), "svg { background: var(--paper); font-family: var(--sans); }", *drawn))
