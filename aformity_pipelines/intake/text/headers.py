"""The header of one table of a text: which rows it takes, what the columns are called, what is doubtful about it.

Keep out: where the table lies.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.cell_kind import CellKind, kind_of
from aformity_pipelines.intake.header_evidence import Evidence, evidence
from aformity_pipelines.intake.refusal import Question, QuestionKind, put_format
from aformity_pipelines.intake.text.candidates import SINGLE
from aformity_pipelines.intake.text.layout import Region
from aformity_pipelines.intake.text.plan import Grammar
from aformity_pipelines.intake.text.sample import Record, split_leniently

_SHOWN = 5
"""Names in a message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The names of the columns, the first row they stand in (0: none), over how many rows, and the question about it."""

    names: tuple[str, ...]
    row: int
    rows: int
    question: Question | None = None


def numbered(width: int) -> tuple[str, ...]:
    """Return names for columns that have none: `col_0`, `col_1` and so on."""
    return tuple(f"col_{index}" for index in range(width))


def told_header(region: Region, row: int, grammar: Grammar) -> Header:
    """Return the header that a person told to be in `row`; 0 for none."""
    if row == 0:
        return Header(names=numbered(region.width), row=0, rows=0)
    if (damaged := _damaged(region, grammar)) is not None and damaged[0].row == row:
        return Header(names=damaged[1], row=row, rows=1)
    return Header(names=_names(region), row=row, rows=region.header[-1].row - row + 1)


def find_header(region: Region, grammar: Grammar) -> Header:
    """Return the header of `region` by the best guess, with one question if anything about it is doubtful."""
    first = region.header[0]
    below = _below(region)
    weighed = evidence(first.cells, below)
    is_whole = first.width == region.width and not first.is_broken
    if not (is_whole and weighed.is_plain) and (damaged := _damaged(region, grammar)) is not None:
        record, cells = damaged
        return _asked(cells, record.row, 1, [f"the names in row {record.row} have another delimiter"])
    if is_whole and not weighed.is_likely:
        return _without(region, first, weighed)
    names = _names(region)
    rows = region.header[-1].row - first.row + 1
    reasons = _doubts(region, weighed, names, below)
    if not reasons:
        return Header(names=names, row=first.row, rows=rows)
    return _asked(names, first.row, rows, reasons)


def _below(region: Region) -> list[tuple[str, ...]]:
    """Return the cells of the records of the usual width, up to the first gap."""
    gap = next((i for i, record in enumerate(region.body) if i and not record.filled), len(region.body))
    return [record.cells for record in region.body[:gap] if record.filled and record.width == region.width]


def _asked(names: tuple[str, ...], row: int, rows: int, reasons: Sequence[str]) -> Header:
    told = {"header_row": row} | ({"header_rows": rows} if rows > 1 else {})
    question = Question(
        kind=QuestionKind.HEADER,
        what=f"{'; '.join(reasons)}; the columns would be called {_shown(names)}",
        answer=f"{put_format(**told)}, or the row that is the header, 0 if there is none",
        proposal=FormatHints.model_validate(told),
    )
    return Header(names=names, row=row, rows=rows, question=question)


def without_header(region: Region) -> Region:
    """Return the region with its header's rows as records."""
    return replace(region, header=(), body=(*region.header, *region.body))


def _without(region: Region, first: Record, weighed: Evidence) -> Header:
    seen = f"row {first.row} looks like a record: {_shown(first.cells)}"
    question = Question(
        kind=QuestionKind.HEADER,
        what=f"there seems to be no header: {seen} ({_alike(weighed.against)})",
        answer=f"{put_format(header_row=0)}, or {put_format(header_row=first.row)} if it is the header; better ask for the file with its header",
        proposal=FormatHints(header_row=0),
    )
    return Header(names=numbered(region.width), row=0, rows=0, question=question)


def _alike(columns: int) -> str:
    return f"like the rows below in {columns} column{'' if columns == 1 else 's'}"


def _doubts(
    region: Region, weighed: Evidence, names: Sequence[str], below: Sequence[tuple[str, ...]]
) -> list[str]:
    """Return every reason to ask about the header of `region`."""
    first, reasons = region.header[0], []
    if first.is_broken:
        reasons.append(f"row {first.row} should be the header but has a quote where none can stand")
    if first.width != region.width:
        reasons.append(
            f"row {first.row} should be the header but names {first.width} columns, most records have {region.width}"
        )
    if len(region.header) > 1:
        reasons.append(f"the header seems to take rows {first.row} to {region.header[-1].row}")
    if not weighed.is_plain and not reasons:
        reasons.append(f"nothing shows whether row {first.row} is the header or a record")
    nameless = [
        index + 1
        for index, name in enumerate(names)
        if index and not name.strip() and any(row[index].strip() for row in below if index < len(row))
    ]
    if nameless and first.width == region.width:
        reasons.append(f"row {first.row} should be the header but gives no name to {_columns(nameless)}")
    several = [t for t in region.titles if t.filled > 1 and not t.line.startswith("#")]
    if several and not (weighed.for_it > 1 and all(t.width != region.width for t in several)):
        reasons.append(f"row {several[0].row} above row {first.row} holds several cells too")
    if len(region.titles) == 1 and not several:
        (title,) = region.titles
        if title.row == first.row - 1 and title.width == region.width > 1:
            reasons.append(
                f"row {title.row}, right above row {first.row}, may be a title or part of the header"
            )
    return reasons


def _columns(numbers: Sequence[int]) -> str:
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    return f"column{'' if len(numbers) == 1 else 's'} {', '.join(map(str, numbers[:_SHOWN]))}{more}"


def _names(region: Region) -> tuple[str, ...]:
    """Return the texts of the header's rows joined column by column, as many as the records have cells."""
    rows = [_aligned(record.cells, region) for record in region.header if record.filled]
    if len(rows) == 1:
        return rows[0]
    joined: list[str] = []
    spanning = [""] * len(rows)
    for index in range(len(rows[0])):
        cells = [row[index] for row in rows]
        for level, cell in enumerate(cells[:-1]):
            lower = any(below.strip() for below in cells[level + 1 :])
            if cell.strip():
                spanning[level] = cell if lower else ""
            elif lower:
                cells[level] = spanning[level]
            else:
                spanning[level] = ""
        joined.append(" ".join(cell for cell in cells if cell.strip()))
    return tuple(joined)


def _aligned(cells: tuple[str, ...], region: Region) -> tuple[str, ...]:
    """Return as many names as the records have cells: empty ones are dropped, or added at the end.

    If all names of a longer header say something, the records are short; they stay.
    """
    surplus = len(cells) - region.width
    while surplus > 0 and not cells[-1].strip():
        cells, surplus = cells[:-1], surplus - 1
    if 0 < surplus == sum(not cell.strip() for cell in cells):
        cells, surplus = tuple(cell for cell in cells if cell.strip()), 0
    if surplus < 0 and _is_count([record.cells[0] for record in region.body]):
        return ("",) * -surplus + cells
    return cells + ("",) * -surplus


def _is_count(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and [cell.strip() for cell in cells] == [str(n) for n in range(1, len(cells) + 1)]


def _damaged(region: Region, grammar: Grammar) -> tuple[Record, tuple[str, ...]] | None:
    """Return the first row, or the title right above it, and its names, if another delimiter cuts it into such."""
    first = region.header[0]
    is_whole = first.width == region.width and not first.is_broken
    record = region.titles[-1] if is_whole and region.titles else first
    if record.row < first.row - 1 or (is_whole and record is first) or region.width < 2:
        return None
    for sign in SINGLE:
        other = replace(grammar, delimiter=sign.encode())
        cells = split_leniently(record.line, other, region.width)
        if sign.encode() != grammar.delimiter and len(cells) == region.width and all(map(_is_name, cells)):
            return record, cells
    return None


def _is_name(cell: str) -> bool:
    return kind_of(cell) in {CellKind.TEXT, CellKind.CODE}


def _shown(cells: Sequence[str]) -> str:
    more = f" and {len(cells) - _SHOWN} more" if len(cells) > _SHOWN else ""
    return ", ".join(repr(cell[:40]) for cell in cells[:_SHOWN]) + more
