"""The tiny customer's later wave tested again: its workspace after the first export, and ways to look at results."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from aformity_pipelines.domain.revalidation import Revalidation, StateLine
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.graph import EXPORT
from aformity_pipelines.stages.revalidation.history import last_revalidation
from aformity_pipelines.stages.revalidation.revalidate import run_revalidation
from aformity_pipelines.stages.revalidation.rows import lines_of
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.whole import run_wave
from tests.builders.two_sources import AS_OF, MERGE, PEOPLE, SLUG, a_run, decide, project

WAVE = "wave_2"
NEXT = AS_OF + timedelta(days=7)
FIXED = PEOPLE.replace("kim(at)dell", "kim@dell.example")


def export(workspace: Workspace, wave: str = "wave_1") -> None:
    list(run_wave(a_run(workspace, wave), until=EXPORT))


def on(workspace: Workspace, day: date, wave: str = WAVE) -> Run:
    run = a_run(workspace, wave)
    return Run(
        migration=run.migration, workspace=workspace, connection=run.connection, wave=wave, as_of=day, by="test"
    )  # fmt: skip


def retested(workspace: Workspace, day: date = AS_OF, wave: str = WAVE) -> dict[str, StateLine]:
    """Test the wave again; return `entity key` -> its line."""
    run = on(workspace, day, wave)
    record, _ = run_revalidation(run)
    lines = lines_of(run.connection, workspace, SLUG, record)
    return {f"{line.entity} {line.key}": line for line in lines}


def record_of(workspace: Workspace) -> Revalidation:
    found = last_revalidation(workspace, SLUG, WAVE)
    assert found is not None
    return found


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def change_defs(workspace: Workspace, **attributes: Any) -> None:
    path = workspace.customer(SLUG) / "defs.yaml"
    defs = yaml.safe_load(path.read_text(encoding="utf-8"))
    defs["attributes"] |= attributes
    path.write_text(yaml.safe_dump(defs, allow_unicode=True, sort_keys=False), encoding="utf-8")


def exported_project(folder: Path) -> None:
    """Make the tiny customer in a folder, with its first wave exported."""
    workspace = project(folder)
    export(workspace)
    decide(workspace, **MERGE)
    export(workspace)
