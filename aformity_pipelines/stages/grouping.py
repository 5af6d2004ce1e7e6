"""The rows that a rule judged together, in the tables of its stage: at recording, and whenever its gate is judged.

Uniqueness and relationships are about more rows than the one that is named; all of them belong to the evidence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from aformity_pipelines.domain.coverage import Member, RowCoverage
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.sql_text import identifier
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.quality.across_rows import Circle, Points, SameValue, looks_across
from aformity_pipelines.quality.suites import Suite
from aformity_pipelines.review.members import (
    GROUPED,
    create_groups,
    mark_joined,
    on_one_circle,
    same_value,
)
from aformity_pipelines.review.shown import fields_of_parent
from aformity_pipelines.stages.graph import MAPPED, TRANSFORMED, sources_behind
from aformity_pipelines.stages.outputs import TABLE, folder_of, parquet
from aformity_pipelines.stages.refusing import refused
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.suites import entity_suite, intake_suite

SET_ASIDE = frozenset({"rows_excluded", "rows_deferred"})
"""Kinds that leave a row out: they hold whatever becomes of the parent, and the mapped gate could not see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """What a decision was shown beside its rows."""

    groups: str | None = None  # SELECT (row_id, grp) of the covered rows that stand in a group
    members: tuple[Member, ...] = ()


def group_of(run: Run, *, kind: str, covers: RowCoverage, gate: Gate, wanted: str) -> Group:
    """Return what belongs to the evidence of a decision about the rows in the table `wanted` (row_id).

    `covers` names subject, rule and fields; its rows do not matter.  Needs `keyed_digest` on the connection.
    """
    if gate is Gate.INTAKE and covers.subject in run.migration.mappings:
        return Group()  # a rule of a source that the entity reads: that its records can be read
    suite = suite_of(run, covers.subject, gate)
    across = [looks_across(each) for each in suite["expectations"] if each["meta"]["rule"] == covers.rule]
    raw = open_all(run, _sources(run, covers.subject))
    match across[0] if across else None:
        case Points() as points if kind not in SET_ASIDE:
            return _parents(run, covers, points, gate, wanted)
        case SameValue() as same:
            valued = same_value(_judged(run, covers.subject, gate, raw), _columns(same.columns, raw, covers))
        case Circle() as circle:
            valued = on_one_circle(_judged(run, covers.subject, gate, raw), circle.link, circle.key)
        case _:
            return Group()
    chosen = f"select row_id from {wanted}"
    create_groups(run.connection, valued, chosen)
    beside = f"select distinct of as row_id, grp from {GROUPED} where of not in ({chosen})"
    from aformity_pipelines.review.evidence import members_shown  # noqa: PLC0415 - imports Polars

    members = members_shown(
        run.connection, run.migration, raw, subject=covers.subject, fields=covers.fields, beside=beside,
        is_parent=False,
    )  # fmt: skip
    return Group(groups=f"select distinct row_id, grp from {GROUPED}", members=members)


def mark_rows_that_joined(
    run: Run, suite: Suite, *, gate: Gate, subject: str, table: str, columns: Mapping[str, str] | None
) -> None:
    """Mark in `covered` what was settled of groups that have another row today; `table` has the rows of every wave."""
    for each in suite["expectations"]:
        across = looks_across(each)
        if isinstance(across, SameValue):
            named = [
                columns[name] if columns else name
                for name in across.columns
                if not columns or name in columns
            ]
            if len(named) == len(across.columns):
                valued = same_value(_with_rows(gate, table), named)
                mark_joined(run.connection, subject, each["meta"]["rule"], valued)


def _parents(run: Run, covers: RowCoverage, points: Points, gate: Gate, wanted: str) -> Group:
    """Return the rows that the links name and that are set aside; each covered row has a group of its own."""
    table = folder_of(run, MAPPED, points.entity) / TABLE
    if points.entity not in run.migration.mappings or not table.is_file():
        return Group()
    raw = open_all(run, sources_behind(run.migration, points.entity))
    child = _judged(run, covers.subject, gate, raw)
    run.connection.execute(
        f"create or replace temp table {GROUPED} as select c.row_id as of, p.row_id,"
        " cast(dense_rank() over (order by c.row_id) as varchar) as grp"
        f" from {child} c join {parquet(table)} p on cast(p.{identifier(points.field)} as varchar)"
        f" = cast(c.{identifier(points.column)} as varchar)"
        f" where p.set_aside is not null and c.row_id in (select row_id from {wanted})"
    )
    from aformity_pipelines.review.evidence import members_shown  # noqa: PLC0415 - imports Polars

    members = members_shown(
        run.connection, run.migration, raw, subject=points.entity,
        fields=fields_of_parent(run.migration, covers, points.entity),
        beside=f"select row_id, grp from {GROUPED}", is_parent=True,
    )  # fmt: skip
    return Group(groups=f"select distinct of as row_id, grp from {GROUPED}", members=members)


def suite_of(run: Run, subject: str, gate: Gate) -> Suite:
    """Return the whole suite of a gate of an entity or, at intake, of a source."""
    if gate is Gate.INTAKE:
        return intake_suite(run.workspace, run.migration, subject)
    return entity_suite(run.workspace, run.migration, subject, gate)


def _sources(run: Run, subject: str) -> tuple[str, ...]:
    is_entity = subject in run.migration.mappings
    return sources_behind(run.migration, subject) if is_entity else (subject,)


def _columns(
    headers: tuple[str, ...], raw: Mapping[str, RawRelation], covers: RowCoverage
) -> tuple[str, ...]:
    """Return the columns of the judged table: at intake the rule speaks headers."""
    if covers.subject not in raw:
        return headers
    return tuple(raw[covers.subject].internal[header] for header in headers)


def _judged(run: Run, subject: str, gate: Gate, raw: Mapping[str, RawRelation]) -> str:
    """Return the relation (row_id, row_ids ...) of the rows of every wave that a gate judges."""
    if gate is Gate.INTAKE:
        return _with_rows(gate, raw[subject].relation)
    stage = MAPPED if gate is Gate.MAPPED else TRANSFORMED
    path = folder_of(run, stage, subject) / TABLE
    if not path.is_file():
        says = f"{stage} {subject} has not run for {run.wave}, so nobody knows which rows the rule judges together"
        raise refused(says, f"`aformity run {run.slug}` comes first", ("covers", "rule"))
    table = parquet(path)
    if gate is Gate.MAPPED:
        return _with_rows(gate, table)
    return f"(select row_ids[1] as row_id, * from {table})"


def _with_rows(gate: Gate, table: str) -> str:
    """Return a relation with the rows that each of its records is made of: one, before records are merged."""
    if gate in (Gate.TRANSFORMED, Gate.EXPORT):
        return table
    kept = " where set_aside is null" if gate is Gate.MAPPED else ""
    return f"(select *, [row_id] as row_ids from {table}{kept})"
