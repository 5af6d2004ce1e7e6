"""The records of one entity as the import file will hold them: those that are new, and those that change.

Whether a record leaves is settled by then, or, for one that is in the product, right after `create_changed` has said
whether anything about it is another than there.
"""

import duckdb

from aformity_pipelines.domain.destination import Entity, Field, FieldType, ParentAbsent, RelationshipKind
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.domain.sql_types import DUCKDB_TYPES

CHANGES = "updates"
"""Temp table (entity, record_key, row_id, field, before, after): each value that an update brings."""
HELD_CHANGES = "held_updates"
"""Temp table with the columns of `updates`: each value that an update would bring which waits."""


def create_export_table(
    connection: duckdb.DuckDBPyConnection, name: str, entity: Entity, transformed: str
) -> str:
    """Create the temp table `export_<name>` (row_ids, destination fields) of new records, in no order; return its name.

    Needs the tables `records` and `present`.  A link to a record that is not in the product, now or from an export
    before, is left blank where its relationship says so.
    """
    table = f"export_{name}"
    ready = f"r.fate = '{Fate.EXPORTED}' and r.reason = '{Reason.READY}'"
    _create(connection, table, name, entity, transformed, ready)
    return table


def create_changed(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    entity: Entity,
    transformed: str,
    *,
    live: str,
    goes_out: str,
) -> None:
    """Create the temp table `changed_<name>`: the live records that would be other ones than `live` has them.

    Columns as of an export table.  Needs `records` and `present`; `goes_out` is a condition on a record `r`.
    """
    compared = f"compared_{name}"
    is_it = "r.live_since is not null and not r.is_second"
    _create(connection, compared, name, entity, transformed, f"{is_it} and ({goes_out})")
    differs = " or ".join(f"c.{identifier(f)} is distinct from l.{identifier(f)}" for f in entity.fields)
    connection.execute(
        f"create or replace temp table changed_{name} as select c.* from {compared} c"
        f" join {live} l on l.record_key = cast(c.{identifier(entity.key)} as varchar) where {differs}"
        f" or c.row_ids[1] in (select record from records where entity = {literal(name)} and is_rekeyed and held_by is not null)"
    )


def create_update_table(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Create the temp table `update_<name>`: those of `changed_<name>` that leave; return its name."""
    return _create_of_changed(connection, name, f"update_{name}", "")


def create_held_table(connection: duckdb.DuckDBPyConnection, name: str) -> str:
    """Create the temp table `held_<name>`: those of `changed_<name>` that wait; return its name."""
    return _create_of_changed(connection, name, f"held_{name}", "not ")


def _create_of_changed(connection: duckdb.DuckDBPyConnection, name: str, table: str, negated: str) -> str:
    connection.execute(
        f"create or replace temp table {table} as select c.* from changed_{name} c join records r"
        f" on r.entity = {literal(name)} and r.record = c.row_ids[1]"
        f" where {negated}(r.fate = '{Fate.EXPORTED}' and r.reason = '{Reason.UPDATE}')"
    )
    return table


def start_changes(connection: duckdb.DuckDBPyConnection) -> None:
    """Begin new lists of changed values, of those that leave and of those that wait."""
    for table in (CHANGES, HELD_CHANGES):
        connection.execute(
            f"create or replace temp table {table} (entity varchar, record_key varchar, row_id varchar,"
            " field varchar, before varchar, after varchar)"
        )


def note_changes(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    entity: Entity,
    table: str,
    *,
    live: str,
    into: str = CHANGES,
) -> None:
    """Add every value that differs between the updates in `table` and the relation `live`, as import files spell it."""
    # Looked up once: each field would read all live records again.
    before, key = f"before_{table}", f"cast(u.{identifier(entity.key)} as varchar)"
    connection.execute(
        f"create or replace temp table {before} as select l.* from {live} l"
        f" semi join {table} u on l.record_key = {key}"
    )
    for field_name, field in entity.fields.items():
        column = identifier(field_name)
        connection.execute(
            f"insert into {into} select {literal(name)}, l.record_key, u.row_ids[1], {literal(field_name)},"
            f" {_text(f'l.{column}', field)}, {_text(f'u.{column}', field)} from {table} u"
            f" join {before} l on l.record_key = {key} where u.{column} is distinct from l.{column}"
        )


def _create(
    connection: duckdb.DuckDBPyConnection, table: str, name: str, entity: Entity, transformed: str, where: str
) -> None:
    """Create a table of records as they would be in the product: its keys, and links that lead somewhere."""
    joins, columns = [], []
    for place, (field_name, field) in enumerate(entity.fields.items()):
        column = f"t.{identifier(field_name)}"
        if field_name == entity.key:
            column = f"cast(r.record_key as {DUCKDB_TYPES[field.type]})"
        elif target := field.relationship:
            there = f"p{place}"
            joins.append(
                f" left join present {there} on {there}.entity = {literal(target.entity)}"
                f" and {there}.own_key = cast({column} as varchar)"
            )
            key = f"cast({there}.record_key as {DUCKDB_TYPES[field.type]})"
            column = key if _may_be_blank(field) else f"coalesce({key}, {column})"
        columns.append(f"{column} as {identifier(field_name)}")
    connection.execute(
        f"create or replace temp table {table} as select t.row_ids, {', '.join(columns)} from {transformed} t"
        f" join records r on r.entity = {literal(name)} and r.record = t.row_ids[1]{''.join(joins)} where {where}"
    )


def _may_be_blank(field: Field) -> bool:
    """Whether a link is kept only where it leads somewhere."""
    target = field.relationship
    return target is not None and (
        target.when_not_exported is ParentAbsent.BLANK or target.kind is RelationshipKind.LOOKUP
    )


def import_text(name: str, field: Field) -> str:
    """Return the SQL of a field as the import file spells it; decimals keep two places at least."""
    column = identifier(name)
    if field.type is FieldType.DECIMAL:
        return f"{_text(column, field)} as {column}"
    return column


def _text(column: str, field: Field) -> str:
    text = f"cast({column} as varchar)"
    return f"regexp_replace({text}, '0{{1,2}}$', '')" if field.type is FieldType.DECIMAL else text


BLANKED = "blanked"
"""Temp table (entity, record, field): links left blank because their record is not exported yet."""


def start_blanked(connection: duckdb.DuckDBPyConnection) -> None:
    """Begin a new list of blanked links."""
    connection.execute(
        f"create or replace temp table {BLANKED} (entity varchar, record varchar, field varchar)"
    )


def note_blanked(
    connection: duckdb.DuckDBPyConnection, name: str, entity: Entity, mapped: str, table: str
) -> None:
    """Add the links of an entity's records that were delivered and are blank in the export.

    They lead to no live record, or from a merged record to itself.
    """
    for field_name, field in entity.fields.items():
        if field.relationship:
            column = identifier(field_name)
            connection.execute(
                f"insert into {BLANKED} select {literal(name)}, e.row_ids[1], {literal(field_name)} from {table} e"
                f" join {mapped} m on m.row_id = e.row_ids[1]"
                f" where e.{column} is null and m.{column} is not null"
            )


def count_blanked(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Return `entity.field` -> records whose link was left blank."""
    rows = connection.execute(f"select entity || '.' || field, count(*) from {BLANKED} group by 1 order by 1")
    return {name: int(number) for name, number in rows.fetchall()}
