"""The records of one entity that leave with this wave, as the import file will hold them."""

import duckdb

from aformity_pipelines.domain.destination import Entity, Field, FieldType, ParentAbsent, RelationshipKind
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.sql_text import identifier, literal


def create_export_table(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    entity: Entity,
    transformed: str,
) -> str:
    """Create the temp table `export_<name>` (row_ids, destination fields), in no order; return its name.

    Needs the table `records`.  A link to a record that is not in the destination, now or from an earlier wave, is
    left blank where its relationship says so.
    """
    table = f"export_{name}"
    columns = [
        f"{_value(field_name, field)} as {identifier(field_name)}"
        for field_name, field in entity.fields.items()
    ]
    connection.execute(
        f"create or replace temp table {table} as select t.row_ids, {', '.join(columns)} from {transformed} t"
        f" join records r on r.entity = {literal(name)} and r.record = t.row_ids[1]"
        f" where r.fate = '{Fate.EXPORTED}' and r.reason = '{Reason.READY}'"
    )
    return table


def _value(name: str, field: Field) -> str:
    """Return the SQL of a field's value; a link that may be blank is kept only where it leads somewhere."""
    column = f"t.{identifier(name)}"
    target = field.relationship
    if not target or (
        target.when_not_exported is not ParentAbsent.BLANK and target.kind is not RelationshipKind.LOOKUP
    ):
        return column
    leads_to = (
        f"select 1 from records p where p.entity = {literal(target.entity)} and p.record_key = {column}"
        f" and p.fate = '{Fate.EXPORTED}'"
    )
    return f"case when exists ({leads_to}) then {column} end"


def import_text(name: str, field: Field) -> str:
    """Return the SQL of a field as the import file spells it; decimals keep two places at least."""
    column = identifier(name)
    if field.type is FieldType.DECIMAL:
        return f"regexp_replace(cast({column} as varchar), '0{{1,2}}$', '') as {column}"
    return column


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
