"""One delivered file as the launch record tells of it: what came, and that every row of it is accounted for.

Counts and names only; no value of the file.
"""

from datetime import date
from typing import Self

from pydantic import Field as Setting
from pydantic import model_validator

from aformity_pipelines.domain.base import Document


class DeliveryLine(Document):
    """One file as the customer sent it."""

    source: str
    says: str
    file: str
    sha256: str
    size: int
    received_on: date
    received_by: str
    rows: int
    """Records that were read."""
    rejected: int = 0
    """Records that could not be read; each has a fate like any other, unless the source is only looked up."""
    rejected_because: dict[str, int] = Setting(default_factory=dict)
    carried: int = 0
    """Rows that only earlier files held; each has a fate like any other, and none is a row of this file."""
    skipped: dict[str, int] = Setting(default_factory=dict)
    """Kind of rows that are no records, such as `header` or `blank` -> how many."""
    file_rows: int = 0
    """Every row of the file: records, rejected records and rows that are none."""
    warnings: dict[str, int] = Setting(default_factory=dict)
    """What a reader of the values should know, such as `merged_cells` -> how often."""
    columns: int
    how_read: str
    lookup_only: bool

    @model_validator(mode="after")
    def _rows_add_up(self) -> Self:
        total = self.rows + self.rejected + sum(self.skipped.values())
        if total != self.file_rows:
            raise ValueError(f"{self.file}: rows add up to {total}, the file has {self.file_rows}")
        return self
