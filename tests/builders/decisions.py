"""Decisions as the log holds them, each with only what a test is about."""

from typing import Any

from aformity_pipelines.domain.decisions import ENTRY
from aformity_pipelines.domain.drafts import WITHOUT_COVERAGE

INA = {"name": "Ina Vogt", "role": "Data owner", "side": "customer"}
DIGEST = "0" * 64


def coverage(*keys: str, subject: str = "contact", rule: str | None = None, **changes: Any) -> dict[str, Any]:
    """Some rows of a subject, shown with their name."""
    rows = [{"key": key, "digest": DIGEST} for key in keys]
    named = {"rule": rule} if rule else {}
    return {"subject": subject, "fields": ["name"], "rows": rows, **named, **changes}


def entry(kind: str, number: int = 1, **particular: Any) -> Any:
    """One entry; `covers` is about one row where a test says nothing else."""
    words = {
        "on": "2026-11-20",
        "by": INA,
        "how_known": "A call.",
        "says": "As agreed.",
        "why": "She said so.",
    }
    envelope = {"kind": kind, "seq": number, "prev": "0" * 64, "id": f"D-{number:03d}"}
    if kind not in WITHOUT_COVERAGE | {"mapping_approved"}:
        particular = {"covers": coverage("crm:1"), **particular}
    return ENTRY.validate_python({**envelope, **words, **particular})
