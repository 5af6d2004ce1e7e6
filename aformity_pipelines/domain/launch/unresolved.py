"""Unresolved work: somebody must act, and always somebody named and by a date."""

from datetime import date
from enum import StrEnum

from pydantic import Field as Setting

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


class UnresolvedWork(Document):
    """Somebody must act: always with an owner and a date."""

    id: str
    """The decision id of the follow-up or question, or the rule's id where nobody opened one."""
    sort: WorkSort = WorkSort.FINDING
    says: str
    entity: str
    owner: Person
    due: date
    is_overdue: bool
    handover: Handover | None = None
    """The last one; None where the work is still with whom it was given to."""
    rule: str
    gate: str = ""
    """The gate that judged the rows; empty where no row of this wave waits for the work."""
    moment: str
    rows: tuple[str, ...] = Setting(min_length=1)
    """Row ids, the first 200."""
    row_count: int = Setting(ge=1)
    next_step: str
    why: str = ""
    """Why the follow-up was opened or the question asked; empty where it was not."""
    holds: int = 0
    """Rows that are not live because of it; 0 where the rule only reports."""
