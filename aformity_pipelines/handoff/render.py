"""Render a launch record as `handoff.html`: one file, no request, from the record alone.

Every value passes one door: it is made visible, then escaped.  A template that names what the record
does not have is an error, and so is an absent value: the report never prints a `None`.
"""

from collections.abc import Mapping
from functools import cache, partial

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff import report_words
from aformity_pipelines.handoff.flow_svg import fate_flow
from aformity_pipelines.handoff.graph_svg import asset_graph
from aformity_pipelines.handoff.lineage_svg import delivered_in, field_paths, origins
from aformity_pipelines.handoff.page_policy import content_policy, joined
from aformity_pipelines.handoff.proof import require_proved
from aformity_pipelines.handoff.report_answers import kinds_asked, open_answers, settled_answers
from aformity_pipelines.handoff.report_evidence import references
from aformity_pipelines.handoff.report_history import story
from aformity_pipelines.handoff.report_losses import LOSS_WORDS, loss_account
from aformity_pipelines.handoff.report_overrides import override_lines
from aformity_pipelines.handoff.report_questions import first_questions
from aformity_pipelines.handoff.report_rows import rows_by_file
from aformity_pipelines.handoff.report_sections import sections_of
from aformity_pipelines.handoff.report_view import EntityMap, ReportView
from aformity_pipelines.handoff.visible_text import exact, visible

MOST_ROWS = 30
"""Rows that a list names; it says how many more there are."""
MOST_BESIDE = 3
"""Sentences beside the headline; those behind them stand below it, so that two sections fit one screen."""
MOST_MERGES = 200
"""Merges that the report prints in full; it says how many more there are."""
STYLES = ("base.css", "handoff.css", "sections.css", "pictures.css", "print.css")
SCRIPT = "handoff.js"


def render(record: LaunchRecord) -> str:
    """Return the report of `record` as one HTML document; raises Unproved where `record` does not prove itself."""
    require_proved(record)
    return page_of(record)


def page_of(record: LaunchRecord) -> str:
    """Return the page alone, for records that `render` has let through and for what only looks matter of.

    The same record gives the same bytes.  Raises jinja2.UndefinedError or ValueError where a template
    asks for a value that is not there.
    """
    view = ReportView(record=record)
    files = delivered_in(record.deliveries)
    env = environment()
    style, script = joined(env, *STYLES), joined(env, SCRIPT)
    return env.get_template("handoff.html.j2").render(
        record=record,
        view=view,
        style=style,
        script=script,
        policy=content_policy(style, script),
        rows_by_file=partial(rows_by_file, record),
        decisions={line.id: line for line in record.history},
        references=references(record),
        sections=sections_of(view),
        first=first_questions(view),
        settled=settled_answers(record),
        waits=open_answers(record),
        kinds=kinds_asked(record),
        days=story(record),
        account=loss_account(record.losses),
        overrides=override_lines(view),
        flow=Markup(fate_flow(record.fates, view.plurals)),
        graph=Markup(asset_graph(record.graph)),
        paths=tuple(_paths(index, each, files) for index, each in enumerate(view.field_maps)),
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
    env.globals.update(
        FATES=tuple(Fate),
        LOSS_WORDS=LOSS_WORDS,
        MOST_BESIDE=MOST_BESIDE,
        MOST_MERGES=MOST_MERGES,
        MOST_ROWS=MOST_ROWS,
        origins=origins,
    )
    for words in (
        "FATE_WORDS",
        "REASON_WORDS",
        "KIND_WORDS",
        "SIDE_WORDS",
        "COLUMN_WORDS",
        "POLICY_WORDS",
        "STATE_WORDS",
        "VANISHED_WORDS",
    ):
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
        "first_words",
        "initials",
        "lines_of",
        "sentence",
    ):
        env.filters[word] = getattr(report_words, word)
    env.filters["exact"] = exact
    return env


def _shown(value: object) -> object:
    """Return what a template may print: text made visible, and nothing in place of an absent value."""
    if value is None:
        raise ValueError("a template prints a value that the launch record does not have; guard it with `if`")
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _paths(index: int, field_map: EntityMap, files: Mapping[str, str]) -> tuple[EntityMap, Markup]:
    drawn = field_paths(field_map.fields, name=str(index), entity_label=field_map.label, files=files)
    return field_map, Markup(drawn)
