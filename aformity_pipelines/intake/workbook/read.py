"""Workbooks to raw tables: every table of every sheet, every cell as text, rows numbered as the program shows them.

Values come out as they are stored: text as text, numbers as the shortest text of the same double, dates as ISO text
in either system of dates, errors as `#N/A` and its like; `RawTable.stored` keeps what was stored wherever the text is
another.  Keep out: how each format is read, where tables lie.
"""

from aformity_pipelines.intake.engine import connect
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Reading, largest_of
from aformity_pipelines.intake.refusal import (
    DeliveryRefused,
    NotUnderstood,
    Question,
    QuestionKind,
    put_format,
)
from aformity_pipelines.intake.workbook.containers import reader_of
from aformity_pipelines.intake.workbook.package import check_tables
from aformity_pipelines.intake.workbook.sheet import Book, Sheet
from aformity_pipelines.intake.workbook.tables import Found, find_tables, write_table


def read_workbook(job: Job) -> Reading:
    """Read every table of the job's workbook, or those of the sheet and the number that were told.

    Only what is doubtful about the largest table is asked: the one meant, as a guess.  Raises NotUnderstood for a
    sheet, table or row that is not there, DeliveryRefused for a workbook that is broken, protected, hostile, empty
    or beyond a limit.
    """
    book = reader_of(job)(job)
    found: list[Found] = []
    for sheet in _sheets(book, job):
        found += find_tables(sheet, job)
        check_tables(job, len(found), "tables")
    _check_header_row(found, job)
    if not found:
        raise DeliveryRefused(f"{job.name}: no sheet holds a value; ask for the file again")
    numbered = _numbered(found, job)
    with connect(job) as connection:
        # The cells take memory already, and each thread of DuckDB would hold a group of rows beside them.
        connection.execute("SET threads = 1")
        tables = tuple(write_table(connection, table, number, book, job) for number, table in numbered)
    meant = largest_of(tables).number
    questions = next(table.questions for number, table in numbered if number == meant)
    return Reading(file_name=job.name, format=book.format, tables=tables, questions=questions)


def _sheets(book: Book, job: Job) -> tuple[Sheet, ...]:
    """Return the told sheet, or those that hold a value: visible ones first."""
    if job.hints.sheet is None:
        return tuple(sorted(book.sheets, key=lambda sheet: sheet.is_hidden))
    chosen = tuple(sheet for sheet in book.sheets if sheet.name == job.hints.sheet)
    if not chosen:
        names = [sheet.name for sheet in book.sheets]
        raise _question(
            job,
            f"no sheet {job.hints.sheet!r}; there are {names}",
            put_format(sheet=names[0]) + " with the right one",
        )
    return chosen


def _numbered(found: list[Found], job: Job) -> tuple[tuple[int, Found], ...]:
    numbered = tuple(enumerate(found, start=1))
    if job.hints.table is None:
        return numbered
    if job.hints.table > len(numbered):
        shown = "; ".join(f"{number}: {table.sheet.name}!{table.box}" for number, table in numbered)
        raise _question(
            job,
            f"no table {job.hints.table}; there are {len(numbered)} ({shown})",
            put_format(table=1) + " with the right one",
        )
    return (numbered[job.hints.table - 1],)


def _check_header_row(found: list[Found], job: Job) -> None:
    row = job.hints.header_row
    if row and not any(table.heading.row == row for table in found):
        raise _question(
            job,
            f"row {row} should be the header but is blank or below the last row",
            "correct `header_row` under the source in defs.yaml: blank rows and title rows count",
            QuestionKind.HEADER,
        )


def _question(job: Job, what: str, answer: str, kind: QuestionKind = QuestionKind.TABLE) -> NotUnderstood:
    return NotUnderstood(job.name, (Question(kind=kind, what=what, answer=answer),))
