"""One and the same table in every structured format reads to the same headers and rows; automatic readers change values."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

import duckdb
import polars as pl

from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.read import read_file
from benchmarks.corpus.figure import Figure

HEADERS = ("id", "code", "amount", "created", "active", "note")
ROWS = tuple(
    (str(number), code, amount, created, active, note)
    for number, (code, amount, created, active, note) in enumerate(
        (
            ("007", "1.10", "02/03/04", "true", "plain"),
            ("1E5", "0.10", "2026-01-31", "false", ' "quoted", {braced} <b> & blanks '),
            ("1234567890123456789", "100.00", "2026-01-31 10:00", "true", "Köln 🎈\u00a0"),
            ("0x10", "-0", "epoch", "false", "two\nlines"),
            ("NaN", "1_000", "12:30", "yes", ""),
            ("NULL", "1e-7", "1900-01-01", "no", "'=1+1"),
        )
        * 50,
        start=1,
    )
)
Table = tuple[tuple[str, ...], tuple[tuple[str | None, ...], ...]]
"""Headers and rows."""


def figures() -> Iterator[Figure]:
    """Yield how many formats read to exactly the table that was written into them, and what automatic readers do."""
    written = files()
    with TemporaryDirectory() as folder:
        ours = _equal(written, Path(folder), _ours)
        naive = {name: _equal(written, Path(folder), reader) for name, reader in _NAIVE.items()}
    yield Figure(
        corpus="structured, generated",
        measure="formats in which one table reads to the same headers and rows",
        floor=f"{len(written)} of {len(written)}",
        naive=", ".join(f"{name} {count}" for name, count in naive.items()),
        ours=f"{ours} of {len(written)}",
        holds=ours == len(written) and all(count < len(written) for count in naive.values()),
    )


def files() -> dict[str, bytes]:
    """Return the table in every format: file name -> content."""
    records = [dict(zip(HEADERS, row, strict=True)) for row in ROWS]
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    plain = {
        "array.json": json.dumps(records, ensure_ascii=False),
        "pretty.json": json.dumps(records, indent=2),
        "document.json": json.dumps({"total": len(records), "data": {"rows": records}}),
        "lines.jsonl": lines,
        "values.json": "\n".join(json.dumps(record, indent=1) for record in records),
        "elements.xml": _xml(records),
        "attributes.xml": _xml_of_attributes(records),
        "widths.txt": _fixed_width(),
    }
    found = {name: text.encode() for name, text in plain.items()}
    found["utf16.json"] = plain["array.json"].encode("utf-16")
    found["latin.xml"] = (
        plain["elements.xml"].replace("utf-8", "iso-8859-15").encode("iso-8859-15", "xmlcharrefreplace")
    )
    found["table.parquet"] = _parquet()
    found["lines.jsonl.gz"] = gzip.compress(lines.encode(), mtime=0)
    found["one.zip"] = _zipped({"folder/array.json": found["array.json"]})
    return found


def _xml(records: list[dict[str, str]]) -> str:
    rows = "".join(
        f"<row>{''.join(f'<{name}>{escape(text)}</{name}>' for name, text in record.items())}</row>\n"
        for record in records
    )
    return f'<?xml version="1.0" encoding="utf-8"?>\n<rows>\n{rows}</rows>'


def _xml_of_attributes(records: list[dict[str, str]]) -> str:
    rows = "".join(
        f"<row {' '.join(f'{name}={_attribute(text)}' for name, text in record.items())}/>\n"
        for record in records
    )
    return f"<rows>{rows}</rows>"


def _attribute(text: str) -> str:
    return '"' + escape(text, {'"': "&quot;", "\n": "&#10;"}) + '"'


def _fixed_width() -> str:
    widths = [max(map(len, column)) + 1 for column in zip(HEADERS, *ROWS, strict=True)]
    lines = (HEADERS, *ROWS)
    return "".join(
        "".join(cell.replace("\n", "|").ljust(width) for cell, width in zip(line, widths, strict=True)) + "\n"
        for line in lines
    )


def _parquet() -> bytes:
    columns = {name: [row[place] for row in ROWS] for place, name in enumerate(HEADERS)}
    written = io.BytesIO()
    pl.DataFrame(columns).write_parquet(written)
    return written.getvalue()


def _zipped(members: Mapping[str, bytes]) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return written.getvalue()


def _expected(name: str) -> Table:
    if name == "widths.txt":
        return HEADERS, tuple(tuple(cell.replace("\n", "|").rstrip(" ") for cell in row) for row in ROWS)
    if name == "attributes.xml":
        return tuple(f"@{header}" for header in HEADERS), ROWS
    return HEADERS, ROWS


def _equal(written: Mapping[str, bytes], folder: Path, read: Callable[[Path], Table]) -> int:
    count = 0
    for name, content in written.items():
        path = folder / name
        path.write_bytes(content)
        try:
            count += read(path) == _expected(name)
        except (duckdb.Error, pl.exceptions.PolarsError, ValueError, TypeError, NotImplementedError):
            continue
    return count


def _ours(path: Path) -> Table:
    hints = FormatHints()
    if path.name == "widths.txt":
        hints = FormatHints(
            widths=tuple(max(map(len, column)) + 1 for column in zip(HEADERS, *ROWS, strict=True))
        )
    with TemporaryDirectory() as into:
        reading = read_file(
            Job(file=path, name=path.name, hints=hints, into=Path(into), row_id_prefix="x@0#")
        )
        (table,) = reading.tables
        frame = pl.read_parquet(table.parquet).drop("row_id", "row")
    if reading.questions or table.rejected:
        return (), ()
    return table.headers, tuple(frame.rows())


def _duckdb(path: Path) -> Table:
    # Its `SELECT * FROM 'file'` chooses a reader by the file's name.
    found = duckdb.execute(f"FROM '{path}'")
    return tuple(column[0] for column in found.description or ()), _as_texts(found.fetchall())


def _polars(path: Path) -> Table:
    readers: dict[str, Callable[[Path], pl.DataFrame]] = {
        ".json": pl.read_json,
        ".jsonl": pl.read_ndjson,
        ".gz": pl.read_ndjson,
        ".parquet": pl.read_parquet,
    }
    found = readers.get(path.suffix, pl.read_csv)(path)
    return tuple(found.columns), _as_texts(found.rows())


def _as_texts(rows: list[tuple[object, ...]]) -> tuple[tuple[str | None, ...], ...]:
    return tuple(tuple(None if cell is None else str(cell) for cell in row) for row in rows)


_NAIVE: Mapping[str, Callable[[Path], Table]] = {"DuckDB auto": _duckdb, "Polars": _polars}
