"""Open work in the launch record: what kind it is, and how it came to whom it is with."""

from datetime import date
from enum import StrEnum

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.customer import Person


class WorkSort(StrEnum):
    """What kind of open work it is."""

    FINDING = "finding"
    """A rule found it, and nobody has taken it up."""
    FOLLOW_UP = "follow_up"
    """Somebody has taken it up."""
    QUESTION = "question"
    """Somebody was asked, and their answer is waited for."""


class Handover(Document):
    """How work came to its owner from somebody else, or to another date."""

    decision: str
    on: date
    before: Person
    due_before: date
    why: str
