"""Rows that are not live as they were delivered: deferred, excluded, merged, kept apart."""

from datetime import date

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.fates import Reason


class Deferral(Document):
    """Rows that launch with a later wave."""

    wave: str
    launches_on: date
    entity: str
    follows: str = ""
    """The entity whose records they wait for; empty where something else puts them there."""
    says: str
    evidence: tuple[str, ...] = Setting(min_length=1)
    rows: int
    examples: tuple[str, ...] = ()
    released_by: str = ""
    """What lets them go live: the wave's day, the record that they follow, another decision."""


class Exclusion(Document):
    """Rows that will not be brought over."""

    entity: str
    source: str = ""
    part: str = ""
    reason: Reason = Reason.DECISION
    """What kind of thing leaves them out: a decision, the mapping, or that the file no longer holds them."""
    says: str
    why: str
    evidence: tuple[str, ...] = Setting(min_length=1)
    rows: int
    examples: tuple[str, ...] = ()


class MergedPart(Document):
    """One row of a merged record and what it contributed."""

    row: str
    file: str
    row_number: int
    is_survivor: bool
    contributed: tuple[str, ...]
    """Fields whose value in the record is this row's."""


class MergedField(Document):
    """A field in which the parts of a record disagree: which value won, and which were left."""

    field: str
    won: str
    """The value in the record, a token where it is personal."""
    row: str
    """The part that it comes from."""
    lost: dict[str, str]
    """Row id -> the other value, a token where it is personal."""


class Merge(Document):
    """Several rows that became one record, by approval."""

    decision: str
    entity: str
    record: str
    """Key of the surviving record."""
    says: str
    why: str
    approver: Person
    approved_on: date
    parts: tuple[MergedPart, ...] = Setting(min_length=2)
    disagreements: tuple[MergedField, ...] = ()


class KeptApart(Document):
    """Rows that look like one record and that somebody said are several."""

    decision: str
    entity: str
    says: str
    why: str
    decided_by: Person
    decided_on: date
    rule: str = ""
    """The rule that took them for one; empty where none was named."""
    rows: tuple[str, ...] = Setting(min_length=2)
    """Row ids, the first 200."""
    row_count: int = Setting(ge=2)
