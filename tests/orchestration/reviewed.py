"""The tiny customer with a log of decisions, written as they would be; nothing has to run for it."""

from typing import Any

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.review.append import append_all
from orchestration.tiny_customer import add_customer

DIGEST = "0" * 64
WORDS = {
    "by": {"name": "Ina Vogt", "role": "Data owner", "side": "customer"},
    "on": "2026-11-20",
    "how_known": "A call.",
    "says": "As agreed.",
    "why": "She said so.",
}


def rows(*keys: str, subject: str = "account", rule: str | None = None) -> dict[str, Any]:
    """Coverage of some rows."""
    covers = {"subject": subject, "fields": ["Name"], "rows": [{"key": k, "digest": DIGEST} for k in keys]}
    return covers | ({"rule": rule} if rule else {})


APPROVED = {"kind": "mapping_approved", "covers": {"entity": "account", "fields": {"a/main/name": DIGEST}}}
ACCEPTED = {
    "kind": "risk_accepted",
    "covers": rows("companies:007", "companies:008", rule="account.name.required"),
    "evidence": ["Minutes of 20 November"],
}
CORRECTED = {
    "kind": "value_corrected",
    "covers": rows("companies:secret-key"),
    "field": "name",
    "value": "Secret Ltd",
}
FOLLOWED = {
    "kind": "follow_up_opened",
    "covers": rows("companies:009", subject="companies", rule="companies.key.unique"),
    "owner": {"name": "Sam Lee", "role": "Lead", "side": "implementation"},
    "due": "2026-12-01",
}


def recorded(workspace: Workspace, *decisions: dict[str, Any]) -> tuple[Entry, ...]:
    """Append decisions to the log of `acme`."""
    return append_all(workspace.log("acme"), [WORDS | each for each in decisions])


def reviewed(workspace: Workspace, *decisions: dict[str, Any]) -> Migration:
    """Add `acme` with these decisions in its log."""
    add_customer(workspace, "acme")
    recorded(workspace, *decisions)
    return load_migration(workspace.root, "acme")
