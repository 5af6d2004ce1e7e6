"""Conservation (promise P1): every source row once, at every stage, before anything is published.

Each check compares ids with ids, never counts with counts, and raises `ConservationBreach` with what is
missing, extra or doubled, and an example.
"""

from collections.abc import Iterable

import duckdb

from aformity_pipelines.domain.fates import Change, ConservationBreach, Fate, Reason
from aformity_pipelines.domain.sql_text import identifier, literal

NO_ROWS = "select '' as row_id where false"


def check_same_rows(connection: duckdb.DuckDBPyConnection, *, expected: str, found: str, where: str) -> None:
    """Raise unless two SELECTs of one id column yield the same ids, each exactly once.

    `where` names the boundary in the message, such as `mapped contact`.  Two sums over hashes decide; the
    exact comparison runs only to say what is wrong.
    """
    if _sums(connection, expected) == _sums(connection, found):
        return
    rows = connection.execute(
        f"with e as (select row_id, count(*) as n from ({expected}) e(row_id) group by 1),"
        f" f as (select row_id, count(*) as n from ({found}) f(row_id) group by 1)"
        " select kind, count(*), min(row_id) from ("
        " select 'lost' as kind, row_id from e where row_id not in (select row_id from f where row_id is not null)"
        " union all select 'invented', row_id from f where row_id is null"
        " or row_id not in (select row_id from e)"
        " union all select 'doubled', row_id from f where n > 1"
        " union all select 'delivered twice', row_id from e where n > 1) group by 1 order by 1"
    ).fetchall()
    if rows:
        what = "; ".join(f"{count} rows {kind}, for example {example}" for kind, count, example in rows)
        raise ConservationBreach(
            f"{where}: {what}. Nothing was published; this is a fault of the software, report it."
        )


def check_each_once(connection: duckdb.DuckDBPyConnection, ids: str, *, where: str) -> None:
    """Raise unless the SELECT of one id column yields no id twice: where ids first come from, nothing compares them."""
    twice = connection.execute(
        f"select count(*), min(row_id) from (select row_id from ({ids}) i(row_id) group by 1 having count(*) > 1)"
    ).fetchall()
    for rows, example in twice:
        if rows:
            raise _breach(where, f"{rows} rows delivered twice", example)


def _sums(connection: duckdb.DuckDBPyConnection, ids: str) -> tuple[object, ...] | None:
    """Return count and two 128-bit sums over the ids, of their hashes and of those mixed again: equal for equal multisets only."""
    return connection.execute(
        "select count(*), count(row_id), sum(cast(hash(row_id) as hugeint)),"
        f" sum(cast(hash(hash(row_id)) as hugeint)) from ({ids}) i(row_id)"
    ).fetchone()


def check_records(
    connection: duckdb.DuckDBPyConnection, *, entity: str, exported: str, ledger: str, updated: str = ""
) -> None:
    """Raise unless the records of an export hold exactly the rows that the ledger says they hold.

    `exported` and `updated` are relations with `row_ids`, of new records and of those that change; rows of which
    nothing goes out are in neither.
    """
    ((wrong, example),) = connection.execute(
        f"select count(*), min(row_id) from {ledger} where entity = {literal(entity)}"
        f" and (fate in ('{Fate.EXPORTED}', '{Fate.MERGED}')) is distinct from (change is not null)"
    ).fetchall()
    if wrong:
        raise _breach(
            f"export {entity}", f"{wrong} rows whose fate is not what becomes of their record", example
        )
    for change, relation in ((Change.CREATED, exported), (Change.UPDATED, updated)):
        said = f"select row_id from {ledger} where entity = {literal(entity)} and change = '{change}'"
        held = f"select unnest(row_ids) as row_id from {relation}" if relation else NO_ROWS
        where = f"export {entity}" if change is Change.CREATED else f"export {entity}, updates"
        check_same_rows(connection, expected=said, found=held, where=where)


def check_against_live(
    connection: duckdb.DuckDBPyConnection,
    *,
    entity: str,
    key: str,
    fields: Iterable[str],
    exported: str,
    updated: str,
    compared: str,
    live: str,
) -> None:
    """Raise unless an export creates what is not live, updates what is, once and to other values, and forgets no change.

    `live` has `record_key` and the fields as the product has them; `compared` every live record as it would be.  Needs
    the tables `records` and `live_keys`.
    """
    own = f"cast(x.{identifier(key)} as varchar)"
    differs = " or ".join(f"x.{identifier(name)} is distinct from l.{identifier(name)}" for name in fields)
    of_live = f"join {live} l on l.record_key = {own}"
    is_live = (
        f"exists (select 1 from live_keys k where k.entity = {literal(entity)} and k.record_key = {own})"
    )
    forgotten = (
        f"select x.row_ids[1] from {compared} x {of_live} join records r on r.entity = {literal(entity)}"
        f" and r.record = x.row_ids[1] where r.reason = '{Reason.LIVE}' and ({differs})"
    )
    for what, rows in {
        "created though they are live": f"select x.row_ids[1] from {exported} x where {is_live}",
        "updated though they are not live": f"select x.row_ids[1] from {updated} x where not {is_live}",
        "updated twice": f"select min(x.row_ids[1]) from {updated} x group by {own} having count(*) > 1",
        "updated to what they are": f"select x.row_ids[1] from {updated} x {of_live} where not ({differs})",
        "changed and not updated": forgotten,
    }.items():
        ((number, example),) = connection.execute(
            f"select count(*), min(row_id) from ({rows}) r(row_id)"
        ).fetchall()
        if number:
            raise _breach(f"export {entity}", f"{number} records {what}", example)


def _breach(where: str, what: str, example: str) -> ConservationBreach:
    return ConservationBreach(
        f"{where}: {what}, for example {example}. Nothing was published; this is a fault of the software, report it."
    )
