"""Groups: the rows that a rule judged together, such as all that share a value.

A decision about one of them was shown the others as well.  Which rules look across rows, and in which tables, is
known to the stages; here groups are formed, named, and held against those of today.
"""

from collections.abc import Sequence

import duckdb

from aformity_pipelines.domain.sql_text import identifier
from aformity_pipelines.review.covered import COVERED, JOINED, SHOWN_WITH

GROUPED = "grouped_rows"
"""Temp table (row_id, of, grp): the rows of each group that a chosen row stands in.

`of` is the record that the row is part of, named by its first row; `grp` is a number from 1, as text.
"""
SETTLING = "('risk_accepted', 'merge_refused')"
"""Kinds that settle what a group shows: one more row in it was not settled.  What sets a row aside holds all the same."""


def same_value(table: str, columns: Sequence[str]) -> str:
    """Return a SELECT of (row_id, of, value) of the rows of `table` (row_id, row_ids ...) that have all the values."""
    values = [f"cast({identifier(name)} as varchar)" for name in columns]
    given = " and ".join(f"trim({value}) <> ''" for value in values)
    packed = f"[{', '.join(values)}]"
    return f"select unnest(row_ids) as row_id, row_id as of, {packed} as value from {table} where {given}"


def on_one_circle(table: str, link: str, key: str) -> str:
    """Return a SELECT of (row_id, of, value) of the rows whose link, followed by the key, leads back to them.

    `value` is the first row of the circle.  Of rows that share a key, the first one is followed.
    """
    here, there = (f"cast({identifier(name)} as varchar)" for name in (key, link))
    return (
        f"with recursive links as (select {here} as here, min(row_id) as of, arg_min({there}, row_id) as there,"
        f" arg_min(row_ids, row_id) as row_ids from {table} where {link_is_set(here, there)} group by 1),"
        " walked as (select here as start, of as start_of, there as at_key, of as first from links"
        " union select w.start, w.start_of, l.there, least(w.first, l.of) from walked w join links l on l.here = w.at_key"
        " where w.start <> w.at_key),"
        " circles as (select start, start_of, min(first) as value from walked where start = at_key group by all)"
        " select unnest(l.row_ids) as row_id, c.start_of as of, [c.value] as value"
        " from circles c join links l on l.here = c.start"
    )


def link_is_set(here: str, there: str) -> str:
    """Return the condition that a row has a key and a link."""
    return f"{here} is not null and {there} is not null"


def create_groups(connection: duckdb.DuckDBPyConnection, valued: str, chosen: str) -> None:
    """Create `grouped_rows` of the groups in the SELECT `valued` (row_id, of, value) that a row of `chosen` stands in."""
    connection.execute(
        f"create or replace temp table {GROUPED} as with valued as ({valued}), groups as"
        " (select value, cast(row_number() over (order by min(row_id)) as varchar) as grp from valued"
        f" where value in (select value from valued where row_id in ({chosen})) group by value)"
        " select row_id, of, grp from valued join groups using (value)"
    )


def mark_joined(connection: duckdb.DuckDBPyConnection, subject: str, rule: str, valued: str) -> None:
    """Mark in `covered` what a decision settled of a group that has a row today which it was not shown.

    A record is known where one of its rows was shown.  Needs `covered` and `shown_with`.
    """
    about = f"subject = ? and rule = ? and kind in {SETTLING} and grp <> '' and matches"
    settled = f"select row_id from {COVERED} where {about}"
    if not connection.execute(f"{settled} limit 1", [subject, rule]).fetchall():
        return
    create_groups(connection, valued, f"select row_id from {COVERED} where matches and grp <> ''")
    connection.execute(
        f"update {COVERED} set matches = false, because = '{JOINED}' from ("
        f"with shown as (select decision, grp, row_id from {COVERED} where grp <> '' union all"
        f" select decision, grp, row_id from {SHOWN_WITH}),"
        f" settled as (select decision, grp, row_id from {COVERED} where {about}),"
        " beside as (select s.decision, s.grp, s.row_id, o.of, o.row_id as other from settled s"
        f" join {GROUPED} t on t.row_id = s.row_id join {GROUPED} o on o.grp = t.grp)"
        " select b.decision, b.row_id from beside b left join shown k on k.decision = b.decision and k.grp = b.grp"
        " and k.row_id = b.other group by b.decision, b.grp, b.row_id, b.of having count(k.row_id) = 0) j"
        f" where {COVERED}.decision = j.decision and {COVERED}.row_id = j.row_id and rule = ?",
        [subject, rule, rule],
    )
