"""One bad record in a good file: exactly that one must be set apart, and every other read as if nothing had been.

The good files are made here, and taken from the clean ones of others; each kind of damage is done at many places.
"""

import csv
import io
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import polars as pl

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.raw_table import column_names
from aformity_pipelines.intake.text.encoding import Utf8Text
from aformity_pipelines.intake.text.plan import Grammar, LineEnd, Plan
from aformity_pipelines.intake.text.table import read_table
from benchmarks.corpus.figure import SHARED, Figure

PLACES = 5
_MOST_ROWS = 300

Row = tuple[str, ...]
Reader = Callable[["Good", bytes, Path], list[Row]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Good:
    """A file without a fault: its header, its records, and each as it is written."""

    name: str
    grammar: Grammar
    headers: Row
    rows: tuple[Row, ...]
    lines: tuple[bytes, ...]  # the header's first, without line ends

    def line_end(self) -> bytes:
        """Return what ends every line."""
        return {LineEnd.LF: b"\n", LineEnd.CRLF: b"\r\n", LineEnd.CR: b"\r"}[self.grammar.line_end]

    def damaged(self, at: int, line: bytes) -> bytes:
        """Return the file with `line` in place of record `at`, from 0."""
        return self.line_end().join((*self.lines[: at + 1], line, *self.lines[at + 2 :], b""))


def figures() -> Iterator[Figure]:
    """Damage, read and compare: by our reader and by two that people use."""
    trials = [
        (good, at, content)
        for good in _good_files()
        for at in _places(good)
        for content in _damaged(good, at)
    ]
    ours = _share(trials, _ours)
    naive = {"DuckDB": _share(trials, _with_duckdb), "Polars": _share(trials, _with_polars)}
    yield Figure(
        corpus=f"one bad record, {len(trials)} files",
        measure="exactly that one set apart, all others equal",
        floor="100%",
        naive=", ".join(f"{share:.1%} ({name})" for name, share in naive.items()),
        ours=f"{ours:.1%}",
        holds=ours == 1,
    )


def _share(trials: list[tuple[Good, int, bytes]], reader: Reader) -> float:
    kept = 0
    for good, at, content in trials:
        with tempfile.TemporaryDirectory(prefix="aformity-corpus-") as folder:
            others = [row for number, row in enumerate(good.rows) if number != at]
            kept += reader(good, content, Path(folder)) == others
    return kept / len(trials)


def _damaged(good: Good, at: int) -> Iterator[bytes]:
    """Yield the file with each kind of damage to record `at` that leaves it no record."""
    line = good.lines[at + 1]
    delimiter, quote = good.grammar.delimiter, good.grammar.quote
    cells = list(good.rows[at])
    bare = delimiter.join(b"x" for _ in cells)
    foreign = b"\r" if good.grammar.line_end is LineEnd.LF else b"\n"
    kinds: Mapping[str, bytes] = {
        "one field more": line + delimiter + b"x",
        "one field less": delimiter.join(b"x" for _ in cells[1:]),
        "a quote inside a field": bare[:-1] + b"5" + quote + b" pipe",
        "a quote that opens first": quote + bare,
        "a quote that opens last": bare[:-1] + quote + b"x",
        "a quote that closes": bare + quote,
        "text behind a quote": quote + b"x" + quote + b"y" + bare[1:],
        "bytes that are no text": bare + b"\xff\xfe",
        "a foreign line end": bare + foreign + b"x",
        "nothing but text": b"the connection was lost",
    }
    for kind, broken in kinds.items():
        if kind != "one field less" or len(cells) > 2:
            yield good.damaged(at, broken)


def _places(good: Good) -> list[int]:
    """Return the first record, the last, and some between."""
    last = len(good.rows) - 1
    return sorted({round(last * step / (PLACES - 1)) for step in range(PLACES)})


def _good_files() -> Iterator[Good]:
    plain = tuple((str(i), f"name of {i}", "", f"{i}.50") for i in range(200))
    nasty = tuple((str(i), f'say "{i}"', "two\nlines\n" if i % 2 else "a,b;c", "é") for i in range(200))
    for rows, kind in ((plain, "plain"), (nasty, "quoted")):
        for line_end in (LineEnd.LF, LineEnd.CRLF, LineEnd.CR):
            for delimiter in (b",", b";", b"\t", b"||"):
                grammar = Grammar(delimiter=delimiter, quote=b'"', line_end=line_end)
                yield _made(f"{kind} {line_end} {delimiter!r}", grammar, ("id", "name", "note", "sum"), rows)
    for path in sorted(SHARED.glob("clean-*/clean.csv")):
        with path.open(encoding="utf-8", newline="") as opened:
            headers, *records = map(tuple, csv.reader(opened, strict=True))
        yield _made(
            path.parent.name, Grammar(delimiter=b",", quote=b'"'), headers, tuple(records[:_MOST_ROWS])
        )


def _made(name: str, grammar: Grammar, headers: Row, rows: tuple[Row, ...]) -> Good:
    lines = tuple(_line(row, grammar) for row in (headers, *rows))
    return Good(name=name, grammar=grammar, headers=headers, rows=rows, lines=lines)


def _line(row: Row, grammar: Grammar) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter="\x1f", lineterminator="").writerow(row)
    quoted = (cell if cell[:1] == '"' else _bare(cell, grammar) for cell in _fields(out.getvalue()))
    return grammar.delimiter.join(cell.encode() for cell in quoted)


def _fields(line: str) -> list[str]:
    return line.split("\x1f")


def _bare(cell: str, grammar: Grammar) -> str:
    special = {*grammar.delimiter.decode(), "\r", "\n"}
    return f'"{cell}"' if special & {*cell} else cell


def _ours(good: Good, content: bytes, folder: Path) -> list[Row]:
    """Return the records, or nothing if not exactly one was set apart."""
    file = folder / "in.csv"
    file.write_bytes(content)
    job = Job(file=file, name=good.name, hints=FormatHints(), into=folder, row_id_prefix="")
    text = Utf8Text(path=file, start=0, encoding="utf-8", because="", is_assumed=False)
    plan = Plan(grammar=good.grammar, headers=good.headers, header_row=1, header_rows=1, first_row=2)
    table = read_table(text, plan, job, 1)
    if table.rejected != 1:
        return []
    return pl.read_parquet(table.parquet, columns=list(column_names(len(good.headers)))).rows()


def _with_duckdb(good: Good, content: bytes, folder: Path) -> list[Row]:
    file = folder / "in.csv"
    file.write_bytes(content)
    try:
        with duckdb.connect() as connection:
            return connection.execute(
                "SELECT * FROM read_csv(?, delim=?, quote='\"', header=true, all_varchar=true, store_rejects=true,"
                " nullstr='', allow_quoted_nulls=false, force_not_null=?)",
                [str(file), good.grammar.delimiter.decode(), list(good.headers)],
            ).fetchall()
    except duckdb.Error:
        return []


def _with_polars(good: Good, content: bytes, folder: Path) -> list[Row]:
    del folder
    if len(good.grammar.delimiter) > 1:
        return []
    with warnings.catch_warnings():
        # It tells of damage on the error stream, and goes on.
        warnings.simplefilter("ignore")
        try:
            return (
                pl.read_csv(
                    content,
                    separator=good.grammar.delimiter.decode(),
                    eol_char=good.line_end()[-1:].decode(),
                    infer_schema=False,
                    ignore_errors=True,
                )
                .fill_null("")
                .rows()
            )
        except pl.exceptions.PolarsError:
            return []
