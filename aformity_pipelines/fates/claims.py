"""Which live record each record of today is: told by the rows that it is made of, or else by its key.

A record that is in the product keeps its key there: a row whose key changed, and a second record that takes a live key,
are disputed and wait for a person.
"""

import duckdb

from aformity_pipelines.domain.sql_text import identifier, literal

LIVE_ROWS = "live_rows"
"""Temp table (entity, row_id, record_key, is_lead): today's rows that are live; the lead gave its record the key."""

LIVE_ROWS_COLUMNS = "entity varchar, row_id varchar, record_key varchar, is_lead boolean"


def create_claims(connection: duckdb.DuckDBPyConnection, entity: str, key: str, transformed: str) -> str:
    """Create the table of the records of today that are live ones; return its name, `claims_<entity>`.

    Columns: record (its first row), own_key, record_key (in the product), since, is_second (another record is that one
    rather), is_disputed (a second one, or a row of the product with another key now).  Needs `live_rows` and `live_keys`;
    `transformed` has `row_ids` and the field `key`.
    """
    table, name = f"claims_{entity}", literal(entity)
    # A window over long keys costs most: only records that claim one that another claims too are ranked.
    connection.execute(
        f"create or replace temp table {table} as with"
        f" records as (select row_ids[1] as record, cast({identifier(key)} as varchar) as own_key from {transformed}),"
        f" leads as (select row_id, record_key from {LIVE_ROWS} where entity = {name} and is_lead),"
        " parts as (select row_ids[1] as record, unnest(row_ids[2:]) as row_id"
        f" from {transformed} where len(row_ids) > 1),"
        " others as (select record, min(record_key) as other from parts join leads using (row_id) group by 1),"
        f" keys as (select record_key, since from live_keys where entity = {name}),"
        " claimed as (select r.record, r.own_key, l.record_key is not null as by_row,"
        " coalesce(l.record_key, k.record_key, o.other) as record_key from records r"
        " left join leads l on l.row_id = r.record left join keys k on k.record_key = r.own_key"
        " left join others o on o.record = r.record),"
        " found as materialized (select c.*, k.since from claimed c join keys k using (record_key)),"
        " often as materialized (select hash(record_key) as h from found group by 1 having count(*) > 1),"
        " ranked as (select *, false as is_second from found where hash(record_key) not in (from often)"
        " union all select *, row_number() over (partition by record_key"
        " order by by_row desc, own_key is distinct from record_key, record) > 1"
        " from found where hash(record_key) in (from often))"
        " select record, own_key, record_key, since, is_second,"
        " is_second or (by_row and own_key is distinct from record_key) as is_disputed from ranked"
    )
    return table
