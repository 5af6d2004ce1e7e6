"""`aformity read`: one table of a file as intake reads it, as Parquet, and its rejected records beside it."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import duckdb
import typer

from aformity_pipelines.cli.failures import A_PERSON_DECIDES
from aformity_pipelines.cli.format_options import as_options, with_format_options
from aformity_pipelines.cli.options import JsonOption, Unknown
from aformity_pipelines.cli.output import put_json, say, visible
from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.contained.service import read_contained
from aformity_pipelines.intake.delivered import one_table
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.named_table import column_labels, rejects_beside, write_named
from aformity_pipelines.intake.reading import RawTable, Reading, largest_of
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood, Question
from aformity_pipelines.intake.snapshot import shown, snapshot

NAME = "read"
EXAMPLE = "aformity read contacts.csv --out contacts.parquet --header-row 3"


@with_format_options
def command(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A file as the customer sent it.")],
    out: Annotated[Path, typer.Option("--out", help="The Parquet file to write.")],
    *,
    hints: FormatHints,
    accept_proposal: Annotated[
        bool, typer.Option("--accept-proposal", help="Where a person must choose, take the best guess.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write a table as intake reads it: every value as exact text, rejected records beside it; exit 3 if a person must choose."""
    _check_out(path, out)
    with TemporaryDirectory(prefix="aformity-") as folder:
        try:
            reading = read_as_told(path, hints, Path(folder))
            questions = questions_of(reading)
            if questions and not accept_proposal:
                raise NotUnderstood(reading.file_name, questions)
        except NotUnderstood as asked:
            _ask(path, asked.questions, as_json=as_json)
            raise typer.Exit(A_PERSON_DECIDES) from None
        table = largest(reading)
        with connected(Path(folder)) as connection:
            write_named(connection, table, out)
    _tell(path, out, table, questions, as_json=as_json)


def connected(folder: Path) -> duckdb.DuckDBPyConnection:
    """Return a connection that spills into `folder` and prints nothing of its own."""
    connection = duckdb.connect(config={"temp_directory": str(folder)})
    connection.execute("SET enable_progress_bar = false")
    return connection


def read_as_told(path: Path, hints: FormatHints, folder: Path) -> Reading:
    """Read the file at `path` into `folder`.  Raises what reading raises; a refusal names the file."""
    name = shown(path.name)
    try:
        into = folder / "tables"
        into.mkdir()
        return read_contained(
            Job(file=snapshot(path, folder), name=name, hints=hints, into=into, row_id_prefix="")
        )
    except DeliveryRefused as refused:
        says = str(refused)
        raise DeliveryRefused(says if says.startswith(name or ".") else f"{shown(path)}: {says}") from refused


def questions_of(reading: Reading) -> tuple[Question, ...]:
    """Return everything that a person must settle before one table of the file may be taken."""
    try:
        one_table(reading)
    except NotUnderstood as asked:
        return asked.questions
    return ()


def largest(reading: Reading) -> RawTable:
    """Return the table with most records, the first of those.  Raises DeliveryRefused where there is no table."""
    if not reading.tables:
        raise DeliveryRefused(f"{reading.file_name}: holds no table; ask for another file")
    return largest_of(reading.tables)


def question_json(question: Question) -> dict[str, object]:
    """Return a question with its answer, as hints and as options of this command."""
    proposal = question.proposal.model_dump(mode="json", exclude_defaults=True)
    return {
        "kind": question.kind,
        "what": question.what,
        "answer": question.answer,
        "proposal": proposal,
        "options": as_options(question.proposal),
    }


def _check_out(path: Path, out: Path) -> None:
    if out.is_dir():
        raise Unknown(f"--out {out}: is a folder; name the file to write")
    if path.exists():
        for written in (out, rejects_beside(out)):
            if written.exists() and written.samefile(path):
                raise Unknown(f"--out {out}: would overwrite the file that is read; give it another name")


def _ask(path: Path, questions: tuple[Question, ...], *, as_json: bool) -> None:
    if as_json:
        put_json({"path": shown(path), "out": None, "questions": [question_json(each) for each in questions]})
        return
    for question in questions:
        say(f"{shown(path)}: {question.what}")
        say(f"  to settle it: {question.answer}")
        if options := as_options(question.proposal):
            say(f"  here: {options}")
    say("Nothing was written. --accept-proposal takes the best guess on every point.")


def _tell(path: Path, out: Path, table: RawTable, assumed: tuple[Question, ...], *, as_json: bool) -> None:
    rejects = shown(rejects_beside(out)) if table.rejected else None
    if as_json:
        put_json(
            {
                "path": shown(path),
                "out": shown(out),
                "rejects": rejects,
                "table": {"number": table.number, "sheet": table.sheet, "member": table.member},
                "rows": table.rows,
                "rejected": table.rejected,
                "columns": list(column_labels(table.headers)),
                "headers": list(table.headers),
                "header_row": table.header_row,
                "dialect": asdict(table.dialect),
                "skipped": [asdict(each) for each in table.skipped],
                "warnings": [asdict(each) for each in table.warnings],
                "questions": [],
                "assumed": [question_json(each) for each in assumed],
            }
        )
        return
    say(
        f"{shown(out)}: {table.rows:,} records, {len(table.headers):,} columns, from {table.name} of {shown(path)}"
    )
    if rejects:
        say(
            f"{rejects}: {table.rejected:,} records that could not be read, with the reason of each", "yellow"
        )
    for skipped in table.skipped:
        say(f"  not records: {skipped.count:,} of kind {skipped.kind.value}, the first in row {skipped.row}")
    for warning in table.warnings:
        says = visible(warning.example)
        say(f"  {warning.kind.value.replace('_', ' ')}: {warning.count:,}, for example {says}", "yellow")
    for question in assumed:
        say(f"  assumed ({as_options(question.proposal) or question.answer}): {question.what}", "yellow")
