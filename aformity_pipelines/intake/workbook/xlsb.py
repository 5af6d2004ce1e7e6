"""Binary workbooks (.xlsb) to sheets of cells: records of [MS-XLSB] instead of XML, in the same parts.

Declared tables are plain ranges here, and hidden sheets, rows and columns, merged cells and number formats are known
as in .xlsx.  Keep out: tables, headers.
"""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import polars as pl

from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.workbook.number_formats import NumberFormat, built_in, number_format
from aformity_pipelines.intake.workbook.package import Package, beyond, broken, check_tables
from aformity_pipelines.intake.workbook.sheet import LAST_COLUMN, LAST_ROW, Book, Box, CellList, Sheet
from aformity_pipelines.intake.workbook.values import Meaning, as_text

_ROW, _FIRST_CELL, _LAST_CELL, _RICH_TEXT = 0, 1, 11, 62
_SHARED_TEXT, _FORMAT, _STYLE, _COLUMNS, _PROPERTIES, _SHEET, _MERGED = 19, 44, 47, 60, 153, 156, 176
_STYLES_BEGIN, _STYLES_END = 617, 618
_MOST_BYTES = 1 << 26  # in one record
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!",
    0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip


def read_xlsb(job: Job) -> Book:
    """Return the job's workbook.  Raises DeliveryRefused where it is broken, protected or beyond a limit."""
    with Package.opened(job) as package:
        try:
            return _book(package)
        except (struct.error, IndexError, UnicodeDecodeError) as damage:
            raise broken(job, f"a record is cut short ({damage})") from damage


def _book(package: Package) -> Book:
    main = next((part for kind, part in package.relations("").values() if kind == "officeDocument"), "")
    relations = package.relations(main)
    part = dict(relations.values())
    shared = _records(package, part.get("sharedStrings", ""))
    from_1904, named = _workbook(_records(package, main))
    check_tables(package.job, len(named))
    meaning = Meaning(
        texts=pl.Series(
            [_text(body, 1)[0] for kind, body in shared if kind == _SHARED_TEXT], dtype=pl.String
        ),
        formats=_formats(_records(package, part.get("styles", ""))),
        dates_from_1904=from_1904,
    )
    sheets = tuple(
        _sheet(_records(package, relations[identifier][1]), name, is_hidden, meaning, package.job)
        for identifier, name, is_hidden in named
        if relations.get(identifier, ("", ""))[0] == "worksheet"
    )
    if not sheets:
        raise broken(package.job, "it has no worksheet")
    return Book(format="xlsb", sheets=sheets, dates_from_1904=from_1904)


def _records(package: Package, part: str) -> Iterator[tuple[int, bytes]]:
    """Yield the records of a part: the number of their kind and their bytes."""
    waiting = b""
    for block in package.blocks(part):
        waiting, place = waiting + block, 0
        while (found := _record(waiting, place)) is not None:
            kind, start, place = found
            yield kind, waiting[start:place]
        waiting = waiting[place:]
        if len(waiting) > _MOST_BYTES:
            raise beyond(package.job, "record", _MOST_BYTES, f"bytes in one record, in {part}")
    if waiting:
        raise broken(package.job, f"the last record of {part} is cut short")


def _record(content: bytes, place: int) -> tuple[int, int, int] | None:
    """Return kind, first byte and end of the record at `place`; None if it goes on behind the content."""
    kind, start = _number(content, place, 2)
    size, start = _number(content, start, 4)
    return (kind, start, start + size) if start > 0 and start + size <= len(content) else None


def _number(content: bytes, place: int, most: int) -> tuple[int, int]:
    """Return a number of up to `most` bytes with 7 bits each and the place behind it; 0 if it is not all there."""
    number = 0
    for index, byte in enumerate(content[place : place + most] if place >= 0 else b""):
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80 or index == most - 1:
            return number, place + index + 1
    return 0, -1


def _text(body: bytes, place: int) -> tuple[str, int]:
    """Return the text that begins with its length at `place`, and the place behind it."""
    (length,) = struct.unpack_from("<I", body, place)
    if length == 0xFFFFFFFF:
        return "", place + 4
    end = place + 4 + 2 * length
    if end > len(body):
        raise IndexError(f"a text of {length} characters in {len(body)} bytes")
    return body[place + 4 : end].decode("utf-16-le"), end


def _workbook(records: Iterable[tuple[int, bytes]]) -> tuple[bool, list[tuple[str, str, bool]]]:
    """Return whether dates count from 1904, and of each sheet the id of its part, the name, whether it is hidden."""
    from_1904, sheets = False, []
    for kind, body in records:
        if kind == _PROPERTIES:
            from_1904 = bool(body[0] & 1)
        elif kind == _SHEET:
            identifier, place = _text(body, 8)
            sheets.append((identifier, _text(body, place)[0], body[0] != 0))
    return from_1904, sheets


def _formats(records: Iterable[tuple[int, bytes]]) -> tuple[NumberFormat, ...]:
    known: dict[int, NumberFormat] = {}
    numbers: list[int] = []
    is_of_cells = False
    for kind, body in records:
        if kind == _FORMAT:
            known[struct.unpack_from("<H", body)[0]] = number_format(_text(body, 2)[0])
        elif kind in {_STYLES_BEGIN, _STYLES_END}:
            is_of_cells = kind == _STYLES_BEGIN
        elif kind == _STYLE and is_of_cells:
            numbers.append(struct.unpack_from("<H", body, 2)[0])
    return tuple(known.get(number) or built_in(number) for number in numbers)


@dataclass(slots=True)
class _Seen:
    cells: CellList = field(default_factory=CellList)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    merged: list[Box] = field(default_factory=list)
    count: int = 0


def _sheet(
    records: Iterable[tuple[int, bytes]], name: str, is_hidden: bool, meaning: Meaning, job: Job
) -> Sheet:
    seen, row = _Seen(), 0
    for kind, body in records:
        if kind == _ROW:
            row = struct.unpack_from("<I", body)[0] + 1
            if row > LAST_ROW:
                raise broken(job, f"sheet {name!r} has a row {row}")
            if body[11] & 0x10:
                seen.hidden_rows.append(row)
        elif _FIRST_CELL < kind <= _LAST_CELL or kind == _RICH_TEXT:
            _add_cell(seen, row, kind, body, job)
        elif kind == _COLUMNS:
            first, last = struct.unpack_from("<II", body)
            if struct.unpack_from("<H", body, 16)[0] & 1:
                seen.hidden_columns.append((first + 1, min(last + 1, LAST_COLUMN)))
        elif kind == _MERGED:
            top, bottom, left, right = (number + 1 for number in struct.unpack_from("<4I", body))
            seen.merged.append(Box(top=top, left=left, bottom=bottom, right=right))
    return Sheet(
        name=name,
        is_hidden=is_hidden,
        cells=as_text(seen.cells.frame(), meaning, job),
        hidden_rows=tuple(seen.hidden_rows),
        hidden_columns=tuple(seen.hidden_columns),
        merged=tuple(seen.merged),
    )


def _add_cell(seen: _Seen, row: int, kind: int, body: bytes, job: Job) -> None:
    column, style = struct.unpack_from("<II", body)
    seen.count += 1
    if seen.count > job.limits.cells:
        raise beyond(job, "cells", job.limits.cells, "cells")
    if column >= LAST_COLUMN:
        raise broken(job, f"row {row} has a column {column + 1}")
    seen.cells.add(row, column + 1, *_VALUES[kind](body, style & 0xFFFFFF))


def _rk(body: bytes, style: int) -> tuple[str, int, str]:
    """Return a number in 30 bits: [MS-XLSB] 2.5.123."""
    (bits,) = struct.unpack_from("<I", body, 8)
    if bits & 2:
        number = float(struct.unpack_from("<i", body, 8)[0] >> 2)
    else:
        number = struct.unpack("<d", bytes(4) + struct.pack("<I", bits & ~3))[0]
    return "n", style, repr(number / 100 if bits & 1 else number).removesuffix(".0")


def _real(body: bytes, style: int) -> tuple[str, int, str]:
    return "n", style, repr(struct.unpack_from("<d", body, 8)[0]).removesuffix(".0")


def _error(body: bytes, style: int) -> tuple[str, int, str]:
    return "e", style, _ERRORS.get(body[8], f"#ERR{body[8]}")


def _boolean(body: bytes, style: int) -> tuple[str, int, str]:
    return "b", style, str(body[8])


def _plain_text(body: bytes, style: int) -> tuple[str, int, str]:
    return "text", style, _text(body, 8)[0]


def _shared(body: bytes, style: int) -> tuple[str, int, str]:
    return "s", style, str(struct.unpack_from("<I", body, 8)[0])


def _rich_text(body: bytes, style: int) -> tuple[str, int, str]:
    return "text", style, _text(body, 9)[0]


_VALUES: dict[int, Callable[[bytes, int], tuple[str, int, str]]] = {
    2: _rk, 3: _error, 4: _boolean, 5: _real, 6: _plain_text, 7: _shared,
    8: _plain_text, 9: _real, 10: _boolean, 11: _error, _RICH_TEXT: _rich_text,
}  # fmt: skip
