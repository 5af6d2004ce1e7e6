"""The picture of a field's path: from file and column through the rule to the destination's field.

Pure: one entity's mapped fields in, SVG out.  One row a field, so that forty of them stay readable.
"""

from collections.abc import Sequence
from itertools import pairwise

from markupsafe import Markup

from aformity_pipelines.domain.launch.field_map import MappedField, MappingKind
from aformity_pipelines.handoff.svg_elements import element, label, picture, title

WIDTH = 940
RULE_LEFT, RULE_WIDTH = 360, 270
FIELD_LEFT = 680
TOP, LINE, GAP = 34, 22, 10
"""Height of the column heads, of one column's line, and the space between fields."""


def field_paths(fields: Sequence[MappedField], *, name: str, entity_label: str) -> str:
    """Draw the path of each of `fields`; `name` makes the picture's ids unique in the page."""
    heights = [max(1, len(origins(field))) * LINE + GAP for field in fields]
    tops = [TOP]
    for height in heights:
        tops.append(tops[-1] + height)
    return picture(
        label("From the delivered column", x=0, y=16, css="lineage-head"),
        label("By this rule", x=RULE_LEFT, y=16, css="lineage-head"),
        label(f"To {entity_label}", x=FIELD_LEFT, y=16, most=32, css="lineage-head"),
        *(
            _path(field, top, below - top - GAP)
            for field, (top, below) in zip(fields, pairwise(tops), strict=True)
        ),
        name=f"lineage-{name}",
        heading=f"How each field of {entity_label} gets its value",
        description="; ".join(_said(field) for field in fields),
        width=WIDTH,
        height=tops[-1],
    )


def origins(field: MappedField) -> tuple[str, ...]:
    """Return the columns that a field is made of, as `source.header`: the SQL's own word where it has one."""
    return field.upstream or tuple(
        f"{field.source}.{header}" if field.source else header for header in field.headers
    )


def _path(field: MappedField, top: float, height: float) -> Markup:
    middle = top + height / 2
    columns = origins(field)
    starts = [top + LINE * (index + 0.5) for index in range(len(columns))]
    return element(
        "g",
        title(_said(field)),
        element("path", d=f"M0 {top + height + GAP / 2:.1f} H{WIDTH}", css="lineage-line"),
        *(
            label(column, x=0, y=start + 4, most=46, css="lineage-column")
            for column, start in zip(columns, starts, strict=True)
        ),
        *(_thread(start, middle) for start in starts),
        *_rule(field, middle),
        label(field.field, x=FIELD_LEFT, y=middle + 4, most=28, css="lineage-field"),
        css=f"lineage-{field.kind}",
    )


def _thread(start: float, middle: float) -> Markup:
    bend = RULE_LEFT - 20
    return element(
        "path",
        d=f"M{bend - 16} {start:.1f} C{bend} {start:.1f} {bend} {middle:.1f} {RULE_LEFT} {middle:.1f}",
        css="lineage-thread",
    )


def _rule(field: MappedField, middle: float) -> tuple[Markup, ...]:
    end = RULE_LEFT + RULE_WIDTH
    if field.kind is MappingKind.NOT_MAPPED:
        return (label("nothing fills it", x=RULE_LEFT + 10, y=middle + 4, css="lineage-none"),)
    words = field.rule or ("as delivered" if field.kind is MappingKind.DIRECT else str(field.kind))
    return (
        element("rect", x=RULE_LEFT, y=middle - 10, width=RULE_WIDTH, height=20, rx=10, css="lineage-pill"),
        label(words, x=RULE_LEFT + 10, y=middle + 4, most=38, css="lineage-rule"),
        element("path", d=f"M{end} {middle:.1f} H{FIELD_LEFT - 12}", css="lineage-thread"),
        element(
            "path",
            d=f"M{FIELD_LEFT - 18} {middle - 4:.1f} L{FIELD_LEFT - 10} {middle:.1f} L{FIELD_LEFT - 18} {middle + 4:.1f} Z",
            css="lineage-tip",
        ),
    )


def _said(field: MappedField) -> str:
    start = " and ".join(origins(field)) or "no column"
    return f"{field.field}: from {start}, {field.rule or field.kind.replace('_', ' ')}"
