import itertools
import re
from xml.etree import ElementTree

import pytest

from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch.export_files import Graph, GraphNode
from aformity_pipelines.domain.launch.outcomes import FateRow
from aformity_pipelines.handoff.flow_svg import fate_flow
from aformity_pipelines.handoff.graph_svg import asset_graph
from aformity_pipelines.handoff.lineage_svg import field_paths
from tests.handoff.builders import full_record, mapping, wide_record

ROWS = (
    FateRow(entity="contact", source="crm", fate=Fate.EXPORTED, reason=Reason.READY, rows=999_990),
    FateRow(entity="contact", source="crm", fate=Fate.UNRESOLVED, reason=Reason.RULE, rows=7),
    FateRow(entity="contact", source="crm", fate=Fate.UNRESOLVED, reason=Reason.PARENT, rows=3),
)


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter("text")]


@pytest.mark.parametrize(
    "svg",
    [
        fate_flow(wide_record().fates, {}),
        fate_flow((), {}),
        asset_graph(wide_record().graph),
        asset_graph(Graph(nodes=(), edges=())),
        field_paths(mapping(), name="0", entity_label="<Accounts & more>"),
    ],
    ids=["flow", "empty flow", "graph", "empty graph", "paths"],
)
def test_every_picture_is_well_formed_and_told_to_screen_readers(svg: str) -> None:
    root = ElementTree.fromstring(svg)

    assert root.get("role") == "img"
    named = root.get("aria-labelledby", "").split()
    assert [node.get("id") for node in root if node.tag in ("title", "desc")] == named
    assert all((root.find(tag).text or "") for tag in ("title", "desc"))


def test_the_flow_says_what_went_in_and_where_it_ended() -> None:
    assert texts(fate_flow(ROWS, {"contact": "Contacts"})) == [
        "crm", "1,000,000 rows as Contacts", "Exported", "999,990 · over 99%", "Unresolved", "10 · under 1%",
    ]  # fmt: skip


def test_ten_rows_in_a_million_still_have_a_band_that_can_be_seen() -> None:
    bands = list(ElementTree.fromstring(fate_flow(ROWS, {})).iter("path"))

    first_y = [float(re.match(r"M\d+ ([\d.]+)", band.get("d", "")).group(1)) for band in bands]
    last_y = [float(re.search(r"([\d.]+) Z", band.get("d", "")).group(1)) for band in bands]
    assert len(bands) == 2
    assert all(last - first >= 2.4 for first, last in zip(first_y, last_y, strict=True))


def test_labels_of_eight_sources_and_five_fates_never_touch() -> None:
    root = ElementTree.fromstring(fate_flow(wide_record().fates, {}))
    by_side: dict[str, list[float]] = {}
    for node in root.iter("text"):
        by_side.setdefault(node.get("x", ""), []).append(float(node.get("y", "0")))

    assert [len(ys) for ys in by_side.values()] == [16, 10]
    assert all(low - high >= 15 for ys in by_side.values() for high, low in itertools.pairwise(ys))


def test_the_graph_reads_from_left_to_right_in_stage_order() -> None:
    root = ElementTree.fromstring(asset_graph(full_record().graph))
    stages = [(float(n.get("x", "0")), n.text) for n in root.iter("text") if n.get("class") == "graph-stage"]

    assert [name for _, name in sorted(stages)] == [
        "Raw file",
        "Validated",
        "Mapped",
        "Transformed",
        "Export",
        "Handoff report",
    ]


def test_each_state_of_an_asset_has_its_own_shape_and_its_own_words() -> None:
    states = ("done", "closed", "missing")
    nodes = tuple(GraphNode(stage="mapped", name=state, state=state) for state in states)
    root = ElementTree.fromstring(asset_graph(Graph(nodes=nodes, edges=())))
    boxes = {node.get("class"): node for node in root.iter("g")}

    shapes = {
        state: [(n.tag, n.get("rx")) for n in boxes[f"graph-{state}"] if n.get("class") == "graph-shape"]
        for state in states
    }
    assert shapes == {"done": [("rect", "8")], "closed": [("polygon", None)], "missing": [("rect", "0")]}
    assert {"done", "gate closed", "not built"} <= set(texts(asset_graph(Graph(nodes=nodes, edges=()))))


def test_a_combined_field_shows_every_column_that_it_is_made_of() -> None:
    billing = next(field for field in mapping() if field.field == "billing_address")

    shown = texts(field_paths((billing,), name="0", entity_label="Accounts"))

    assert shown[3:] == [
        "crm_accounts.Street",
        "crm_accounts.Zip",
        "crm_accounts.City",
        "join ', '",
        "billing_address",
    ]


def test_a_field_that_nothing_fills_says_so() -> None:
    parent = next(field for field in mapping() if field.field == "parent_account")

    assert texts(field_paths((parent,), name="0", entity_label="Accounts"))[3:] == [
        "nothing fills it",
        "parent_account",
    ]
