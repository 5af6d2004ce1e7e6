"""Workbooks of calamine's own tests: which are read, which refused, and whether each cell says what openpyxl says.

openpyxl is the independent reader; fastexcel, which reads cells in place from row 1 of what it loads, the naive one.
"""

import shutil
import tempfile
import warnings
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import duckdb
import fastexcel
import openpyxl
from openpyxl.utils.escape import unescape

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import RawTable, Reading
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood
from aformity_pipelines.intake.workbook.read import read_workbook
from benchmarks.corpus.figure import SHARED, Figure

_FOLDER = SHARED / "excel-calamine"
_NAME = "excel-calamine"
_MUST_BE_REFUSED = ("pass_protected", "too_small")
_OPENPYXL = frozenset({".xlsx", ".xlsm"})
_SYSTEMS = ("date", "date_1904")

Cells = dict[tuple[str, int, int], object]
"""(sheet, row, column) -> value."""


def figures() -> Iterator[Figure]:
    """Yield the figures of the workbook corpus; nothing if it is not here."""
    files = tuple(path for path in sorted(_FOLDER.glob("*.*")) if path.suffix != ".md")
    if not files:
        return
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        read = {path: _ours(path, Path(folder, path.name)) for path in files}
        yield _read_or_refused(read)
        yield _refused_with_a_reason(read)
        yield _systems_of_dates(read)
        yield _cell_by_cell(read)


def _ours(path: Path, into: Path) -> Reading | str:
    """Return what we read, or why we refuse."""
    into.mkdir()
    copy = shutil.copy(path, into / f"delivery{path.suffix}")
    job = Job(file=Path(copy), name=path.name, hints=FormatHints(), into=into, row_id_prefix="corpus#")
    try:
        return read_workbook(job)
    except (DeliveryRefused, NotUnderstood) as refusal:
        return str(refusal)


def _read_or_refused(read: dict[Path, Reading | str]) -> Figure:
    others = Counter(isinstance(_fastexcel(path), str) for path in read)
    by_openpyxl = sum(path.suffix in _OPENPYXL and not isinstance(_openpyxl(path), str) for path in read)
    refused = sum(isinstance(found, str) for found in read.values())
    tables = sum(len(found.tables) for found in read.values() if not isinstance(found, str))
    unaccounted = sum(
        not _is_accounted(table)
        for found in read.values()
        if not isinstance(found, str)
        for table in found.tables
    )
    return Figure(
        corpus=_NAME,
        measure=f"{len(read)} workbooks: read or refused, each row of each table accounted for",
        floor="0 crashes, 0 rows lost",
        naive=f"openpyxl fails on {len(read) - by_openpyxl}, fastexcel on {others[True]}",
        ours=f"{len(read) - refused} read ({tables} tables), {refused} refused, {unaccounted} unaccounted",
        holds=unaccounted == 0,
    )


def _is_accounted(table: RawTable) -> bool:
    """Whether the rows of a sheet up to its last filled one are records, rejected or skipped, each once."""
    rows = table.rows + table.rejected + sum(skipped.count for skipped in table.skipped)
    return rows >= max(table.last_row, table.header_row)


def _refused_with_a_reason(read: dict[Path, Reading | str]) -> Figure:
    wanted = {path: found for path, found in read.items() if path.stem in _MUST_BE_REFUSED}
    reasons = [
        found.partition(": ")[2].partition(";")[0] for found in wanted.values() if isinstance(found, str)
    ]
    naive = Counter(str(_openpyxl(path)).partition(":")[0] for path in wanted)
    return Figure(
        corpus=_NAME,
        measure="protected and broken workbooks refused with a reason",
        floor=f"{len(wanted)} of {len(wanted)}",
        naive="openpyxl says " + ", ".join(sorted(naive)),
        ours=f"{len(reasons)}: " + ", ".join(reason[:48] for reason in reasons),
        holds=len(reasons) == len(wanted) == len(set(reasons)),
    )


def _systems_of_dates(read: dict[Path, Reading | str]) -> Figure:
    ours, naive = [], []
    for path, found in read.items():
        if path.stem in _SYSTEMS and path.suffix != ".ods":
            ours.append(None if isinstance(found, str) else tuple(_cells_of(found).values()))
            there = _openpyxl(path) if path.suffix in _OPENPYXL else "not a format of its"
            naive.append(there if isinstance(there, str) else tuple(there.values()))
    return Figure(
        corpus=_NAME,
        measure="the same dates from 1900 and from 1904, .xls and .xlsx",
        floor=f"{len(ours)} alike",
        naive=f"openpyxl: {sum(not isinstance(values, str) for values in naive)} read, {len(set(naive))} kinds",
        ours=f"{len(ours)} read, {len(set(ours))} kind",
        holds=None not in ours and len(set(ours)) == 1,
    )


def _cell_by_cell(read: dict[Path, Reading | str]) -> Figure:
    """Compare each cell of each table with openpyxl, and fastexcel's cells with it too."""
    count = differing = naive = 0
    for path, found in read.items():
        truth = _openpyxl(path) if path.suffix in _OPENPYXL else ""
        if isinstance(truth, str) or isinstance(found, str) or not truth:
            continue  # openpyxl finds no cell in a strict workbook
        ours, other = _cells_of(found), _fastexcel(path)
        in_tables = {place: value for place, value in truth.items() if place in ours}
        count += len(in_tables)
        differing += sum(not _is_same(ours[place], value) for place, value in in_tables.items())
        differing += sum(text not in (None, "") and place not in truth for place, text in ours.items())
        others = {} if isinstance(other, str) else other
        naive += sum(not _is_same(others.get(place), value) for place, value in in_tables.items())
    return Figure(
        corpus=_NAME,
        measure=f"{count} cells of tables by row and column, against openpyxl",
        floor="0 differ",
        naive=f"fastexcel: {naive} differ",
        ours=f"{differing} differ",
        holds=differing == 0 and count > 0,
    )


def _cells_of(reading: Reading) -> Cells:
    """Return the records' cells and, where the header is one row, its texts."""
    cells: Cells = {}
    for table in reading.tables:
        sheet = table.sheet or ""
        with duckdb.connect() as connection:
            rows = connection.execute("SELECT * FROM read_parquet(?)", [str(table.parquet)]).fetchall()
        if table.header_row and table.header_rows == 1:
            rows.append(("", table.header_row, *(header or None for header in table.headers)))
        for _, row, *values in rows:
            for column, value in enumerate(values, start=table.first_column):
                cells[sheet, row, column] = value
    return cells


def _openpyxl(path: Path) -> Cells | str:
    """Return every cell with a value, or the name of the error."""
    try:
        book = openpyxl.load_workbook(path, data_only=True)
    except Exception as error:  # noqa: BLE001 - how it fails is what is measured
        return f"{type(error).__name__}: {error}"
    return {
        (sheet.title, cell.row, cell.column): cell.value
        for sheet in book.worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    }


def _fastexcel(path: Path) -> Cells | str:
    """Return every cell that is not NULL, counted from the first row and column loaded, or the name of the error."""
    try:
        book = fastexcel.read_excel(path)
        sheets = {
            name: book.load_sheet(name, header_row=None, dtypes="string").to_polars().rows()
            for name in book.sheet_names
        }
    except Exception as error:  # noqa: BLE001 - how it fails is what is measured
        return f"{type(error).__name__}: {error}"
    return {
        (name, row, column): value
        for name, rows in sheets.items()
        for row, values in enumerate(rows, start=1)
        for column, value in enumerate(values, start=1)
        if value is not None
    }


def _is_same(text: object, value: object) -> bool:
    """Whether our text says the value that openpyxl gives."""
    if not isinstance(text, str):
        return False
    match value:
        case bool():
            return text == str(value).lower()
        case int() | float():
            return _is_number(text, value)
        case datetime():
            shown = value.isoformat(sep=" ", timespec="auto")
            return text in {shown.removesuffix(" 00:00:00"), shown[:23]}
        case date() | time():
            return text == value.isoformat()
        case timedelta():
            seconds = round(value.total_seconds())
            return text == f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        case _:
            return text == str(unescape(str(value)))


def _is_number(text: str, value: float) -> bool:
    try:
        return bool(float(text) == value)
    except ValueError:
        return False
