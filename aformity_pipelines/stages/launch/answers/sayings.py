"""The sentence to say to a likely question: of all its records at once, and short enough to be said aloud.

The answers keep the long sentences, with the rule, the decision and its signature; here stands what explains them.
"""

from collections.abc import Sequence

from aformity_pipelines.stages.launch.answers.group import Brief, Group
from aformity_pipelines.tracing.words import sentence

CAUSES = 3
"""Causes that the answer to a question names."""
ELSEWHERE = "The others have reasons of their own; each stands among the answers."


def says_of(groups: Sequence[Group]) -> str:
    """Return what to say: the one answer, or how many records share which cause; of open work who settles it, last."""
    first = groups[0]
    if len(groups) == 1 and not first.brief:
        return first.says
    told = [_cause(group, is_alone=len(groups) == 1) for group in groups[:CAUSES]]
    if len(groups) > CAUSES:
        told.append(ELSEWHERE)
    return " ".join((*told, *_ending(groups, " ".join(told))))


def _cause(group: Group, *, is_alone: bool) -> str:
    if group.brief and group.brief.pointed_from:
        return _pointed(group, group.brief, is_alone=is_alone)
    if group.brief:
        who = _they(group.count) if is_alone else f"{group.count:,}"
        return f"{who} {_waiting(group.brief, group.count)}."
    if group.because:
        return f"For {group.count:,} {sentence(group.because)}."
    return f"{group.count:,}: {sentence(group.says)}."


def _pointed(group: Group, brief: Brief, *, is_alone: bool) -> str:
    who = "The link" if is_alone else f"For {group.count:,} the link"
    return f"{who} points to {brief.pointed_from} that {_waiting(brief, 1)}. It is left blank until then."


def _waiting(brief: Brief, number: int) -> str:
    """Return `wait with their account until wave 2 on 12 January 2027: why`."""
    wait, their = ("waits", "its") if number == 1 else ("wait", "their")
    parent = f" with {their} {brief.parent}" if brief.parent else ""
    until = f" until {brief.until}" if brief.until else ""
    return f"{wait}{parent}{until}: {sentence(brief.why)}"


def _they(number: int) -> str:
    return "It" if number == 1 else "They"


def _ending(groups: Sequence[Group], told: str) -> tuple[str, ...]:
    """Return what the follow-up says, if nothing said it yet, and who settles it by when."""
    owed = groups[0].owed
    if owed is None or not owed.by or not any(group.brief for group in groups):
        return ()
    asked = {group.owed.asks for group in groups if group.owed}
    shared = (f"{owed.asks}.",) if asked == {owed.asks} and owed.asks and owed.asks not in told else ()
    return *shared, f"{owed.by[:1].upper()}{owed.by[1:]}."
