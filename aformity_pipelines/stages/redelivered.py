"""A delivery held against what counted before it: in one pass over both raw tables, by business key.

The comparison that is stored holds counts and headers only; rows, and on request their cells, are worked out when
somebody asks.  Keep out: how rows are paired (`pairing`), and what becomes of rows that vanished (`vanished`).
"""

from bisect import bisect_left
from collections.abc import Sequence

from pydantic import ValidationError

from aformity_pipelines.domain.redelivery import Redelivery, RowChange
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.atomic import write_bytes
from aformity_pipelines.stages.carried import counted, earlier_of
from aformity_pipelines.stages.earlier_delivery import ReadTable, registered
from aformity_pipelines.stages.how_read import format_changes
from aformity_pipelines.stages.outputs import TABLE, folder_of, read_record
from aformity_pipelines.stages.pairing import CONTENT, Pairing, pair
from aformity_pipelines.stages.renamed import changes_between
from aformity_pipelines.stages.run import Run

REDELIVERY = "redelivery.json"
PAIRS = "redelivery_pairs"
"""Temp table (before_row, row, d0, d1 ...): the rows of both deliveries, and which common cells of a pair differ."""
MOSTLY = 0.5
"""Share of the cells beside the key that changed, above which the key likely names another thing now."""


def comparison_of(run: Run, source: str) -> Redelivery | None:
    """Return the stored comparison of a source's latest delivery; None for the first one, and while it waits."""
    path = folder_of(run, "raw_file", source) / REDELIVERY
    record = read_record(run, "raw_file", source)
    try:
        found = Redelivery.model_validate_json(path.read_bytes()) if path.is_file() else None
    except ValidationError:
        return None  # the build is a cache: what cannot be read is made again
    now = record.delivery.sha256 if record and record.delivery else None
    return found if found and found.now == now else None


def keep_comparison(run: Run, source: str, before: Sequence[ReadTable], now: ReadTable) -> None:
    """Store how a delivery differs from what counted before it; nothing for the first one."""
    path = now.table.with_name(REDELIVERY)
    path.unlink(missing_ok=True)
    if before:
        found = compare(run, source, before, now)
        write_bytes(path, f"{found.model_dump_json(indent=1)}\n".encode())


def compared_today(run: Run, source: str) -> tuple[tuple[ReadTable, ...], ReadTable] | None:
    """Return what counted before the delivery that counts today, and that delivery; None for the first one."""
    record, came = read_record(run, "raw_file", source), registered(run, source)
    if record is None or record.delivery is None or came[-1].sha256 != record.delivery.sha256:
        return None
    before = counted(run, source, earlier_of(run, source))
    now = ReadTable(
        delivery=came[-1],
        headers=record.delivery.headers,
        table=folder_of(run, "raw_file", source) / TABLE,
        sheet=record.delivery.sheet,
        header_row=record.delivery.header_row,
    )
    return (before, now) if before else None


def compare(run: Run, source: str, before: Sequence[ReadTable], now: ReadTable) -> Redelivery:
    """Return what differs between `now` and what counted before: the last of `before`, with what it carried."""
    both = pair(run, source, before, now)
    _create_pairs(run, both)
    by_column = _changed_by_column(run, both)
    rows_before, rows_now, stayed, changed, replaced = _counts(run, both, set(by_column))
    return Redelivery(
        source=source,
        before=before[-1].delivery.sha256,
        now=now.delivery.sha256,
        before_file=before[-1].delivery.file_name,
        now_file=now.delivery.file_name,
        rows_before=rows_before,
        rows_now=rows_now,
        added=rows_now - stayed,
        removed=rows_before - stayed,
        changed=changed,
        unchanged=stayed - changed,
        changed_by_column=by_column,
        moved=_moved(run),
        without_key=both.now.without_key,
        reused_keys=_reused(run, both),
        replaced_rows=replaced if both.key else 0,
        columns=changes_between(run, before[-1], now),
        format=format_changes(run, before[-1], now),
    )


def create_rows(run: Run, source: str, before: Sequence[ReadTable], now: ReadTable, *, into: str) -> None:
    """Create the temp table `into` (row_key, change, before_row_id, row_id, columns) of every row of both deliveries.

    `columns` are the headers under which a changed row's cell is another one now; `row_key` is NULL where it is blank.
    """
    both = pair(run, source, before, now)
    named = ", ".join(
        f"case when {both.is_another(place)} then {literal(header)} end"
        for place, header in enumerate(both.headers)
    )
    run.connection.execute(
        f"create or replace temp table {into} as select row_key, case when before_row_id is null then '{RowChange.ADDED}'"
        f" when row_id is null then '{RowChange.REMOVED}' when len(columns) > 0 then '{RowChange.CHANGED}'"
        f" else '{RowChange.UNCHANGED}' end as change, before_row_id, row_id, columns from (select"
        " coalesce(n.row_key, b.row_key) as row_key, b.row_id as before_row_id, n.row_id, case when b.row_id is null"
        f" or n.row_id is null then cast([] as varchar[]) else list_filter([{named or 'null'}], lambda h: h is not null)"
        f" end as columns from {both.joined})"
    )


def _create_pairs(run: Run, both: Pairing) -> None:
    differs = "".join(
        f", b.row is not null and n.row is not null and {both.is_another(place)} as d{place}"
        for place in range(len(both.headers))
    )
    run.connection.execute(
        f"create or replace temp table {PAIRS} as select b.row as before_row, n.row{differs} from {both.joined}"
    )


def _changed_by_column(run: Run, both: Pairing) -> dict[str, int]:
    """Return header -> rows in which that cell is another one now, where there are any."""
    if not both.headers:
        return {}
    counts = ", ".join(f"count(*) filter (d{place})" for place in range(len(both.headers)))
    (numbers,) = run.connection.execute(f"select {counts} from {PAIRS}").fetchall()
    return {header: number for header, number in zip(both.headers, numbers, strict=True) if number}


def _counts(run: Run, both: Pairing, differing: set[str]) -> tuple[int, ...]:
    """Return the rows before, now, in both, changed, and replaced; `differing` are the headers of any change."""
    others = len(both.headers) - len(both.key)
    places = [place for place, header in enumerate(both.headers) if header in differing]
    some = " or ".join(f"d{place}" for place in places) or "false"
    many = " + ".join(f"cast(d{place} as integer)" for place in places) or "0"
    (numbers,) = run.connection.execute(
        "select count(before_row), count(row), count(*) filter (before_row is not null and row is not null),"
        f" count(*) filter ({some}), count(*) filter ({many} > greatest(1, {others} * {MOSTLY})) from {PAIRS}"
    ).fetchall()
    return tuple(numbers)


def _moved(run: Run) -> int:
    """Return the fewest rows that must have changed places among those that stayed."""
    stayed = f"select before_row from {PAIRS} where before_row is not null and row is not null order by row"
    found = run.connection.sql(stayed).to_arrow_table()
    assert found is not None
    places = found["before_row"].to_pylist()
    ends: list[int] = []
    for place in places:
        if not ends or place > ends[-1]:
            ends.append(place)
        else:
            ends[bisect_left(ends, place)] = place
    return len(places) - len(ends)


def _reused(run: Run, both: Pairing) -> int:
    """Return how many keys name several rows of the delivery now, or named several before."""
    if not both.key:
        return 0
    tables = " union ".join(
        f"select key from {state.numbered} where nth > 1" for state in (both.before, both.now)
    )
    ((number,),) = run.connection.execute(
        f"select count(*) from ({tables}) where not starts_with(key, {CONTENT})"
    ).fetchall()
    return int(number)
