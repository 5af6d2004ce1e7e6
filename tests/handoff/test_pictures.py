import itertools
import re
from xml.etree import ElementTree

import pytest

from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch.export_files import Graph, GraphNode
from aformity_pipelines.domain.launch.field_map import MappedField
from aformity_pipelines.domain.launch.outcomes import FateRow
from aformity_pipelines.handoff.flow_svg import fate_flow
from aformity_pipelines.handoff.graph_svg import BOX_HEIGHT, BOX_WIDTH, asset_graph
from aformity_pipelines.handoff.lineage_svg import field_paths
from tests.handoff.builders import full_record, graph, mapping, wide_record

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


def test_labels_of_twelve_sources_and_five_fates_never_touch() -> None:
    rows = tuple(
        FateRow(
            entity="contact", source=f"legacy_{n:02}", fate=fate, reason=Reason.DECISION, rows=10 ** (n % 6)
        )
        for n in range(12)
        for fate in Fate
    )
    root = ElementTree.fromstring(fate_flow(rows, {}))
    by_side: dict[str, list[float]] = {}
    for node in root.iter("text"):
        by_side.setdefault(node.get("x", ""), []).append(float(node.get("y", "0")))

    assert [len(ys) for ys in by_side.values()] == [24, 10]
    assert all(low - high >= 15 for ys in by_side.values() for high, low in itertools.pairwise(ys))


def test_bands_leave_and_reach_their_bars_without_overlap() -> None:
    root = ElementTree.fromstring(fate_flow(wide_record().fates, {}))
    bars = [(float(n.get("y", "0")), float(n.get("height", "0"))) for n in root.iter("rect")]
    thick = [
        [float(y) for y in re.findall(r"[\d.]+ ([\d.]+) (?:C|Z)", node.get("d", ""))]
        for node in root.iter("path")
    ]

    assert len(thick) == 40
    filled = sum(last - first for first, last in thick)
    assert filled == pytest.approx(sum(height for _, height in bars[:8]), abs=2)
    assert filled == pytest.approx(sum(height for _, height in bars[8:]), abs=2)


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


def test_boxes_of_a_big_migration_never_overlap_and_fit_the_page() -> None:
    sources = tuple(f"legacy_system_{n:02}" for n in range(16))
    entities = tuple((f"entity_{n:02}", (sources[n], sources[0])) for n in range(12))
    root = ElementTree.fromstring(asset_graph(graph(sources, entities)))
    places = [
        (float(node.get("x", "0")), float(node.get("y", "0")))
        for node in root.iter("text")
        if node.get("class") == "graph-name"
    ]

    assert len(places) == 16 * 2 + 12 * 3 + 1
    assert all(
        abs(one[0] - other[0]) >= BOX_WIDTH or abs(one[1] - other[1]) >= BOX_HEIGHT
        for one, other in itertools.combinations(places, 2)
    )
    assert float(root.get("width", "0")) <= 940


def path_of(*fields: MappedField, files: dict[str, str] | None = None) -> str:
    return field_paths(fields, name="0", entity_label="Accounts", files=files)


def test_a_path_leads_from_file_and_column_by_rule_and_sql_through_models_to_the_approved_field() -> None:
    (name,) = [field for field in mapping() if field.field == "name"]
    name = name.model_copy(
        update={
            "sql": "trim(c0002)",
            "models": ("stg_account", "account"),
            "says_model": "The survivor wins",
        }
    )
    svg = path_of(name, files={"crm_accounts": "accounts_nov.csv"})

    assert texts(svg) == [
        "From this file and column", "By this rule", "Through these models", "To Accounts",
        "stg_account → account", "The survivor wins",
        "Account Name", "crm_accounts · accounts_nov.csv",
        "trim, collapse_spaces", "trim(c0002)",
        "name", "✓ approved: D-001",
    ]  # fmt: skip


def test_a_combined_field_shows_every_column_that_it_is_made_of_and_that_its_approval_is_stale() -> None:
    (billing,) = [field for field in mapping() if field.field == "billing_address"]
    billing = billing.model_copy(update={"formula": ""})

    assert texts(path_of(billing))[3:] == [
        "Street", "crm_accounts", "Zip", "crm_accounts", "City", "crm_accounts",
        "join ', '",
        "billing_address", "approval is stale: D-001",
    ]  # fmt: skip


def test_a_field_that_two_sources_fill_stands_once_with_both_paths() -> None:
    (name,) = [field for field in mapping() if field.field == "name"]
    other = name.model_copy(
        update={"source": "crm_partners", "upstream": ("crm_partners.Firm",), "approved_by": "D-002"}
    )
    shown = texts(path_of(name, mapping()[0], other))

    assert shown.count("name") == 1
    assert shown.index("Account Name") < shown.index("Firm") < shown.index("name")
    assert "✓ approved: D-001, D-002" in shown


def test_one_path_that_nobody_approved_leaves_the_field_unapproved() -> None:
    (name,) = [field for field in mapping() if field.field == "name"]
    other = name.model_copy(
        update={"source": "crm_partners", "approved_by": None, "approval": "not approved"}
    )

    assert [text for text in texts(path_of(name, other)) if "approved" in text] == ["not approved: D-001"]


def test_a_long_rule_is_broken_between_words_and_stands_whole_in_its_title() -> None:
    (name,) = [field for field in mapping() if field.field == "name"]
    rule = "trim, then collapse_spaces, then value map of the regions of the plan, then blank where unknown"
    svg = path_of(name.model_copy(update={"rule": rule}))

    lines = [text for text in texts(svg) if text.startswith(("trim", "value map", "then"))]
    assert len(lines) == 2
    assert lines[1].endswith("…")
    titles = ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter("title")]
    assert any(rule in title for title in titles)


def test_forty_fields_stay_apart_at_under_sixty_pixels_each_and_fit_the_page() -> None:
    fields = tuple(
        field.model_copy(
            update={"field": f"{field.field}_{n:02}", "entity": "account", "sql": "nullif(trim(c0007), '')"}
        )
        for n, field in zip(range(40), itertools.cycle(mapping()), strict=False)
    )
    root = ElementTree.fromstring(path_of(*fields))
    by_column: dict[str, list[float]] = {}
    for node in root.iter("text"):
        by_column.setdefault(node.get("x", ""), []).append(float(node.get("y", "0")))

    assert all(low - high >= 13 for ys in by_column.values() for high, low in itertools.pairwise(sorted(ys)))
    assert float(root.get("height", "0")) < 40 * 60
    assert float(root.get("width", "0")) <= 940


def test_models_that_many_fields_pass_stand_once_in_ten_fields() -> None:
    fields = tuple(
        mapping()[1].model_copy(update={"field": f"field_{n:02}", "models": ("stg_account", "account")})
        for n in range(25)
    )
    svg = path_of(*fields)

    assert texts(svg).count("stg_account → account") == 3
    boxes = [node for node in ElementTree.fromstring(svg).iter("g") if node.get("class") == "lineage-models"]
    heights = [float(rect.get("height", "0")) for box in boxes for rect in box.iter("rect")]
    assert heights[0] == heights[1] == 2 * heights[2] + 9


def test_a_picture_without_models_is_not_wider_than_it_needs_to_be() -> None:
    plain = mapping()[:1]
    through = (plain[0].model_copy(update={"models": ("account",)}),)

    widths = [float(ElementTree.fromstring(path_of(*each)).get("width", "0")) for each in (plain, through)]
    assert widths[0] < 0.85 * widths[1]
    assert widths[1] <= 940


def test_a_field_that_nothing_fills_says_so() -> None:
    (parent,) = [field for field in mapping() if field.field == "parent_account"]

    assert texts(path_of(parent))[3:] == ["nothing fills it", "parent_account"]
