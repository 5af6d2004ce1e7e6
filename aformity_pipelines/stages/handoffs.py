"""Where the handoffs of a wave lie, and which one is current.  Reading only; loads nothing slow."""

from pathlib import Path

from aformity_pipelines.stages.run import Run

CURRENT = "current"
RECORD_FILE = "launch_record.json"
REPORT_FILE = "handoff.html"
WORKBOOK_FILE = "handoff.xlsx"
"""The report's lists, for people who filter and sort."""


def current_handoff(run: Run) -> Path | None:
    """Return the folder of the wave's current handoff, or None where there is none."""
    pointer = run.workspace.handoff(run.slug, run.wave) / CURRENT
    return pointer.parent / pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else None
