"""Statements: sentences that a reader may rely on, and the numbers in them; each names what it rests on."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Self

from pydantic import Field as Setting
from pydantic import model_validator

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.sql_text import identifier, literal


class Table(StrEnum):
    """The tables beside an export that numbers come from."""

    LEDGER = "ledger"
    FINDINGS = "findings"
    MERGES = "merges"
    BLANKED = "blanked"
    UPDATES = "updates"
    FILE = "file"
    """One file of the export; the count names which."""


class Meeting(Document):
    """Lines of another table that a line must meet, at least one of them."""

    table: Table
    on: dict[str, str] = Setting(min_length=1)
    """Column -> the column of the other table that holds the same."""
    where: dict[str, tuple[str, ...]] = Setting(default_factory=dict)
    absent: tuple[str, ...] = ()

    def sql(self, relations: Mapping[Table, str]) -> str:
        """Return the condition over the lines that are counted; `relations` is what each table is called there."""
        own, others = (", ".join(map(identifier, names)) for names in (self.on, self.on.values()))
        wanted = " and ".join(_conditions(self.where, self.absent)) or "true"
        return f"({own}) in (select ({others}) from {relations[self.table]} where {wanted})"


class Choice(Document):
    """One of several ways to be counted: all that it says must hold."""

    where: dict[str, tuple[str, ...]] = Setting(default_factory=dict)
    meets: Meeting | None = None

    def sql(self, relations: Mapping[Table, str]) -> str:
        """Return the condition over the lines that are counted."""
        found = _conditions(self.where, ())
        if self.meets:
            found.append(self.meets.sql(relations))
        return " and ".join(found) or "true"


class Count(Document):
    """One number of the record, and the question to the export's tables that yields it."""

    name: str = Setting(pattern=r"^count\.[A-Za-z0-9_.-]+$")
    """Unique in the record; `evidence` cites it."""
    value: int = Setting(ge=0)
    table: Table
    file: str = ""
    """The file of the export, where `table` is `file`."""
    where: dict[str, tuple[str, ...]] = Setting(default_factory=dict)
    """Column -> the texts that it may hold; all columns must agree."""
    absent: tuple[str, ...] = ()
    """Columns that hold nothing."""
    present: tuple[str, ...] = ()
    """Columns that hold something."""
    first_word: dict[str, str] = Setting(default_factory=dict)
    """Column -> the first word of its text."""
    any_of: tuple[Choice, ...] = ()
    """Ways to be counted, of which one is enough; empty where the rest says it all."""
    distinct: tuple[str, ...] = ()
    """Columns whose different combinations are counted; empty counts lines."""
    query: str = Setting(default_factory=lambda said: _query(said))
    """The SQL that yields the number, for DuckDB in the folder of the export; made of the rest."""

    @model_validator(mode="after")
    def _is_asked_as_it_says(self) -> Self:
        if self.query != self.sql(beside_export(self.file)):
            raise ValueError(f"{self.name}: its query is not the one that table, columns and texts make")
        if (self.table is Table.FILE) is not bool(self.file):
            raise ValueError(f"{self.name}: a file is named exactly where `table` is `file`")
        return self

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns of its own table that its conditions read."""
        chosen = (name for choice in self.any_of for name in (*choice.where, *_met(choice)))
        return tuple(sorted({*self.where, *self.absent, *self.present, *self.first_word, *chosen}))

    def condition(self, relations: Mapping[Table, str]) -> str:
        """Return what a line must be like to be counted, as SQL; `relations` is what each table is called there."""
        found = _conditions(self.where, self.absent)
        found += [f"{identifier(column)} is not null" for column in self.present]
        found += [
            f"split_part({identifier(column)}, ' ', 1) = {literal(word)}"
            for column, word in self.first_word.items()
        ]
        if self.any_of:
            found.append(f"({' or '.join(f'({choice.sql(relations)})' for choice in self.any_of)})")
        return " and ".join(found) or "true"

    def sql(self, relations: Mapping[Table, str]) -> str:
        """Return the SELECT of the number; `relations` is what each table is called there."""
        what = f"distinct ({', '.join(map(identifier, self.distinct))})" if self.distinct else "*"
        return f"select count({what}) from {relations[self.table]} where {self.condition(relations)}"


def beside_export(file: str = "") -> dict[Table, str]:
    """Return what the tables are called by somebody who works in the folder of the export."""
    return {table: literal(file if table is Table.FILE else f"{table}.parquet") for table in Table}


def _query(said: dict[str, Any]) -> str:
    return Count.model_construct(**said, query="").sql(beside_export(said["file"]))


def _conditions(where: Mapping[str, tuple[str, ...]], absent: Iterable[str]) -> list[str]:
    found = [
        f"{identifier(column)} in ({', '.join(map(literal, texts))})" if texts else "false"
        for column, texts in where.items()
    ]
    return found + [f"{identifier(column)} is null" for column in absent]


def _met(choice: Choice) -> tuple[str, ...]:
    return tuple(choice.meets.on) if choice.meets else ()


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
