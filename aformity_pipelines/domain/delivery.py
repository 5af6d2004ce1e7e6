"""Deliveries: one file as the customer sent it, and what a person says about how to read it.

Belongs here: what a delivery is.  Opening, copying and reading files is `intake`'s.
"""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Self

from pydantic import Field as Setting
from pydantic import StringConstraints, model_validator

from aformity_pipelines.domain.base import Document

Character = Annotated[str, StringConstraints(pattern=r"^[\x01-\x7f]$")]
"""One ASCII character."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One file of one source at one time; its bytes are named by their SHA-256 and never change."""

    source: str
    file_name: str  # as the customer called it; only ever shown, never opened
    sha256: str  # 64 hexadecimal digits
    size: int  # bytes
    received_on: date
    received_by: str

    @property
    def id(self) -> str:
        """The first eight digits of the SHA-256: what row ids carry."""
        return self.sha256[:8]

    def row_id_prefix(self) -> str:
        """Return what stands before the row number in every row id of this delivery."""
        return f"{self.source}@{self.id}#"

    def row_id(self, row: int) -> str:
        """Return the id of the record in spreadsheet row `row`."""
        return f"{self.row_id_prefix()}{row:07d}"


class FormatHints(Document):
    """What a person knows about a file's format; everything left out is detected or asked for."""

    encoding: str | None = None
    """A Python codec name such as `utf-8`, `cp1252` or `utf-16-le`."""
    delimiter: Character | None = None
    quote: Character | Annotated[str, StringConstraints(max_length=0)] | None = None
    """The quote character; an empty text says that quotes are plain text."""
    header_row: int | None = Setting(default=None, ge=1)
    """The row of the header as a spreadsheet shows it; rows above it are a title block."""
    sheet: str | None = None
    """The sheet of a workbook, exactly as its tab says."""

    @model_validator(mode="after")
    def _characters_differ(self) -> Self:
        if self.delimiter is not None and self.delimiter in {"\r", "\n", self.quote}:
            raise ValueError("`delimiter` can be neither a line end nor the quote character; name another")
        if self.quote in {"\r", "\n"}:
            raise ValueError("`quote` cannot be a line end; name another, or leave it out")
        return self
