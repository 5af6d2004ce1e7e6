"""Where the records of a table end: totals and remarks right below them are none.

Keep out: notes that a blank row keeps apart.
"""

import re
from dataclasses import dataclass

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.cell_kind import CellKind, kind_of
from aformity_pipelines.intake.refusal import Question, QuestionKind, put_format
from aformity_pipelines.intake.total_row import is_total
from aformity_pipelines.intake.workbook.regions import Region, RowTexts
from aformity_pipelines.intake.workbook.sheet import Sheet

_REMARK = re.compile(
    r"\*|\(|(note|source|as of|quelle|stand|hinweis|remark|generated|exported|legend)\b", re.IGNORECASE
)
_WIDE = 3
_WORDS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """The last row of the records, and what is asked about the rows below."""

    last_row: int
    question: Question | None = None


def find_ending(
    sheet: Sheet, region: Region, first: int, notes: tuple[int, ...], hints: FormatHints, texts: RowTexts
) -> Ending:
    """Return where the records that begin in row `first` end; `notes` are rows of single cells further below."""
    box, declared = region.box, region.declared
    if declared is not None:
        return Ending(last_row=box.bottom - declared.totals_rows)
    if hints.last_row is not None:
        return Ending(last_row=min(box.bottom, hints.last_row))
    last = box.bottom
    while last > first and _is_no_record(texts(last, box)):
        last -= 1
    if last < box.bottom:
        return Ending(
            last_row=last,
            question=_ask(
                sheet, last, f"row {last + 1}, right below the records, looks like a total or a remark"
            ),
        )
    for row in notes:
        filled = [cell for cell in texts(row, box) if cell.strip()]
        if len(filled) == 1 and kind_of(filled[0].strip()) is not CellKind.TEXT:
            return Ending(
                last_row=last,
                question=_ask(sheet, last, f"row {row}, below a blank row, may be a note or a record"),
            )
    if region.has_blank_rows and box.left == box.right:
        return Ending(
            last_row=last, question=_ask(sheet, last, "blank rows lie between the values of the only column")
        )
    return Ending(last_row=last)


def _is_no_record(cells: tuple[str, ...]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return True
    if is_total(filled):
        return True
    is_lone = len(filled) == 1 and len(cells) >= _WIDE and kind_of(filled[0]) is CellKind.TEXT
    return is_lone and (len(filled[0].split()) >= _WORDS or bool(_REMARK.match(filled[0])))


def _ask(sheet: Sheet, last: int, what: str) -> Question:
    shown = f"sheet {sheet.name!r}: {what}; the records would end in row {last}"
    return Question(
        kind=QuestionKind.RECORDS,
        what=shown,
        answer=f"{put_format(last_row=last)}, or the last row of the table",
        proposal=FormatHints(last_row=last),
        shown=shown,
    )
