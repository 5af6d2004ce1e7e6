"""Pollock's files, half of them: what is loaded without telling the dialect, and what differs in silence.

A silent difference is a file that was accepted without a question though something in it is neither as in its
clean version nor visibly set apart.
"""

import csv
import io
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.contained.service import read_contained
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import RawTable, largest_of
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood
from benchmarks.corpus.figure import SHARED, Figure
from benchmarks.corpus.pollock_score import Rows, score

FOLDER = SHARED / "csv-pollock"
SURVEY_FLOOR, POLLUTED_FLOOR, ASK_FLOOR = 9.3, 9.7, 1 / 3
_PINNED = "auto_detect = false, strict_mode = true, delim = ',', quote = '\"', escape = '\"', header = true"


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a reader made of one file: its rows with the header first (None: refused), and what it set apart."""

    rows: Rows | None
    has_questions: bool = False
    set_apart: int = 0  # records, each with its raw text


Reader = Callable[[Path], Loaded]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Result:
    score: float
    is_silent_difference: bool
    waits: bool


def figures() -> Iterator[Figure]:
    """Measure both parts of the corpus; nothing if it is not here."""
    if not FOLDER.is_dir():
        return
    ours = {part: _results(part, read_ours) for part in ("survey", "polluted")}
    for part, floor in (("survey", SURVEY_FLOOR), ("polluted", POLLUTED_FLOOR)):
        naive = _mean(_results(part, read_with_sniffer))
        reached = _mean(ours[part])
        yield Figure(
            corpus=f"csv-pollock {part}, {len(ours[part])} files",
            measure="Pollock score of 10, dialect not told",
            floor=f"{floor:.1f}",
            naive=f"{naive:.2f} (csv.Sniffer), {_mean(_results(part, read_with_duckdb)):.2f} (DuckDB)",
            ours=f"{reached:.2f}",
            holds=reached >= floor,
        )
    every = [*ours["survey"], *ours["polluted"]]
    yield _silent(every)
    waiting = sum(result.waits for result in every)
    yield Figure(
        corpus=f"csv-pollock, {len(every)} files",
        measure="files that wait for a person",
        floor="at most 1 in 3",
        naive="0 (DuckDB, csv.Sniffer: they guess)",
        ours=f"{waiting} ({waiting / len(every):.0%})",
        holds=waiting <= ASK_FLOOR * len(every),
    )


def _silent(ours: list[_Result]) -> Figure:
    differ = {
        name: sum(
            one.is_silent_difference for part in ("survey", "polluted") for one in _results(part, reader)
        )
        for name, reader in (("auto", read_with_duckdb), ("pinned", read_pinned))
    }
    count = sum(result.is_silent_difference for result in ours)
    return Figure(
        corpus=f"csv-pollock, {len(ours)} files",
        measure="silent differences",
        floor="0",
        naive=f"{differ['auto']} (DuckDB auto), {differ['pinned']} (DuckDB pinned)",
        ours=str(count),
        holds=count == 0,
    )


def read_ours(path: Path) -> Loaded:
    """Read as the product does, the largest table by the best guess where it asks."""
    with tempfile.TemporaryDirectory(prefix="aformity-corpus-") as folder:
        job = Job(file=path, name=path.name, hints=FormatHints(), into=Path(folder), row_id_prefix="")
        try:
            reading = read_contained(job)
        except (NotUnderstood, DeliveryRefused):
            return Loaded(rows=None)
        if not reading.tables:
            return Loaded(rows=(), has_questions=True)
        table = largest_of(reading.tables)
        asks = bool(reading.questions) or len(reading.tables) > 1
        return Loaded(rows=rows_of(table), has_questions=asks, set_apart=table.rejected)


def rows_of(table: RawTable) -> Rows:
    """Return the headers and the cells of a table as read."""
    with duckdb.connect() as connection:
        connection.execute(
            "SELECT * EXCLUDE (row_id, row) FROM read_parquet(?) ORDER BY row", [str(table.parquet)]
        )
        return [table.headers, *connection.fetchall()]


def read_with_sniffer(path: Path) -> Loaded:
    """Read as Python's csv.Sniffer says."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    try:
        dialect = csv.Sniffer().sniff(text) if text else "excel"
        return Loaded(rows=list(csv.reader(io.StringIO(text, newline=""), dialect)))
    except csv.Error:
        return Loaded(rows=None)


def read_with_duckdb(path: Path) -> Loaded:
    """Read as DuckDB does that is told to go on whatever happens, all cells as text."""
    options = "all_varchar = true, strict_mode = false, null_padding = true, ignore_errors = true"
    return _with_duckdb(path, options)


def read_pinned(path: Path) -> Loaded:
    """Read as DuckDB does that may detect nothing: comma, double quote, the first line is the header."""
    with path.open(encoding="utf-8", errors="replace", newline="") as opened:
        names = next(csv.reader(opened), [])
    columns = ", ".join(f"'c{index}': 'VARCHAR'" for index in range(len(names)))
    loaded = _with_duckdb(path, f"{_PINNED}, columns = {{{columns}}}") if names else Loaded(rows=None)
    if loaded.rows is None:
        return loaded
    return Loaded(rows=[names, *loaded.rows[1:]])


def _with_duckdb(path: Path, options: str) -> Loaded:
    # A name such as `download (6).csv` is taken as it is; none of these holds a wildcard.
    source = str(path).replace("'", "''")
    try:
        with duckdb.connect() as connection:
            result = connection.execute(f"SELECT * FROM read_csv('{source}', {options})")
            names = [column[0] for column in result.description or ()]
            return Loaded(rows=[names, *([cell or "" for cell in row] for row in result.fetchall())])
    except duckdb.Error:
        return Loaded(rows=None)


def _results(part: str, reader: Reader) -> list[_Result]:
    files = sorted((FOLDER / part / "csv").iterdir())
    return [_result(path, FOLDER / part / "clean" / path.name, reader) for path in files]


def _result(path: Path, clean_path: Path, reader: Reader) -> _Result:
    with clean_path.open(encoding="utf-8-sig", newline="") as opened:
        clean = list(csv.reader(opened))
    loaded = reader(path)
    waits = loaded.rows is None or loaded.has_questions
    return _Result(
        score=score(clean, loaded.rows),
        is_silent_difference=not waits and _differs(clean, loaded),
        waits=waits,
    )


def _differs(clean: Rows, loaded: Loaded) -> bool:
    """Whether what was accepted differs beyond records that were visibly set apart."""
    mine, theirs = _counted(loaded.rows or ()), _counted(clean)
    if tuple((loaded.rows or [()])[0]) != tuple((clean or [()])[0]) or mine - theirs:
        return True
    return (theirs - mine).total() > loaded.set_apart


def _counted(rows: Rows) -> Counter[tuple[str, ...]]:
    return Counter(map(tuple, rows[1:]))


def _mean(results: list[_Result]) -> float:
    return sum(result.score for result in results) / len(results)
