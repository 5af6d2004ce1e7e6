"""The raw table: every cell of a delivery as exact text, with the row that a spreadsheet shows.

Columns: `row_id`, `row`, then `c0001`, `c0002` ... in the order of the file.  Headers are data: they
lie in the Parquet file's metadata under `headers`, as JSON.  Keep out: how a format is read.
"""

from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import duckdb

from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.atomic import replace_with
from aformity_pipelines.files.fingerprint import canonical_json
from aformity_pipelines.intake.refusal import ReadersDisagree


class WarningKind(StrEnum):
    """What a reader of the values should know, though every cell was read."""

    ENCODING_ASSUMED = "encoding_assumed"
    HIDDEN_SHEET = "hidden_sheet"
    HIDDEN_ROW = "hidden_row"
    HIDDEN_COLUMN = "hidden_column"
    MERGED_CELLS = "merged_cells"
    FORMULA_WITHOUT_VALUE = "formula_without_value"
    ERROR_CELL = "error_cell"
    NUMBER_FORMAT_ZEROS = "number_format_zeros"
    TIME_WITHOUT_DATE = "time_without_date"


@dataclass(frozen=True, slots=True, kw_only=True)
class RawWarning:
    """One kind of thing to know about a delivery: how often, and where for example."""

    kind: WarningKind
    count: int
    example: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How a delivery was read; what does not apply to its format is None."""

    format: str  # "csv" | "xlsx"
    header_row: int  # as a spreadsheet shows it
    encoding: str | None = None
    encoding_because: str | None = None
    delimiter: str | None = None
    quote: str | None = None
    line_end: str | None = None
    sheet: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawTable:
    """One delivery as read: its headers, exactly, and where its records are."""

    headers: tuple[str, ...]
    parquet: Path
    rows: int
    dialect: Dialect
    warnings: tuple[RawWarning, ...] = ()


def column_names(count: int) -> tuple[str, ...]:
    """Return the internal column names `c0001` ... of a table with `count` columns."""
    return tuple(f"c{number:04d}" for number in range(1, count + 1))


def store(
    connection: duckdb.DuckDBPyConnection,
    rows_sql: str,
    *,
    headers: tuple[str, ...],
    delivery: Delivery,
    dialect: Dialect,
    into: Path,
    expected: int,
) -> None:
    """Write the `expected` rows of `rows_sql` (columns `row`, `c0001` ..., in row order) to `into`.

    The bytes depend on nothing but the rows, the headers, the delivery and the versions of the libraries.
    Raises ReadersDisagree, and writes nothing, if DuckDB cannot read the rows or reads more or fewer.
    """
    columns = ", ".join(column_names(len(headers)))
    metadata = {"headers": canonical_json(headers), "dialect": canonical_json(asdict(dialect))}
    pairs = ", ".join(f"{key}: {literal(value)}" for key, value in metadata.items())
    with replace_with(into) as temporary:
        copy_sql = (
            f"COPY (SELECT {literal(delivery.row_id_prefix())} || format('{{:07d}}', row) AS row_id,"
            f" row::INTEGER AS row, {columns} FROM ({rows_sql}))"
            f" TO {literal(str(temporary))}"
            # Names and ids repeat little: giving up on their dictionaries early saves a tenth of the time.
            f" (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 10000, KV_METADATA {{{pairs}}})"
        )
        try:
            copied = connection.execute(copy_sql).fetchone()
        except duckdb.InvalidInputException as error:
            first_line = str(error).partition("\n")[0]
            raise ReadersDisagree(
                f"{delivery.file_name}: DuckDB refuses a sound file: {first_line}"
            ) from error
        if copied != (expected,):
            raise ReadersDisagree(f"{delivery.file_name}: DuckDB read {copied} records, there are {expected}")
