"""Where the product is another one for this customer, part by part, in the report's words.

Pure.  The parts are named as the destination's file names them; here they become what a reader calls them.
"""

from dataclasses import dataclass

from aformity_pipelines.domain.destination import Check
from aformity_pipelines.domain.destination_changes import Overridden
from aformity_pipelines.domain.overrides import MOMENTS
from aformity_pipelines.handoff.report_view import ReportView
from aformity_pipelines.handoff.report_words import POLICY_WORDS, phrase

ALLOWED, POLICIES = "allowed", "policies"
ASPECT_WORDS = {
    "required": "Has to be filled",
    "max_length": "Most signs",
    "says": "What it means",
    "label": "What it is called",
}
CHECK_WORDS: dict[Check, str] = {
    Check.REQUIRED: "If it is blank",
    Check.TYPE: "If it is of the wrong type",
    Check.ALLOWED: "If its value is not in the list",
    Check.FORMAT: "If its form is wrong",
    Check.LENGTH: "If it is too long",
    Check.UNIQUE: "If two records share it",
    Check.RELATIONSHIP: "If what it points to is not there",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideLine:
    """One part that is not as for other customers."""

    where: str  # `Account: postal code`
    what: str  # `Most signs`
    before: str  # for other customers; never empty
    after: str
    why: str


def override_lines(view: ReportView) -> tuple[OverrideLine, ...]:
    """Return what is another one for this customer, in the order of the record."""
    return tuple(_line(view, each) for each in view.record.overrides)


def _line(view: ReportView, each: Overridden) -> OverrideLine:
    whole, _, rest = each.part.partition(".")
    part, _, aspect = rest.partition(".")
    called = (
        view.moment_label(part)
        if whole == MOMENTS
        else f"{view.entity_label(whole, plural=False)}: {phrase(part).lower()}"
    )
    kind, _, inner = aspect.partition(".")
    absent = "not allowed" if kind == ALLOWED else "nothing"
    return OverrideLine(
        where=called,
        what=_what(kind, inner),
        before=_value(kind, each.before) or absent,
        after=_value(kind, each.after) or absent,
        why=each.why,
    )


def _what(kind: str, inner: str) -> str:
    if kind == ALLOWED:
        return f"The value “{inner}”"
    if kind == POLICIES:
        return next((words for check, words in CHECK_WORDS.items() if check == inner), phrase(inner))
    return ASPECT_WORDS.get(kind, phrase(kind))


def _value(kind: str, told: str) -> str:
    if kind == POLICIES:
        return next((words for policy, words in POLICY_WORDS.items() if policy == told), told)
    return told
