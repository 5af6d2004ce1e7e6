"""What came of one damaged input."""

from dataclasses import dataclass

FAILURES = frozenset({"parent", "broken promise", "too dear"})
"""What must never be: an error that reaches the parent, a result that does not add up, a limit that did not hold."""
NOTABLE = frozenset({"puzzled", "disagreed", "crashed", "limit"})
"""Contained, and told in a way that could be better: a reader's owner wants to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One word for what happened, and where it helps what was said."""

    kind: str
    what: str = ""
