"""A customer with one decision of each kind standing, and seeded scripts of what its next files hold.

A script is a handful of edits of rows, and one of the whole file: order, encoding, delimiter, columns the other way round.
"""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.graph import EXPORT
from aformity_pipelines.stages.whole import run_wave
from tests.builders.two_sources import SLUG, a_run, as_yaml, decide, project
from tests.properties.redelivery_by_hand import KEY, Decided, Row
from tests.properties.waves_world import MAPPINGS, customer

Rows = list[dict[str, str]]
HEADERS = {"companies": ("ID", "Name", "Status"), "people": ("No", "Name", "Mail", "Company")}
COMPANIES = (
    ("f1", "Acme", "live"), ("f2", "Bolt", "live"), ("f3", "Cask", "live"), ("f4", "Dell", "live"),
    ("f5", "Eel", "live"), ("f6", "Fern", "live"), ("f7", "Gorse", "odd"), ("f8", "Hazel", "lead"),
    ("f9", "Iris", "live"), ("f10", "Juniper", "live"), ("f11", "Kale", "live"), ("f12", "Lark", "odd"),
)  # fmt: skip
PEOPLE = (
    ("p1", "Jo", "jo@a.example", "f1"), ("p2", "Kim", "bad(at)b", "f1"), ("p3", "Lou", "worse(at)c", "f9"),
    ("p4", "Max", "x(at)d", "f9"), ("p5", "Noa", "", "f2"), ("p6", "Ola", "", "f3"), ("p7", "Pia", "", "f6"),
    ("p8", "Quin", "", "f7"), ("p9", "Rae", "", "f8"), ("p10", "Sam", "", "f10"), ("p11", "Tom", "", "f11"),
    ("p12", "Uma", "", "f10"), ("p13", "Val", "v(at)e", "f11"),
)  # fmt: skip
FIRST: dict[str, Rows] = {
    name: [dict(zip(HEADERS[name], row, strict=True)) for row in rows]
    for name, rows in (("companies", COMPANIES), ("people", PEOPLE))
}
MAIL, STATUS = "contact.email.format", "account.lifecycle_stage.allowed"


def _account(*keys: str) -> dict[str, Any]:
    return {"subject": "account", "fields": "name", "rows": [f"companies:{key}" for key in keys]}


def _breaks(rule: str, row: str) -> dict[str, Any]:
    return {"subject": rule.partition(".")[0], "rule": rule, "rows": row}


OWED = {"owner": "sam", "due": "2026-12-24"}
DRAFTS: tuple[dict[str, Any], ...] = (
    {"kind": "rows_excluded", "covers": _account("f2")},
    {"kind": "rows_deferred", "until_wave": "wave_2", "covers": _account("f3")},
    {"kind": "value_corrected", "field": "name", "value": "Dell Group", "covers": _account("f4")},
    {"kind": "merge_approved", "survivor": "companies:f5", "covers": _account("f5", "f6")},
    {"kind": "risk_accepted", "evidence": "Minutes.", "covers": _breaks(STATUS, "companies:f7")},
    {"kind": "follow_up_opened", **OWED, "covers": _breaks(MAIL, "people:p3")},
    {"kind": "question_asked", **OWED, "covers": _breaks(MAIL, "people:p4")},
    {"kind": "risk_accepted", "evidence": "Minutes.", "covers": _breaks(MAIL, "people:p2")},
    {
        "kind": "values_replaced",
        "field": "name",
        "replace": {"Juniper": "Juniper Ltd"},
        "covers": _account("f10"),
    },
    {"kind": "merge_refused", "covers": _account("f9", "f11")},
    {
        "kind": "rows_excluded",
        "covers": {"subject": "contact", "fields": "full_name", "rows": "people:p12"},
    },
)
_NAME, _STATUS, _MAIL = ("Name",), ("Status",), ("Mail",)
DECISIONS = (
    Decided("D-001", "rows_excluded", "companies", _NAME, ("f2",)),
    Decided("D-002", "rows_deferred", "companies", _NAME, ("f3",)),
    Decided("D-003", "value_corrected", "companies", _NAME, ("f4",), "Dell Group"),
    Decided("D-004", "merge_approved", "companies", _NAME, ("f5", "f6")),
    Decided("D-005", "risk_accepted", "companies", _STATUS, ("f7",)),
    Decided("D-006", "follow_up_opened", "people", _MAIL, ("p3",)),
    Decided("D-007", "question_asked", "people", _MAIL, ("p4",)),
    Decided("D-008", "risk_accepted", "people", _MAIL, ("p2",)),
    Decided("D-009", "values_replaced", "companies", _NAME, ("f10",), "Juniper Ltd"),
    Decided("D-010", "merge_refused", "companies", _NAME, ("f9", "f11")),
    Decided("D-011", "rows_excluded", "people", _NAME, ("p12",)),
)
MERGED_INTO = {"f6": "f5"}


def decided(folder: Path, *, is_loaded: bool) -> Workspace:
    """Make the customer: run once, decided about, run again; and its export loaded, if so."""
    files = {f"{name}.csv": as_text(name, rows) for name, rows in FIRST.items()}
    workspace = project(folder, defs=customer(), mappings=MAPPINGS, files=files)
    export(workspace)
    for draft in DRAFTS:
        decide(workspace, **draft)
    export(workspace)
    if is_loaded:
        home = workspace.published(SLUG, "wave_1")
        decide(
            workspace,
            kind="export_loaded",
            wave="wave_1",
            version=(home / "current").read_text("utf-8").strip(),
        )
    return workspace


def export(workspace: Workspace, wave: str = "wave_1") -> None:
    """Run every stage of a wave up to its export."""
    for _ in run_wave(a_run(workspace, wave), until=EXPORT):
        pass


def with_policy(workspace: Workspace, vanished: str) -> None:
    """Let the customer say what becomes of rows that vanish."""
    path = workspace.customer(SLUG) / "defs.yaml"
    path.write_text(as_yaml(customer(vanished)), encoding="utf-8")


@dataclass(frozen=True)
class Script:
    """One re-delivery: the policy, whether the first export was loaded, the rows, how the files are written."""

    seed: int
    vanished: str
    is_loaded: bool
    edits: tuple[str, ...]
    """What was done, in words."""
    rows: Mapping[str, Rows]
    form: str

    def __str__(self) -> str:
        loaded = "loaded" if self.is_loaded else "not_loaded"
        return f"{self.seed}-{self.vanished}-{loaded}-{self.form}"

    def deliver(self, workspace: Workspace) -> None:
        """Put both files into the intake folder."""
        for name, rows in self.rows.items():
            path = workspace.intake(SLUG) / f"{name}.csv"
            path.write_bytes(FORMS[self.form](name, rows))


Edit = Callable[[Random, Rows, str], str]


def script(seed: int) -> Script:
    """Return the script of a seed: edits of different rows, so that each is seen by itself."""
    chance = Random(seed)
    rows = deepcopy(FIRST)
    kinds = sorted(EDITS)
    names = [kinds[(seed + step * 5) % len(kinds)] for step in range(3)] + chance.choices(kinds, k=3)
    touched: dict[str, set[str]] = {name: set() for name in rows}
    edits = []
    for name in names:
        source = chance.choice(("companies", "people"))
        edits.append(f"{source}: {name} {_edit(chance, rows[source], source, name, touched[source])}")
    if seed % 6 == 5:
        source = ("companies", "people")[seed // 6 % 2]
        edits.append(f"{source}: {_break_keys(chance, rows[source], source, touched[source], seed)}")
    return Script(
        seed=seed,
        vanished=("ask", "keep", "exclude")[seed % 3],
        is_loaded=seed % 4 >= 2,
        edits=tuple(edits),
        rows=rows,
        form=sorted(FORMS)[seed % len(FORMS)],
    )


def _edit(chance: Random, rows: Rows, source: str, name: str, touched: set[str]) -> str:
    free = [row for row in rows if row[KEY[source]] not in touched]
    row = chance.choice(free)
    touched.add(row[KEY[source]])
    key = row[KEY[source]]
    EDITS[name](chance, rows, source, row)
    touched |= {each[KEY[source]] for each in rows if each[KEY[source]].startswith("n")}
    return key


def _change(*headers: str) -> Callable[[Random, Rows, str, dict[str, str]], None]:
    texts = {
        "Name": ("Another", "Else", "Third"),
        "Status": ("live", "lead", "odd"),
        "Mail": ("new@a.example", "broken(at)z", ""),
        "Company": ("f1", "f2", "f8", "f9", "f99"),
    }

    def change(chance: Random, rows: Rows, source: str, row: dict[str, str]) -> None:
        for header in headers:
            here = header if header in row else "Name"
            text = chance.choice(texts[here])
            row[here] = f"{text} {row[KEY[source]]}" if here == "Name" else text

    return change


def _remove(chance: Random, rows: Rows, source: str, row: dict[str, str]) -> None:
    rows.remove(row)


def _add(chance: Random, rows: Rows, source: str, row: dict[str, str]) -> None:
    key = f"n{len(rows)}{chance.randrange(1000)}"
    new = {**row, KEY[source]: key, "Name": f"New {key}"}
    rows.insert(chance.randint(0, len(rows)), new)


def _replace(chance: Random, rows: Rows, source: str, row: dict[str, str]) -> None:
    """Another key for nearly the same row: one goes, one comes."""
    row[KEY[source]] = f"n9{row[KEY[source]]}"
    if source == "companies":  # two companies of one name would be held as duplicates
        row["Name"] = f"{row['Name']} {row['ID']}"


def _space(chance: Random, rows: Rows, source: str, row: dict[str, str]) -> None:
    row["Name"] = row["Name"].upper() + "."


def _move(chance: Random, rows: Rows, source: str, row: dict[str, str]) -> None:
    rows.append(rows.pop(rows.index(row)))


EDITS: dict[str, Callable[[Random, Rows, str, dict[str, str]], None]] = {
    "another name": _change("Name"),
    "another status or mail": lambda c, rows, s, row: _change("Status" if s == "companies" else "Mail")(
        c, rows, s, row
    ),
    "another company": _change("Company"),
    "removed": _remove,
    "removed too": _remove,
    "added": _add,
    "another key": _replace,
    "respelled": _space,
    "moved": _move,
}


def _break_keys(chance: Random, rows: Rows, source: str, touched: set[str], seed: int) -> str:
    """Let a key name two rows, or nothing: the gate of the entity closes."""
    row = chance.choice([each for each in rows if each[KEY[source]] not in touched])
    if seed % 4 == 1:
        other = {**row, "Name": "Twin"}
        rows.append(other)
        return f"reused {row[KEY[source]]}"
    row[KEY[source]] = ""
    return "a key left blank"


def as_text(source: str, rows: Sequence[Row], *, headers: Sequence[str] = (), delimiter: str = ",") -> str:
    written = io.StringIO()
    writer = csv.DictWriter(
        written, headers or HEADERS[source], delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n"
    )
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()


FORMS: dict[str, Callable[[str, Rows], bytes]] = {
    "as_before": lambda name, rows: as_text(name, rows).encode(),
    "semicolons": lambda name, rows: as_text(name, rows, delimiter=";").encode(),
    "tabs": lambda name, rows: as_text(name, rows, delimiter="\t").encode(),
    "utf_16": lambda name, rows: as_text(name, rows).encode("utf-16"),
    "byte_order_mark": lambda name, rows: as_text(name, rows).encode("utf-8-sig"),
    "crlf": lambda name, rows: as_text(name, rows).replace("\n", "\r\n").encode(),
    "reordered": lambda name, rows: as_text(name, rows[::-1]).encode(),
    "columns_swapped": lambda name, rows: as_text(name, rows, headers=HEADERS[name][::-1]).encode(),
}
