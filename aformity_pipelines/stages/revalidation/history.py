"""The re-validations of a wave on disk: numbered folders that are published whole and never written again.

Reading records loads nothing slow; the rows beside them are `rows`'.
"""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from aformity_pipelines.domain.revalidation import Revalidation
from aformity_pipelines.files.atomic import publish_folder, write_bytes
from aformity_pipelines.files.workspace import Workspace

RECORD_FILE = "record.json"
ROWS_FILE = "rows.parquet"
NUMBERED = re.compile(r"^\d{4,}$")


class HistoryDamaged(ValueError):
    """A stored re-validation is not what was written."""


def folder_of(workspace: Workspace, slug: str, wave: str, number: int) -> Path:
    """Return where one re-validation lies."""
    return workspace.revalidations(slug, wave) / f"{number:04d}"


def history(workspace: Workspace, slug: str, wave: str) -> tuple[Revalidation, ...]:
    """Return every re-validation of a wave, the first one first.  HistoryDamaged where one cannot be read."""
    return tuple(_read(workspace, slug, wave, number) for number in _numbers(workspace, slug, wave))


def last_revalidation(workspace: Workspace, slug: str, wave: str) -> Revalidation | None:
    """Return the last re-validation of a wave, or None where there is none yet."""
    numbers = _numbers(workspace, slug, wave)
    return _read(workspace, slug, wave, numbers[-1]) if numbers else None


def waves_with_history(workspace: Workspace, slug: str) -> tuple[str, ...]:
    """Return the waves that were re-validated at least once, by name."""
    home = workspace.of_customer(slug) / "revalidations"
    found = sorted(each.name for each in home.iterdir() if each.is_dir()) if home.is_dir() else []
    return tuple(wave for wave in found if _numbers(workspace, slug, wave))


def keep(workspace: Workspace, record: Revalidation, slug: str, write_rows: Callable[[Path], None]) -> Path:
    """Publish a re-validation in one step, its rows beside it; return its folder.  FileExistsError where it is there."""
    staging = workspace.scratch(slug) / f"revalidation_{record.wave}"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir(parents=True)
    write_rows(staging / ROWS_FILE)
    write_bytes(staging / RECORD_FILE, record.model_dump_json(indent=1).encode() + b"\n")
    final = folder_of(workspace, slug, record.wave, record.number)
    publish_folder(staging, final)
    return final


def _numbers(workspace: Workspace, slug: str, wave: str) -> list[int]:
    home = workspace.revalidations(slug, wave)
    names = [each.name for each in home.iterdir()] if home.is_dir() else []
    return sorted(int(name) for name in names if NUMBERED.match(name))


def _read(workspace: Workspace, slug: str, wave: str, number: int) -> Revalidation:
    path = folder_of(workspace, slug, wave, number) / RECORD_FILE
    try:
        return Revalidation.model_validate_json(path.read_bytes())
    except (FileNotFoundError, ValidationError) as fault:
        place = path.relative_to(workspace.storage)
        raise HistoryDamaged(
            f"{place}: this re-validation is not as it was written; restore its folder from a backup"
        ) from fault
