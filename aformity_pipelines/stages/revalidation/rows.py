"""The rows of a re-validation as a table: one line for each, in the order of entity, key and row."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from aformity_pipelines.domain.fates import Reason
from aformity_pipelines.domain.revalidation import Revalidation, RowState, StateLine
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.outputs import parquet, write_parquet
from aformity_pipelines.stages.published import LEDGER, current_version
from aformity_pipelines.stages.revalidation.history import ROWS_FILE, folder_of, history, waves_with_history
from aformity_pipelines.stages.run import Run, secure

COLUMNS = tuple(field.name for field in fields(StateLine))
DAYS = ("since", "due")
ORDER = "order by entity, key, row"
TABLE = "state_lines"
BATCH = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StateThen:
    """What one re-validation said of a row."""

    wave: str
    number: int
    as_of: date
    line: StateLine


def write_rows(connection: duckdb.DuckDBPyConnection, lines: Iterable[StateLine], path: Path) -> None:
    """Write the lines to a Parquet file; the same lines give the same bytes."""
    held = tuple(lines)
    types = {name: pa.date32() if name in DAYS else pa.string() for name in COLUMNS}
    columns = {name: pa.array([getattr(line, name) for line in held], types[name]) for name in COLUMNS}
    connection.register(TABLE, pa.table(columns))
    try:
        write_parquet(connection, f"select * from {TABLE} {ORDER}", path)
    finally:
        connection.unregister(TABLE)


def lines_of(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, slug: str, record: Revalidation | None
) -> tuple[StateLine, ...]:
    """Return the lines of a re-validation in their order; none where there was none."""
    if record is None:
        return ()
    path = folder_of(workspace, slug, record.wave, record.number) / ROWS_FILE
    return tuple(_read(connection, path, "true", {}))


def states_of_row(
    workspace: Workspace, slug: str, entity: str, named: Iterable[str]
) -> tuple[StateThen, ...]:
    """Return what every re-validation of any wave said of some rows of an entity, the oldest day first.

    `named` are business keys or row ids; a row that was delivered again has another id and the same key.
    """
    asked = {"entity": entity, "named": sorted(set(named))}
    where = "entity = $entity and (list_contains($named, key) or list_contains($named, row))"
    found = []
    with duckdb.connect(":memory:") as connection:
        secure(connection, workspace, slug)
        for wave in waves_with_history(workspace, slug):
            for record in history(workspace, slug, wave):
                path = folder_of(workspace, slug, wave, record.number) / ROWS_FILE
                found += [
                    StateThen(wave=wave, number=record.number, as_of=record.as_of, line=line)
                    for line in _read(connection, path, where, asked)
                ]
    return tuple(sorted(found, key=lambda each: (each.as_of, each.wave, each.number)))


def held_by_export(run: Run, lines: Iterable[StateLine]) -> int:
    """Return how many of the ready rows the wave's current export holds, by key: nobody has loaded it yet."""
    folder = current_version(run.workspace.published(run.slug, run.wave))
    ready = [(line.entity, line.key) for line in lines if line.state is RowState.NOW_READY]
    if folder is None or not ready:
        return 0
    held = set(
        run.connection.execute(
            f"select distinct entity, coalesce(row_key, row_id) from {parquet(folder / LEDGER)}"
            " where fate in ('exported', 'merged')"
        ).fetchall()
    )
    return sum(each in held for each in ready)


def _read(
    connection: duckdb.DuckDBPyConnection, path: Path, where: str, asked: Mapping[str, object]
) -> Iterator[StateLine]:
    columns = ", ".join(COLUMNS)
    result = connection.execute(f"select {columns} from {parquet(path)} where {where} {ORDER}", asked)
    while rows := result.fetchmany(BATCH):
        yield from (_line(dict(zip(COLUMNS, row, strict=True))) for row in rows)


def _line(stored: dict[str, Any]) -> StateLine:
    before = stored["before"]
    return StateLine(
        **{
            **stored,
            "state": RowState(stored["state"]),
            "reason": Reason(stored["reason"]),
            "before": RowState(before) if before else None,
        }
    )
