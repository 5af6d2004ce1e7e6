"""A small customer whose files come again and again, in three waves: what was delivered is known here in plain Python."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.export import package_folder
from aformity_pipelines.stages.graph import EXPORT
from aformity_pipelines.stages.outputs import read_record
from aformity_pipelines.stages.raw_file import run_raw_file
from aformity_pipelines.stages.refusing import DraftRefused
from aformity_pipelines.stages.revalidation.revalidate import run_revalidation
from aformity_pipelines.stages.whole import run_wave
from tests.builders.two_sources import DEFS, SLUG, a_run, decide, deliver, project

HEADERS = {"companies": ("ID", "Name", "Status"), "people": ("No", "Name", "Mail", "Company")}
KEYS = {"companies": "ID", "people": "No"}
ENTITY = {"companies": "account", "people": "contact"}
STAGES = {"live": "customer", "lead": "prospect", "trial": "trial"}
WAVES = ("wave_1", "wave_2", "wave_3")
Row = dict[str, str]
MAPPINGS: tuple[dict[str, Any], ...] = (
    {
        "entity": "account",
        "reads": [
            {
                "source": "companies",
                "fields": {
                    "external_id": {"from": "ID"},
                    "name": {"from": "Name"},
                    "lifecycle_stage": {"from": "Status"},
                },
            }
        ],
    },
    {
        "entity": "contact",
        "reads": [
            {
                "source": "people",
                "fields": {
                    "external_id": {"from": "No"},
                    "full_name": {"from": "Name"},
                    "email": {"from": "Mail"},
                    "account": {"from": "Company"},
                },
            }
        ],
    },
)
FIRST: dict[str, list[Row]] = {
    "companies": [
        {"ID": f"f{number}", "Name": name, "Status": status}
        for number, (name, status) in enumerate(
            [
                ("Acme", "live"), ("Bolt", "live"), ("Cask", "lead"), ("Dell", "lead"),
                ("Eel", "trial"), ("Fern", "odd"),
            ],
            start=1,
        )
    ],
    "people": [
        {"No": f"p{number}", "Name": f"Person {number}", "Mail": mail, "Company": firm}
        for number, (mail, firm) in enumerate(
            [
                ("jo@a.example", "f1"), ("", "f2"), ("kim(at)b", "f2"), ("lou@c.example", "f3"),
                ("max@d.example", "f4"), ("noa@e.example", "f5"), ("", "f6"), ("pia@x.example", "f9"),
            ],
            start=1,
        )
    ],
}  # fmt: skip


def customer(vanished: str = "ask") -> dict[str, Any]:
    """Return the attributes of a customer whose waves are told apart by what a company's status says."""
    defs = deepcopy(DEFS)
    attributes = defs["attributes"]
    for source in attributes["sources"].values():
        source["vanished"] = vanished
    attributes["waves"] = [
        {"name": "wave_1", "says": "The customers.", "launches_on": "2027-01-01"},
        *(
            {
                "name": name,
                "says": "Later.",
                "launches_on": day,
                "where": {"companies": f"\"Status\" = '{status}'"},
            }
            for name, day, status in (("wave_2", "2027-02-01", "lead"), ("wave_3", "2027-03-01", "trial"))
        ),
    ]
    return defs


@dataclass
class World:
    """The customer's folder, and what was delivered into it."""

    workspace: Workspace
    today: dict[str, list[Row]]
    last_seen: dict[str, dict[str, list[Row]]] = field(default_factory=lambda: {name: {} for name in KEYS})
    """Source -> key -> the rows of the delivery that held the key last, of those that were taken in."""

    @classmethod
    def begin(cls, folder: Path, vanished: str) -> "World":
        """Make the customer with a first delivery of both files; nothing has run."""
        today = deepcopy(FIRST)
        files = {f"{name}.csv": as_csv(name, rows) for name, rows in today.items()}
        workspace = project(folder, defs=customer(vanished), mappings=MAPPINGS, files=files)
        return cls(workspace=workspace, today=today)

    def deliver(self, source: str, rows: list[Row]) -> None:
        """Let a file come again with these rows."""
        self.today[source] = rows
        deliver(self.workspace, {f"{source}.csv": as_csv(source, rows)})

    def take_in(self) -> None:
        """Read what lies in the intake folder, as every run does first."""
        for source in KEYS:
            run_raw_file(a_run(self.workspace), source)
        self._seen()

    def decide(self, **draft: Any) -> bool:
        """Record a decision on what was taken in last; whether it was possible."""
        self.take_in()
        try:
            decide(self.workspace, **draft)
        except (DraftRefused, ValueError):
            return False
        return True

    def run(self, wave: str) -> bool:
        """Run every stage of a wave up to its export; whether anything was made."""
        outcomes = list(run_wave(a_run(self.workspace, wave), until=EXPORT))
        self._seen()
        return any(each.was_made for each in outcomes if each.step == ("export", "package"))

    def revalidate(self, wave: str) -> bool:
        """Test a wave again; whether the result is new."""
        _, is_new = run_revalidation(a_run(self.workspace, wave))
        self._seen()
        return is_new

    def ledger(self, wave: str) -> "Ledger":
        """Return where every row ended in the last run of a wave."""
        run = a_run(self.workspace, wave)
        record = read_record(run, "export", "package")
        assert record is not None
        folder = package_folder(run, record)
        assert folder is not None
        return Ledger(folder)

    @property
    def published(self) -> Path:
        return self.workspace.published(SLUG, WAVES[0]).parent

    def expected(self, source: str) -> Counter[str]:
        """Return the rows that the ledger has to hold, by business key: today's, and those that only came before."""
        keys = Counter(f"{source}:{row[KEYS[source]]}" for row in self.today[source])
        carried = {f"{source}:{key}": len(rows) for key, rows in self.last_seen[source].items()}
        return keys + Counter({key: rows for key, rows in carried.items() if key not in keys})

    def value_of(self, source: str, row: Row) -> Row:
        """Return the record that the product should hold for a row that nobody corrected."""
        if source == "companies":
            return {"external_id": row["ID"], "name": row["Name"], "lifecycle_stage": STAGES[row["Status"]]}
        return {
            "external_id": row["No"],
            "full_name": row["Name"],
            "email": row["Mail"],
            "account": row["Company"],
        }

    def _seen(self) -> None:
        for source, rows in self.today.items():
            found: dict[str, list[Row]] = {}
            for row in rows:
                found.setdefault(row[KEYS[source]], []).append(row)
            self.last_seen[source] |= found


class Ledger:
    """One version's ledger, row by row."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with duckdb.connect(config={"threads": 1}) as connection:
            found = connection.execute(f"from read_parquet('{folder}/ledger.parquet')")
            names = [column[0] for column in found.description or ()]
            self.rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def of(self, entity: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of an entity."""
        return (row for row in self.rows if row["entity"] == entity)


def as_csv(source: str, rows: list[Row]) -> str:
    written = io.StringIO()
    writer = csv.DictWriter(
        written, HEADERS[source], quoting=csv.QUOTE_ALL, lineterminator="\n", extrasaction="raise"
    )
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()
