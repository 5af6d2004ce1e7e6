"""How a delimited text is to be read: everything decided before the first record.

`propose` makes plans, `read_table` follows them to the letter.  Keep out: deciding, and reading.
"""

from dataclasses import dataclass
from enum import StrEnum

from aformity_pipelines.domain.delivery import ShortRecords
from aformity_pipelines.intake.refusal import Question


class LineEnd(StrEnum):
    """What ends a record outside quotes."""

    LF = "LF"
    CRLF = "CRLF"
    CR = "CR"
    MIXED = "mixed"
    """CRLF, LF or CR, each time whichever stands there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """The bytes that structure a text in UTF-8."""

    delimiter: bytes  # one to four; b"" if every line is one field
    quote: bytes  # one, or b"" if quotes are plain text
    escape: bytes = b""  # one that stands before a quote inside quotes; b"" if the quote is doubled
    line_end: LineEnd = LineEnd.LF
    comment: bytes = b""  # one; a line that begins with it is no record


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One table of a text: its grammar, its header, and the rows (as a spreadsheet counts) its records may take."""

    grammar: Grammar
    headers: tuple[str, ...]  # as they will be named: joined where the header takes several rows
    header_row: int  # its first row; 0 if the table has none
    header_rows: int  # 0 if the table has none
    first_row: int  # of the records
    last_row: int | None = None  # None: to the end of the file
    short_records: ShortRecords = ShortRecords.REJECT
    header_repeats: bool = False  # whether its repetitions are skipped, not rejected
    header_line: bytes = b""  # as it stands, to know its repetitions by; b"" if it has not exactly one row


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """The tables of a text by the best guess, in file order, and what a person must settle before they count."""

    plans: tuple[Plan, ...]
    questions: tuple[Question, ...]
