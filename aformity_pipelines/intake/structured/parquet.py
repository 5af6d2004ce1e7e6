r"""Parquet as a raw table: each typed value as the exact text that DuckDB shows.

Decimals keep their scale, dates and times are as `raw_table` says (moments in UTC, with `+00` at their end), booleans
`true` and `false`, bytes `\xAA`.  Structures become columns (`address.city`), lists and maps JSON.
A record's row is its place in the file.  Keep out: Parquet's own layout, which DuckDB checks.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
from duckdb.sqltypes import DuckDBPyType

from aformity_pipelines.domain.sql_faults import without_values
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.intake.engine import connect
from aformity_pipelines.intake.job import Job
from aformity_pipelines.intake.raw_table import column_names, store
from aformity_pipelines.intake.reading import Dialect, RawTable, Reading
from aformity_pipelines.intake.refusal import DeliveryRefused, NotUnderstood, Question, QuestionKind
from aformity_pipelines.intake.structured.questions import about_paths, no_records

_DECIMAL = re.compile(r"DECIMAL\(\d+,\s*\d+\)")
_FEWER = "ask for the data in several smaller files"
_NESTED = {"list", "array", "map", "union"}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    name: str
    sql: str
    is_nested: bool


def read_parquet(job: Job) -> Reading:
    """Read a Parquet file as one table.

    Raises DeliveryRefused for a damaged or encrypted file or one beyond a limit, NotUnderstood for one without columns.
    """
    try:
        with connect(job) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return _read(connection, job)
    except duckdb.OutOfMemoryException:
        raise
    except (duckdb.Error, UnicodeDecodeError) as error:
        reason = without_values(str(error)) if isinstance(error, duckdb.Error) else "a name in it is no text"
        raise DeliveryRefused(
            f"{job.name}: is a Parquet file that cannot be read ({reason}); ask for the file again"
        ) from None


def _read(connection: duckdb.DuckDBPyConnection, job: Job) -> Reading:
    source = f"read_parquet({literal(_without_wildcards(job.file))}, hive_partitioning=false)"
    found = connection.sql(f"FROM {source}")
    names = _names(connection, job)
    if not names:
        raise no_records(job.name, "a Parquet file without columns")
    aliases = column_names(len(names))
    every = tuple(
        column
        for name, alias, kind in zip(names, aliases, found.types, strict=True)
        for column in _columns(name, alias, kind)
    )
    columns = _told(job, every)
    from_sql = f"FROM {source} AS t({', '.join(aliases)})"
    count = _check(connection, job, from_sql, columns)
    cells = ", ".join(
        f"{column.sql} AS {cell}" for column, cell in zip(columns, column_names(len(columns)), strict=True)
    )
    rows = f"SELECT row_number() OVER () AS row, {cells} {from_sql}"
    headers = tuple(column.name for column in columns)
    dialect = Dialect(format="parquet")
    store(connection, rows, job=job, number=1, headers=headers, dialect=dialect, expected=count)
    table = RawTable(
        number=1,
        headers=headers,
        header_row=0,
        header_rows=0,
        first_row=1 if count else 0,
        last_row=count,
        parquet=job.parquet(1),
        rows=count,
        rejects=job.rejects(1),
        dialect=dialect,
    )
    nested = {column.name: "a list" for column in columns if column.is_nested}
    return Reading(
        file_name=job.name,
        format="parquet",
        tables=(table,),
        questions=about_paths(headers, nested, told=job.hints.paths, first=""),
    )


def _names(connection: duckdb.DuckDBPyConnection, job: Job) -> tuple[str, ...]:
    """Return the names of the top columns as the file has them; DuckDB itself renames `name` beside `Name`."""
    schema = (
        f"SELECT name, coalesce(num_children, 0) FROM parquet_schema({literal(_without_wildcards(job.file))})"
    )
    names: list[str] = []
    open_: list[int] = []  # how many children the nodes above still have
    for name, children in connection.execute(schema).fetchall()[1:]:
        if not open_:
            names.append(name)
        else:
            open_[-1] -= 1
        if children:
            open_.append(children)
        while open_ and not open_[-1]:
            open_.pop()
    return tuple(names)


def _columns(name: str, sql: str, kind: DuckDBPyType) -> list[_Column]:
    if kind.id == "struct":
        return [
            column
            for child, child_kind in kind.children
            if isinstance(child_kind, DuckDBPyType)
            for column in _columns(f"{name}.{child}", f"struct_extract({sql}, {literal(child)})", child_kind)
        ]
    if kind.id in _NESTED:
        # As JSON numbers, decimals would lose their scale.
        exact = _DECIMAL.sub("VARCHAR", str(kind))
        return [_Column(name=name, sql=f"to_json({sql}::{exact})::VARCHAR", is_nested=True)]
    text = f"{sql}::VARCHAR"
    return [_Column(name=name, sql=_time_of(text) if kind.id.startswith("time") else text, is_nested=False)]


def _time_of(text: str) -> str:
    """Return the SQL of a timestamp's or time's text as every reader writes it, from that of DuckDB's text."""
    padded = f"regexp_replace({text}, '[.]([0-9])([+]00)?$', '.\\100\\2')"
    padded = f"regexp_replace({padded}, '[.]([0-9][0-9])([+]00)?$', '.\\10\\2')"
    return f"regexp_replace({padded}, ' 00:00:00$', '')"


def _told(job: Job, every: tuple[_Column, ...]) -> tuple[_Column, ...]:
    """Return the columns that the hints name, or all.  Raises NotUnderstood for a path that is none."""
    if not job.hints.paths:
        return every
    by_name = {column.name: column for column in every}
    missing = [path for path in job.hints.paths.values() if path not in by_name]
    if missing:
        shown = ", ".join(repr(name) for name in list(by_name)[:20])
        question = Question(
            kind=QuestionKind.PATHS,
            what=f"{len(missing)} of the `paths` in defs.yaml lead nowhere, such as {missing[0]!r}",
            answer=f"correct them; the file has {shown}",
        )
        raise NotUnderstood(job.name, (question,))
    return tuple(replace(by_name[path], name=name) for name, path in job.hints.paths.items())


def _check(
    connection: duckdb.DuckDBPyConnection, job: Job, from_sql: str, columns: tuple[_Column, ...]
) -> int:
    """Read every value once and return how many rows there are.

    Raises DeliveryRefused beyond a limit, duckdb.Error for a damaged page: here, before anything is written.
    """
    limits = job.limits
    if len(columns) > limits.columns:
        raise DeliveryRefused(
            f"{job.name}: {len(columns):,} columns, the limit of one file is {limits.columns:,}; {_FEWER}"
        )
    longest = ", ".join(f"max(strlen({column.sql}))" for column in columns)
    counted = connection.execute(f"SELECT count(*), {longest} {from_sql}").fetchone()
    rows, *lengths = counted or (0,)
    if rows > limits.rows:
        raise DeliveryRefused(
            f"{job.name}: {rows:,} rows, the limit of one file is {limits.rows:,}; {_FEWER}"
        )
    for column, length in zip(columns, lengths, strict=True):
        if (length or 0) > limits.cell_bytes:
            raise DeliveryRefused(
                f"{job.name}: column {column.name[:80]!r} holds a value of {length:,} bytes, the limit of a cell"
                f" is {limits.cell_bytes:,}; ask for the file without it"
            )
    return int(rows)


def _without_wildcards(path: Path) -> str:
    # DuckDB takes any path for a pattern; a class of one character is that character.
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in str(path.resolve()))
