"""Whether a damaged delivery was read as promised: an answer, and one that adds up."""

import tempfile
from collections.abc import Iterator
from functools import reduce
from pathlib import Path

import duckdb

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.contained.service import read_measured
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import RawTable, Reading
from aformity_pipelines.intake.refusal import NotUnderstood, ReadersDisagree
from tests.fuzz.outcome import Outcome

_MOST_SECONDS = 30
_MOST_BYTES = 1_500_000_000


def outcome_of(content: bytes, name: str) -> Outcome:
    """Read the bytes as a file of that name and say what came of it; raises what reaches the parent."""
    with tempfile.TemporaryDirectory(prefix="aformity-fuzz-") as scratch:
        folder = Path(scratch)
        file = folder / f"delivery{Path(name).suffix}"
        file.write_bytes(content)
        found = _read(file, name, FormatHints(), folder / "first")
        if isinstance(found, Outcome):
            return found
        problems = [problem for table in found.tables for problem in _breaches(table)]
        problems += _unsettled(found, file, name, folder / "second")
        if problems:
            return Outcome(kind="broken promise", what="; ".join(problems))
        return Outcome(kind="asked" if found.questions else "read")


def _read(file: Path, name: str, hints: FormatHints, into: Path) -> Reading | Outcome:
    job = Job(file=file, name=name, hints=hints, into=into, row_id_prefix="fuzz@0#")
    found, ended = read_measured(job)
    if ended.peak_memory > _MOST_BYTES or ended.cpu_seconds > _MOST_SECONDS:
        return Outcome(kind="too dear", what=f"{ended.peak_memory} bytes, {ended.cpu_seconds:.0f} s")
    if isinstance(found, Reading):
        return found
    if isinstance(found, ReadersDisagree):
        return Outcome(kind="disagreed", what=_after(name, found))
    if isinstance(found, NotUnderstood):
        is_empty = not found.questions
        return Outcome(kind="broken promise", what="no question") if is_empty else Outcome(kind="refused")
    says = _after(name, found)
    for sign, kind in (
        ("does not know what to make", "puzzled"),
        ("crashed", "crashed"),
        ("reading it", "limit"),
    ):
        if says.startswith(sign) or sign in says.split(";")[0]:
            return Outcome(kind=kind, what=says.partition(";")[0])
    return Outcome(kind="refused")


def _after(name: str, found: Exception) -> str:
    return str(found).removeprefix(f"{name}: ")


def _breaches(table: RawTable) -> Iterator[str]:
    """Yield what does not add up in one table."""
    with duckdb.connect() as connection:
        stored = connection.execute(
            "SELECT count(*), count(DISTINCT row), min(row), max(row) FROM read_parquet(?)",
            [str(table.parquet)],
        ).fetchall()[0]
        columns = len(
            connection.execute("SELECT * FROM read_parquet(?) LIMIT 0", [str(table.parquet)]).description
        )
        if table.rejected:
            rejects = connection.execute(
                "SELECT count(*), count(*) FILTER (coalesce(trim(reason), '') = '' OR row IS NULL), min(row), max(row)"
                " FROM read_parquet(?)",
                [str(table.rejects)],
            ).fetchall()[0]
        else:
            rejects = (0, 0, None, None)
    if stored[:2] != (table.rows, table.rows):
        yield f"{table.name}: {table.rows} rows told, (rows, different rows) stored {stored[:2]}"
    if columns != len(table.headers) + 2:
        yield f"{table.name}: {len(table.headers)} headers, {columns} columns"
    if rejects[:2] != (table.rejected, 0):
        yield f"{table.name}: {table.rejected} rejects told, (rejects, without reason) stored {rejects[:2]}"
    rows = [row for row in (*stored[2:], *rejects[2:]) if row is not None]
    if rows and table.first_row and (min(rows), max(rows)) != (table.first_row, table.last_row):
        yield f"{table.name}: rows {table.first_row} to {table.last_row} told, {min(rows)} to {max(rows)} stored"


def _unsettled(first: Reading, file: Path, name: str, into: Path) -> Iterator[str]:
    """Yield what is still asked, or read otherwise, once the best guess of every question is taken."""
    proposals = [question.proposal for question in first.questions]
    if not proposals or FormatHints() in proposals or len(first.tables) != 1:
        return
    hints = reduce(lambda told, proposal: told.over(proposal), proposals)
    again = _read(file, name, hints, into)
    if isinstance(again, Outcome):
        yield f"with the proposal {hints.model_dump(exclude_defaults=True)}: {again.kind} {again.what}"
        return
    if again.questions:
        yield f"asked again in spite of the proposal: {again.questions[0].kind}: {again.questions[0].what}"
    before = [(t.headers, t.rows, t.rejected) for t in first.tables]
    if before != (now := [(t.headers, t.rows, t.rejected) for t in again.tables]):
        yield f"the proposal reads something else: {before} and {now}"[:500]
