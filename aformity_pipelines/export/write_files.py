"""Writing an entity's records: quoted CSV and Parquet for the importer, XLSX for people.

The machine files are byte-exact and never escaped.  The XLSX holds typed cells, so that no text is ever a
formula, a link or a number by accident.
"""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import xlsxwriter

from aformity_pipelines.domain.destination import Entity, FieldType
from aformity_pipelines.domain.sql_text import PARQUET, identifier, literal
from aformity_pipelines.export.records import import_text
from aformity_pipelines.files.exact_sheet import ExactSheet, exact_book

BATCH = 10_000
XLSX_TEXT_LIMIT = 32_767
"""Characters in a cell, by Excel's own limit."""
XLSX_ROW_LIMIT = 1_048_575
"""Records in a sheet, the header's row left out, by Excel's own limit."""
FIRST_SHEET_DAY = date(1900, 3, 1)
"""Before it, Excel's calendar is wrong or has no day at all: such dates are written as text."""


def write_csv(connection: duckdb.DuckDBPyConnection, table: str, entity: Entity, path: Path) -> None:
    """Write every record, every value quoted, absent values empty and unquoted, UTF-8, LF."""
    columns = ", ".join(import_text(name, field) for name, field in entity.fields.items())
    connection.execute(
        f"copy (select {columns} from {table} order by row_ids[1]) to {literal(str(path))}"
        " (format csv, header true, force_quote *, delimiter ',', quote '\"', escape '\"', nullstr '')"
    )


def keys_in_csv(entity: Entity, path: Path) -> str:
    """Return a SELECT of the key of every record in a file that `write_csv` wrote."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in entity.fields)
    return (
        f"select {identifier(entity.key)} from read_csv({literal(str(path))}, columns = {{{columns}}}, header = true,"
        " auto_detect = false, delim = ',', quote = '\"', escape = '\"', new_line = '\\n', strict_mode = true)"
    )


def write_parquet(connection: duckdb.DuckDBPyConnection, table: str, entity: Entity, path: Path) -> None:
    """Write every record with its types and the row ids that it was made from."""
    columns = ", ".join(["row_ids", *(identifier(name) for name in entity.fields)])
    connection.execute(
        f"copy (select {columns} from {table} order by row_ids[1]) to {literal(str(path))} {PARQUET}"
    )


def why_no_workbook(
    connection: duckdb.DuckDBPyConnection, table: str, entity: Entity, *, most_rows: int
) -> str | None:
    """Return why the records do not fit the copy for people (or are not wanted there), or None where they do."""
    texts = [f"length({identifier(n)})" for n, f in entity.fields.items() if f.type is FieldType.TEXT]
    (found,) = connection.execute(
        f"select count(*), max(greatest(0, {', '.join(texts)})) from {table}"
    ).fetchall()
    rows, longest = found[0], found[1] or 0
    if rows > most_rows:
        return f"{rows} records exceed `human_copy_rows` ({most_rows})"
    if rows > XLSX_ROW_LIMIT:
        return f"{rows} records exceed what a sheet holds ({XLSX_ROW_LIMIT})"
    if longest > XLSX_TEXT_LIMIT:
        return f"a text of {longest} characters exceeds what a cell holds ({XLSX_TEXT_LIMIT})"
    return None


def write_xlsx(connection: duckdb.DuckDBPyConnection, table: str, entity: Entity, path: Path) -> None:
    """Write the copy for people.  ValueError where a text is longer than a cell can hold."""
    names = list(entity.fields)
    with exact_book(path) as workbook:
        bold, day = workbook.add_format({"bold": True}), workbook.add_format({"num_format": "yyyy-mm-dd"})
        sheet = workbook.add_worksheet(entity.plural[:31], worksheet_class=ExactSheet)
        sheet.freeze_panes(1, 0)
        for column, name in enumerate(names):
            sheet.write_string(0, column, name, bold)
        for row, record in enumerate(_records(connection, table, names), start=1):
            for column, value in enumerate(record):
                _write_cell(sheet, row, column, value, day)


def _records(
    connection: duckdb.DuckDBPyConnection, table: str, names: list[str]
) -> Iterator[tuple[object, ...]]:
    columns = ", ".join(identifier(name) for name in names)
    found = connection.execute(f"select {columns} from {table} order by row_ids[1]")
    while batch := found.fetchmany(BATCH):
        yield from batch


def _write_cell(
    sheet: xlsxwriter.worksheet.Worksheet, row: int, column: int, value: object, day: xlsxwriter.format.Format
) -> None:
    match value:
        case None:
            return
        case bool():
            sheet.write_boolean(row, column, value)
        case int() if abs(value) < 10**15:
            sheet.write_number(row, column, value)
        case Decimal() if len(value.as_tuple().digits) <= 15:
            sheet.write_number(row, column, float(value))
        case date() if value >= FIRST_SHEET_DAY:
            sheet.write_datetime(row, column, datetime(value.year, value.month, value.day), day)  # noqa: DTZ001 - a day has no zone
        case _:
            if len(text := str(value)) > XLSX_TEXT_LIMIT:
                raise ValueError(
                    f"row {row + 1}: {len(text)} characters do not fit a cell ({XLSX_TEXT_LIMIT})"
                )
            sheet.write_string(row, column, text)
