"""The product's records as published files tell: every key, since when it is there, and its latest values.

Which files are live, and in which order they were made, is the caller's.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb

from aformity_pipelines.domain.destination import Destination, Entity
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.domain.sql_types import DUCKDB_TYPES

LIVE_KEYS = "live_keys"
"""Temp table (entity, record_key, since): every live record, and the version that created it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveFile:
    """One Parquet file of an entity's records in a live version."""

    version: str
    path: str
    is_update: bool  # whether its records were in the product before


def create_live_keys(
    connection: duckdb.DuckDBPyConnection, destination: Destination, files: Mapping[str, tuple[LiveFile, ...]]
) -> None:
    """Create `live_keys` of all entities; `files` of each in the order in which they were made."""
    selects = [
        f"select {literal(entity)} as entity,"
        f" cast({identifier(destination.entities[entity].key)} as varchar) as record_key,"
        f" {literal(file.version)} as since from read_parquet({literal(file.path)})"
        for entity, of_entity in files.items()
        for file in of_entity
        if not file.is_update
    ]
    nothing = "select '' as entity, '' as record_key, '' as since where false"
    connection.execute(
        f"create or replace temp table {LIVE_KEYS} as {' union all '.join(selects) or nothing}"
    )


def create_live_values(
    connection: duckdb.DuckDBPyConnection, name: str, entity: Entity, files: tuple[LiveFile, ...]
) -> str:
    """Create the view `live_<name>` (record_key, fields) of an entity's live records; return its name.

    A field that an older file lacks is blank; a value that does not read as today's type is, too.
    """
    view, latest = f"live_{name}", f"latest_{name}"
    created = [_records(connection, entity, file) for file in files if not file.is_update]
    updates = [_records(connection, entity, file) for file in files if file.is_update]
    nothing = f"select cast(null as varchar) as record_key, {_fields(entity, frozenset())} where false"
    creates = " union all ".join(created) or nothing
    if updates:
        places = " union all ".join(
            f"select {place} as place, * from ({each})" for place, each in enumerate(updates)
        )
        connection.execute(
            f"create or replace temp table {latest} as select * exclude (place) from ({places})"
            " qualify row_number() over (partition by record_key order by place desc) = 1"
        )
        creates = f"select c.* from ({creates}) c anti join {latest} using (record_key) union all select * from {latest}"
    connection.execute(f"create or replace temp view {view} as {creates}")
    return view


def _records(connection: duckdb.DuckDBPyConnection, entity: Entity, file: LiveFile) -> str:
    table = f"read_parquet({literal(file.path)})"
    there = frozenset(row[0] for row in connection.execute(f"describe select * from {table}").fetchall())
    return f"select cast({identifier(entity.key)} as varchar) as record_key, {_fields(entity, there)} from {table}"


def _fields(entity: Entity, there: frozenset[str]) -> str:
    """Return the SQL of an entity's fields from a file that has some of them."""
    return ", ".join(
        f"try_cast({identifier(name) if name in there else 'null'} as {DUCKDB_TYPES[field.type]}) as {identifier(name)}"
        for name, field in entity.fields.items()
    )
