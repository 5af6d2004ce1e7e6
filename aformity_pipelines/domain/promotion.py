"""What of one customer's migration another one can start from: everything as a suggestion, nothing approved.

Names of files and counts; the drafts themselves hold what `aformity decide` takes.
"""

from typing import Any

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document


class LeftBehind(Document):
    """Things that are not carried over, and why."""

    what: str
    """Such as `value corrected`, or the name of a mapping or value map."""
    number: int = Setting(ge=1)
    why: str


class PromotedDraft(Document):
    """One decision to be made anew."""

    draft: dict[str, Any]
    """In the form that `aformity decide` takes, with a `…` wherever somebody has to write."""
    decision: str
    """The id of the decision where it was made."""
    shown: str
    """What the decision came to where it was made, in counts."""

    @property
    def about(self) -> str:
        """The rule that it is about, else the field or the source."""
        covers = self.draft.get("covers", {})
        field = f"{covers.get('subject', '')}.{self.draft.get('field', '')}"
        return str(covers.get("rule") or self.draft.get("source") or field)


class Promotion(Document):
    """What would be carried over, or was."""

    start: str
    """The customer that it comes from."""
    end: str
    """The customer that gets it."""
    files: dict[str, str] = Setting(default_factory=dict)
    """File in the customer's folder -> its content; none of them is there yet."""
    same: tuple[str, ...] = ()
    """Files that say the same on both sides."""
    differ: tuple[str, ...] = ()
    """Files that say something else on both sides: they stay as they are."""
    drafts: tuple[PromotedDraft, ...] = ()
    suggested: str = ""
    """The file that holds the drafts; empty where there are none."""
    left: tuple[LeftBehind, ...] = ()
    missing: tuple[str, ...] = ()
    """Sources and entities that are used there and not known here."""
