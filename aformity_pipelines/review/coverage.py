"""Coverage: which rows of today's deliveries each standing decision still covers (promise P3).

A row is covered when its key is found and the digest of the shown cells is the same as then.
"""

from collections.abc import Iterable, Mapping, Sequence

import duckdb

from aformity_pipelines.domain.decisions import RowDecision
from aformity_pipelines.domain.mapping import Read
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import MAIN, row_reference
from aformity_pipelines.mapping.facts import headers_of
from aformity_pipelines.review.digest import shown_reject, shown_text

COVERED = "covered"
"""Temp table (decision, kind, subject, rule, row_key, row_id, matches); row_id NULL where the row is gone."""
NOTHING_DELIVERED = "select '' as row_id, '' as row_key, '' as shown where false"


def headers_shown(migration: Migration, read: Read, fields: Sequence[str]) -> tuple[str, ...]:
    """Return the source headers behind target fields in one read; unknown fields have none."""
    found = [h for name in fields if name in read.fields for h in headers_of(read.fields[name])]
    return tuple(dict.fromkeys(found))


def shown_rows(
    migration: Migration, raw: Mapping[str, RawRelation], subject: str, fields: Sequence[str]
) -> str:
    """Return a SELECT of (row_id, row_key, shown) over every row of an entity or, at intake, a source.

    Of a record that could not be read, its raw text and the reason were shown, whatever the fields.
    """
    if subject in migration.mappings:
        reads = [
            (raw[read.source], headers_shown(migration, read, fields), read.part)
            for read in migration.reads_of(subject)
            if read.source in raw
        ]
    else:
        reads = [(raw[subject], tuple(fields), MAIN)]
    selects = [
        f"select {row_reference('r.row_id', part)} as row_id, {row_reference('r.row_key', part)} as row_key,"
        f" {shown} as shown from {relation} r"
        for source, headers, part in reads
        for relation, shown in (
            (source.relation, shown_text(source, headers)),
            (source.rejected, shown_reject()),
        )
        if relation
    ]
    return " union all ".join(selects) or NOTHING_DELIVERED


def create_covered(
    connection: duckdb.DuckDBPyConnection,
    migration: Migration,
    raw: Mapping[str, RawRelation],
    decisions: Iterable[RowDecision],
) -> None:
    """Create the temp table `covered` for the given decisions.  Needs `keyed_digest` on the connection."""
    connection.execute(
        f"create or replace temp table {COVERED} (decision varchar, kind varchar, subject varchar,"
        " rule varchar, row_key varchar, row_id varchar, matches boolean)"
    )
    for decision in decisions:
        covers = decision.covers
        if covers.subject not in migration.mappings and covers.subject not in raw:
            continue
        keys = [row.key for row in covers.rows]
        digests = [row.digest for row in covers.rows]
        connection.execute(
            f"insert into {COVERED} select ?, ?, ?, ?, * from"
            f" ({_compared(shown_rows(migration, raw, covers.subject, covers.fields))})",
            [decision.id, decision.kind, covers.subject, covers.rule, keys, digests],
        )


def _compared(now: str) -> str:
    """Return a SELECT of (row_key, row_id, matches): what was shown then, held against the rows of `now`.

    Takes the keys and the digests of then as two lists.  A row matches where its key and digest were shown;
    of more equal rows than were shown nobody can tell which one was, so none of them matches.
    """
    return (
        "with then_ as (select row_key, digest, count(*) as shown from"
        " (select unnest(?::varchar[]) as row_key, unnest(?::varchar[]) as digest) group by all),"
        f" now_ as (select row_id, row_key, keyed_digest(shown) as digest from ({now})"
        " where row_key in (select row_key from then_)),"
        " there as (select row_key, digest, count(*) as found from now_ group by all)"
        " select row_key, row_id, found <= shown from now_ join then_ using (row_key, digest)"
        " join there using (row_key, digest)"
        " union all select t.row_key, n.row_id, false from (from then_ anti join there using (row_key, digest)) t"
        " left join (from now_ anti join then_ using (row_key, digest)) n on n.row_key = t.row_key"
        " union all select row_key, null, false from then_ join there using (row_key, digest) where found < shown"
    )
