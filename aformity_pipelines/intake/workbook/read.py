"""Workbooks to a raw table: every cell as text, rows numbered as Excel does.

Dates become ISO text (`2024-03-02`, with its time where there is one), other values stay as stored.  Keep
out: other formats, number formats and colours; what a format hides is only counted, as a warning.
"""

from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

import duckdb
import fastexcel
import polars as pl

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.header import Row, doubts, first_table_row
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.raw_table import column_names, store
from aformity_pipelines.intake.reading import Dialect, RawTable, RawWarning, Reading, WarningKind
from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind, put_format
from aformity_pipelines.intake.workbook.facts import facts_of, text_cells

_LOOK_AHEAD = 50
_DATE = r"^\d{4}-\d{2}-\d{2} 00:00:00$"
# Excel's day 0: a time of day without a date.
_TIME = r"^1899-12-31 \d{2}:\d{2}:\d{2}(\.\d+)?$"


def read_workbook(job: Job) -> Reading:
    """Read the job's file.  Raises NotUnderstood where the workbook cannot be read or is not clear."""
    name = job.name
    try:
        workbook = fastexcel.read_excel(job.file)
        sheet, hidden = _sheet(workbook, job.hints, name)
        cells = _cells(workbook, sheet)
        facts = facts_of(job.file, sheet)
        texts = text_cells(job.file, sheet) if facts.has_text_like_dates else frozenset()
    except (fastexcel.FastExcelError, BadZipFile, ParseError, KeyError) as error:
        first_line = str(error).partition("\n")[0]
        question = Question(
            kind=QuestionKind.TABLE,
            what=f"the workbook cannot be read ({first_line})",
            answer="ask for it again",
        )
        raise NotUnderstood(name, (question,)) from error
    cells, times = _plain_dates(cells, texts)
    header_row = _header_row(cells, job.hints, name)
    headers, rows = _table(cells, header_row)
    dialect = Dialect(format="xlsx")
    with duckdb.connect() as connection:
        connection.register("sheet_rows", rows.to_arrow())
        store(
            connection,
            "SELECT * FROM sheet_rows",
            job=job,
            number=1,
            headers=headers,
            dialect=dialect,
            expected=rows.height,
        )
    table = RawTable(
        number=1,
        headers=headers,
        header_row=header_row,
        parquet=job.parquet(1),
        rows=rows.height,
        rejects=job.rejects(1),
        dialect=dialect,
        sheet=sheet,
        warnings=(*hidden, *facts.warnings, *times),
    )
    return Reading(file_name=name, format="xlsx", tables=(table,))


def _sheet(
    workbook: fastexcel.ExcelReader, hints: FormatHints, name: str
) -> tuple[str, tuple[RawWarning, ...]]:
    """Return the sheet to read: the one that was told, or the only visible one that holds anything."""
    names = workbook.sheet_names
    if hints.sheet is not None:
        if hints.sheet not in names:
            question = Question(
                kind=QuestionKind.TABLE,
                what=f"no sheet {hints.sheet!r}; there are {names}",
                answer=_choice(names),
            )
            raise NotUnderstood(name, (question,))
        return hints.sheet, ()
    sheets = {
        sheet: workbook.load_sheet(sheet, header_row=None, n_rows=1, dtypes="string") for sheet in names
    }
    filled = [sheet for sheet, loaded in sheets.items() if loaded.width > 0]
    visible = [sheet for sheet in filled if sheets[sheet].visible == "visible"]
    if len(visible) != 1:
        what = (
            f"{len(visible)} visible sheets hold values: {visible}"
            if visible
            else "no visible sheet holds values"
        )
        raise NotUnderstood(
            name, (Question(kind=QuestionKind.TABLE, what=what, answer=_choice(visible or filled)),)
        )
    hidden = [sheet for sheet in filled if sheet not in visible]
    if not hidden:
        return visible[0], ()
    return visible[0], (RawWarning(kind=WarningKind.HIDDEN_SHEET, count=len(hidden), example=hidden[0]),)


def _choice(sheets: list[str]) -> str:
    return put_format(sheet=sheets[0]) + " with the right one" if sheets else "ask for the file again"


def _cells(workbook: fastexcel.ExcelReader, sheet: str) -> pl.DataFrame:
    """Return the sheet from its row 1 on as text, NULL where empty; row n of the sheet is index n - 1."""
    loaded = workbook.load_sheet(sheet, header_row=None, skip_rows=0, dtypes="string")
    cells: pl.DataFrame = loaded.to_polars()
    return cells


def _plain_dates(
    cells: pl.DataFrame, texts: frozenset[tuple[int, int]]
) -> tuple[pl.DataFrame, tuple[RawWarning, ...]]:
    """Return dates without a midnight that nobody entered, times without a day 0, and a warning of those.

    Cells in `texts` were text in the workbook and stay as they are.
    """
    changed: list[pl.Series] = []
    times: list[tuple[int, int, int]] = []  # (first row, column, how many)
    for number, column in enumerate(cells.get_columns(), start=1):
        kept = pl.Series([row for row, of in texts if of == number], dtype=pl.Int64)
        is_date_cell = ~pl.int_range(1, len(column) + 1, eager=True).is_in(kept.implode())
        is_date = column.str.contains(_DATE).fill_null(value=False) & is_date_cell
        is_time = column.str.contains(_TIME).fill_null(value=False) & is_date_cell
        plain = column.zip_with(~is_date, column.str.slice(0, 10))
        changed.append(plain.zip_with(~is_time, column.str.slice(11)))
        if is_time.any():
            times.append((int(is_time.arg_true()[0]) + 1, number, int(is_time.sum())))
    if not times:
        return pl.DataFrame(changed), ()
    row, number, _ = times[0]
    example = f"row {row}, column {number} of the table"
    count = sum(found for _, _, found in times)
    warning = RawWarning(kind=WarningKind.TIME_WITHOUT_DATE, count=count, example=example)
    return pl.DataFrame(changed), (warning,)


def _header_row(cells: pl.DataFrame, hints: FormatHints, name: str) -> int:
    filled = cells.with_row_index("row", offset=1).filter(pl.any_horizontal(pl.exclude("row").is_not_null()))
    shown = filled.head(_LOOK_AHEAD).rows()
    rows: tuple[Row, ...] = tuple((row, tuple(cell or "" for cell in values)) for row, *values in shown)
    if hints.header_row is not None:
        if hints.header_row in filled["row"]:
            return hints.header_row
        question = Question(
            kind=QuestionKind.HEADER,
            what=f"row {hints.header_row} should be the header but is blank or below the last row",
            answer="correct `header_row` under the source in defs.yaml: blank rows and title rows count",
        )
        raise NotUnderstood(name, (question,))
    header = first_table_row(rows, cells.width)
    if header is None:
        first = put_format(header_row=rows[0][0]) if rows else "ask for the file again"
        raise NotUnderstood(
            name, (Question(kind=QuestionKind.TABLE, what="no row looks like the header", answer=first),)
        )
    question_left = doubts(rows, header)
    if question_left is not None:
        raise NotUnderstood(name, (question_left,))
    return rows[header][0]


def _table(cells: pl.DataFrame, header_row: int) -> tuple[tuple[str, ...], pl.DataFrame]:
    """Return the headers and the rows below them: `row`, `c0001` ...; rows without a value are left out."""
    headers = tuple(cell or "" for cell in cells.row(header_row - 1))
    used = [
        index
        for index, column in enumerate(cells.get_columns())
        if headers[index] or column.null_count() < len(column)
    ]
    width = max(used, default=0) + 1
    names = column_names(width)
    table = cells[:, :width]
    table.columns = list(names)
    below = table.with_row_index("row", offset=1).slice(header_row)
    rows = below.filter(pl.any_horizontal(pl.exclude("row").is_not_null()))
    return headers[:width], rows
