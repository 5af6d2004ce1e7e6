"""A workspace with kept handoffs, made from a literal record without running a stage."""

import json
from pathlib import Path
from typing import Any

from aformity_pipelines.files.workspace import Workspace
from tests.builders.two_sources import ACCOUNT, CONTACT, DEFS, as_yaml

NO_LOG = {"seq": 0, "sha256": "0" * 64}
DUE_EARLY, DUE_LATE = {"due": "2026-11-10"}, {"due": "2026-12-10"}
RISK = {"decision": "D-001"}
EXPORT = {"version": "v0001-aaaaaaaa", "left_out": []}


def record(slug: str, **parts: Any) -> dict[str, Any]:
    """Return the beginning of a launch record: ready, with nothing open."""
    plain = {
        "schema_version": "3",
        "customer": slug,
        "label": "Tiny Traders",
        "wave": "wave_1",
        "wave_says": "The first launch.",
        "launches_on": "2027-01-01",
        "as_of": "2026-11-20",
        "log": NO_LOG,
        "glance": [
            {"says": "Tiny Traders goes live on 1 January 2027 with 3 accounts.", "evidence": ["ledger"]}
        ],
        "gates": [{"is_open": True}],
        "fates": [{"fate": "exported", "rows": 3}],
        "accepted_risks": [],
        "unresolved": [],
        "waiting": [],
        "deliveries": [],
        "export": EXPORT,
        "changes": None,
    }
    return plain | parts


def keep(workspace: Workspace, slug: str, name: str, **parts: Any) -> Path:
    """Keep a handoff and point to it; return its folder.  `name` is its date and eight signs."""
    told = record(slug, as_of=name[:10], **parts)
    home = workspace.handoff(slug, told["wave"])
    folder = home / name
    folder.mkdir(parents=True)
    (folder / "launch_record.json").write_text(json.dumps(told), encoding="utf-8")
    (folder / "handoff.html").write_text(f"<!doctype html><p>{name}</p>", encoding="utf-8")
    (home / "current").write_text(f"{name}\n", encoding="utf-8")
    return folder


def customer(workspace: Workspace, slug: str, label: str = "Tiny Traders", **attributes: Any) -> Path:
    """Add a customer's folder; return it."""
    home = workspace.customer(slug)
    (home / "mapping").mkdir(parents=True)
    (home / "intake").mkdir()
    defs = {**DEFS, "attributes": {**DEFS["attributes"], "customer": label, **attributes}}
    (home / "defs.yaml").write_text(as_yaml(defs), encoding="utf-8")
    for mapping in (ACCOUNT, CONTACT):
        (home / "mapping" / f"{mapping['entity']}.yaml").write_text(as_yaml(mapping), encoding="utf-8")
    return home
