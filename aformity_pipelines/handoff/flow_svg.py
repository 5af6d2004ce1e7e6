"""The picture of fates: every source row flows from what it was read as to the one place where it ended.

Pure: counts in, SVG out.  A band is as thick as its rows are many, but never too thin to be seen.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch.outcomes import FateRow
from aformity_pipelines.handoff.report_words import FATE_WORDS, counted, number, share
from aformity_pipelines.handoff.svg_elements import element, label, picture, title

WIDTH = 900
LEFT, RIGHT = 250, 730
"""Where bands start and end."""
BAR = 10
BANDS_HEIGHT = 300
"""Height that all rows together would take if no band were too thin."""
THINNEST = 2.5
SLOT, GAP = 40, 12
"""Least height of a node, which its two lines of text need; and the space between nodes."""

Origin = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Node:
    """A bar at one side: where its bands start and how much room it takes."""

    top: float
    height: float

    @property
    def middle(self) -> float:
        return self.top + self.height / 2


def fate_flow(rows: Sequence[FateRow], entity_labels: Mapping[str, str]) -> str:
    """Draw each (source, entity) of `rows` flowing into the fates; entities by their plural label."""
    bands: dict[tuple[Origin, Fate], int] = {}
    for row in rows:
        band = ((row.source, row.entity), row.fate)
        bands[band] = bands.get(band, 0) + row.rows
    bands = {band: count for band, count in bands.items() if count}
    origins = tuple(dict.fromkeys(origin for origin, _ in bands))
    fates = tuple(fate for fate in Fate if any(end is fate for _, end in bands))
    total = sum(bands.values())
    thickness = {band: max(THINNEST, BANDS_HEIGHT * count / total) for band, count in bands.items()}
    left = _stack([sum(t for (o, _), t in thickness.items() if o == origin) for origin in origins])
    right = _stack([sum(t for (_, f), t in thickness.items() if f is fate) for fate in fates])
    height = max(_bottom(left), _bottom(right))
    left, right = _centred(left, height), _centred(right, height)
    return picture(
        *_ribbons(
            bands, thickness, dict(zip(origins, left, strict=True)), dict(zip(fates, right, strict=True))
        ),
        *(
            _origin(origin, node, _rows_from(bands, origin), entity_labels)
            for origin, node in zip(origins, left, strict=True)
        ),
        *(_end(fate, node, _rows_into(bands, fate), total) for fate, node in zip(fates, right, strict=True)),
        name="flow",
        heading=f"Where {counted(total, 'source row', 'source rows')} ended",
        description=_described(bands, entity_labels),
        width=WIDTH,
        height=height,
    )


def _stack(heights: Sequence[float]) -> tuple[_Node, ...]:
    slots = [max(SLOT, height) + GAP for height in heights]
    tops = accumulate([0.0, *slots[:-1]]) if slots else ()
    return tuple(
        _Node(top=top + (slot - GAP - height) / 2, height=height)
        for top, slot, height in zip(tops, slots, heights, strict=True)
    )


def _bottom(nodes: Sequence[_Node]) -> float:
    return sum(max(SLOT, node.height) + GAP for node in nodes)


def _centred(nodes: tuple[_Node, ...], height: float) -> tuple[_Node, ...]:
    down = (height - _bottom(nodes)) / 2
    return tuple(_Node(top=node.top + down, height=node.height) for node in nodes)


def _ribbons(
    bands: Mapping[tuple[Origin, Fate], int],
    thickness: Mapping[tuple[Origin, Fate], float],
    left: Mapping[Origin, _Node],
    right: Mapping[Fate, _Node],
) -> list[Markup]:
    next_left = {origin: node.top for origin, node in left.items()}
    next_right = {fate: node.top for fate, node in right.items()}
    ribbons = []
    for origin in left:
        for fate in right:
            if (origin, fate) not in bands:
                continue
            thick = thickness[origin, fate]
            shape = _ribbon(next_left[origin], next_right[fate], thick)
            says = f"{origin[0]} as {origin[1]}: {counted(bands[origin, fate], 'row', 'rows')} {fate}"
            ribbons.append(element("path", title(says), d=shape, css=f"flow-band fate-{fate}"))
            next_left[origin] += thick
            next_right[fate] += thick
    return ribbons


def _ribbon(from_top: float, to_top: float, thick: float) -> str:
    start, end, bend = LEFT + BAR, RIGHT - BAR, (LEFT + RIGHT) / 2
    return (
        f"M{start} {from_top:.1f} C{bend} {from_top:.1f} {bend} {to_top:.1f} {end} {to_top:.1f} "
        f"V{to_top + thick:.1f} C{bend} {to_top + thick:.1f} {bend} {from_top + thick:.1f} {start} {from_top + thick:.1f} Z"
    )


def _origin(origin: Origin, node: _Node, rows: int, entity_labels: Mapping[str, str]) -> Markup:
    source, entity = origin
    second = f"{counted(rows, 'row', 'rows')} as {entity_labels.get(entity, entity)}"
    return element(
        "g",
        element(
            "rect",
            x=LEFT,
            y=round(node.top, 1),
            width=BAR,
            height=round(node.height, 1),
            rx=2,
            css="flow-start",
        ),
        label(source, x=LEFT - 10, y=node.middle - 3, most=30, text_anchor="end", css="flow-name"),
        label(second, x=LEFT - 10, y=node.middle + 13, most=36, text_anchor="end", css="flow-count"),
    )


def _end(fate: Fate, node: _Node, rows: int, total: int) -> Markup:
    return element(
        "g",
        element(
            "rect",
            x=RIGHT - BAR,
            y=round(node.top, 1),
            width=BAR,
            height=round(node.height, 1),
            rx=2,
            css=f"fate-{fate}",
        ),
        label(FATE_WORDS[fate], x=RIGHT + 10, y=node.middle - 3, css="flow-name"),
        label(f"{number(rows)} · {share(rows, total)}", x=RIGHT + 10, y=node.middle + 13, css="flow-count"),
    )


def _rows_from(bands: Mapping[tuple[Origin, Fate], int], origin: Origin) -> int:
    return sum(count for (start, _), count in bands.items() if start == origin)


def _rows_into(bands: Mapping[tuple[Origin, Fate], int], fate: Fate) -> int:
    return sum(count for (_, end), count in bands.items() if end is fate)


def _described(bands: Mapping[tuple[Origin, Fate], int], entity_labels: Mapping[str, str]) -> str:
    lines = [
        f"{source} as {entity_labels.get(entity, entity)}: {counted(count, 'row', 'rows')} {fate}"
        for ((source, entity), fate), count in bands.items()
    ]
    return "; ".join(lines) or "No rows were delivered"
