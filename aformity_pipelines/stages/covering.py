"""What a draft is about, as a decision states it: field mappings by digest, or exactly the rows and values shown."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb

from aformity_pipelines.config.problems import did_you_mean
from aformity_pipelines.config.sql import SqlRefused, check_field_condition
from aformity_pipelines.domain.coverage import CoveredRow
from aformity_pipelines.domain.drafts import Draft, DraftCoverage
from aformity_pipelines.domain.findings import Gate, Rule
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.quality.suites import rules_of
from aformity_pipelines.review.approvals import mapping_digests, value_map_digests, value_maps_of
from aformity_pipelines.review.coverage import shown_rows
from aformity_pipelines.review.digest import create_digest_macro
from aformity_pipelines.review.record import covered_rows
from aformity_pipelines.stages.graph import MAPPED, VALIDATED, sources_behind
from aformity_pipelines.stages.outdated import outdated_rule
from aformity_pipelines.stages.outputs import FINDINGS, TABLE, folder_of, parquet
from aformity_pipelines.stages.refusing import DraftRefused, Fault, refuse_without_effect, refused
from aformity_pipelines.stages.rejected import is_about_reading, readable_rule, source_of_rule
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.suites import entity_suite, intake_suite
from aformity_pipelines.stages.unread import refuse_about_unread, unread_among

ALL = ("all",)
WANTED = "wanted_rows"
"""Temp table (row_id): the rows that a draft is about."""


def coverage(run: Run, draft: Draft, covers: DraftCoverage) -> dict[str, Any]:
    """Return the `covers` of a decision; DraftRefused carries what keeps it from being known."""
    if covers.entity is not None:
        return _mapping_coverage(run, covers.entity, covers)
    assert covers.subject is not None
    rows, fields = _rows(run, draft, covers, covers.subject)
    found: dict[str, Any] = {
        "subject": covers.subject,
        "fields": list(fields),
        "rows": [row.model_dump() for row in rows],
    }
    return found | ({"rule": covers.rule} if covers.rule else {})


def _mapping_coverage(run: Run, entity: str, covers: DraftCoverage) -> dict[str, Any]:
    """Return the field mappings that are approved, and the value maps: of these fields, and those named by themselves."""
    mapped = run.migration.mappings
    if entity not in mapped:
        raise refused(
            f"{entity!r} is not a mapped entity", did_you_mean(entity, mapped), ("covers", "entity")
        )
    digests = mapping_digests(run.migration, entity)
    chosen = tuple(digests) if covers.fields == ALL else covers.fields
    map_digests = value_map_digests(run.migration, entity)
    of_fields = [v.name for name, v in value_maps_of(run.migration, entity).items() if name in chosen]
    maps = tuple(dict.fromkeys((*of_fields, *covers.value_maps)))
    faults = [
        Fault(says=f"{entity}: no {what} {name!r}", do=did_you_mean(name, known), at=("covers", key))
        for what, key, names, known in (
            ("field mapping", "fields", chosen, digests),
            ("value map", "value_maps", maps, map_digests),
        )
        for name in names
        if name not in known
    ]
    if faults:
        raise DraftRefused(faults)
    return {
        "entity": entity,
        "fields": {name: digests[name] for name in chosen},
        "value_maps": {name: map_digests[name] for name in maps},
    }


def _rows(
    run: Run, draft: Draft, covers: DraftCoverage, subject: str
) -> tuple[tuple[CoveredRow, ...], tuple[str, ...]]:
    about = f"{draft.kind} on {subject}"
    is_entity = subject in run.migration.mappings
    known = (*run.migration.mappings, *run.migration.customer.sources)
    if subject not in known:
        raise refused(
            f"{subject!r} is neither a mapped entity nor a source",
            did_you_mean(subject, known),
            ("covers", "subject"),
        )
    gate, rule_fields = _rule(run, subject, covers.rule) if covers.rule else (None, ())
    refuse_without_effect(run, draft, subject)
    corrected = (draft.field,) if draft.field is not None else ()
    # What the rule reads, and what a correction replaces, was shown: whatever else the draft names.
    fields = tuple(dict.fromkeys((*covers.fields, *rule_fields, *corrected)))
    raw = open_all(run, sources_behind(run.migration, subject) if is_entity else (subject,))
    create_digest_macro(run.connection, run.digest_key())
    chosen = _chosen(run, covers, subject, gate, shown_rows(run.migration, raw, subject, ()))
    unread = unread_among(run, raw, WANTED)
    refuse_about_unread(draft, subject, unread)
    if not fields and not unread.is_all:
        raise refused(
            f"{about}: nothing was shown", "say in `fields` what was, or name a `rule`", ("covers",)
        )
    _refuse_unclear(run, covers, about, shown_rows(run.migration, raw, subject, fields))
    rows = covered_rows(run.connection, run.migration, raw, subject=subject, fields=fields, chosen=chosen)
    if not rows:
        raise refused(f"{about}: no row is in question", "there is nothing to decide: remove it", ("covers",))
    return rows, fields


def _refuse_unclear(run: Run, covers: DraftCoverage, about: str, shown: str) -> None:
    """Raise DraftRefused for names of rows that are not there, and for rows that another one is equal to."""
    wanted = f"from ({shown}) where row_id in (select row_id from {WANTED})"
    there = {
        name for row in run.connection.execute(f"select row_id, row_key {wanted}").fetchall() for name in row
    }
    if missing := sorted(set(covers.rows) - there - set(ALL)):
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
    twins = run.connection.execute(
        f"select row_id from ({shown}) where (row_key, shown) in (select (row_key, shown) {wanted})"
        f" and row_id not in (select row_id from {WANTED}) order by row_id limit 1"
    ).fetchall()
    if twins:
        raise refused(
            f"{about}: row {twins[0][0]} has the same key and the same values as one that is chosen",
            "name more `fields`, by which the two differ, or choose both rows",
            ("covers",),
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
        return
    yield outdated_rule(run, subject)
    for gate in (Gate.MAPPED, Gate.TRANSFORMED, Gate.EXPORT):
        yield from rules_of(entity_suite(run.workspace, run.migration, subject, gate), gate, subject)
    for source in dict.fromkeys(read.source for read in run.migration.reads_of(subject)):
        yield readable_rule(source)


def _chosen(run: Run, covers: DraftCoverage, subject: str, gate: Gate | None, keyed: str) -> str:
    """Return a SELECT of the row ids in question, after creating `wanted_rows` from it."""
    if covers.where is not None:
        try:
            check_field_condition(covers.where)
        except SqlRefused as refusal:
            raise refused(f"{subject}: `where` {refusal}", at=("covers", "where")) from None
        mapped = parquet(_file(run, MAPPED, subject, TABLE))
        chosen = f"select row_id from {mapped} where set_aside is null and ({covers.where})"
    elif covers.rows == ALL:
        assert gate is not None
        chosen = _undecided(run, subject, gate, covers.rule or "", keyed)
    else:
        names = ", ".join(literal(name) for name in covers.rows)
        chosen = f"select row_id from ({keyed}) where row_key in ({names}) or row_id in ({names})"
    try:
        run.connection.execute(f"create or replace temp table {WANTED} as {chosen}")
    except (duckdb.BinderException, duckdb.ConversionException) as error:
        says = f"{subject}: the rows cannot be chosen so: {str(error).splitlines()[0]}"
        raise refused(says, at=("covers", "where")) from None
    return f"select row_id from {WANTED}"


def _undecided(run: Run, subject: str, gate: Gate, rule: str, keyed: str) -> str:
    """Return a SELECT of the rows that fail a rule and that no decision covers yet."""
    stage = {Gate.INTAKE: VALIDATED, Gate.MAPPED: MAPPED}.get(gate, gate.value)
    name = source_of_rule(rule) if is_about_reading(rule) else subject
    open_rows = (
        f"select row_id from {parquet(_file(run, stage, name, FINDINGS))}"
        f" where rule = {literal(rule)} and accepted_by is null and followed_by is null"
    )
    if name == subject:
        return open_rows
    # A source's finding names the whole row, whatever parts an entity makes of it.
    return f"select row_id from ({keyed}) where split_part(row_id, '/', 1) in ({open_rows})"


def _file(run: Run, stage: str, name: str, file: str) -> Path:
    """Return a file of a stage; DraftRefused where the stage has not run."""
    path = folder_of(run, stage, name) / file
    if not path.is_file():
        raise refused(
            f"{stage} {name} has not run for {run.wave}",
            f"`aformity run {run.slug}` comes first",
            ("covers",),
        )
    return path
