"""What reading a file gives: one result for every format.

A file holds tables; every row that a spreadsheet would show is a record, a rejected record, a header, or was
skipped with a reason, so the rows add up.  Cells are exact text and lie in Parquet files beside this.
Plain data, so that it crosses from the process that reads to the one that asked.  Keep out: how to read.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from aformity_pipelines.intake.refusal import Question


class WarningKind(StrEnum):
    """What a reader of the values should know, though every cell was read."""

    ENCODING_ASSUMED = "encoding_assumed"
    MIXED_LINE_ENDS = "mixed_line_ends"
    DUPLICATE_HEADER = "duplicate_header"
    EMPTY_HEADER = "empty_header"
    SHORT_RECORD_FILLED = "short_record_filled"
    CONTROL_CHARACTER = "control_character"
    HIDDEN_SHEET = "hidden_sheet"
    HIDDEN_ROW = "hidden_row"
    HIDDEN_COLUMN = "hidden_column"
    MERGED_CELLS = "merged_cells"
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    ERROR_CELL = "error_cell"
    NUMBER_FORMAT_ZEROS = "number_format_zeros"
    DIGITS_BEYOND_15 = "digits_beyond_15"
    DATES_FROM_1904 = "dates_from_1904"
    TIME_WITHOUT_DATE = "time_without_date"
    FIELD_NOT_READ = "field_not_read"
    PADDING_REMOVED = "padding_removed"
    """Blanks that fill the cells of fixed width up to their columns' ends."""
    RECORDS_IN_CELL = "records_in_cell"
    """A quoted cell with lines that would be records of their own: a lost quote may have swallowed them."""


class SkipKind(StrEnum):
    """Why a row of the file is no record."""

    TITLE = "title"
    """A line above the header."""
    HEADER = "header"
    BLANK = "blank"
    NOTE = "note"
    """A line below the table: a footer, a source, a date."""
    COMMENT = "comment"
    OTHER_TABLE = "other_table"
    """A row of a table of the same file that was not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RawWarning:
    """One kind of thing to know about a table: how often, and where for example."""

    kind: WarningKind
    count: int
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Rows of one kind that are no records: how many, and the first of them."""

    kind: SkipKind
    count: int
    row: int  # as a spreadsheet shows it
    example: str  # the start of that row's text


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a table was read; what does not apply to its format is None."""

    format: str  # "csv" | "fixed_width" | "xlsx" | "xls" | "xlsb" | "ods" | "json" | "jsonl" | "xml" | "html" | "parquet"
    encoding: str | None = None
    encoding_because: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None
    line_end: str | None = None  # "LF" | "CRLF" | "CR" | "mixed"
    comment: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    r"""One table of a file as read: its headers, exactly, and where its records are.

    `parquet` has the columns `row_id`, `row`, `c0001`, `c0002` ... in row order; `rejects` has `row_id`, `row`,
    `reason`, `raw` (text; bytes that are none as `\xNN`) and `bytes`, and exists only if `rejected` is not 0.
    """

    number: int  # from 1, in the order of the file
    headers: tuple[str, ...]
    header_row: int  # its first row as a spreadsheet shows it; 0 if the table has none
    header_rows: int = 1  # how many rows the header takes
    first_row: int = 0  # of the records, rejected ones included; 0 if there are none
    last_row: int = 0
    first_column: int = 1  # of the region, counted from 1 as in the file
    parquet: Path
    rows: int
    rejects: Path
    rejected: int = 0
    dialect: Dialect
    sheet: str | None = None
    member: str | None = None  # the file in an archive
    stored: Path | None = None
    """Workbooks: `row`, `column` (from 1), `stored`, `number_format` of every cell whose text is not as stored."""
    warnings: tuple[RawWarning, ...] = ()
    skipped: tuple[Skipped, ...] = ()

    @property
    def name(self) -> str:
        """What a person calls this table among those of its file."""
        return " / ".join(part for part in (self.member, self.sheet) if part) or f"table {self.number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that reading one file gives.  Tables are read by the best guess wherever `questions` stand."""

    file_name: str
    format: str  # of the file: one of Dialect's, or "zip" | "gzip"
    tables: tuple[RawTable, ...]
    questions: tuple[Question, ...] = ()
    """What only a person can settle; until then no table of this file may be taken."""


def largest_of(tables: Iterable[RawTable]) -> RawTable:
    """Return the table with most records, rejected ones included, the first of those: which one is meant, as a guess.

    Raises ValueError where there is none.
    """
    return max(tables, key=lambda table: (table.rows + table.rejected, -table.number))
