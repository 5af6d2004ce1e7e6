"""What comes after the export: the launch record with its report, and one question of each kind.

Some 5,000 findings in a million rows, as files have that were mended once; most of the time goes to the rows.
"""

import csv
import statistics
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import duckdb

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.handoff.render import render
from aformity_pipelines.stages.export import package_folder
from aformity_pipelines.stages.graph import EXPORT, PACKAGE
from aformity_pipelines.stages.handoff_report import launch_record
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.whole import run_wave
from aformity_pipelines.stages.why import why
from benchmarks.measure import REPEATS, cpu_of
from benchmarks.project import SLUG, THREADS, lay_out, open_run
from benchmarks.table import Line

EVERY = 34
"""One row in so many may break a rule: 5,000 findings a million rows."""
HANDOFF_FLOOR = 3.0
REPORT_FLOOR = 2.0
WHY_FLOOR = 1.0
MEGABYTE = 1_000_000


def lay_out_handed_off(into: Path, rows: int) -> Workspace:
    """Make the project and run its wave as far as the export."""
    workspace = lay_out(into, rows, every=EVERY)
    with open_run(workspace) as run:
        for outcome in run_wave(run):
            if outcome.step == (EXPORT, PACKAGE):
                break
    return workspace


def measure_handoff(workspace: Workspace) -> Iterator[Line]:
    """Yield what launch record and report cost beside DuckDB's reading of the delivered files, and their sizes."""
    _read_inputs(workspace)
    read = statistics.median(cpu_of(lambda: _read_inputs(workspace)) for _ in range(REPEATS))
    records: list[LaunchRecord] = []
    pages: list[str] = []
    with open_run(workspace) as run:
        build = cpu_of(lambda: records.append(launch_record(run)))
        draw = cpu_of(lambda: pages.append(render(records[0])))
    note = f"{build:.2f} + {draw:.2f} CPU s, the inputs read in {read:.2f}; {_findings(workspace)} findings"
    yield Line(
        measure="launch record and report / DuckDB reads the inputs",
        floor=HANDOFF_FLOOR,
        reached=(build + draw) / read,
        unit="x",
        note=note,
    )
    size = len(pages[0].encode()) / MEGABYTE
    yield Line(measure="handoff.html", floor=REPORT_FLOOR, reached=size, unit="MB")
    size = len(records[0].model_dump_json(indent=1).encode()) / MEGABYTE
    yield Line(measure="launch_record.json", reached=size, unit="MB")


def measure_why(workspace: Workspace) -> Iterator[Line]:
    """Yield what one question of each kind costs on a connection of its own, opening the published wave included."""
    for name, entity, key, field in _questions(workspace):
        spent, outcome = [], ""
        for _ in range(REPEATS):
            with open_run(workspace) as run:
                answers = []
                spent.append(cpu_of(lambda: answers.append(why(run, entity, key, field))))  # noqa: B023 - called at once
                outcome = answers[0].outcome
        reached = statistics.median(spent)
        yield Line(measure=f"why: {name}", floor=WHY_FLOOR, reached=reached, unit="CPU s", note=outcome)


def _questions(workspace: Workspace) -> Iterator[tuple[str, str, str, str | None]]:
    """Yield (name, entity, key, field) of one question of each kind, from the middle of the files."""
    with (workspace.intake(SLUG) / "contacts.csv").open(encoding="utf-8", newline="") as opened:
        numbers = [line["Contact No"] for line in islice(csv.DictReader(opened), 250)]
    exported = "entity = 'contact' and fate = 'exported'"
    contacts, keys = _column(workspace, exported, "row_id"), _column(workspace, exported, "record_key")
    waiting = _column(workspace, "entity = 'contact' and reason = 'parent'", "record_key")
    held = _column(workspace, "entity = 'contact' and reason = 'rule'", "record_key")
    accounts = _column(workspace, "entity = 'account' and fate = 'exported'", "record_key")
    yield "a record by its key", "contact", keys, None
    yield "a record by its row id", "contact", contacts, None
    yield "a record by the customer's own key", "contact", f"contacts:{keys}", None
    yield "a record by its row number", "contact", "contacts#77777", None
    yield "a record that waits for its parent", "contact", waiting, None
    yield "a record that a rule holds", "contact", held, None
    yield "an excluded record", "contact", numbers[120], None
    yield "a merged record", "account", "0000002", None
    yield "a field that is carried over", "contact", keys, "job_title"
    yield "a field that a rule makes", "contact", keys, "email"
    yield "a field that was corrected", "contact", numbers[210], "phone"
    yield "a field of a merged record", "account", "0000001", "phone"
    yield "a link", "contact", keys, "account"
    yield "a link to a user", "account", accounts, "owner"
    yield "a key that nobody bears", "contact", f"{keys[:-1]}X", None


def _column(workspace: Workspace, where: str, column: str) -> str:
    """Return the middle value of a column of the ledger."""
    return str(_asked(workspace, "ledger", f"quantile_disc({column}, 0.5)", f" where {where}"))


def _findings(workspace: Workspace) -> int:
    return int(str(_asked(workspace, "findings", "count(*)")))


def _asked(workspace: Workspace, table: str, what: str, where: str = "") -> object:
    """Return one figure of a table beside the export."""
    with open_run(workspace) as run:
        package = read_record(run, EXPORT, PACKAGE)
        folder = package_folder(run, package) if package else None
        assert folder is not None
        (row,) = run.connection.execute(
            f"select {what} from read_parquet('{folder / f'{table}.parquet'}'){where}"
        ).fetchall()
    return row[0]


def _read_inputs(workspace: Workspace) -> None:
    """Let DuckDB read every delivered file as text into a table of its own."""
    with duckdb.connect(config={"threads": THREADS}) as connection:
        for path in sorted(workspace.intake(SLUG).glob("*.csv")):
            connection.execute(
                f"create or replace table t as from read_csv('{path}', all_varchar = true, header = true)"
            )
