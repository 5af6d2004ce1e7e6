"""A project of its own in a temporary folder: the customer `bench`, its decisions, and runs of its wave."""

import csv
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import islice
from pathlib import Path

import duckdb

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.drafts import Draft, DraftCoverage
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.deciding import record
from aformity_pipelines.stages.raw_file import run_raw_file
from aformity_pipelines.stages.run import Run, secure
from aformity_pipelines.stages.story import SHARED
from benchmarks.dirty import write_delivery

SLUG = "bench"
WAVE = "wave_1"
AS_OF = date(2026, 11, 4)
HERE = Path(__file__).parent
MEMORY = "4GB"
THREADS = 2
SMALL_ROWS = 2000
SPOKEN = {
    "by": "hanna",
    "how_known": "Said so in the workshop.",
    "says": "The list was settled in the workshop.",
    "why": "It was looked at together.",
    "evidence": ("Minutes of the workshop",),
}


def lay_out(into: Path, rows: int, *, every: int = 1) -> Workspace:
    """Make the project: shared folders, the customer, a delivery of `rows` contacts, and the log.

    Every rule holds its rows back instead of closing the gate, so that each run goes on to the export.  Only `every`
    so many rows may break one.
    """
    if into.exists():
        shutil.rmtree(into)
    for name in SHARED:
        shutil.copytree(HERE.parent / name, into / name)
    destination = into / "expectations" / "b2b_saas" / "destination.yaml"
    destination.write_text(destination.read_text(encoding="utf-8").replace(": block", ": hold"), "utf-8")
    workspace = Workspace(root=into, storage=into / "storage")
    shutil.copytree(HERE / "customer", workspace.customer(SLUG))
    key = workspace.key(SLUG)
    key.parent.mkdir(parents=True)
    key.write_text("00" * 32 + "\n", encoding="ascii")
    write_delivery(workspace.intake(SLUG), rows, every=every)
    _decide(workspace)
    forget(workspace)
    return workspace


def lay_out_small(into: Path) -> Workspace:
    """Make a project with one file that feeds one entity: 200 accounts."""
    workspace = lay_out(into, SMALL_ROWS)
    customer = workspace.customer(SLUG)
    for name in ("contact", "user"):
        (customer / "mapping" / f"{name}.yaml").unlink()
    for name in ("contacts", "users"):
        (workspace.intake(SLUG) / f"{name}.csv").unlink()
    (customer / "values" / "role.csv").unlink()
    settings = customer / "defs.yaml"
    text = settings.read_text(encoding="utf-8")
    before, _, rest = text.partition("    contacts:\n")
    _, _, accounts = rest.partition("    accounts:\n")
    accounts, _, after = accounts.partition("    users:\n")
    waves = after.partition("  waves:\n")[2]
    settings.write_text(f"{before}    accounts:\n{accounts}  waves:\n{waves}", encoding="utf-8")
    for path in customer.glob("decisions.*"):
        path.unlink()
    with open_run(workspace) as run:
        record(run, _approval("account"))
    forget(workspace)
    return workspace


def forget(workspace: Workspace) -> None:
    """Delete all that runs have made, deliveries and published versions too."""
    shutil.rmtree(workspace.of_customer(SLUG), ignore_errors=True)


@contextmanager
def open_run(workspace: Workspace, *, memory: str = MEMORY, slug: str = SLUG) -> Iterator[Run]:
    """Yield a run of the first wave on a connection of its own."""
    with duckdb.connect(config={"memory_limit": memory, "threads": THREADS}) as connection:
        secure(connection, workspace, slug)
        yield Run(
            migration=load_migration(workspace.root, slug),
            workspace=workspace,
            connection=connection,
            wave=WAVE,
            as_of=AS_OF,
            by="benchmark",
        )


def _decide(workspace: Workspace) -> None:
    with open_run(workspace) as run:
        for source in run.migration.customer.sources:
            run_raw_file(run, source)
    with (workspace.intake(SLUG) / "contacts.csv").open(encoding="utf-8", newline="") as opened:
        first = [line["Contact No"] for line in islice(csv.DictReader(opened), 250)]
    approvals = (_approval(entity) for entity in ("account", "contact", "user"))
    for draft in (*approvals, *_about_rows(first)):
        with open_run(workspace) as run:
            record(run, draft)


def _approval(entity: str) -> Draft:
    covers = DraftCoverage(entity=entity, fields=("all",))
    return Draft(kind="mapping_approved", covers=covers, **SPOKEN)


def _about_rows(first: list[str]) -> tuple[Draft, ...]:
    def contacts(numbers: list[str], field: str) -> DraftCoverage:
        keys = tuple(dict.fromkeys(f"contacts:{number}" for number in numbers))
        return DraftCoverage(subject="contact", fields=(field,), rows=keys)

    companies = DraftCoverage(
        subject="account", fields=("name",), rows=("accounts:0000001", "accounts:0000002")
    )
    return (
        Draft(kind="rows_excluded", covers=contacts(first[100:150], "email"), **SPOKEN),
        Draft(
            kind="value_corrected",
            covers=contacts(first[200:220], "phone"),
            field="phone",
            value="+49 30 1234567",
            **SPOKEN,
        ),
        Draft(kind="merge_approved", covers=companies, survivor="accounts:0000001", **SPOKEN),
    )
