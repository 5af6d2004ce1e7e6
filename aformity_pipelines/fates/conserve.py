"""Conservation (promise P1): every source row once, at every stage, before anything is published.

Each check compares ids with ids, never counts with counts, and raises `ConservationBreach` with what is
missing, extra or doubled, and an example.
"""

import duckdb

from aformity_pipelines.domain.fates import ConservationBreach, Fate
from aformity_pipelines.domain.sql_text import literal


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
            raise ConservationBreach(
                f"{where}: {rows} rows delivered twice, for example {example}. Nothing was published; this is a"
                " fault of the software, report it."
            )


def _sums(connection: duckdb.DuckDBPyConnection, ids: str) -> tuple[object, ...] | None:
    """Return count and two 128-bit sums over the ids, of their hashes and of those mixed again: equal for equal multisets only."""
    return connection.execute(
        "select count(*), count(row_id), sum(cast(hash(row_id) as hugeint)),"
        f" sum(cast(hash(hash(row_id)) as hugeint)) from ({ids}) i(row_id)"
    ).fetchone()


def check_records(connection: duckdb.DuckDBPyConnection, *, entity: str, exported: str, ledger: str) -> None:
    """Raise unless the records of an export hold exactly the rows that the ledger says they hold.

    `exported` is a relation with `row_ids`; rows that an earlier wave exported are not in it.
    """
    said = (
        f"select row_id from {ledger} where entity = {literal(entity)}"
        f" and fate in ('{Fate.EXPORTED}', '{Fate.MERGED}') and reason <> 'earlier_wave'"
    )
    held = f"select unnest(row_ids) as row_id from {exported}"
    check_same_rows(connection, expected=said, found=held, where=f"export {entity}")
