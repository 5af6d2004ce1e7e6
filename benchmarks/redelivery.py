"""A delivery that comes again with 1 % of its rows changed, held against the one before, beside one plain full outer join."""

import duckdb

from aformity_pipelines.domain.redelivery import Redelivery
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.outputs import parquet
from aformity_pipelines.stages.raw_file import run_raw_file
from aformity_pipelines.stages.redelivered import compare, compared_today, create_rows
from benchmarks.measure import interleaved
from benchmarks.project import SLUG, open_run
from benchmarks.table import Line

SOURCE, KEY = "contacts", "c0001"
MOST = 2.0
CHANGED = 100
"""Every 100th row has another city; of those, every 10th is gone and as many are new."""


def measure_redelivery(workspace: Workspace) -> tuple[list[Line], Redelivery]:
    """Return the lines of the comparison, and what it found."""
    with open_run(workspace) as run:
        run_raw_file(run, SOURCE)
    _deliver_again(workspace)
    with open_run(workspace) as run:
        run_raw_file(run, SOURCE)
        pair = compared_today(run, SOURCE)
        assert pair is not None
        before, now = pair
        columns = [f"c{number:04d}" for number in range(1, len(now.headers) + 1)]
        differs = " or ".join(f"b.{each} is distinct from n.{each}" for each in columns)
        join = (
            "select count(*) filter (b.row is null), count(*) filter (n.row is null), count(*) filter ("
            f"b.row is not null and n.row is not null and ({differs})) from {parquet(before[-1].table)} b"
            f" full outer join {parquet(now.table)} n on b.{KEY} = n.{KEY}"
        )
        spent = interleaved(
            {
                "join": lambda: run.connection.execute(join).fetchall(),
                "compared": lambda: compare(run, SOURCE, before, now),
                "rows": lambda: create_rows(run, SOURCE, before, now, into="bench_rows"),
            }
        )
        found = compare(run, SOURCE, before, now)
    return [
        Line(measure="one full outer join of both files", reached=spent["join"], unit="CPU s"),
        Line(
            measure="the comparison / that join",
            reached=spent["compared"] / spent["join"],
            unit="x",
            floor=MOST,
            note=f"{spent['compared']:.2f} CPU s",
        ),
        Line(measure="row by row, every row / that join", reached=spent["rows"] / spent["join"], unit="x"),
    ], found


def _deliver_again(workspace: Workspace) -> None:
    intake = workspace.intake(SLUG)
    old, new = (literal(str(intake / name)) for name in ("contacts.csv", "again.csv"))
    with duckdb.connect() as connection:
        connection.execute(
            f'copy (select * exclude (i) replace (case when i % {CHANGED} = 0 then \'Turin\' else "City" end as "City",'
            f' case when i % {10 * CHANGED} = 1 then \'X\' || i else "Contact No" end as "Contact No") from ('
            f"select *, row_number() over () as i from read_csv({old}, all_varchar = true, header = true))"
            f" order by i) to {new} (header, delimiter ',')"
        )
    (intake / "again.csv").replace(intake / "contacts.csv")
