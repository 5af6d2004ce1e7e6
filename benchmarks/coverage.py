"""A decision about every contact, recorded and held against the next delivery, beside the join that a person would write."""

import json
import shutil

import duckdb

from aformity_pipelines.domain.approval import row_decisions
from aformity_pipelines.domain.decisions import ENTRY, RowDecision
from aformity_pipelines.domain.drafts import Draft, DraftCoverage
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.review.digest import create_digest_macro
from aformity_pipelines.stages.deciding import record
from aformity_pipelines.stages.gating import cover
from aformity_pipelines.stages.graph import sources_behind
from aformity_pipelines.stages.outputs import TABLE, folder_of, parquet
from aformity_pipelines.stages.raw_file import run_raw_file
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all
from benchmarks.measure import cpu_of, interleaved
from benchmarks.project import SLUG, SPOKEN, open_run
from benchmarks.table import Line

FLOOR = 3.0
SOURCE, ENTITY = "contacts", "contact"
FIELDS = ("email", "phone")
KEY, SHOWN = "Contact No", ("E-mail", "Phone")
MANY = 1000
THEN = "then.parquet"
EVERY_TENTH = 10


def measure_coverage(workspace: Workspace) -> tuple[list[Line], list[str]]:
    """Return the lines of coverage, and how many rows coverage and the join do not agree about.

    The wave has run on a first delivery; here a second one comes in, in which every tenth e-mail is another.
    """
    with open_run(workspace) as run:
        recorded = cpu_of(lambda: record(run, _about_all()))
        table = folder_of(run, "raw_file", SOURCE) / TABLE
        shutil.copy(table, table.with_name(THEN))
    _deliver_again(workspace)
    with open_run(workspace) as run:
        run_raw_file(run, SOURCE)
        raw = open_all(run, sources_behind(run.migration, ENTITY))
        (about_all,) = (each for each in row_decisions(run.migration) if each.covers.fields == FIELDS)
        several = _one_by_one(run, about_all)
        create_digest_macro(run.connection, run.digest_key())
        spent = interleaved(
            {
                "join": lambda: _join(run, raw[SOURCE]),
                "digests": lambda: _join_by_digest(run, raw[SOURCE]),
                "checked": lambda: cover(run, raw, [about_all]),
                "several": lambda: cover(run, raw, several),
            }
        )
        cover(run, raw, [about_all])
        differ = _differences(run.connection)
    return [
        _against("rows recorded", recorded, spent["join"]),
        _against("rows checked", spent["checked"], spent["join"]),
        _against("rows recorded and checked", recorded + spent["checked"], spent["join"], FLOOR),
        _against(
            "rows recorded and checked", recorded + spent["checked"], spent["digests"], by="join by digest"
        ),
        Line(measure=f"{MANY} decisions, one row each, checked", reached=spent["several"], unit="CPU s"),
    ], differ


def _against(
    measure: str,
    spent: float,
    join: float,
    floor: float | None = None,
    *,
    by: str = "join of both deliveries",
) -> Line:
    note = f"{spent:.3f} against {join:.3f} CPU s"
    return Line(measure=f"{measure} / {by}", reached=spent / join, unit="x", floor=floor, note=note)


def _about_all() -> Draft:
    covers = DraftCoverage(subject=ENTITY, fields=FIELDS, where="true")
    return Draft(kind="rows_excluded", covers=covers, **SPOKEN)


def _deliver_again(workspace: Workspace) -> None:
    """Deliver the contacts again, every tenth e-mail another; the rest is as it was."""
    path = workspace.intake(SLUG) / f"{SOURCE}.csv"
    again = path.with_suffix(".again")
    with duckdb.connect() as connection:
        connection.execute(
            f"copy (select * replace (case when (row_number() over ()) % {EVERY_TENTH} = 0 then 'new-' || \"E-mail\""
            f' else "E-mail" end as "E-mail") from read_csv({literal(str(path))}, all_varchar = true, header = true))'
            f" to {literal(str(again))} (format csv, header true)"
        )
    again.replace(path)


def _one_by_one(run: Run, entry: RowDecision) -> list[RowDecision]:
    """Return decisions about the first rows of another one, one row each."""
    rows = run.workspace.coverage(run.slug) / f"{entry.covers.rows_in}.csv"
    found = duckdb.execute(f"from read_csv({literal(str(rows))}, all_varchar = true) limit {MANY}").fetchall()
    outline = json.loads(entry.model_dump_json(exclude={"covers"}))
    covers = {"subject": entry.covers.subject, "fields": list(entry.covers.fields)}
    decisions = [
        ENTRY.validate_python(
            outline | {"id": f"D-{number:05d}", "covers": covers | {"rows": [{"key": key, "digest": digest}]}}
        )
        for number, (key, digest, _) in enumerate(found, start=1)
    ]
    return [each for each in decisions if isinstance(each, RowDecision)]


def _join(run: Run, raw: RawRelation) -> None:
    """Create `by_hand` (key, differs) of every contact of the first delivery: both deliveries, joined on the key."""
    now = folder_of(run, "raw_file", SOURCE) / TABLE
    key, *shown = (raw.internal[header] for header in (KEY, *SHOWN))
    differs = " or ".join(f"o.{name} is distinct from n.{name}" for name in shown)
    run.connection.execute(
        f"create or replace temp table by_hand as select o.{key} as key, n.row_id is null or {differs} as differs"
        f" from {parquet(now.with_name(THEN))} o left join {parquet(now)} n on n.{key} = o.{key}"
    )


def _join_by_digest(run: Run, raw: RawRelation) -> None:
    """Create `by_digest` (key, differs): the same join, that knows the cells of then by their digest only, as a log does."""
    now = folder_of(run, "raw_file", SOURCE) / TABLE
    key, *shown = (raw.internal[header] for header in (KEY, *SHOWN))
    text = " || chr(30) || ".join(f"coalesce({name}, '-')" for name in shown)
    sides = [
        f"select {key} as key, keyed_digest({text}) as digest from {parquet(path)}"
        for path in (now.with_name(THEN), now)
    ]
    run.connection.execute(
        "create or replace temp table by_digest as select o.key, o.digest is distinct from n.digest as differs"
        f" from ({sides[0]}) o left join ({sides[1]}) n using (key)"
    )


def _differences(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Return how many keys one of both calls changed and the other does not; keys that name several rows apart."""
    once = "having count(*) = 1"
    rows = connection.execute(
        f"select count(*) from (select 'contacts:' || key as key, bool_or(differs) as differs from by_hand group by 1 {once})"
        f" join (select row_key as key, bool_or(not matches) as stale from {COVERED} group by 1 {once}) using (key)"
        " where differs <> stale"
    ).fetchall()
    return [f"{rows[0][0]} rows are stale to one of both only"] if rows[0][0] else []
