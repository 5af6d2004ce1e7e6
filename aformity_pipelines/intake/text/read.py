"""Delimited text to a raw table: DuckDB reads with everything pinned, a strict walk checks it.

Nothing is sniffed by DuckDB and no row may differ in width, so nothing is shifted, padded or dropped.
Keep out: other formats, and repairs: a broken record stops the reading and is named.
"""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import numpy as np

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.raw_table import column_names, store
from aformity_pipelines.intake.reading import Dialect, RawTable, RawWarning, Reading, WarningKind
from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind, put_format
from aformity_pipelines.intake.text.dialect import Plan, plan
from aformity_pipelines.intake.text.encoding import Utf8Text, as_utf8
from aformity_pipelines.intake.text.records import Breach, Grammar, Stretch, walk

_SHOWN = 3
_LINE_ENDS = {b"\n": "LF", b"\r\n": "CRLF", b"\r": "CR"}


def read_text(job: Job) -> Reading:
    """Read the job's file.  Raises NotUnderstood for what is not clear or broken."""
    name = job.name
    with (
        tempfile.TemporaryDirectory(dir=job.into, prefix=".reading-") as folder,
        duckdb.connect() as connection,
    ):
        text = as_utf8(job.file, job.hints.encoding, scratch=Path(folder, "text.csv"), name=name)
        how = plan(text.path, job.hints, start=text.start, name=name)
        seen = _survey(text, how)
        if seen.problems:
            raise NotUnderstood(name, tuple(_questions(seen, how)))
        if _is_plain(seen, how):
            rows_sql = _rows_in_place(text.path, how)
        else:
            body = Path(folder, "body.csv")
            _write_numbered(text, how, body)
            rows_sql = _rows_numbered(body, how)
        dialect = _dialect(text, how)
        store(
            connection,
            rows_sql,
            job=job,
            number=1,
            headers=how.headers,
            dialect=dialect,
            expected=seen.records,
        )
    table = RawTable(
        number=1,
        headers=how.headers,
        header_row=how.header_row,
        parquet=job.parquet(1),
        rows=seen.records,
        rejects=job.rejects(1),
        dialect=dialect,
        warnings=_warnings(text),
    )
    return Reading(file_name=name, format="csv", tables=(table,))


@dataclass(slots=True)
class _Survey:
    """What a walk over the whole text finds; kinds of problems map to (count, first examples)."""

    records: int = 0
    blank_lines: int = 0
    problems: dict[str, tuple[int, list[str]]] = field(default_factory=dict)

    def note(self, kind: str, count: int, examples: Iterator[str]) -> None:
        """Add `count` problems of a kind; of the examples the first few of all are kept."""
        before, shown = self.problems.get(kind, (0, []))
        if len(shown) < _SHOWN:
            shown = [*shown, *(text for text, _ in zip(examples, range(_SHOWN - len(shown)), strict=False))]
        self.problems[kind] = (before + count, shown)


def _survey(text: Utf8Text, how: Plan) -> _Survey:
    seen = _Survey()
    first_row = 1
    for stretch in walk(text.path, how.grammar, start=text.start):
        is_below = np.arange(first_row, first_row + len(stretch.starts)) > how.header_row
        is_blank = stretch.is_blank()
        is_record = is_below & ~is_blank
        seen.records += int(np.count_nonzero(is_record))
        seen.blank_lines += int(np.count_nonzero(is_below & is_blank))
        for kind in Breach:
            broken = [index for index, breach in stretch.breaches if breach is kind]
            if broken:
                seen.note(kind, len(broken), (_shown(stretch, i, first_row) for i in broken))
        sound = is_record & (stretch.widths != len(how.headers))
        sound[[index for index, _ in stretch.breaches]] = False
        if sound.any():
            odd = np.flatnonzero(sound)
            seen.note("width", odd.size, (_shown_width(stretch, int(i), first_row) for i in odd))
        first_row += len(stretch.starts)
    return seen


def _shown(stretch: Stretch, index: int, first_row: int) -> str:
    text = stretch.text(index)
    return f"row {first_row + index} {text[:80] + ('…' if len(text) > 80 else '')!r}"


def _shown_width(stretch: Stretch, index: int, first_row: int) -> str:
    return f"{_shown(stretch, index, first_row)} has {stretch.widths[index]}"


def _questions(seen: _Survey, how: Plan) -> Iterator[Question]:
    for kind, (count, examples) in seen.problems.items():
        shown = ", ".join(examples)
        if kind == "width":
            what = f"{count} records do not have the header's {len(how.headers)} fields: {shown}"
            answer = (
                "ask for a corrected file; if the delimiter "
                f"{how.grammar.delimiter.decode()!r} or header row {how.header_row} is wrong, "
                f"{put_format(delimiter=how.grammar.delimiter.decode(), header_row=how.header_row)} as it should be"
            )
        else:
            what = f"{count} records with {kind}: {shown}"
            answer = "ask for a corrected file"
            if kind in {Breach.QUOTE, Breach.UNCLOSED}:
                answer += f", or {put_format(quote='')} if quotes are plain text in it"
        yield Question(kind=QuestionKind.RECORDS, what=what, answer=answer)


def _write_numbered(text: Utf8Text, how: Plan, body: Path) -> None:
    """Write the records alone, each with its row number as a first field and one kind of line end."""
    first_row = 1
    with body.open("wb") as written:
        for stretch in walk(text.path, how.grammar, start=text.start):
            rows = np.arange(first_row, first_row + len(stretch.starts))
            kept = np.flatnonzero((rows > how.header_row) & ~stretch.is_blank())
            block, delimiter = stretch.block, how.grammar.delimiter
            spans = zip(
                rows[kept].tolist(), stretch.starts[kept].tolist(), stretch.ends[kept].tolist(), strict=True
            )
            written.writelines(b"%d%b%b\n" % (row, delimiter, block[start:end]) for row, start, end in spans)
            first_row += len(stretch.starts)


def _is_plain(seen: _Survey, how: Plan) -> bool:
    """Whether record n of the file is row n, and its first line end is of the file's own kind."""
    # DuckDB takes the kind from the first line end, even a quoted one; told CRLF, it splits at a quoted LF.
    is_first_line_end_real = not {"\r", "\n"} & set("".join(how.headers))
    return (
        not seen.blank_lines
        and how.header_row == 1
        and how.grammar.line_end != b"\r"
        and is_first_line_end_real
    )


def _rows_in_place(path: Path, how: Plan) -> str:
    columns = column_names(len(how.headers))
    read = _pinned(path, columns, how.grammar, skip=1, is_lf=how.grammar.line_end == b"\n")
    return f"SELECT row_number() OVER () + 1 AS row, {', '.join(columns)} FROM {read}"


def _rows_numbered(path: Path, how: Plan) -> str:
    columns = ("row", *column_names(len(how.headers)))
    return f"SELECT * FROM {_pinned(path, columns, how.grammar, skip=0, is_lf=True)}"


def _pinned(path: Path, columns: tuple[str, ...], grammar: Grammar, *, skip: int, is_lf: bool) -> str:
    """Return DuckDB's table function call with nothing left for it to find out, but CRLF, unless `is_lf`."""
    new_line = "" if not is_lf else r" new_line='\n',"
    types = ", ".join(f"{literal(c)}: {literal('INTEGER' if c == 'row' else 'VARCHAR')}" for c in columns)
    texts = ", ".join(literal(c) for c in columns if c != "row")
    quote = literal(grammar.quote.decode())
    return (
        f"read_csv({literal(_without_wildcards(path))}, auto_detect=false, columns={{{types}}},"
        f" delim={literal(grammar.delimiter.decode())}, quote={quote}, escape={quote}, comment='',"
        f"{new_line} header=false, skip={skip}, encoding='utf-8', compression='none', strict_mode=true,"
        f" null_padding=false, ignore_errors=false, allow_quoted_nulls=false, nullstr='',"
        f" force_not_null=[{texts}], parallel=true)"
    )


def _without_wildcards(path: Path) -> str:
    # DuckDB takes any path for a pattern; a class of one character is that character.
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path.resolve()))


def _dialect(text: Utf8Text, how: Plan) -> Dialect:
    return Dialect(
        format="csv",
        encoding=text.encoding,
        encoding_because=text.because,
        delimiter=how.grammar.delimiter.decode(),
        quote=how.grammar.quote.decode(),
        line_end=_LINE_ENDS[how.grammar.line_end],
    )


def _warnings(text: Utf8Text) -> tuple[RawWarning, ...]:
    if not text.is_assumed:
        return ()
    return (RawWarning(kind=WarningKind.ENCODING_ASSUMED, count=1, example=text.because),)
