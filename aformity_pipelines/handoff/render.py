"""Render a launch record as `handoff.html`: one file, no script, no request, from the record alone.

Every value passes one door: it is made visible, then escaped.  A template that names what the record
does not have is an error, and so is an absent value: the report never prints a `None`.
"""

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff import report_words
from aformity_pipelines.handoff.flow_svg import fate_flow
from aformity_pipelines.handoff.graph_svg import asset_graph
from aformity_pipelines.handoff.lineage_svg import field_paths, origins
from aformity_pipelines.handoff.report_sections import sections_of
from aformity_pipelines.handoff.report_view import EntityMap, ReportView
from aformity_pipelines.handoff.visible_text import exact, visible

MOST_ROWS = 30
"""Rows that a list names; it says how many more there are."""
MOST_MERGES = 200
"""Merges that the report prints in full; it says how many more there are."""


def render(record: LaunchRecord) -> str:
    """Return the report of `record` as one HTML document.

    The same record gives the same bytes.  Raises jinja2.UndefinedError or ValueError where a template
    asks for a value that is not there.
    """
    view = ReportView(record=record)
    return (
        environment()
        .get_template("handoff.html.j2")
        .render(
            record=record,
            view=view,
            decisions={line.id: line for line in record.history},
            sections=sections_of(view),
            flow=Markup(fate_flow(record.fates, view.plurals)),
            graph=Markup(asset_graph(record.graph)),
            paths=tuple(_paths(index, each) for index, each in enumerate(view.field_maps)),
        )
    )


@cache
def environment() -> Environment:
    """Return the environment of the report's templates: escaping always on, undefined names refused."""
    env = Environment(
        loader=PackageLoader("aformity_pipelines.handoff"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.globals.update(FATES=tuple(Fate), MOST_MERGES=MOST_MERGES, MOST_ROWS=MOST_ROWS, origins=origins)
    for words in ("FATE_WORDS", "REASON_WORDS", "KIND_WORDS", "SIDE_WORDS"):
        env.globals[words] = getattr(report_words, words)
    for word in (
        "number",
        "counted",
        "share",
        "day",
        "size",
        "phrase",
        "decision_words",
        "concerns_words",
        "initials",
        "lines_of",
    ):
        env.filters[word] = getattr(report_words, word)
    env.filters["exact"] = exact
    return env


def _shown(value: object) -> object:
    """Return what a template may print: text made visible, and nothing in place of an absent value."""
    if value is None:
        raise ValueError("a template prints a value that the launch record does not have; guard it with `if`")
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _paths(index: int, field_map: EntityMap) -> tuple[EntityMap, Markup]:
    return field_map, Markup(field_paths(field_map.fields, name=str(index), entity_label=field_map.label))
