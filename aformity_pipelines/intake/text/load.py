"""The records of a text into Parquet: DuckDB reads them with everything pinned, so it finds nothing out itself.

Keep out: which rows are records, and checking what was loaded.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.intake.raw_table import column_names
from aformity_pipelines.intake.text.plan import Grammar, LineEnd, Plan
from aformity_pipelines.intake.text.sorting import Sorter
from aformity_pipelines.intake.text.stretch import Indexes, Stretch
from aformity_pipelines.intake.text.tokens import Tokenizer

MOST_COLUMNS = 500
_NO_DELIMITER = b"\x1f"
"""Stands for the delimiter of a text with one column; a cell that holds it is for the tokenizer."""


def rows_in_place(path: Path, plan: Plan) -> str:
    """Return the query for a file whose record n is row n, but for a header in row 1."""
    columns = column_names(len(plan.headers))
    read = _pinned(path, columns, plan.grammar, skip=1)
    return f"SELECT row_number() OVER () + 1 AS row, {', '.join(columns)} FROM {read}"


def rows_numbered(stretches: Iterator[Stretch], sorter: Sorter, body: Path) -> str:
    """Write the records alone into `body`, each behind its row number, as they stand; return the query for them."""
    grammar, width = sorter.plan.grammar, len(sorter.plan.headers)
    delimiter = grammar.delimiter or _NO_DELIMITER
    with body.open("wb") as written:
        for stretch in stretches:
            written.write(
                b"".join(_lines(stretch, np.flatnonzero(sorter.sort(stretch).kept), delimiter, width))
            )
    columns = ("row", *column_names(width))
    plain = Grammar(delimiter=delimiter, quote=grammar.quote)
    return f"SELECT * FROM {_pinned(body, columns, plain, skip=0)}"


def _lines(stretch: Stretch, kept: Indexes, delimiter: bytes, width: int) -> Iterator[bytes]:
    """Yield the kept records, filled up to `width`, each behind its row."""
    rows, starts, ends = stretch.first_row + kept, stretch.starts[kept], stretch.ends[kept]
    missing = width - stretch.widths[kept]
    for row, start, end, lacking in zip(
        rows.tolist(), starts.tolist(), ends.tolist(), missing.tolist(), strict=True
    ):
        yield b"%d%b%b%b\n" % (row, delimiter, stretch.block[start:end], delimiter * lacking)


def tokenized(stretches: Iterator[Stretch], sorter: Sorter) -> Iterator[tuple[int, tuple[bytes, ...]]]:
    """Yield the row and the cells of every record, as the strict tokenizer reads them."""
    tokenizer, width = Tokenizer(sorter.plan.grammar), len(sorter.plan.headers)
    for stretch in stretches:
        for index in np.flatnonzero(sorter.sort(stretch).kept).tolist():
            cells = tokenizer.cells(stretch.record(index))
            yield stretch.first_row + index, (*cells, *(b"",) * (width - len(cells)))


def can_duckdb_read(plan: Plan) -> bool:
    """Whether DuckDB can be told to read by this plan, within bounded memory.

    It applies an escape to other signs too, and takes gigabytes for thousands of columns.
    """
    grammar = plan.grammar
    has_no_escape = grammar.escape in {b"", grammar.quote}
    return has_no_escape and len(plan.headers) <= MOST_COLUMNS


def _pinned(path: Path, columns: tuple[str, ...], grammar: Grammar, *, skip: int) -> str:
    """Return DuckDB's table function call with nothing left for it to find out, but CRLF."""
    new_line = r" new_line='\n'," if grammar.line_end is LineEnd.LF else ""
    types = ", ".join(f"{literal(c)}: {literal('INTEGER' if c == 'row' else 'VARCHAR')}" for c in columns)
    texts = ", ".join(literal(c) for c in columns if c != "row")
    quote = literal(grammar.quote.decode())
    return (
        f"read_csv({literal(_without_wildcards(path))}, auto_detect=false, columns={{{types}}},"
        f" delim={literal((grammar.delimiter or _NO_DELIMITER).decode())}, quote={quote}, escape={quote}, comment='',"
        f"{new_line} header=false, skip={skip}, encoding='utf-8', compression='none', strict_mode=true,"
        f" null_padding=false, ignore_errors=false, allow_quoted_nulls=false, nullstr='',"
        f" force_not_null=[{texts}], parallel=true)"
    )


def _without_wildcards(path: Path) -> str:
    # DuckDB takes any path for a pattern; a class of one character is that character.
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path.resolve()))
