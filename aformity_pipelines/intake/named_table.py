"""A raw table handed out under the customer's own headers, with its rejected records beside it.

Keep out: reading.  The values are the raw table's, unchanged.
"""

from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import duckdb

from aformity_pipelines.domain.sql_text import PARQUET, identifier, literal
from aformity_pipelines.files.atomic import replace_with
from aformity_pipelines.files.fingerprint import canonical_json
from aformity_pipelines.intake.raw_table import column_names
from aformity_pipelines.intake.reading import RawTable

ROW, SHEET = "_row", "_sheet"


def column_labels(headers: Iterable[str]) -> tuple[str, ...]:
    """Return one column name for each header: itself, `column N` if it is empty, a second one of a name with `__2`.

    No two are equal in any capitals that DuckDB takes for equal, and none is `_row` or `_sheet`.
    """
    taken = {ROW, SHEET}
    labels = []
    for number, header in enumerate(headers, start=1):
        wanted = label = header or f"column {number}"
        count = 2
        while _folded(label) in taken:
            label = f"{wanted}__{count}"
            count += 1
        taken.add(_folded(label))
        labels.append(label)
    return tuple(labels)


def rejects_beside(out: Path) -> Path:
    """Return where the rejected records of the table at `out` belong: `X.rejects.parquet`."""
    stem = out.stem if out.suffix.lower() == ".parquet" else out.name
    return out.with_name(f"{stem}.rejects.parquet")


def write_named(connection: duckdb.DuckDBPyConnection, table: RawTable, out: Path) -> None:
    """Write `table` to `out`: its columns by header, then `_row` and `_sheet`; every header exactly in the metadata.

    Rejected records go beside it (`_row`, `_sheet`, `reason`, `raw`); without any, an older such file is removed.
    What lies at `out` is replaced in one step.
    """
    labels = column_labels(table.headers)
    sheet = "NULL::VARCHAR" if table.sheet is None else literal(table.sheet)
    place = f"row AS {ROW}, {sheet} AS {SHEET}"
    columns = [
        f"{name} AS {identifier(label)}"
        for name, label in zip(column_names(len(labels)), labels, strict=True)
    ]
    rejects = rejects_beside(out)
    with ExitStack() as stack:
        if table.rejected:
            written = stack.enter_context(replace_with(rejects))
            _copy(connection, table.rejects, [place, "reason", "raw"], written, {})
        written = stack.enter_context(replace_with(out))
        _copy(connection, table.parquet, [*columns, place], written, _metadata(table))
    if not table.rejected:
        rejects.unlink(missing_ok=True)


def _copy(
    connection: duckdb.DuckDBPyConnection,
    source: Path,
    columns: list[str],
    into: Path,
    metadata: dict[str, str],
) -> None:
    pairs = ", ".join(f"{key}: {literal(value)}" for key, value in metadata.items())
    options = PARQUET.removesuffix(")") + (f", kv_metadata {{{pairs}}})" if metadata else ")")
    connection.execute(
        f"COPY (SELECT {', '.join(columns)} FROM read_parquet({literal(str(source))})) TO {literal(str(into))} {options}"
    )


def _metadata(table: RawTable) -> dict[str, str]:
    return {
        "headers": canonical_json(table.headers),
        "header_row": str(table.header_row),
        "dialect": canonical_json(asdict(table.dialect)),
        "place": canonical_json({"number": table.number, "sheet": table.sheet, "member": table.member}),
    }


def _folded(label: str) -> str:
    # DuckDB folds ASCII letters only; what it keeps apart stays as it is.
    return "".join(char.lower() if char.isascii() else char for char in label)
