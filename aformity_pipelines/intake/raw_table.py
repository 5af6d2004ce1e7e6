"""The raw table: every cell of a delivery as exact text, with the row that a spreadsheet shows.

Columns: `row_id`, `row`, then `c0001`, `c0002` ... in the order of the file.  Headers are data: they
lie in the Parquet file's metadata under `headers`, as JSON.  Keep out: how a format is read.
"""

from dataclasses import asdict

import duckdb

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.atomic import replace_with
from aformity_pipelines.files.fingerprint import canonical_json
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.reading import Dialect
from aformity_pipelines.intake.refusal import ReadersDisagree


def column_names(count: int) -> tuple[str, ...]:
    """Return the internal column names `c0001` ... of a table with `count` columns."""
    return tuple(f"c{number:04d}" for number in range(1, count + 1))


def store(
    connection: duckdb.DuckDBPyConnection,
    rows_sql: str,
    *,
    job: Job,
    number: int,
    headers: tuple[str, ...],
    dialect: Dialect,
    expected: int,
) -> None:
    """Write the `expected` rows of `rows_sql` (columns `row`, `c0001` ..., in row order) as table `number`.

    The bytes depend on nothing but the rows, the headers, the prefix and the versions of the libraries.
    Raises ReadersDisagree, and writes nothing, if DuckDB cannot read the rows or reads more or fewer.
    """
    columns = ", ".join(column_names(len(headers)))
    metadata = {"headers": canonical_json(headers), "dialect": canonical_json(asdict(dialect))}
    pairs = ", ".join(f"{key}: {literal(value)}" for key, value in metadata.items())
    with replace_with(job.parquet(number)) as temporary:
        copy_sql = (
            f"COPY (SELECT {literal(job.row_id_prefix)} || format('{{:07d}}', row) AS row_id,"
            f" row::INTEGER AS row, {columns} FROM ({rows_sql}))"
            f" TO {literal(str(temporary))}"
            # Names and ids repeat little: giving up on their dictionaries early saves a tenth of the time.
            f" (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, DICTIONARY_SIZE_LIMIT 10000, KV_METADATA {{{pairs}}})"
        )
        try:
            copied = connection.execute(copy_sql).fetchone()
        except duckdb.InvalidInputException as error:
            first_line = str(error).partition("\n")[0]
            raise ReadersDisagree(f"{job.name}: DuckDB refuses a sound file: {first_line}") from error
        if copied != (expected,):
            raise ReadersDisagree(f"{job.name}: DuckDB read {copied} records, there are {expected}")
