"""Rows that only earlier deliveries held: as part of their source, with a rule, decisions and fates like any other.

What becomes of them is the source's policy.  Keep out: which rows they are (`carried`).
"""

from collections.abc import Iterable, Iterator, Mapping

import duckdb

from aformity_pipelines.domain.customer import Source, Vanished
from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, Rule, RuleResult, RuleState, Severity
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.stage_record import CarriedRows, StageRecord
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import row_reference
from aformity_pipelines.mapping.sql import bind, headers_in
from aformity_pipelines.review.covered import COVERED, DELIVERED
from aformity_pipelines.stages.outputs import CARRIED, count, folder_of, parquet, read_record
from aformity_pipelines.stages.rejected import excluded_by, is_about_reading, source_of_rule
from aformity_pipelines.stages.run import Run

FILES_SHOWN = 3
"""Files that a sentence names before it counts the rest."""


def delivered_rule_id(source: str) -> str:
    """Return the id of the rule that every row of a source is still delivered."""
    return f"{source}{DELIVERED}"


def is_about_delivery(rule: str) -> bool:
    """Whether a rule asks that rows which came before are still delivered."""
    return rule.endswith(DELIVERED)


def source_beside(rule: str) -> str | None:
    """Return the source of a rule that no expectation judges (that records can be read, that rows still come), or None."""
    if is_about_delivery(rule):
        return rule.removesuffix(DELIVERED)
    return source_of_rule(rule) if is_about_reading(rule) else None


def delivered_rule(name: str, source: Source) -> Rule:
    """Return the rule that the latest delivery holds every row of those before; its fields are the source's key.

    It holds rows while nobody has decided about them, and lists them where the policy settles it.
    """
    asks = source.vanished is Vanished.ASK and not source.lookup_only
    return Rule(
        id=delivered_rule_id(name),
        gate=Gate.INTAKE,
        subject=name,
        policy=Policy.HOLD if asks else Policy.REPORT,
        severity=Severity.WARNING,
        says="Every row that came with an earlier file comes with the latest one.",
        moment="",
        fields=source.key,
        expectation="rows that are delivered again",
        derived=True,
        may_check_nothing=True,
    )


def delivered_results(run: Run, raw: RawRelation, before: StageRecord) -> Iterator[tuple[RuleResult, str]]:
    """Yield the rule's outcome for the waves in scope, and the SELECT of the row ids that break it.

    Nothing for a source without a key, of which no row can be said to be missing.
    """
    declared = run.migration.customer.sources[raw.source]
    if not declared.key:
        return
    rows = _asked(run, raw, declared)
    failing = count(run.connection, f"({rows})")
    yield (
        RuleResult(
            rule=delivered_rule(raw.source, declared),
            state=RuleState.FAILED if failing else RuleState.PASSED,
            checked=count(run.connection, raw.relation),
            failing=failing,
            detail=_detail(before) if failing else "",
        ),
        rows,
    )


def _asked(run: Run, raw: RawRelation, declared: Source) -> str:
    """Return the SELECT of the carried rows that somebody has to be asked about, or told of."""
    nothing = "select '' as row_id where false"
    if raw.carried is None or declared.vanished is Vanished.EXCLUDE:
        return nothing
    parts = _parts(run.migration, raw)
    if not parts and not declared.lookup_only:
        return nothing
    taking_part = " or ".join(f"({part})" for _, _, part in parts) if parts else "true"
    return (
        f"select r.row_id from {raw.relation} r where r.row_id in (select row_id from {raw.carried})"
        f" and r.wave in {run.scope_sql()} and ({taking_part})"
    )


def _detail(before: StageRecord) -> str:
    """Say which files held the rows last: `2 came last with people.csv of 20 November 2026`."""
    held = before.delivery.carried if before.delivery else ()
    return came_last((each.rows, each) for each in held)


def came_last(held: Iterable[tuple[int, Delivery | CarriedRows]]) -> str:
    """Say how many rows came last with which file."""
    said = [
        f"{rows:,} came last with {file.file_name} of {file.received_on:%-d %B %Y}" for rows, file in held
    ]
    more = len(said) - FILES_SHOWN
    return "; ".join(said[:FILES_SHOWN]) + (f"; and {more} more files" if more > 0 else "")


def open_carried(run: Run, source: str, record: StageRecord) -> str | None:
    """Create the view `carried_<source>` (row_id, row, place, c0001 ...) of its carried rows; None where there is none.

    A source that is only looked up has no fate to give them: where its policy leaves them out, they are not there.
    """
    declared = run.migration.customer.sources[source]
    if CARRIED not in record.beside or (declared.lookup_only and declared.vanished is Vanished.EXCLUDE):
        return None
    relation = f"carried_{source}"
    table = parquet(folder_of(run, "raw_file", source) / CARRIED)
    run.connection.execute(f"create or replace temp view {relation} as select * from {table}")
    return relation


def settle_vanished(connection: duckdb.DuckDBPyConnection, migration: Migration, raw: RawRelation) -> None:
    """Enter into `covered` each carried row that every entity made of it excludes: nobody has to act on it."""
    found = [
        f"select r.row_id as source_row, x.decision from {raw.relation} r left join ({excluded_by(entity)}) x"
        f" on x.row_id = {reference} where r.row_id in (select row_id from {raw.carried}) and ({part})"
        for entity, reference, part in _parts(migration, raw)
    ]
    if found and raw.carried:
        connection.execute(
            f"insert into {COVERED} select max(decision), 'rows_excluded', ?, ?, source_row, source_row, true, null, ''"
            f" from ({' union all '.join(found)}) group by source_row having count(*) = count(decision)",
            [raw.source, delivered_rule_id(raw.source)],
        )


def _parts(migration: Migration, raw: RawRelation) -> list[tuple[str, str, str]]:
    """Return (entity, SQL of the row's reference, SQL that it takes part) of each read of a source."""
    found = []
    for entity in migration.readers_of(raw.source):
        for read in migration.reads_of(entity):
            if read.source == raw.source:
                reference = row_reference("r.row_id", read.part)
                found.append((entity, reference, _takes_part(read.only.where, raw) if read.only else "true"))
    return found


def _takes_part(where: str, raw: RawRelation) -> str:
    headers = headers_in(where)
    if not all(header in raw.internal for header in headers):
        return "true"  # the gate says that a column is missing
    return f"({bind(where, {header: raw.filled(header) for header in headers})}) is true"


def carried_digests(run: Run, sources: Mapping[str, Source]) -> list[list[str]]:
    """Return the fingerprint of each source's carried rows and what becomes of them, where there are any."""
    records = ((name, read_record(run, "raw_file", name)) for name in sources)
    return [
        [name, record.beside[CARRIED], sources[name].vanished.value]
        for name, record in records
        if record and CARRIED in record.beside
    ]
