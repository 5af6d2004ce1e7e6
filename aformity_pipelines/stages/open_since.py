"""Since when a row has been open: the one clock that every due date counts from.

A row's days begin with the delivery that it came with first, as far as exports and re-validations tell that it was held
from then on; one that went out, or was left out, in between begins anew.  Nothing else moves that day: neither another
export, nor the same row in a later delivery.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.revalidation import RowState
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.intake.register import all_deliveries
from aformity_pipelines.review.covered import DELIVERED
from aformity_pipelines.review.shown import shown_rows
from aformity_pipelines.stages.graph import RAW_FILE
from aformity_pipelines.stages.outputs import FINDINGS, parquet, read_record
from aformity_pipelines.stages.published import LEDGER
from aformity_pipelines.stages.published_order import Version, published_in_order
from aformity_pipelines.stages.revalidation.history import ROWS_FILE, folder_of, history, waves_with_history
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all

SOUGHT = "open_rows"
"""Temp table (what, subject, rule, row_id, row_key): the rows that are asked about, by the work that they belong to."""
CAME = "rows_came"
"""Temp table (prefix, came, gone): what a row id begins with, when that delivery came, and when its source's next one did."""
HELD = "open_held"
"""Temp table (subject, row_id, since, paused) of the rows that an export or a re-validation told of."""
KNOWN = "open_known"
"""Temp table (entity, row_id, row_key, day, is_held, since, nth): what each export and re-validation told of a row."""


def open_since(run: Run, sought: str) -> dict[str, date]:
    """Return for each `what` the day from which the first of its rows has been open without a pause.

    `sought` is a SELECT of (what, subject, rule, row_id, row_key): a subject is an entity or a source, a key may be NULL.
    """
    connection = run.connection
    connection.execute(f"create or replace temp table {SOUGHT} as {sought}")
    if not connection.execute(f"select 1 from {SOUGHT} limit 1").fetchall():
        return {}
    _put_deliveries(run)
    selects = [*_of_exports(run), *_of_tests(run)]
    nothing = "select '' as entity, '' as row_id, '' as row_key, date '1970-01-01' as day, false as is_held,"
    nothing += " null::date as since, 0 as nth where false"
    connection.execute(f"create or replace temp table {KNOWN} as {' union all '.join([nothing, *selects])}")
    connection.execute(f"create or replace temp table {HELD} as {_held()}")
    today = f"date '{run.as_of}'"
    began = f"case when {_is_gone('s.rule')} then coalesce(c.gone, c.came) else c.came end"
    first = f"coalesce(h.since, case when h.paused is null or {began} > h.paused then {began} end, d.last, {today})"
    found = connection.execute(
        f"select s.what, min(least({today}, {first})) from {SOUGHT} s"
        f" left join {CAME} c on c.prefix = split_part(s.row_id, '#', 1)"
        f" left join {HELD} h on h.subject = s.subject and h.row_id = s.row_id"
        f" left join lateral ({_last_delivery('h.paused', today)}) d on true group by all order by all"
    ).fetchall()
    return dict(found)


def _held() -> str:
    """Return the SELECT of (subject, row_id, since, paused): since when known rows are held, and what last paused that.

    A pause is a day on which a row was ready, or left out; of what held it after the last one the first counts, and the
    delivery that came in between, if one did, says when that began.
    """
    told = " union ".join(
        f"select s.subject, s.row_id, k.day, k.is_held, k.since, k.nth from {SOUGHT} s join {KNOWN} k"
        f" on k.{name} = s.{name}"
        " and (k.entity = s.subject or s.subject = split_part(s.row_id, '@', 1))"
        for name in ("row_id", "row_key")
    )
    return (
        f"with told as ({told}), paused as (select subject, row_id, max((day, nth)) as last, max(day) as paused"
        " from told where not is_held group by all)"
        " select t.subject, t.row_id, p.paused, min(case when p.paused is null or t.since > p.paused then t.since"
        " else coalesce(d.last, t.day) end) filter (t.is_held and (p.last is null or (t.day, t.nth) > p.last)) as since"
        " from told t left join paused p using (subject, row_id)"
        f" left join lateral ({_last_delivery('p.paused', 't.day')}) d on true group by all"
    )


def _last_delivery(after: str, until: str) -> str:
    return f"select max(came) as last from {CAME} where came > {after} and came <= {until}"


def _is_gone(rule: str) -> str:
    return f"coalesce(ends_with({rule}, {literal(DELIVERED)}), false)"


def keyed(run: Run, findings: dict[str, list[Path]]) -> str:
    """Return `sought` of the open rows in findings that nobody has taken up, by subject: what is `subject/rule`."""
    delivered = [s for s in run.migration.customer.sources if _is_there(run, s)]
    raw = open_all(run, delivered)
    selects = []
    for subject, paths in findings.items():
        rows = " union ".join(
            f"select rule, row_id from {parquet(p)} where accepted_by is null" for p in paths
        )
        keys = "select '' as row_id, '' as row_key where false"
        if subject in run.migration.mappings or subject in raw:
            keys = f"select row_id, row_key from ({shown_rows(run.migration, raw, subject, ())})"
        selects.append(
            f"select {literal(subject + '/')} || f.rule as what, {literal(subject)} as subject, f.rule, f.row_id, k.row_key"
            f" from ({rows}) f left join ({keys}) k using (row_id)"
        )
    return " union all ".join(selects)


def of_export(folder: Path) -> str:
    """Return `sought` of the open rows of an export that nobody has taken up: what is `subject/rule`."""
    keys = f"select row_id, any_value(row_key) as row_key from {parquet(folder / LEDGER)} group by all"
    return (
        "select distinct f.subject || '/' || f.rule as what, f.subject, f.rule, f.row_id, k.row_key"
        f" from {parquet(folder / FINDINGS)} f left join ({keys}) k using (row_id) where f.accepted_by is null"
        " and f.followed_by is null"
    )


def _is_there(run: Run, source: str) -> bool:
    record = read_record(run, RAW_FILE, source)
    return record is not None and record.delivery is not None


def _put_deliveries(run: Run) -> None:
    connection = run.connection
    connection.execute("create or replace temp table arrivals (source varchar, prefix varchar, came date)")
    for each in all_deliveries(run.workspace.deliveries(run.slug)):
        connection.execute(
            "insert into arrivals values (?, ?, ?)",
            [each.source, f"{each.source}@{each.sha256[:8]}", each.received_on],
        )
    connection.execute(
        f"create or replace temp table {CAME} as select a.prefix, min(a.came) as came,"
        " (select min(b.came) from arrivals b where b.source = a.source and b.prefix <> a.prefix"
        " and b.came >= min(a.came)) as gone from arrivals a group by a.source, a.prefix"
    )


def _of_exports(run: Run) -> Iterator[str]:
    """Yield what each published version told of rows; deferred rows wait for their wave, whatever holds them."""
    came = {(e.source, e.sha256): e.received_on for e in all_deliveries(run.workspace.deliveries(run.slug))}
    for version in published_in_order(run):
        # A version that was never handed over is as old as the last file that it was made from.
        days = [came[made] for made in version.manifest.deliveries.items() if made in came]
        day = version.as_of or max(days, default=None)
        if day and day <= run.as_of:
            yield _of_export(version, day)


def _of_export(version: Version, day: date) -> str:
    is_held = f"l.fate = '{Fate.UNRESOLVED}'"
    began = f"case when {_is_gone('l.because')} then coalesce(c.gone, c.came) else c.came end"
    return (
        f"select l.entity, l.row_id, l.row_key, date '{day}', {is_held},"
        f" case when {is_held} then least({began}, date '{day}') end, 1"
        f" from {version.relation('ledger')} l left join {CAME} c on c.prefix = split_part(l.row_id, '#', 1)"
        f" where l.fate <> '{Fate.DEFERRED}' and (l.row_id in (select row_id from {SOUGHT})"
        f" or l.row_key in (select row_key from {SOUGHT}))"
    )


def _of_tests(run: Run) -> Iterator[str]:
    for wave in waves_with_history(run.workspace, run.slug):
        for tested in history(run.workspace, run.slug, wave):
            if tested.as_of <= run.as_of:
                path = folder_of(run.workspace, run.slug, wave, tested.number) / ROWS_FILE
                is_held = f"state <> '{RowState.NOW_READY}'"
                yield (
                    f"select entity, row, key, date '{tested.as_of}', {is_held}, since, 0 from {parquet(path)}"
                    f" where row in (select row_id from {SOUGHT}) or key in (select row_key from {SOUGHT})"
                )
