"""What standing decisions do to an entity's rows: corrections, exclusions, deferrals, merges.

Only rows that a decision still covers are touched; a merge needs every part that was shown, and a replacement
that the row still holds the text it replaces.
"""

from collections.abc import Iterable, Mapping

import duckdb

from aformity_pipelines.domain.decisions import (
    MergeApproved,
    RowDecision,
    RowsDeferred,
    ValueCorrected,
    ValuesReplaced,
)
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import Effects, field_texts
from aformity_pipelines.review.covered import COVERED

CORRECTIONS = "corrections"
"""Temp table (row_id, field, value, decision): each value that a decision puts in place of the delivered one."""

MERGES = "merges"
"""Temp table (entity, row_id, survivor, decision): every part of each approved merge."""


def create_effects(
    connection: duckdb.DuckDBPyConnection,
    migration: Migration,
    entity: str,
    raw: Mapping[str, RawRelation],
    decisions: Iterable[RowDecision],
) -> Effects:
    """Create the relations that a compiled mapping joins; needs the table `covered`.

    `raw` holds every source that the mapping reads or looks up.
    """
    own = [each for each in decisions if each.covers.subject == entity]
    corrections = [each for each in own if isinstance(each, ValueCorrected | ValuesReplaced)]
    _create_corrections(connection, migration, entity, raw, corrections)
    excluded = _create_covered_by(connection, "set_aside", "rows_excluded", entity)
    deferred = _create_deferred(connection, [e for e in own if isinstance(e, RowsDeferred)])
    return Effects(
        corrections=CORRECTIONS if corrections else None,
        corrected_fields=frozenset(each.field for each in corrections),
        set_aside="set_aside" if excluded else None,
        deferred="deferred" if deferred else None,
    )


def _create_corrections(
    connection: duckdb.DuckDBPyConnection,
    migration: Migration,
    entity: str,
    raw: Mapping[str, RawRelation],
    decisions: list[ValueCorrected | ValuesReplaced],
) -> None:
    connection.execute(
        f"create or replace temp table {CORRECTIONS}"
        " (row_id varchar, field varchar, value varchar, decision varchar)"
    )
    # The latest first: of two standing corrections of a field, the later one holds.
    values: tuple[object, ...]
    for each in reversed(decisions):
        if isinstance(each, ValueCorrected):
            given, values = "select row_id, ? as value from still", (each.value,)
        else:
            texts = field_texts(migration, entity, raw, each.field)
            given, values = replaced_rows("still", texts), replacement_lists(each.replacements)
        connection.execute(
            f"insert into {CORRECTIONS} with still as (select distinct row_id from {COVERED}"
            f" where decision = ? and matches and row_id not in (select row_id from {CORRECTIONS} where field = ?))"
            f" select row_id, ?, value, ? from ({given})",
            [each.id, each.field, each.field, each.id, *values],
        )


def replaced_rows(rows: str, texts: str) -> str:
    """Return a SELECT of (row_id, value): rows whose text of a field is replaced, and by what.

    `rows` is a relation with `row_id`, `texts` a SELECT of (row_id, text); takes `replacement_lists`.  A blank text
    is replaced where the old text is `""`.
    """
    return (
        f"select w.row_id, p.new as value from {rows} w join ({texts}) t using (row_id)"
        " join (select unnest(?::varchar[]) as old, unnest(?::varchar[]) as new) p on p.old = coalesce(t.text, '')"
    )


def replacement_lists(replacements: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """Return old texts and new texts, as `replaced_rows` takes them."""
    return list(replacements), list(replacements.values())


def _create_covered_by(connection: duckdb.DuckDBPyConnection, table: str, kind: str, entity: str) -> int:
    connection.execute(
        f"create or replace temp table {table} as select row_id, min(decision) as decision from {COVERED}"
        " where kind = ? and subject = ? and matches group by row_id",
        [kind, entity],
    )
    return _count(connection, table)


def _create_deferred(connection: duckdb.DuckDBPyConnection, decisions: list[RowsDeferred]) -> int:
    connection.execute(
        "create or replace temp table deferred (row_id varchar, decision varchar, wave varchar)"
    )
    for each in decisions:
        connection.execute(
            "delete from deferred where row_id in (select row_id from covered where decision = ? and matches)",
            [each.id],
        )
        connection.execute(
            f"insert into deferred select distinct row_id, decision, ? from {COVERED} where decision = ? and matches",
            [each.until_wave, each.id],
        )
    return _count(connection, "deferred")


def create_merges(connection: duckdb.DuckDBPyConnection, decisions: Iterable[RowDecision]) -> None:
    """Create the table `merges` of the merges whose every part is still what it was; needs `covered`."""
    connection.execute(
        f"create or replace temp table {MERGES} (entity varchar, row_id varchar, survivor varchar, decision varchar)"
    )
    for each in decisions:
        if isinstance(each, MergeApproved):
            connection.execute(
                f"insert into {MERGES} with parts as (select * from {COVERED} where decision = ?)"
                " select p.subject, p.row_id, (select min(row_id) from parts where row_key = ?), p.decision from parts p"
                " where (select bool_and(coalesce(matches, false)) from parts)"
                f" and not exists (select 1 from {MERGES} m where m.entity = p.subject"
                " and m.row_id in (select row_id from parts))",
                [each.id, each.survivor],
            )


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    row = connection.execute(f"select count(*) from {table}").fetchone()
    assert row is not None
    return int(row[0])
