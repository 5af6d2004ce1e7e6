"""What an exception workbook holds, before it is a file: sheets by reviewer, findings, rows, the field map.

Values stand in it, personal ones too: it goes to the people whose data it is, and to nobody else.
Keep out: files, SQL, how a sheet looks.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from aformity_pipelines.domain.migration import LogHead

START, FIELD_MAP, SEALS, LISTS = "Start here", "Field map", "_seals", "_lists"
"""Sheets that are no reviewer's; the last two are hidden."""
OWN_SHEETS = (START, FIELD_MAP, SEALS, LISTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One answer of a drop-down: the words, and what they decide."""

    words: str
    kind: str  # of decision; "" asks a question that no decision holds
    field: str | None = None  # value_corrected: the field
    wave: str | None = None  # rows_deferred: the wave
    target: str | None = None  # kinds about an earlier decision: its id
    whole: bool = False  # whether only a whole finding can be answered so
    single: bool = False  # whether only single rows can


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One affected row of a finding as the reviewer sees it."""

    code: str  # "f3.12": unique in the workbook
    key: str  # `row_key`
    row: str  # row id of the delivery that was shown
    evidence: str  # keyed digest of the delivered values that the rule reads: what a decision would cover
    shown: tuple[str, ...]  # the texts of ROW_COLUMNS
    group: str = ""  # digest of the rows that the rule judges together with it

    @property
    def label(self) -> str:
        """How people find the row: what a merge names as the surviving one."""
        return self.shown[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """One finding: a heading that can be answered for all of its rows, and the rows."""

    code: str  # "f3"
    finding: str  # id of the open finding
    subject: str
    rule: str
    choices: tuple[Choice, ...]
    shown: tuple[str, ...]  # the heading's texts
    lines: tuple[Line, ...]
    stated: str = ""  # digest of what the rule demands, and of its sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewerSheet:
    """Everything that one person is to answer."""

    name: str  # of the sheet
    person: str  # key in the customer's `people`
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLine:
    """One line of the field map."""

    code: str  # "m7"
    entity: str
    name: str  # `source/part/field`
    evidence: str  # digest of the mapping and of its value map
    shown: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A whole workbook."""

    slug: str
    customer: str
    wave: str
    launches_on: date
    as_of: date
    head: LogHead
    people: dict[str, str]  # how a person is called in the workbook -> key in `people`
    approvers: tuple[str, ...]  # the called ones who may approve field mappings
    due: date | None  # the first date by which something is due
    sheets: tuple[ReviewerSheet, ...]
    field_map: tuple[FieldLine, ...]

    def blocks(self) -> Iterator[tuple[ReviewerSheet, Block]]:
        """Yield every finding with the sheet that it stands on."""
        for sheet in self.sheets:
            for block in sheet.blocks:
                yield sheet, block
