"""What decisions were shown then, held against the rows of today: in one pass, however many decisions there are.

Which decisions and fields those are, and what follows for the rows of a group, is `coverage`'s.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import polars as pl

from aformity_pipelines.review.covered import CHANGED, EQUAL, GONE

COMPARED = "compared"
"""Temp view (place, row_key, row_id, matches, because, grp, is_member): what each row that was shown is today.

`place` is the decision's; `row_id` is NULL where the row is gone; `because` says why it does not match.
"""
SCHEMA = {
    **{"asked": pl.Int32(), "place": pl.Int32(), "key": pl.String(), "digest": pl.String()},
    **{"group": pl.String(), "is_member": pl.Boolean()},
}
"""Columns of what was shown.  `asked` numbers what was asked of which rows: a subject with some of its fields."""
_THEN = "shown_then"
_NOW = "shown_now"
_TWICE = "named_twice"


@contextmanager
def compared(connection: duckdb.DuckDBPyConnection, then: pl.DataFrame, now: str) -> Iterator[None]:
    """Have the view `compared` for the block: what became of the rows `then`, which has the columns of `SCHEMA`.

    `now` is a SELECT of (asked, row_id, row_key, shown) of the rows of today.  Needs `keyed_digest` on the connection.
    A row matches where its key and digest were shown; of more equal rows than were shown nobody can tell which one
    was, so none of them matches.
    """
    # A row may be a member of several groups, each time the same row; covered rows are counted together.
    of = pl.when("is_member").then("group").otherwise(pl.lit("")).alias("of")
    marked = then.with_columns(of).with_columns(
        pl.struct("place", "asked", "key", "is_member", "of").is_duplicated().alias("again")
    )
    connection.register(_THEN, marked)
    try:
        connection.execute(
            f"create or replace temp table {_NOW} as select asked, row_id, row_key, keyed_digest(shown) as digest"
            f' from ({now}) n semi join {_THEN} t on t.asked = n.asked and t."key" = n.row_key'
        )
        (number,) = connection.execute(
            f"create or replace temp table {_TWICE} as"
            f" select asked, row_key from {_NOW} group by all having count(*) > 1"
            f' union select asked, "key" from {_THEN} where again'
        ).fetchall()
        equal = f" union all from ({_of_equal_keys()})" if number[0] else ""
        connection.execute(f"create or replace temp view {COMPARED} as {_of_single_rows()}{equal}")
        yield
        connection.execute(f"drop view {COMPARED}")
    finally:
        connection.unregister(_THEN)


def _of_single_rows() -> str:
    """Return the SELECT for keys that name one row then and one at most today: the usual case, by one join."""
    return (
        'select t.place, t."key" as row_key, n.row_id, coalesce(n.digest = t.digest, false) as matches,'
        f" case when n.row_id is null then '{GONE}' when n.digest <> t.digest then '{CHANGED}' end as because,"
        f' t."group" as grp, t.is_member from {_THEN} t'
        f' left join {_NOW} n on n.asked = t.asked and n.row_key = t."key"'
        f' where (t.asked, t."key") not in (from {_TWICE})'
    )


def _of_equal_keys() -> str:
    """Return the SELECT for keys that name several rows: they are told apart by what was shown of them."""
    return (
        'with then_ as (select asked, place, "key" as row_key, digest, of, min("group") as grp, is_member,'
        f' count(*) as shown from {_THEN} where (asked, "key") in (from {_TWICE}) group by all),'
        f" now_ as (from {_NOW} where (asked, row_key) in (from {_TWICE})),"
        " there as (select asked, row_key, digest, count(*) as found from now_ group by all)"
        " select place, row_key, row_id, found <= shown,"
        f" case when found > shown then '{EQUAL}' end, grp, is_member"
        " from now_ join then_ using (asked, row_key, digest) join there using (asked, row_key, digest)"
        f" union all select t.place, t.row_key, n.row_id, false, case when n.row_id is null then '{GONE}'"
        f" else '{CHANGED}' end, t.grp, t.is_member"
        " from (from then_ anti join there using (asked, row_key, digest)) t"
        " left join now_ n on n.asked = t.asked and n.row_key = t.row_key"
        " and not exists (select 1 from then_ s where s.asked = t.asked and s.place = t.place"
        " and s.row_key = n.row_key and s.digest = n.digest)"
        f" union all select place, row_key, null, false, '{GONE}', grp, is_member"
        " from then_ join there using (asked, row_key, digest) where found < shown"
    )
