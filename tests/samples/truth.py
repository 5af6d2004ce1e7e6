"""One planted truth: what a customer may ask about one record, and what the answer has to say.

Written from the samples' generators and files alone; nothing here has read what the software made of them.
"""

from dataclasses import dataclass
from enum import StrEnum


class Question(StrEnum):
    """The seven questions that came before everything else."""

    BLANK = "why is this field blank"
    MERGED = "why were these two merged"
    HISTORY = "where did this history go"
    ROLE = "why may this person do that"
    DIRECT = "was this taken over or transformed"
    LATER = "why is this not in the first launch"
    APPROVAL = "who approved that"


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One record, or one field of it."""

    question: Question
    entity: str
    asked: str
    source: str
    row: int  # of the file, as a spreadsheet counts
    field: str | None = None
    outcomes: frozenset[str]
    fate: str | None = None  # None where the question is not about it
    value: str | None = None
    delivered: str | None = None  # the text that the evidence shows as delivered
    decision: str | None = None
    person: str | None = None  # who decided, or who settles it
    is_own: bool = True  # whether the record has a finding or a decision of its own
    is_changed: bool | None = None  # None where the question is not about it

    @property
    def name(self) -> str:
        """How a test names it."""
        return " ".join(filter(None, (self.entity, self.asked, self.field)))
