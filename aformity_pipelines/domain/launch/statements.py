"""Statements: sentences that a reader may rely on, and the numbers in them; each names what it rests on."""

from enum import StrEnum

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.sql_text import identifier, literal


class Table(StrEnum):
    """The tables beside an export that numbers come from."""

    LEDGER = "ledger"
    FINDINGS = "findings"
    MERGES = "merges"
    BLANKED = "blanked"


class Count(Document):
    """One number of the record, and the question to the export's tables that yields it."""

    name: str = Setting(pattern=r"^count\.[a-z0-9_.]+$")
    """Unique in the record; `evidence` cites it."""
    value: int = Setting(ge=0)
    table: Table
    where: dict[str, tuple[str, ...]] = Setting(default_factory=dict)
    """Column -> the texts that it may hold; all columns must agree."""
    distinct: tuple[str, ...] = ()
    """Columns whose different combinations are counted; empty counts lines."""

    @property
    def query(self) -> str:
        """The SQL that yields the number; `ledger` and the like stand for `ledger.parquet` beside the export."""
        what = f"distinct ({', '.join(map(identifier, self.distinct))})" if self.distinct else "*"
        held = (
            f"{identifier(column)} in ({', '.join(map(literal, texts))})"
            for column, texts in self.where.items()
        )
        condition = " and ".join(held)
        return f"select count({what}) from {self.table}{f' where {condition}' if condition else ''}"


class RuleLine(Document):
    """A rule that was asked in this wave; rule ids among evidence lead here."""

    rule: str
    gate: str
    subject: str
    """The entity, or at intake the source."""
    says: str
    policy: Policy
    moment: str
    checked: int
    failing: int


class Statement(Document):
    """One sentence that a reader may rely on, and what it rests on."""

    says: str
    evidence: tuple[str, ...] = Setting(min_length=1)
    """Ids of decisions and rules, names of counts, files of the export, or places in the customer's config."""
