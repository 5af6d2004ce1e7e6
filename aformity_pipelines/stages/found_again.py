"""Rows that were delivered again, and so have another id: told by their business key, set-wise.

Keep out: what the rows are, and what is made of a pair.
"""

from collections.abc import Sequence

_DELIVERY = "split_part(row_id, '#', 1)"
IS_SHARED = f"{_DELIVERY} in (from shared)"
"""SQL of whether a row's delivery is one that both sides have rows of: only then can both have the row by its id."""


def again_ctes(*, by: Sequence[str], order: str, latest: str = "") -> str:
    """Return the CTEs `gone` and `came`: the rows of `then_` and of `now_` that the other has not, with `nth` and `times`.

    Both need entity and row_id; a row is in the other by these, and else found again under the same values of `by` and
    the same `nth`, its place among the `times` rows of one side that share them, in `order`.  Of such rows of `then_`
    only those with the greatest `latest` count, where that is given.
    """
    keys = ", ".join(by)
    last = f" qualify {latest} = max({latest}) over (partition by {keys})" if latest else ""
    # Windows and joins over long texts cost most: rows of a delivery that one side lacks are in no join by id, and
    # keys that no other row has in no window.  Equal hashes of other keys only bring a row to a window in vain.
    return (
        f"shared as materialized (select {_DELIVERY} as delivery from then_ group by 1"
        f" intersect select {_DELIVERY} from now_ group by 1),"
        f" gone_ as materialized ({_lacking('then_', 'now_')}), came_ as materialized ({_lacking('now_', 'then_')}),"
        f" often as materialized (select hash({keys}) as h from gone_ group by 1 having count(*) > 1"
        f" union select hash({keys}) from came_ group by 1 having count(*) > 1),"
        f" gone as ({_numbered('gone_', keys, order, last)}), came as ({_numbered('came_', keys, order, '')})"
    )


def _lacking(own: str, other: str) -> str:
    """Return the SELECT of the rows of one side that the other has not by id."""
    return (
        f"select * from {own} where not {IS_SHARED} union all"
        f" select * from (select * from {own} where {IS_SHARED})"
        f" anti join (select entity, row_id from {other} where {IS_SHARED}) using (entity, row_id)"
    )


def _numbered(rows: str, keys: str, order: str, last: str) -> str:
    """Return the SELECT of rows with their place among those that share their keys, and the number of these."""
    often = f"hash({keys}) in (from often)"
    return (
        f"select *, 1 as nth, 1 as times from {rows} where not {often} union all"
        f" select *, row_number() over (partition by {keys} order by {order}), count(*) over (partition by {keys})"
        f" from (select * from {rows} where {often}{last})"
    )
