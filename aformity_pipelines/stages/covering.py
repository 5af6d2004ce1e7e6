"""What a draft is about, as a decision states it: field mappings by digest, or exactly the rows and values shown."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import duckdb

from aformity_pipelines.config.problems import did_you_mean
from aformity_pipelines.config.sql import SqlRefused, check_field_condition
from aformity_pipelines.domain.coverage import RowCoverage
from aformity_pipelines.domain.drafts import (
    ALL,
    MERGE_REFUSED,
    RULE_WAIVED,
    VALUES_REPLACED,
    Draft,
    DraftCoverage,
)
from aformity_pipelines.domain.findings import Gate, Rule
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.quality.suites import rules_of
from aformity_pipelines.review.append import IN_ONE_LINE, MOST_INLINE
from aformity_pipelines.review.coverage_files import listed
from aformity_pipelines.review.digest import create_digest_macro
from aformity_pipelines.review.evidence import rows_shown
from aformity_pipelines.review.shown import shown_rows
from aformity_pipelines.stages.breaking import breaking_rows, refuse_not_breaking, stage_file
from aformity_pipelines.stages.deferring import refuse_deferred_in_vain
from aformity_pipelines.stages.expressions import ADVICE
from aformity_pipelines.stages.field_map_shown import mapping_coverage
from aformity_pipelines.stages.graph import MAPPED, sources_behind
from aformity_pipelines.stages.grouping import Group, group_of
from aformity_pipelines.stages.keeping_apart import refuse_rule_about_else
from aformity_pipelines.stages.kept_keys import kept_key_rule
from aformity_pipelines.stages.outdated import outdated_rule
from aformity_pipelines.stages.outputs import TABLE, parquet, require
from aformity_pipelines.stages.refusing import refuse_without_effect, refused
from aformity_pipelines.stages.rejected import readable_rule
from aformity_pipelines.stages.replacing import (
    all_holding,
    find_holding,
    keep_holding,
    refuse_senseless_replacements,
)
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.suites import entity_suite, intake_suite
from aformity_pipelines.stages.unread import refuse_about_unread, unread_among
from aformity_pipelines.stages.vanished import delivered_rule
from aformity_pipelines.stages.waiving import waiver

WANTED = "wanted_rows"
"""Temp table (row_id): the rows that a draft is about."""


def coverage(run: Run, draft: Draft, covers: DraftCoverage) -> dict[str, Any]:
    """Return the `covers` of a decision; DraftRefused carries what keeps it from being known."""
    if covers.entity is not None:
        return mapping_coverage(run, covers.entity, covers)
    assert covers.subject is not None
    _refuse_unknown_subject(run, covers.subject)
    if draft.kind == RULE_WAIVED:
        return waiver(run, covers, covers.subject)
    return _rows(run, draft, covers, covers.subject)


def _refuse_unknown_subject(run: Run, subject: str) -> None:
    known = (*run.migration.mappings, *run.migration.customer.sources)
    if subject not in known:
        raise refused(
            f"{subject!r} is neither a mapped entity nor a source",
            did_you_mean(subject, known),
            ("covers", "subject"),
        )


def _rows(run: Run, draft: Draft, covers: DraftCoverage, subject: str) -> dict[str, Any]:
    about = f"{draft.kind} on {subject}"
    is_entity = subject in run.migration.mappings
    gate, rule_fields = _rule(run, subject, covers.rule) if covers.rule else (None, ())
    refuse_without_effect(run, draft, subject)
    if draft.kind == MERGE_REFUSED and covers.rule:
        refuse_rule_about_else(run, subject, covers.rule)
    if draft.replace is not None:
        refuse_senseless_replacements(draft.replace)
    corrected = (draft.field,) if draft.field is not None else ()
    # What the rule reads, and what a correction replaces, was shown: whatever else the draft names.
    fields = tuple(dict.fromkeys((*covers.fields, *rule_fields, *corrected)))
    raw = open_all(run, sources_behind(run.migration, subject) if is_entity else (subject,))
    create_digest_macro(run.connection, run.digest_key())
    if draft.kind == VALUES_REPLACED:
        find_holding(run, draft, subject, raw)
    keyed = shown_rows(run.migration, raw, subject, ())
    if covers.rows or covers.where:
        chosen = _chosen(run, draft, covers, gate, keyed)
    else:
        chosen = all_holding(run, draft, subject, raw, into=WANTED)
    if draft.kind == VALUES_REPLACED:
        keep_holding(run, draft, among=WANTED)
    unread = unread_among(run, raw, WANTED)
    refuse_about_unread(draft, subject, unread)
    if not fields and not unread.is_all:
        raise refused(
            f"{about}: nothing was shown", "say in `fields` what was, or name a `rule`", ("covers",)
        )
    _refuse_unclear(run, covers, about, shown_rows(run.migration, raw, subject, fields))
    refuse_not_breaking(run, draft, covers, subject, gate, keyed=keyed, among=WANTED)
    refuse_deferred_in_vain(run, draft, subject, among=WANTED)
    shown: dict[str, Any] = {"subject": subject, "fields": fields} | (
        {"rule": covers.rule} if covers.rule else {}
    )
    group = _group(run, draft, shown, gate)
    rows = rows_shown(
        run.connection, run.migration, raw, subject=subject, fields=fields, chosen=chosen, groups=group.groups
    )
    if rows.is_empty():
        raise refused(f"{about}: no row is in question", "there is nothing to decide: remove it", ("covers",))
    members = [each.model_dump(mode="json") for each in group.members]
    apart = listed(rows, most_inline=len(rows) if draft.kind in IN_ONE_LINE else MOST_INLINE)
    run.pending.update(apart.files)
    return shown | apart.covers | {"members": members, "delivered": _delivered(run, raw)}


def _group(run: Run, draft: Draft, shown: dict[str, Any], gate: Gate | None) -> Group:
    """Return what was shown beside the rows in `wanted_rows`, where the rule looks across rows."""
    if gate is None:
        return Group()
    about = RowCoverage.model_construct(rule=shown["rule"], subject=shown["subject"], fields=shown["fields"])
    return group_of(run, kind=draft.kind, covers=about, gate=gate, wanted=WANTED)


def _delivered(run: Run, raw: Mapping[str, RawRelation]) -> dict[str, str]:
    """Return source -> SHA-256 of the delivery that is shown."""
    found = {source: require(run, "raw_file", source).delivery for source in raw}
    return {source: delivery.sha256 for source, delivery in found.items() if delivery}


def _refuse_unclear(run: Run, covers: DraftCoverage, about: str, shown: str) -> None:
    """Raise DraftRefused for names of rows that are not there, and for rows that another one is equal to."""
    wanted = f"from ({shown}) where row_id in (select row_id from {WANTED})"
    if covers.rows not in ((), ALL):
        _refuse_missing(run, covers, about, wanted)
    # Few keys name several rows; only of those is the text of the cells made.
    twice = f"select row_key from ({shown}) group by 1 having count(*) > 1"
    twins = run.connection.execute(
        f"with twice as ({twice}) select row_id from ({shown}) where row_key in (from twice) and (row_key, shown) in"
        f" (select (row_key, shown) {wanted} and row_key in (from twice))"
        f" and row_id not in (select row_id from {WANTED}) order by row_id limit 1"
    ).fetchall()
    if twins:
        raise refused(
            f"{about}: row {twins[0][0]} has the same key and the same values as one that is chosen",
            "name more `fields`, by which the two differ, or choose both rows",
            ("covers",),
        )


def _refuse_missing(run: Run, covers: DraftCoverage, about: str, wanted: str) -> None:
    found = run.connection.execute(f"select row_id, row_key {wanted}").fetchall()
    there = {name for row in found for name in row}
    if missing := sorted(set(covers.rows) - there):
        named = (
            f"{len(missing)} rows, for example {missing[0]!r}, are"
            if missing[1:]
            else f"row {missing[0]!r} is"
        )
        raise refused(
            f"{about}: {named} not in today's deliveries",
            "write a row as `source:key`, or by its row id `source@file#number`",
            ("covers", "rows"),
        )


def _rule(run: Run, subject: str, rule: str) -> tuple[Gate, tuple[str, ...]]:
    """Return the gate of a rule and the fields it reads that were delivered."""
    rules = tuple(_rules_of(run, subject))
    for each in rules:
        if each.id == rule:
            return each.gate, each.fields
    raise refused(
        f"{subject}: no rule {rule!r} about rows",
        did_you_mean(rule, (each.id for each in rules)),
        ("covers", "rule"),
    )


def _rules_of(run: Run, subject: str) -> Iterator[Rule]:
    """Yield every rule about rows of an entity or a source; of its sources' rules, that their records can be read."""
    if subject not in run.migration.mappings:
        yield from rules_of(intake_suite(run.workspace, run.migration, subject), Gate.INTAKE, subject)
        yield readable_rule(subject)
        yield delivered_rule(subject, run.migration.customer.sources[subject])
        return
    yield outdated_rule(run, subject)
    yield kept_key_rule(run.migration, subject)
    for gate in (Gate.MAPPED, Gate.TRANSFORMED, Gate.EXPORT):
        yield from rules_of(entity_suite(run.workspace, run.migration, subject, gate), gate, subject)
    for source in dict.fromkeys(read.source for read in run.migration.reads_of(subject)):
        yield readable_rule(source)
        declared = run.migration.customer.sources[source]
        # Of a record, its own key is what was shown; the source's headers mean nothing to it.
        own = (run.migration.destination.entities[subject].key,)
        yield replace(delivered_rule(source, declared), fields=own)


def _chosen(run: Run, draft: Draft, covers: DraftCoverage, gate: Gate | None, keyed: str) -> str:
    """Return a SELECT of the row ids in question, after creating `wanted_rows` from it."""
    subject = covers.subject or ""
    if covers.where is not None:
        try:
            check_field_condition(covers.where)
        except SqlRefused as refusal:
            raise refused(f"{subject}: `where` {refusal}", at=("covers", "where")) from None
        mapped = parquet(stage_file(run, MAPPED, subject, TABLE))
        chosen = f"select row_id from {mapped} where set_aside is null and ({covers.where})"
    elif covers.rows == ALL:
        assert gate is not None
        chosen = breaking_rows(
            run, subject, gate, covers.rule or "", keyed, only_undecided=True, superseded=draft.supersedes
        )
    else:
        names = ", ".join(literal(name) for name in covers.rows)
        chosen = f"select row_id from ({keyed}) where row_key in ({names}) or row_id in ({names})"
    try:
        run.connection.execute(f"create or replace temp table {WANTED} as {chosen}")
    except duckdb.Error as error:
        if covers.where is None:
            raise
        raise refused(*_where_fault(subject, error), at=("covers", "where")) from None
    return f"select row_id from {WANTED}"


def _where_fault(subject: str, error: duckdb.Error) -> tuple[str, str]:
    """Return what is wrong with a `where`, and what to do.

    The database's own words are passed on where they are about names; about anything else they quote values.
    """
    if isinstance(error, duckdb.BinderException | duckdb.CatalogException):
        says = f"{subject}: the rows cannot be chosen so: {str(error).splitlines()[0]}"
        return says, "write it over the fields of the entity, with functions of DuckDB"
    return f"{subject}: `where` fails on the rows that are there ({type(error).__name__})", ADVICE
