"""Where the handoffs of a wave lie, and which one is current.  Reading only; loads nothing slow."""

from pathlib import Path

from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.run import Run, digest_of

CURRENT = "current"
RECORD_FILE = "launch_record.json"
REPORT_FILE = "handoff.html"
WORKBOOK_FILE = "handoff.xlsx"
"""The report's lists, for people who filter and sort."""


def current_handoff(run: Run) -> Path | None:
    """Return the folder of the wave's current handoff, or None where there is none."""
    return handoff_pointed_to(run.workspace, run.slug, run.wave)


def handoff_pointed_to(workspace: Workspace, slug: str, wave: str) -> Path | None:
    """Return the folder of a wave's current handoff, or None where there is none."""
    pointer = workspace.handoff(slug, wave) / CURRENT
    return pointer.parent / pointer.read_text(encoding="utf-8").strip() if pointer.is_file() else None


def kept_handoffs(workspace: Workspace, slug: str, wave: str) -> tuple[Path, ...]:
    """Return the folders of every handoff of a wave that is still there, the oldest date first."""
    home = workspace.handoff(slug, wave)
    found = home.iterdir() if home.is_dir() else ()
    return tuple(sorted(folder for folder in found if (folder / RECORD_FILE).is_file()))


def config_inputs(migration: Migration) -> dict[str, str]:
    """Return the fingerprints of the config that the handoff depends on: what people wrote, without their decisions."""
    mappings = {name: mapping.model_dump(mode="json") for name, mapping in migration.mappings.items()}
    return {
        "customer": digest_of(migration.customer.model_dump(mode="json")),
        "mappings": digest_of(mappings),
        "destination": digest_of(migration.destination.model_dump(mode="json")),
    }
