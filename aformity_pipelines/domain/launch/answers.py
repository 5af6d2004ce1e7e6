"""Answers: what a customer may ask, already answered; answers that many records share stand once, with their count.

What is settled and what is open are different types: somebody who reads an open answer aloud has to name who
settles it and by when.
"""

from datetime import date
from enum import StrEnum

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.customer import Person


class AskedAbout(StrEnum):
    """The kinds of questions that come after a launch."""

    BLANK = "blank"
    """Why is this field blank?"""
    VALUE = "value"
    """Why does it say this, and not what we sent?"""
    ROLE = "role"
    """Why may this person do that?"""
    MERGED = "merged"
    """Why are these two one record?"""
    KEPT_APART = "kept_apart"
    """Why are these two not one record?"""
    EXCLUDED = "excluded"
    """Where did this record go?  It is not brought over."""
    DEFERRED = "deferred"
    """Why is this record not there yet?  It launches later, on purpose."""
    HELD = "held"
    """Why is this record not there yet?  Somebody still has to settle something."""
    UPDATED = "updated"
    """What changed in a record that was in the product already?"""
    UPDATE_HELD = "update_held"
    """Why does this record not show its new values yet?  Somebody still has to settle something."""
    UNREADABLE = "unreadable"
    """A line of the file that could not be read."""
    KNOWN = "known"
    """Something is not as the rules ask, and that was agreed, or is only listed."""
    MAPPING = "mapping"
    """Where does this field come from, and who approved that?"""


class Answer(Document):
    """One answer for all the rows that share it; nobody has to act."""

    about: AskedAbout
    entity: str
    field: str | None = None
    says: str
    """The sentence for the customer; true of every row of it."""
    detail: str = ""
    """What follows, for who wants to know more: the value delivered, what each part contributed."""
    moment: str = ""
    evidence: tuple[str, ...] = Setting(min_length=1)
    rows: tuple[str, ...] = ()
    """Row ids; every one where the row has a finding or decision of its own, else the first 200.  Empty: all records."""
    row_count: int = Setting(ge=0)
    """0 where the answer is about the field itself."""


class OpenAnswer(Document):
    """One answer for all the rows that wait for the same person's work."""

    about: AskedAbout
    entity: str
    field: str | None = None
    says: str
    detail: str = ""
    moment: str = ""
    owner: Person
    due: date
    is_overdue: bool
    evidence: tuple[str, ...] = Setting(min_length=1)
    rows: tuple[str, ...] = ()
    row_count: int = Setting(ge=1)


class LikelyQuestion(Document):
    """What the customer may ask first, and the sentence to say; all that it is about is settled."""

    about: AskedAbout
    asks: str
    """In the customer's words: `Why do 25 accounts have no owner?`"""
    says: str
    moment: str
    entity: str
    field: str | None = None
    records: int
    """Records or rows that it is about."""
    evidence: tuple[str, ...] = Setting(min_length=1)


class OpenQuestion(Document):
    """What the customer may ask first and nobody can answer finally yet: who settles it, and by when."""

    about: AskedAbout
    asks: str
    says: str
    moment: str
    entity: str
    field: str | None = None
    records: int
    owner: Person
    due: date
    is_overdue: bool
    evidence: tuple[str, ...] = Setting(min_length=1)
