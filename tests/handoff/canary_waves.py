"""A tiny customer whose persons are canaries: two deliveries, two waves, and people known by their e-mail address.

Every text of a person is in the world once, and another one in the second delivery.
"""

from pathlib import Path
from typing import Any

from aformity_pipelines.files.workspace import Workspace
from tests.builders.two_sources import ACCOUNT, DEFS, deliver, project

COMPANIES = """\
ID,Name,Status,Parent
007,Acme,live,
009,Cask,lead,
"""
PERSONS = ("stays", "changes", "vanishes", "waits", "broken", "blocked")
"""Who is in the first delivery: exported and left as it is, updated, gone later, of wave 2, held here, held there."""
NEWCOMER = "comes"
OF_WAVE_2 = ("waits", "blocked")
BROKEN = ("broken", "blocked")
"""Whose second address is none, so that a rule holds them."""
COLUMNS = ("Key", "Name", "Mail", "Phone", "Private")


def secret(delivery: int, person: str, column: str) -> str:
    """Return the digits of the canary in one cell; a key is the same in both deliveries."""
    place = (*PERSONS, NEWCOMER).index(person) * len(COLUMNS) + COLUMNS.index(column)
    return f"73{1 if column == 'Key' else delivery}{place:03d}19{place:03d}"


def secrets() -> tuple[str, ...]:
    """Return what none may see of both deliveries."""
    found = [
        secret(delivery, person, column)
        for delivery, persons in ((1, PERSONS), (2, (*PERSONS, NEWCOMER)))
        for person in persons
        for column in COLUMNS
    ]
    return tuple(dict.fromkeys(found))


def people(delivery: int) -> str:
    """Return the people of a delivery as a file; in the second all but one are changed, one is gone, one is new."""
    persons = PERSONS if delivery == 1 else tuple(p for p in (*PERSONS, NEWCOMER) if p != "vanishes")
    rows = [_row(1 if person == "stays" else delivery, person) for person in persons]
    return "\n".join((",".join((*COLUMNS, "Company")), *rows)) + "\n"


def _row(delivery: int, person: str) -> str:
    digits = {column: secret(delivery, person, column) for column in COLUMNS}
    at = "(at)" if person in BROKEN else "@"
    return ",".join(
        (
            f"zq{digits['Key']}key@zq.example",
            f"Zq{digits['Name']}Canary",
            f"zq{digits['Mail']}canary{at}zq.example",
            f"+49 30 {digits['Phone']}",
            f"zq{digits['Private']}canary",
            "009" if person in OF_WAVE_2 else "007",
        )
    )


def canary_project(folder: Path) -> Workspace:
    """Return the project with its first delivery; nothing has run."""
    attributes: dict[str, Any] = DEFS["attributes"]
    source = {"file": "people*.csv", "says": "People, one a row.", "key": "Key"}
    sources = {**attributes["sources"], "people": source}
    defs = {**DEFS, "attributes": {**attributes, "sources": sources}}
    archived = {"fate": "archived", "why": "Nobody needs it."}
    fields = {
        "external_id": {"from": "Key"},
        "full_name": {"from": "Name"},
        # What an address may be made of is as personal as the address: so is the key, then.
        "email": {"from": ["Mail", "Key"], "rule": "first"},
        "phone": {"from": "Phone"},
        "account": {"from": "Company"},
    }
    read = {"source": "people", "fields": fields, "columns": {"Private": archived}}
    contact = {"entity": "contact", "reads": [read]}
    files = {"companies.csv": COMPANIES, "people.csv": people(1)}
    (folder / "workspace.yaml").write_text("load_from: []\n", encoding="utf-8")
    return project(folder, files=files, defs=defs, mappings=(ACCOUNT, contact))


def deliver_again(workspace: Workspace) -> None:
    """Deliver the second file of people."""
    deliver(workspace, {"people_2.csv": people(2)})
