"""Accepted risks and what rules only list: nobody has to act.  Unresolved work is another type, in another module."""

from datetime import date

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.customer import Person


class AcceptedRisk(Document):
    """Decided and explainable: nobody has to act."""

    decision: str
    says: str
    why: str
    approver: Person
    seconded_by: tuple[Person, ...] = ()
    """Who else stands by it, in the order of the log."""
    accepted_on: date
    evidence: tuple[str, ...] = Setting(min_length=1)
    rule: str
    rule_says: str
    moment: str
    rows: tuple[str, ...] = Setting(min_length=1)
    """Row ids covered by it in this wave's data, the first 200."""
    row_count: int = Setting(ge=1)
    is_for_every_row: bool = False
    """Whether the rule itself is waived: rows to come are accepted as well."""


class ReportedFinding(Document):
    """What a rule found and only lists: it holds nothing back, and nobody decided anything about it."""

    rule: str
    gate: str = ""
    """The gate that found it."""
    says: str
    entity: str
    moment: str
    rows: tuple[str, ...]
    """Row ids, the first 200."""
    row_count: int = Setting(ge=0)
    """0 where the finding is about the table or the mapping as a whole."""
    detail: str = ""
