"""What is said about a workbook that came back: where, what, what to do, and what it means for the import.

Keep out: what is looked for.
"""

from dataclasses import dataclass
from enum import StrEnum

from aformity_pipelines.review.workbook.layout import letters


class Weight(StrEnum):
    """What a remark does to the import."""

    REFUSES = "refuses"
    """Something must be put right in the workbook first."""
    SKIPS = "skips"
    """This entry is not recorded; the others are."""
    NOTES = "notes"
    """Nothing is lost; somebody may want to know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """One thing about a workbook that came back: where, what, and what to do."""

    at: str  # `Hanna Vogt!H12`; a sheet alone, or "" for the workbook
    weight: Weight
    says: str
    do: str = ""

    @property
    def words(self) -> str:
        """The remark in one line."""
        where = f"{self.at}: " if self.at else ""
        return f"{where}{self.says}; {self.do}" if self.do else f"{where}{self.says}"


def place(sheet: str, row: int, column: int) -> str:
    """Return a cell's place, such as `Hanna Vogt!H12`."""
    return f"{sheet}!{letters(column)}{row}"


def note(at: str, says: str, do: str = "") -> Remark:
    """Return a remark that keeps nothing from being recorded."""
    return Remark(at=at, weight=Weight.NOTES, says=says, do=do)
