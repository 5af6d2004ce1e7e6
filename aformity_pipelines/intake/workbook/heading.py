"""The header of one table of a sheet: which rows it takes, what the columns are called, what is doubtful.

Keep out: where the table lies.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.header_evidence import evidence
from aformity_pipelines.intake.refusal import Question, QuestionKind, put_format
from aformity_pipelines.intake.workbook.regions import Region, RowTexts
from aformity_pipelines.intake.workbook.sheet import Box, Sheet

_LOOKED_AT = 50
_SHOWN = 5
_HALF = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """The names of a table's columns, the first row they stand in (0: none), over how many rows, what is asked."""

    names: tuple[str, ...]
    row: int
    rows: int
    question: Question | None = None


def find_heading(sheet: Sheet, region: Region, hints: FormatHints, texts: RowTexts) -> Heading:
    """Return the header of a table as it was told or declared, or else by the best guess with what is doubtful."""
    box, declared = region.box, region.declared
    if hints.header_row == 0:
        return _none(box)
    if hints.header_row is not None and box.top <= hints.header_row <= box.bottom:
        return _names(sheet, box, texts, row=hints.header_row, rows=hints.header_rows or 1)
    if declared is not None and not declared.header_rows:
        names = declared.headers if len(declared.headers) == box.right - box.left + 1 else _none(box).names
        return Heading(names=names, row=0, rows=0)
    if declared is not None:
        return _names(sheet, box, texts, row=box.top, rows=1)
    return _guessed(sheet, box, hints, texts)


def _guessed(sheet: Sheet, box: Box, hints: FormatHints, texts: RowTexts) -> Heading:
    rows = [(row, texts(row, box)) for row in range(box.top, min(box.bottom, box.top + _LOOKED_AT) + 1)]
    row = _first_full(rows)
    told_rows = hints.header_rows or _spanned(sheet, box, row, texts)
    heading = _names(sheet, box, texts, row=row, rows=told_rows)
    below = [cells for number, cells in rows if number >= row + told_rows and any(cells)]
    weighed = evidence(heading.names, below)
    if not weighed.is_likely and told_rows == 1:
        return _without(sheet, box, row, heading.names)
    reasons = list(_doubts(sheet, rows, heading, below))
    if not weighed.is_plain and not reasons:
        reasons.append(f"nothing shows whether row {row} is the header or a record")
    if not reasons:
        return heading
    told = {"header_row": row} | ({"header_rows": told_rows} if told_rows > 1 else {})
    shown = f"sheet {sheet.name!r}: {'; '.join(reasons)}"
    question = Question(
        kind=QuestionKind.HEADER,
        what=f"{shown}; the columns would be called {_shown(heading.names)}",
        answer=f"{put_format(**told)}, or the row that is the header, 0 if there is none",
        proposal=FormatHints.model_validate(told),
        shown=shown,
    )
    return Heading(names=heading.names, row=row, rows=told_rows, question=question)


def _first_full(rows: Sequence[tuple[int, tuple[str, ...]]]) -> int:
    """Return the first row that fills at least half as many columns as the fullest one."""
    counts = [sum(bool(cell.strip()) for cell in cells) for _, cells in rows]
    least = max(counts) * _HALF
    return next(row for (row, _), count in zip(rows, counts, strict=True) if count >= least)


def _spanned(sheet: Sheet, box: Box, row: int, texts: RowTexts) -> int:
    """Return over how many rows the header goes, by its merged cells: 1 or 2."""
    over = [m for m in sheet.merged if m.top == row and m.touches(box) and m.top <= box.bottom]
    below = texts(row + 1, box) if row < box.bottom else ()
    wide = any(merged.right > merged.left for merged in over)
    tall = any(merged.bottom > merged.top for merged in over)
    if not (wide or tall) or not any(cell.strip() for cell in below):
        return 1
    further = [texts(number, box) for number in range(row + 2, min(box.bottom, row + 2 + _LOOKED_AT) + 1)]
    return 2 if evidence(below, further).is_likely else 1


def _names(sheet: Sheet, box: Box, texts: RowTexts, *, row: int, rows: int) -> Heading:
    """Return the names in these rows, joined column by column; a merged cell names all its columns."""
    if rows == 1:
        return Heading(names=texts(row, box), row=row, rows=1)
    levels = []
    for number in range(row, row + rows):
        cells = list(texts(number, box))
        for merged in sheet.merged:
            if merged.top == number and merged.touches(box):
                first = max(merged.left, box.left)
                for column in range(first, min(merged.right, box.right) + 1):
                    cells[column - box.left] = cells[first - box.left]
        levels.append(cells)
    joined = (" ".join(cell for cell in column if cell.strip()) for column in zip(*levels, strict=True))
    return Heading(names=tuple(joined), row=row, rows=rows)


def _none(box: Box) -> Heading:
    names = tuple(f"col_{index}" for index in range(box.right - box.left + 1))
    return Heading(names=names, row=0, rows=0)


def _without(sheet: Sheet, box: Box, row: int, cells: tuple[str, ...]) -> Heading:
    nothing = _none(box)
    shown = f"sheet {sheet.name!r}: there seems to be no header: row {row} looks like a record"
    question = Question(
        kind=QuestionKind.HEADER,
        what=f"{shown}: {_shown(cells)}",
        answer=f"{put_format(header_row=0)}, or {put_format(header_row=row)} if it is the header",
        proposal=FormatHints(header_row=0),
        shown=shown,
    )
    return Heading(names=nothing.names, row=0, rows=0, question=question)


def _doubts(
    sheet: Sheet,
    rows: Sequence[tuple[int, tuple[str, ...]]],
    heading: Heading,
    below: Sequence[tuple[str, ...]],
) -> list[str]:
    """Return every reason to ask about the header, without any value of the file."""
    reasons = []
    above = [row for row, cells in rows if row < heading.row and sum(bool(c.strip()) for c in cells) > 1]
    if above:
        reasons.append(
            f"row {heading.row} looks like the header, but row {above[0]} above it holds several cells too"
        )
    if heading.rows > 1:
        reasons.append(f"the header seems to take rows {heading.row} to {heading.row + heading.rows - 1}")
    nameless = [
        index + 1
        for index, name in enumerate(heading.names)
        if index and not name.strip() and any(cells[index].strip() for cells in below)
    ]
    if nameless:
        reasons.append(
            f"row {heading.row} should be the header but names only some of the columns"
            f" (none for {nameless[:_SHOWN]})"
        )
    return reasons


def _shown(cells: Sequence[str]) -> str:
    more = f" and {len(cells) - _SHOWN} more" if len(cells) > _SHOWN else ""
    return ", ".join(repr(cell[:40]) for cell in cells[:_SHOWN]) + more
