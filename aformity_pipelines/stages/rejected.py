"""Records that could not be read: rows of their delivery all the same, with a rule, decisions and a fate.

Nothing reads their raw text as values.  What keeps a record from being read is intake's; here it is only counted.
"""

from collections.abc import Iterator, Mapping

import duckdb

from aformity_pipelines.domain.approval import row_decisions
from aformity_pipelines.domain.decisions import RowsExcluded
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, Rule, RuleResult, RuleState, Severity
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import row_reference
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.stages.outputs import REJECTS, folder_of, parquet
from aformity_pipelines.stages.run import Run

REASONS_SHOWN = 3
"""Reasons that a sentence names before it counts the rest."""


_READABLE = ".record.readable"


def readable_rule_id(source: str) -> str:
    """Return the id of the rule that every record of a source can be read."""
    return f"{source}{_READABLE}"


def is_about_reading(rule: str) -> bool:
    """Whether a rule asks that records can be read."""
    return rule.endswith(_READABLE)


def source_of_rule(rule: str) -> str:
    """Return the source of a rule that asks that records can be read."""
    return rule.removesuffix(_READABLE)


def readable_rule(source: str) -> Rule:
    """Return the rule that every record of a source's delivery can be read; no expectation judges it."""
    return Rule(
        id=readable_rule_id(source),
        gate=Gate.INTAKE,
        subject=source,
        policy=Policy.HOLD,
        severity=Severity.WARNING,
        says="Every line of the file can be read.",
        moment="",
        fields=(),
        expectation="records that can be read",
        derived=True,
        may_check_nothing=True,
    )


def readable_result(source: str, before: StageRecord) -> RuleResult:
    """Return the rule's outcome for the delivery that `before` recorded."""
    rule, rejected = readable_rule(source), before.delivery.rejected if before.delivery else 0
    state = RuleState.FAILED if rejected else RuleState.PASSED
    because = because_of(before.delivery.rejected_because) if before.delivery else ""
    detail = f"{rejected:,} could not: {because}" if rejected else ""
    return RuleResult(rule=rule, state=state, checked=before.rows_in, failing=rejected, detail=detail)


def because_of(reasons: Mapping[str, int]) -> str:
    """Say why records could not be read, the most frequent reason first: `2 have 3 fields ...; 1 ...`."""
    ranked = sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    said = [f"{reason} ({number:,})" if len(ranked) > 1 else reason for reason, number in ranked]
    more = len(said) - REASONS_SHOWN
    return "; ".join(said[:REASONS_SHOWN]) + (f"; and {more} more reasons" if more > 0 else "")


def open_rejected(run: Run, source: str, record: StageRecord) -> str | None:
    """Create the view `rejected_<source>` (row_id, row, row_key, wave, reason, raw); None where all could be read.

    Such a record has no key but its row id, so that a decision about it fits this delivery only.  No condition can
    tell its wave: it belongs to the first, and stays open work in every later one.
    """
    if record.delivery is None or not record.delivery.rejected:
        return None
    relation = f"rejected_{source}"
    run.connection.execute(
        f"create or replace temp view {relation} as select row_id, row, row_id as row_key,"
        f" {literal(run.migration.customer.waves[0].name)} as wave, reason, raw"
        f" from {parquet(folder_of(run, 'raw_file', source) / REJECTS)}"
    )
    return relation


def rejected_rows(migration: Migration, entity: str, raw: Mapping[str, RawRelation]) -> str | None:
    """Return a SELECT of (row_id, source, wave, because, decision) of an entity's records that could not be read.

    `decision` is the one that excludes the record, or NULL; needs `covered`.  None where all could be read.
    """
    selects = [
        f"select r.row_id, {literal(source)} as source, r.wave, {literal(readable_rule_id(source))} as because,"
        f" x.decision from ({rows}) r left join ({excluded_by(entity)}) x using (row_id)"
        for source, rows in _references(migration, entity, raw)
    ]
    return " union all ".join(selects) or None


def excluded_by(entity: str) -> str:
    """Return a SELECT of (row_id, decision) of the rows of an entity that a decision excludes; needs `covered`."""
    return (
        f"select row_id, max(decision) as decision from {COVERED}"
        f" where kind = 'rows_excluded' and subject = {literal(entity)} and matches group by row_id"
    )


def _references(
    migration: Migration, entity: str, raw: Mapping[str, RawRelation]
) -> Iterator[tuple[str, str]]:
    """Yield the source of each read of an entity, and a SELECT of (row_id, source_row, wave) of what it cannot read."""
    for read in migration.reads_of(entity):
        rejected = raw[read.source].rejected if read.source in raw else None
        if rejected:
            reference = row_reference("r.row_id", read.part)
            yield (
                read.source,
                f"select {reference} as row_id, r.row_id as source_row, r.wave from {rejected} r",
            )


def rejected_ids(raw: RawRelation) -> str:
    """Return a SELECT of the row ids of a source's records that could not be read."""
    return f"select row_id from {raw.rejected}" if raw.rejected else "select '' as row_id where false"


def exclusions(migration: Migration, source: str) -> tuple[RowsExcluded, ...]:
    """Return the standing decisions that exclude rows of an entity which reads the source."""
    readers, standing = migration.readers_of(source), row_decisions(migration)
    return tuple(
        each for each in standing if isinstance(each, RowsExcluded) and each.covers.subject in readers
    )


def settle_excluded(connection: duckdb.DuckDBPyConnection, migration: Migration, raw: RawRelation) -> None:
    """Enter into `covered` each record of a source that every entity which reads it excludes: nobody has to act on it."""
    found = [
        f"select r.source_row, x.decision from ({rows}) r left join ({excluded_by(entity)}) x using (row_id)"
        for entity in migration.readers_of(raw.source)
        for _, rows in _references(migration, entity, {raw.source: raw})
    ]
    if found:
        connection.execute(
            f"insert into {COVERED} select max(decision), 'rows_excluded', ?, ?, source_row, source_row, true, null, ''"
            f" from ({' union all '.join(found)}) group by source_row having count(*) = count(decision)",
            [raw.source, readable_rule_id(raw.source)],
        )
