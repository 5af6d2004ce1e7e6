"""A launch record held against what it was made from: every count is asked again, every place in the config looked up.

The SQL is the one that the record shows.  It runs on tables that hold no line that could change an answer: lines
that are alike are counted once and weighed, and only rows that a finding leads to are looked for among findings.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb

from aformity_pipelines.domain.launch.statements import Count, Table
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.revalidation import RowState
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.export.manifest import Manifest, problems_of
from aformity_pipelines.handoff.cited import parts_of
from aformity_pipelines.handoff.proof import Unproved
from aformity_pipelines.handoff.said_numbers import quotes_manifest
from aformity_pipelines.stages.revalidation.history import ROWS_FILE, folder_of
from aformity_pipelines.stages.run import Run

MET = (("entity", "subject", "row_id", "row_id"), ("source", "subject", "source_row", "row_id"))
"""Pairs of columns by which rows of the ledger and findings meet: (own, theirs, own, theirs)."""


def require_published_tables(folder: Path) -> None:
    """Raise Unproved, naming every table of the export in `folder` that is not what its manifest says.

    Whatever else is asked of the tables, a record made of other ones would agree with itself.
    """
    if problems := problems_of(folder, only="parquet"):
        raise Unproved(f"{problem}; run the export again" for problem in problems)


def require_proved_counts(
    connection: duckdb.DuckDBPyConnection, folder: Path, migration: Migration, record: LaunchRecord
) -> None:
    """Raise Unproved, naming every count that the export in `folder` does not yield and every missing place."""
    manifest = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    problems = (
        *_wrong_counts(connection, folder, record),
        *_unknown_quotes(manifest, record),
        *_missing_waves(migration, record),
    )
    if problems:
        raise Unproved(problems)


def require_proved_tests(run: Run, record: LaunchRecord) -> None:
    """Raise Unproved, naming every re-validation whose states are not those of the rows that were kept of it."""
    problems = []
    for tested in record.revalidations:
        rows = folder_of(run.workspace, run.slug, tested.wave, tested.number) / ROWS_FILE
        found = dict(
            run.connection.execute(f"select state, count(*) from {_read(rows)} group by 1").fetchall()
        )
        said = (tested.ready, tested.still_blocked, tested.newly_blocked, tested.overdue)
        states = (RowState.NOW_READY, RowState.STILL_BLOCKED, RowState.NEWLY_BLOCKED, RowState.OVERDUE)
        problems += [
            f"revalidations of {tested.wave}: the record says {number:,} rows {state}, its rows {found.get(state, 0):,}"
            for number, state in zip(said, states, strict=True)
            if number != found.get(state, 0)
        ]
    if problems:
        raise Unproved(problems)


def found_counts(
    connection: duckdb.DuckDBPyConnection, folder: Path, counts: Iterable[Count]
) -> dict[str, int]:
    """Return the name of each count -> what the tables of the export in `folder` yield for it today."""
    alike: dict[tuple[Table, tuple[str, ...]], list[Count]] = defaultdict(list)
    single: dict[bool, list[Count]] = defaultdict(list)
    for count in counts:
        if count.table is Table.FILE or count.any_of or count.distinct:
            single[_leads_from_findings(count)].append(count)
        else:
            alike[count.table, count.columns].append(count)
    found: dict[str, int] = {}
    for (table, columns), group in alike.items():
        found |= _weighed(connection, _relation(folder, table), columns, group)
    for group in single.values():
        found |= _asked_one_by_one(connection, folder, group)
    return found


def _leads_from_findings(count: Count) -> bool:
    """Whether only rows of the ledger that a finding leads to can be counted."""
    return bool(count.any_of) and all(choice.meets is not None for choice in count.any_of)


def _wrong_counts(connection: duckdb.DuckDBPyConnection, folder: Path, record: LaunchRecord) -> Iterator[str]:
    found = found_counts(connection, folder, record.counts)
    for count in record.counts:
        if found[count.name] != count.value:
            yield f"{count.name}: the record says {count.value:,}, the export {found[count.name]:,} ({count.query})"


def _unknown_quotes(manifest: Manifest, record: LaunchRecord) -> Iterator[str]:
    """Yield the notices that claim to be the manifest's and are not."""
    for place, notice in enumerate(record.notices):
        if quotes_manifest(notice) and notice.says not in manifest.notes:
            yield f"notices[{place}]: {notice.says!r} is no note of the manifest"


def _missing_waves(migration: Migration, record: LaunchRecord) -> Iterator[str]:
    """Yield the waves that evidence names and the config does not have."""
    waves = {f"waves.{wave.name}" for wave in migration.customer.waves}
    for place, part in parts_of("", record):
        for each in getattr(part, "evidence", ()):
            if each.startswith("waves.") and each not in waves:
                yield f"{place}: {each} is not in defs.yaml"


def _weighed(
    connection: duckdb.DuckDBPyConnection, relation: str, columns: tuple[str, ...], counts: list[Count]
) -> dict[str, int]:
    """Return counts of lines that read the same columns: lines that are alike there are counted once and weighed."""
    read = ", ".join(map(identifier, columns))
    lines = f"select {read}{', ' if read else ''}count(*) as lines from {relation}{' group by all' if read else ''}"
    sums = ", ".join(f"coalesce(sum(lines) filter (where {count.condition({})}), 0)" for count in counts)
    row = connection.execute(f"select {sums} from ({lines})").fetchone() or ()
    return {count.name: int(number) for count, number in zip(counts, row, strict=True)}


def _asked_one_by_one(
    connection: duckdb.DuckDBPyConnection, folder: Path, counts: list[Count]
) -> dict[str, int]:
    """Return counts whose own SQL runs: of files, of different values, of rows that meet findings."""
    relations = {table: str(table) for table in Table}
    asked = (
        f"({count.sql(relations | {Table.FILE: _read(folder / count.file)} if count.file else relations)})"
        for count in counts
    )
    named = ", ".join(f"{table} as materialized ({sql})" for table, sql in _reduced(folder, counts).items())
    row = connection.execute(f"with {named} select {', '.join(asked)}").fetchone() or ()
    return {count.name: int(number) for count, number in zip(counts, row, strict=True)}


def _reduced(folder: Path, counts: list[Count]) -> Mapping[Table, str]:
    """Return the SELECT of each table without the lines that none of these counts can count."""
    order = (Table.FINDINGS, Table.MERGES, Table.BLANKED, Table.LEDGER)
    whole: dict[Table, str] = {table: f"select * from {_relation(folder, table)}" for table in order}
    on_ledger = [count for count in counts if count.table is Table.LEDGER]
    if on_ledger and all("fate" in count.where for count in on_ledger):
        fates = sorted({fate for count in on_ledger for fate in count.where["fate"]})
        whole[Table.LEDGER] += f" where fate in ({', '.join(map(literal, fates))})"
    if on_ledger and all(map(_leads_from_findings, on_ledger)):
        meets = (
            f"({own}, {row}) in (select ({subject}, {found}) from {Table.FINDINGS})"
            for own, subject, row, found in MET
        )
        whole[Table.LEDGER] = f"select * from ({whole[Table.LEDGER]}) where {' or '.join(meets)}"
    return whole


def _relation(folder: Path, table: Table) -> str:
    return _read(folder / f"{table}.parquet")


def _read(path: Path) -> str:
    return f"read_parquet({literal(str(path))})"
