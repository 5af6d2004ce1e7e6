"""What a decision is shown, as it is recorded: key and digest of its rows, and of the rows that stand in a group with them."""

from collections.abc import Mapping, Sequence

import duckdb
import polars as pl

from aformity_pipelines.domain.coverage import Member
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.review.shown import shown_rows


def rows_shown(
    connection: duckdb.DuckDBPyConnection,
    migration: Migration,
    raw: Mapping[str, RawRelation],
    *,
    subject: str,
    fields: Sequence[str],
    chosen: str,
    groups: str | None = None,
) -> pl.DataFrame:
    """Return (key, digest, group) of the rows whose ids the SELECT `chosen` yields, in row order.

    `groups` is a SELECT of (row_id, grp).  Needs `keyed_digest` on the connection.
    """
    shown = f"select row_id, row_key, shown from ({shown_rows(migration, raw, subject, fields)})"
    grouped = f"left join ({groups}) g on g.row_id = s.row_id" if groups else ""
    group = "coalesce(g.grp, '')" if groups else "''"
    found = connection.sql(
        f'select s.row_key as "key", keyed_digest(s.shown) as digest, {group} as "group" from ({shown}) s {grouped}'
        f" where s.row_id in ({chosen}) order by s.row_id"
    )
    frame = pl.from_arrow(found.to_arrow_table())
    assert isinstance(frame, pl.DataFrame)
    return frame


def members_shown(
    connection: duckdb.DuckDBPyConnection,
    migration: Migration,
    raw: Mapping[str, RawRelation],
    *,
    subject: str,
    fields: Sequence[str],
    beside: str,
    is_parent: bool,
) -> tuple[Member, ...]:
    """Return the members that the SELECT `beside` (row_id, grp) names, in row order.

    `is_parent`: they are rows that the covered ones point to, and say of which subject they are.
    """
    rows = connection.execute(
        f"select s.row_key, keyed_digest(s.shown), b.grp from ({shown_rows(migration, raw, subject, fields)}) s"
        f" join ({beside}) b on b.row_id = s.row_id order by s.row_id, length(b.grp), b.grp"
    ).fetchall()
    named = subject if is_parent else None
    return tuple(Member(key=key, digest=digest, group=grp, subject=named) for key, digest, grp in rows)
