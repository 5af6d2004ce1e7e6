"""A workbook that came back, cell by cell: what stands where, which rows answer which entry, and what does not fit.

Rows are known by their code and believed only as the seals say: their order, their place and what a filter hides do not
matter.  Keep out: what an answer means, and today's rows.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from aformity_pipelines.review.workbook.grid import BLANK, Cell, Grid
from aformity_pipelines.review.workbook.layout import (
    CODE,
    HEADER_ROW,
    Layout,
    layout_of,
)
from aformity_pipelines.review.workbook.remarks import Remark, Weight, note, place
from aformity_pipelines.review.workbook.seal import Sealer
from aformity_pipelines.review.workbook.sealed import Origin, Sealed
from aformity_pipelines.review.workbook.shape import FIELD_MAP, OWN_SHEETS


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """One row of a sheet that belongs to an entry, with what was filled in."""

    entry: Sealed
    sheet: str
    row: int
    layout: Layout
    label: str  # what the first shown column says: how people call the row
    answers: Mapping[str, Cell]  # header -> cell
    is_sound: bool  # whether it shows what was sent, and no formula

    def at(self, header: str) -> str:
        """Return the place of an answer's cell, such as `Hanna Vogt!H12`."""
        return place(self.sheet, self.row, self.layout.column(header))

    def text(self, header: str) -> str:
        """Return what was filled in, without blanks around it."""
        return self.answers.get(header, BLANK).text.strip()

    @property
    def is_blank(self) -> bool:
        """Whether nothing was filled in."""
        return not any(cell.text.strip() or cell.is_formula for cell in self.answers.values())

    def same_as(self, other: "Returned") -> bool:
        """Whether both say the same."""
        return all(self.text(header) == other.text(header) for header, _ in self.layout.answers)


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Everything that came back: rows by the code of their entry, and what does not fit."""

    rows: Mapping[str, Returned]  # those that are as they were sent and contradict nothing
    remarks: tuple[Remark, ...]


def match(sheets: Mapping[str, Grid], origin: Origin, sealer: Sealer) -> Return:
    """Return which rows answer which entry, with a remark for everything that is not as it was sent."""
    remarks: list[Remark] = []
    found: dict[str, list[Returned]] = {}
    known = {entry.sheet for entry in origin.entries.values()}
    for name, grid in sheets.items():
        if name in known:
            for each in _rows(name, grid, origin, sealer, remarks):
                found.setdefault(each.entry.code, []).append(each)
        elif name not in OWN_SHEETS and any(cell.text.strip() for cell in grid.values()):
            remarks.append(_strange_sheet(name, grid, origin))
    rows = {
        code: same[0]
        for code, same in found.items()
        if _agree(same, remarks) and all(each.is_sound for each in same)
    }
    remarks += _gone(origin, found, sheets)
    return Return(rows=rows, remarks=tuple(remarks))


def _strange_sheet(name: str, grid: Grid, origin: Origin) -> Remark:
    """Return what is said of a sheet that was not sent: notes, or one of ours under another name."""
    codes = (cell.text for (_, column), cell in grid.items() if column == CODE)
    ours = next((origin.entries[code].sheet for code in codes if code in origin.entries), None)
    if ours is None:
        return note(name, "is a sheet that the workbook did not have; it is not read")
    says = f"holds rows of the sheet {ours!r}, which a copy or a renamed sheet cannot answer"
    return Remark(at=name, weight=Weight.REFUSES, says=says, do=f"call it {ours!r} again, or delete it")


def _rows(name: str, grid: Grid, origin: Origin, sealer: Sealer, remarks: list[Remark]) -> Iterator[Returned]:
    layout = layout_of(name)
    if fault := _header_fault(name, grid, layout):
        remarks.append(fault)
        return
    for row, cells in _by_row(grid):
        code = cells.get(CODE, BLANK).text
        entry = origin.entries.get(code)
        if entry is None or entry.sheet != name:
            if any(cell.text.strip() or cell.is_formula for cell in cells.values()):
                remarks.append(_foreign(name, row, code, entry))
            continue
        shown = tuple(cells.get(CODE + 1 + n, BLANK) for n in range(len(layout.shown)))
        answers = {header: cells.get(layout.column(header), BLANK) for header, _ in layout.answers}
        changed = sealer.changed(code, entry.cells, [cell.text for cell in shown])
        returned = Returned(
            entry=entry,
            sheet=name,
            row=row,
            layout=layout,
            label=shown[0].text,
            answers=answers,
            is_sound=not changed and not any(cell.is_formula for cell in cells.values()),
        )
        remarks += (*_changed_cells(returned, changed), *_formulas(returned, cells))
        beyond = [column for column, cell in cells.items() if column > layout.last and cell.text.strip()]
        if beyond:
            says = "stands beside the columns and is not read"
            at = place(name, row, min(beyond))
            remarks.append(note(at, says, "put it into the reason or the comment"))
        yield returned


def _by_row(grid: Grid) -> Iterator[tuple[int, dict[int, Cell]]]:
    """Yield the rows below the header, from the top: number, and cells by column."""
    rows: dict[int, dict[int, Cell]] = {}
    for (row, column), cell in grid.items():
        if row > HEADER_ROW:
            rows.setdefault(row, {})[column] = cell
    yield from sorted(rows.items())


def _header_fault(name: str, grid: Grid, layout: Layout) -> Remark | None:
    """Return what is wrong with the header: with columns moved, every answer would be another one."""
    for column, (header, _) in enumerate((*layout.shown, *layout.answers), start=CODE + 1):
        stands = grid.get((HEADER_ROW, column), BLANK).text
        if stands != header:
            return Remark(
                at=place(name, HEADER_ROW, column),
                weight=Weight.REFUSES,
                says=f"the column is called {stands[:40]!r} where {header!r} stood",
                do="put columns and header row back as they were sent",
            )
    return None


def _foreign(name: str, row: int, code: str, entry: Sealed | None) -> Remark:
    at = place(name, row, CODE + 1)
    if entry is not None:
        says = f"this row belongs to the sheet {entry.sheet!r}"
        return Remark(at=at, weight=Weight.REFUSES, says=says, do="answer it there, and delete it here")
    if code:
        says = f"the workbook had no entry {code[:20]!r}: its hidden first cell was changed"
        return Remark(
            at=at, weight=Weight.REFUSES, says=says, do="delete the row, and answer the one that was sent"
        )
    return Remark(
        at=at,
        weight=Weight.REFUSES,
        says="this row was added; a workbook decides only about the rows it was sent with",
        do="delete it, and write what it says into the reason of a row or a mail",
    )


def _changed_cells(returned: Returned, changed: Sequence[int]) -> Iterator[Remark]:
    for number in changed:
        yield Remark(
            at=place(returned.sheet, returned.row, CODE + 1 + number),
            weight=Weight.NOTES if returned.is_blank else Weight.REFUSES,
            says=f"{returned.layout.shown[number][0]!r} is not what was sent",
            do="put it back as it was; a correction goes into the column of the new value",
        )


def _formulas(returned: Returned, cells: Mapping[int, Cell]) -> Iterator[Remark]:
    for column, cell in cells.items():
        if cell.is_formula:
            yield Remark(
                at=place(returned.sheet, returned.row, column),
                weight=Weight.REFUSES,
                says="holds a formula; an answer is what a person wrote",
                do="write the words or the value itself",
            )


def _agree(same: Sequence[Returned], remarks: list[Remark]) -> bool:
    """Whether rows of one entry say the same; notes copies, refuses contradictions."""
    first, *others = same
    at = [place(each.sheet, each.row, each.layout.first_answer) for each in same]
    if all(each.same_as(first) for each in others):
        if others:
            remarks.append(note(at[1], f"the row stands here again and says the same as {at[0]}"))
        return True
    remarks.append(
        Remark(
            at=at[1],
            weight=Weight.REFUSES,
            says=f"the row stands here again and says something else than {at[0]}",
            do="keep one of them",
        )
    )
    return False


def _gone(origin: Origin, found: Mapping[str, object], sheets: Mapping[str, Grid]) -> Iterator[Remark]:
    """Yield a remark for the entries of each finding that are not there any more."""
    missing: dict[tuple[str, str], list[Sealed]] = {}
    for entry in origin.entries.values():
        if entry.code not in found:
            missing.setdefault((entry.sheet, entry.finding), []).append(entry)
    for (sheet, finding), entries in missing.items():
        if sheet not in sheets:
            says = f"the sheet is gone, and with it {_counted(len(entries))} of {finding}"
        else:
            first = entries[0].key if entries[0].is_row or sheet == FIELD_MAP else "its heading"
            says = f"{_counted(len(entries))} of {finding} that were sent are not there, for example {first}"
        yield note(sheet, says, "what is not answered stays open")


def _counted(number: int) -> str:
    return f"{number:,} {'row' if number == 1 else 'rows'}"


def answered(returned: Return) -> Iterator[Returned]:
    """Yield the rows in which something was filled in, in the order of their entries' codes."""
    for code in sorted(returned.rows, key=order_of):
        if not returned.rows[code].is_blank:
            yield returned.rows[code]


def order_of(code: str) -> tuple[str, tuple[int, ...]]:
    """Return what sorts codes as they were given: `f2` before `f10`, `f2` before `f2.1`."""
    digits = code[1:].split(".")
    return code[:1], tuple(int(part) if part.isdecimal() else 0 for part in digits)
