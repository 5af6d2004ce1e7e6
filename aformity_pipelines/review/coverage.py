"""Coverage: which rows of today's deliveries each standing decision still covers (promise P3).

A row is covered when its key is found and the digest of the shown cells is the same as then, and so are the rows
that it was shown with: the others of its group, where its rule looks across rows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl

from aformity_pipelines.domain.coverage import CoveredRow, Member, RowCoverage
from aformity_pipelines.domain.decisions import RowDecision
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.review.comparison import COMPARED, SCHEMA, compared
from aformity_pipelines.review.coverage_files import NO_FILES, read_coverage
from aformity_pipelines.review.covered import (
    BACK,
    COVERED,
    DELIVERED,
    MEMBER,
    SHOWN_WITH,
)
from aformity_pipelines.review.shown import NOTHING_DELIVERED, fields_of_parent, shown_rows


@dataclass(slots=True)
class _Then:
    """What the decisions were shown, gathered: each subject and its fields are read once, however many share them."""

    asked: dict[tuple[str, tuple[str, ...]], int] = field(default_factory=dict)
    rows: list[tuple[int, int, str, str, str, bool]] = field(default_factory=list)
    frames: list[pl.DataFrame] = field(default_factory=list)

    def number(self, subject: str, fields: tuple[str, ...]) -> int:
        return self.asked.setdefault((subject, fields), len(self.asked))

    def add(self, asked: int, place: int, rows: Iterable[CoveredRow | Member], *, is_member: bool) -> None:
        self.rows += [(asked, place, each.key, each.digest, each.group, is_member) for each in rows]

    def add_file(self, asked: int, place: int, rows: pl.DataFrame) -> None:
        same = {"asked": asked, "place": place, "is_member": False}
        named = rows.with_columns(pl.lit(value, SCHEMA[name]).alias(name) for name, value in same.items())
        self.frames.append(named.select(*SCHEMA))

    def frame(self) -> pl.DataFrame:
        columns = zip(*self.rows, strict=True) if self.rows else ((),) * len(SCHEMA)
        inline = pl.DataFrame(dict(zip(SCHEMA, columns, strict=True)), schema=SCHEMA)
        return pl.concat([inline, *self.frames])


def create_covered(
    connection: duckdb.DuckDBPyConnection,
    migration: Migration,
    raw: Mapping[str, RawRelation],
    decisions: Iterable[RowDecision],
    *,
    files: Path | None = None,
    pending: Mapping[str, bytes] = NO_FILES,
) -> None:
    """Create the temp tables `covered` and `shown_with` for the given decisions.

    Needs `keyed_digest` on the connection; `files` is the folder of the coverage files, `pending` those that are
    not written yet.  Decisions that were shown the same fields of a subject are held against its rows together.
    """
    standing = [each for each in decisions if _is_there(migration, raw, each.covers.subject)]
    then = _Then()
    for place, each in enumerate(standing):
        _gather(then, migration, raw, place, each.covers, files, pending)
    now = [
        f"select {number} as asked, * from ({shown_rows(migration, raw, subject, fields)})"
        for (subject, fields), number in then.asked.items()
    ]
    nothing = f"select 0 as asked, * from ({NOTHING_DELIVERED})"
    with compared(connection, then.frame(), " union all ".join(now) or nothing):
        _conclude(connection, standing)
    _mark_delivered_again(connection, raw, standing)
    _mark_members(connection, standing)


def _is_there(migration: Migration, raw: Mapping[str, RawRelation], subject: str) -> bool:
    return subject in migration.mappings or subject in raw


def _gather(
    then: _Then,
    migration: Migration,
    raw: Mapping[str, RawRelation],
    place: int,
    covers: RowCoverage,
    files: Path | None,
    pending: Mapping[str, bytes],
) -> None:
    """Add the covered rows of a decision, and the members of their groups, subject by subject."""
    own = then.number(covers.subject, covers.fields)
    if covers.rows_in is None:
        then.add(own, place, covers.rows, is_member=False)
    elif files is None:
        raise ValueError("a decision lists its rows in a coverage file; say in which folder the files lie")
    else:
        then.add_file(own, place, read_coverage(files, covers, pending=pending))
    for subject in dict.fromkeys(each.subject for each in covers.members):
        if subject is None or _is_open(migration, raw, subject):
            fields = () if subject is None else fields_of_parent(migration, covers, subject)
            asked = own if subject is None else then.number(subject, fields)
            members = [each for each in covers.members if each.subject == subject]
            then.add(asked, place, members, is_member=True)


def _is_open(migration: Migration, raw: Mapping[str, RawRelation], subject: str) -> bool:
    """Whether every row of another subject is at hand; a stage that does not read its sources cannot judge it."""
    if subject not in migration.mappings:
        return subject in raw
    return all(read.source in raw for read in migration.reads_of(subject))


def _conclude(connection: duckdb.DuckDBPyConnection, standing: Sequence[RowDecision]) -> None:
    """Turn `compared` into `covered` and `shown_with`."""
    columns = ("decision", "kind", "subject", "rule")
    named = [
        (place, each.id, each.kind, each.covers.subject, each.covers.rule)
        for place, each in enumerate(standing)
    ]
    schema = {"place": pl.Int32(), **dict.fromkeys(columns, pl.String())}
    connection.register("standing", pl.DataFrame(named, schema=schema, orient="row"))
    try:
        connection.execute(
            f"create or replace temp table {COVERED} as select {', '.join(columns)}, row_key, row_id, matches, because,"
            f" grp from {COMPARED} join standing using (place) where not is_member"
        )
        members = f"{COMPARED} join standing using (place) where is_member"
        if not any(each.covers.members for each in standing):
            members = f"{COVERED} where false"
        connection.execute(
            f"create or replace temp table {SHOWN_WITH} as select decision, grp, row_key, row_id, matches from {members}"
        )
    finally:
        connection.unregister("standing")


def _mark_delivered_again(
    connection: duckdb.DuckDBPyConnection, raw: Mapping[str, RawRelation], standing: Sequence[RowDecision]
) -> None:
    """Mark the rows of decisions that were made because they were not delivered any more, where they are again."""
    rules = {rule for each in standing if (rule := each.covers.rule) and rule.endswith(DELIVERED)}
    for rule in sorted(rules):
        source = raw.get(rule.removesuffix(DELIVERED))
        if source is not None:
            carried = f"select row_id from {source.carried}" if source.carried else "select ''"
            connection.execute(
                f"update {COVERED} set matches = false, because = '{BACK}' where rule = ? and matches"
                f" and split_part(row_id, '/', 1) not in ({carried})",
                [rule],
            )


def _mark_members(connection: duckdb.DuckDBPyConnection, standing: Sequence[RowDecision]) -> None:
    """Mark the covered rows of each group of which another row does not match.

    Rows of a group are members of each other, except where the group's other members are of another subject (a
    parent): children of one parent know nothing of each other.
    """
    if not connection.execute(f"select 1 from {COVERED} where grp <> '' limit 1").fetchall():
        return
    parents = {
        (each.id, member.group)
        for each in standing
        for member in each.covers.members
        if member.subject is not None
    }
    schema = {"decision": pl.String(), "grp": pl.String()}
    connection.register("of_parents", pl.DataFrame(sorted(parents), schema=schema, orient="row"))
    try:
        connection.execute(
            f"update {COVERED} set matches = false, because = '{MEMBER}' from ("
            f"select decision, grp from {COVERED} where grp <> '' and not matches"
            " and (decision, grp) not in (from of_parents)"
            f" union select decision, grp from {SHOWN_WITH} where not matches) b"
            f" where {COVERED}.matches and {COVERED}.decision = b.decision and {COVERED}.grp = b.grp"
        )
    finally:
        connection.unregister("of_parents")
