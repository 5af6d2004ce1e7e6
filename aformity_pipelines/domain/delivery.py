"""Deliveries: one file as the customer sent it, and what a person says about how to read it.

Belongs here: what a delivery is.  Opening, copying and reading files is `intake`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field as Setting
from pydantic import StringConstraints, model_validator

from aformity_pipelines.domain.base import Document

Character = Annotated[str, StringConstraints(pattern=r"^[\x01-\x7f]$")]
"""One ASCII character."""
Delimiter = Annotated[str, StringConstraints(pattern=r"^[\x01-\x7f]{1,4}$")]
"""One to four ASCII characters."""


class ShortRecords(StrEnum):
    """What becomes of a record with fewer fields than the header has."""

    REJECT = "reject"
    FILL = "fill"
    """The missing last fields are blank; each such record is counted."""


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
    delimiter: Delimiter | None = None
    """What stands between two fields: mostly one character, `, ` where a space always follows."""
    quote: Character | Annotated[str, StringConstraints(max_length=0)] | None = None
    """The quote character; an empty text says that quotes are plain text."""
    escape: Character | None = None
    """What stands before a quote inside quotes, such as a backslash; left out, the quote is doubled."""
    comment: Character | None = None
    """Lines that begin with it are no records."""
    header_row: int | None = Setting(default=None, ge=0)
    """The row of the header as a spreadsheet shows it, rows above it are a title block; 0: there is none."""
    header_rows: int | None = Setting(default=None, ge=1)
    """How many rows the header takes; their texts are joined column by column."""
    header_repeats: bool | None = None
    """Whether the header stands again inside the table, as on each page of a printout; those rows are no records."""
    last_row: int | None = Setting(default=None, ge=1)
    """The last row of the table; what stands below is notes."""
    short_records: ShortRecords | None = None
    """What to do with records that have fewer fields than the header."""
    sheet: str | None = None
    """The sheet of a workbook, exactly as its tab says."""
    member: str | None = None
    """The file in an archive, exactly as its path there says."""
    table: int | None = Setting(default=None, ge=1)
    """Which of several tables of a file or sheet, from 1 in its order."""
    widths: tuple[Annotated[int, Setting(ge=1)], ...] = ()
    """Fixed width: the characters of each column; the last one takes what is left of a line."""
    records: str | None = None
    """JSON and XML: the path of what repeats, such as `data.customers`."""
    paths: dict[str, str] = Setting(default_factory=dict)
    """JSON and XML: column -> the path of its value in a record, such as `address.city`."""
    renamed: dict[str, str] = Setting(default_factory=dict)
    """Header that the config means -> what this source's files call that column by now."""

    def over(self, other: "FormatHints") -> "FormatHints":
        """Return these hints, and where they leave something out, those of `other`; renamings are added up."""
        both = other.model_dump(exclude_defaults=True) | self.model_dump(exclude_defaults=True)
        return FormatHints.model_validate(both | {"renamed": other.renamed | self.renamed})

    def meant(self, headers: Sequence[str]) -> tuple[str, ...]:
        """Return the headers of a file with each renamed column under the header that the config means.

        A header that the file holds itself is not looked for under another name.
        """
        called = {now: before for before, now in self.renamed.items() if before not in headers}
        return tuple(called.get(header, header) for header in headers)

    @model_validator(mode="after")
    def _characters_differ(self) -> Self:
        if self.delimiter is not None and {"\r", "\n", self.quote} & {self.delimiter, *self.delimiter}:
            raise ValueError("`delimiter` can hold neither a line end nor the quote character; name another")
        if self.quote in {"\r", "\n"}:
            raise ValueError("`quote` cannot be a line end; name another, or leave it out")
        return self
