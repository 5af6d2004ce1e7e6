"""DuckDB's own awkward files, without a truth beside them: none may crash, and every line must be accounted for.

A line count that knows nothing of quotes stands against records, rejected records, skipped rows and the line ends
inside their cells.
"""

import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

import duckdb
import polars as pl

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.contained.service import read_contained
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.raw_table import column_names
from aformity_pipelines.intake.reading import RawTable, SkipKind
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood
from benchmarks.corpus.figure import SHARED, Figure

FOLDER = SHARED / "csv-duckdb"
_LINE_END = re.compile(r"\r\n|\n|\r")
_TEXT = frozenset({"csv"})


def figures() -> Iterator[Figure]:
    """Read every file; nothing if they are not here."""
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file() and path.name != "SOURCE.md")
    if not files:
        return
    fates = {path: fate_of(path) for path in files}
    ours, naive = Counter(fates.values()), Counter(map(_fate_with_duckdb, files))
    lost = [path for path, fate in fates.items() if fate == "lost"]
    shown = "" if not lost else f" ({', '.join(path.name for path in lost[:3])})"
    told = f"{ours['read']} read, {ours['asked']} ask, {ours['refused']} refused"
    yield Figure(
        corpus=f"csv-duckdb, {len(files)} files",
        measure=f"files with a line not accounted for ({told})",
        floor="0",
        naive=f"{naive['lost']} of {naive['read'] + naive['lost']} read (DuckDB)",
        ours=f"{ours['lost']}{shown}",
        holds=not ours["lost"],
    )


def fate_of(path: Path) -> str:
    """Return `read`, `asked`, `refused` or `lost`: read, but with a line that is nowhere.  A crash is raised."""
    with tempfile.TemporaryDirectory(prefix="aformity-corpus-") as folder:
        job = Job(file=path, name=path.name, hints=FormatHints(), into=Path(folder), row_id_prefix="")
        try:
            reading = read_contained(job)
        except NotUnderstood:
            return "asked"
        except DeliveryRefused:
            return "refused"
        if not all(_is_accounted_for(path, table, reading.tables) for table in reading.tables):
            return "lost"
        return "asked" if reading.questions or len(reading.tables) != 1 else "read"


def _is_accounted_for(path: Path, table: RawTable, tables: tuple[RawTable, ...]) -> bool:
    """Whether the rows of a table and the line ends inside the cells of all tables are the lines of the file."""
    if table.dialect.format not in _TEXT or table.member is not None:
        return True
    if table.rejected and not _has_reasons(table):
        return False
    rows = table.rows + table.rejected + sum(skip.count for skip in table.skipped)
    beside = (s.example for s in table.skipped if s.kind in {SkipKind.TITLE, SkipKind.NOTE})
    inside = _inside(beside) + sum(
        _inside(chain(_records(each), _rejects(each), each.headers)) for each in tables
    )
    return rows + inside == _lines(path, table.dialect.encoding or "utf-8")


def _lines(path: Path, encoding: str) -> int:
    text = path.read_bytes().decode(encoding, errors="replace")
    return len(_LINE_END.findall(text)) + (not text.endswith(("\r", "\n")))


def _inside(texts: Iterable[str]) -> int:
    """Return how many line ends there are within texts."""
    return sum(len(_LINE_END.findall(text)) for text in texts)


def _records(table: RawTable) -> Iterator[str]:
    frame = pl.read_parquet(table.parquet, columns=list(column_names(len(table.headers))))
    return (cell for row in frame.iter_rows() for cell in row if cell is not None)


def _rejects(table: RawTable) -> Iterator[str]:
    return iter(pl.read_parquet(table.rejects)["raw"]) if table.rejected else iter(())


def _has_reasons(table: RawTable) -> bool:
    frame = pl.read_parquet(table.rejects)
    return frame.height == table.rejected and all(
        row > 0 and reason for row, reason in frame.select("row", "reason").iter_rows()
    )


def _fate_with_duckdb(path: Path) -> str:
    """Return what DuckDB's own reader does: its rows and the header must be the lines that say something."""
    try:
        with duckdb.connect() as connection:
            read = connection.read_csv(str(path), all_varchar=True)
            rows = [cell for row in read.fetchall() for cell in row if cell is not None]
            count = len(read)
    except (duckdb.Error, UnicodeDecodeError):
        return "refused"
    lines = [line for line in _LINE_END.split(path.read_bytes().decode(errors="replace")) if line]
    inside = _inside(rows)
    return "read" if len(lines) - 1 <= count + inside <= len(lines) else "lost"
