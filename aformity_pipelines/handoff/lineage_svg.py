"""The picture of a field's path: from file and column, through the rule and the SQL models, to the field.

Pure: one entity's mapped fields in, SVG out.  One row a mapping, so that forty fields stay readable; what is
cut for room stands in full in the title of its place.
"""

from collections.abc import Iterable, Mapping, Sequence

from markupsafe import Markup

from aformity_pipelines.domain.delivery_line import DeliveryLine
from aformity_pipelines.domain.launch.field_map import MappedField
from aformity_pipelines.handoff.lineage_layout import (
    BETWEEN,
    CODE,
    FIELD_WIDTH,
    GAP,
    LINE,
    MODEL_WIDTH,
    NOTE,
    ORIGIN,
    ORIGIN_WIDTH,
    PAD,
    RULE_WIDTH,
    SMALL_CODE,
    TOP,
    Lane,
    Run,
    laid_out,
    origins,
    split_origins,
)
from aformity_pipelines.handoff.svg_elements import element, label, picture, title
from aformity_pipelines.handoff.visible_text import cells, visible

__all__ = ["delivered_in", "field_paths", "origins"]

RULE_LEFT = ORIGIN_WIDTH + BETWEEN
MODEL_LEFT = RULE_LEFT + RULE_WIDTH + BETWEEN


def field_paths(
    fields: Sequence[MappedField], *, name: str, entity_label: str, files: Mapping[str, str] | None = None
) -> str:
    """Draw the paths of `fields`; `name` makes the picture's ids unique, `files` says which file a source came in."""
    delivered = files or {}
    runs = laid_out(fields)
    has_models = any(run.words for run in runs)
    left = MODEL_LEFT + (MODEL_WIDTH + BETWEEN if has_models else 0)
    heads = [(0, "From this file and column"), (RULE_LEFT, "By this rule"), (left, f"To {entity_label}")]
    heads += [(MODEL_LEFT, "Through these models")] if has_models else []
    return picture(
        *(label(words, x=x, y=14, most=28, css="lineage-head") for x, words in sorted(heads)),
        *(_line(lanes[0].top - GAP / 2, left + FIELD_WIDTH) for lanes in _by_field(runs)),
        *(_models(run) for run in runs if run.words),
        *(_field(lanes, left, delivered) for lanes in _by_field(runs)),
        name=f"lineage-{name}",
        heading=f"How each field of {entity_label} gets its value",
        description="; ".join(_said(field, delivered) for field in fields) or "No field is mapped",
        width=left + FIELD_WIDTH,
        height=runs[-1].top + runs[-1].height + GAP if runs else TOP,
    )


def delivered_in(deliveries: Iterable[DeliveryLine]) -> dict[str, str]:
    """Return source -> the file that it came in, the last one where several did."""
    return {delivery.source: delivery.file for delivery in deliveries}


def _by_field(runs: Sequence[Run]) -> Iterable[Sequence[Lane]]:
    fields: dict[str, list[Lane]] = {}
    for run in runs:
        for lane in run.lanes:
            fields.setdefault(lane.field.field, []).append(lane)
    return fields.values()


def _field(lanes: Sequence[Lane], left: float, files: Mapping[str, str]) -> Markup:
    middle = (lanes[0].middle + lanes[-1].middle) / 2
    is_mapped = any(lane.is_mapped for lane in lanes)
    name = lanes[0].field.field
    y = middle + (-1 if is_mapped else 4)
    return element(
        "g",
        *(_lane(lane, left, middle, files) for lane in lanes),
        *((_tip(left, middle),) if is_mapped else ()),
        label(name, x=left, y=y, most=int(FIELD_WIDTH / CODE), css="lineage-field"),
        *_approval(lanes, left, middle + 13),
    )


def _line(y: float, width: float) -> Markup:
    return element("path", d=f"M0 {y:.1f} H{width:.0f}", css="lineage-line")


def _lane(lane: Lane, field_left: float, field_middle: float, files: Mapping[str, str]) -> Markup:
    if not lane.is_mapped:
        nothing = label("nothing fills it", x=RULE_LEFT + 10, y=lane.middle + 4, css="lineage-none")
        return element("g", title(_said(lane.field, files)), nothing, css="lineage-not_mapped")
    first = lane.middle - (len(lane.origins) - 1) / 2 * ORIGIN
    starts = [(source, header, first + index * ORIGIN) for index, (source, header) in enumerate(lane.origins)]
    end = RULE_LEFT + RULE_WIDTH
    through = (_thread(end, lane.middle, MODEL_LEFT, lane.middle),) if lane.field.models else ()
    return element(
        "g",
        title(_said_in_full(lane, files)),
        *(_origin(*start, files) for start in starts),
        *(_thread(_end(source, header, files), y, RULE_LEFT, lane.middle) for source, header, y in starts),
        *_rule(lane),
        *through,
        _thread(MODEL_LEFT + MODEL_WIDTH if through else end, lane.middle, field_left - 10, field_middle),
        css=f"lineage-{lane.field.kind}",
    )


def _origin(source: str, header: str, middle: float, files: Mapping[str, str]) -> Markup:
    most = int(ORIGIN_WIDTH / NOTE)
    return element(
        "g",
        label(header, x=0, y=middle - 1, most=int(ORIGIN_WIDTH / CODE), css="lineage-column"),
        label(_note(source, files), x=0, y=middle + 13, most=most, css="lineage-note"),
    )


def _note(source: str, files: Mapping[str, str]) -> str:
    return f"{source} · {files[source]}" if source in files else source


def _end(source: str, header: str, files: Mapping[str, str]) -> float:
    wide = max(cells(visible(header)) * CODE, cells(visible(_note(source, files))) * NOTE)
    return min(wide + 8, ORIGIN_WIDTH)


def _rule(lane: Lane) -> tuple[Markup, ...]:
    height = (len(lane.words) + bool(lane.code)) * LINE + 2 * PAD
    top, left = lane.middle - height / 2, RULE_LEFT + 10
    lines = _lines(lane.words, left, top, css="lineage-rule")
    if lane.code:
        below, most = top + PAD + 11 + len(lane.words) * LINE, int((RULE_WIDTH - 20) / SMALL_CODE)
        lines = (*lines, label(lane.code, x=left, y=below, most=most, css="lineage-sql"))
    return _box(RULE_LEFT, top, RULE_WIDTH, height), *lines


def _models(run: Run) -> Markup:
    field = run.lanes[0].field
    return element(
        "g",
        title(". ".join((" → ".join(field.models), *((field.says_model,) if field.says_model else ())))),
        _box(MODEL_LEFT, run.top, MODEL_WIDTH, run.height),
        *_lines(run.words, MODEL_LEFT + 10, run.top, css="lineage-model"),
        css="lineage-models",
    )


def _box(left: float, top: float, width: float, height: float) -> Markup:
    place = {"x": round(left, 1), "y": round(top, 1), "width": width, "height": round(height, 1)}
    return element("rect", **place, rx=8, css="lineage-pill")


def _lines(words: Sequence[str], left: float, top: float, *, css: str) -> tuple[Markup, ...]:
    first = top + PAD + 11
    return tuple(label(line, x=left, y=first + index * LINE, css=css) for index, line in enumerate(words))


def _thread(x1: float, y1: float, x2: float, y2: float) -> Markup:
    bend = x2 - min(x2 - x1, BETWEEN) / 2
    straight = max(x1, x2 - BETWEEN)
    shape = f"M{x1:.0f} {y1:.1f} H{straight:.0f} C{bend:.0f} {y1:.1f} {bend:.0f} {y2:.1f} {x2:.0f} {y2:.1f}"
    return element("path", d=shape, css="lineage-thread")


def _tip(left: float, middle: float) -> Markup:
    at = f"M{left - 13:.0f} {middle - 4:.1f} L{left - 5:.0f} {middle:.1f} L{left - 13:.0f} {middle + 4:.1f} Z"
    return element("path", d=at, css="lineage-tip")


def _approval(lanes: Sequence[Lane], left: float, y: float) -> tuple[Markup, ...]:
    fields = [lane.field for lane in lanes if lane.is_mapped]
    if not fields:
        return ()
    ids = dict.fromkeys(field.approved_by for field in fields if field.approved_by)
    open_states = dict.fromkeys(field.approval for field in fields if field.approval != "approved")
    words = " and ".join(open_states) or "✓ approved"
    said = f"{words}: {', '.join(ids)}" if ids else words
    css = "lineage-open" if open_states else "lineage-approved"
    return (label(said, x=left, y=y, most=int(FIELD_WIDTH / NOTE), css=css),)


def _said(field: MappedField, files: Mapping[str, str]) -> str:
    pairs = split_origins(field)
    start = " and ".join(f"{h} of {files.get(s, s)}" if s else h for s, h in pairs) or "no column"
    models = f", through {', '.join(field.models)}" if field.models else ""
    return (
        f"{field.field}: from {start}, {field.rule or field.kind.replace('_', ' ')}{models}, {field.approval}"
    )


def _said_in_full(lane: Lane, files: Mapping[str, str]) -> str:
    return ". ".join(part for part in (_said(lane.field, files), lane.field.says_model, lane.code) if part)
