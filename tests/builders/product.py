"""The product as an importer would fill it from published versions: new records must be new, changes must be of records."""

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb

from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.graph import EXPORT
from aformity_pipelines.stages.published import current_version
from aformity_pipelines.stages.whole import Outcome, run_wave
from tests.builders.two_sources import SLUG, a_run, decide

Records = dict[tuple[str, str], dict[str, str]]
"""(entity, key) -> the fields that hold something."""


def current(workspace: Workspace, wave: str = "wave_1") -> Path:
    """Return the folder of a wave's current version."""
    folder = current_version(workspace.published(SLUG, wave))
    assert folder is not None
    return folder


def manifest(folder: Path) -> Manifest:
    return Manifest.model_validate_json((folder / "manifest.json").read_bytes())


def export_all(workspace: Workspace, wave: str = "wave_1") -> dict[str, Outcome]:
    """Run every stage of a wave up to its export; what came of each, by `stage/name`."""
    return {"/".join(each.step): each for each in run_wave(a_run(workspace, wave), until=EXPORT)}


def load(workspace: Workspace, wave: str = "wave_1") -> str:
    """Record that a wave's current version was loaded; return its name."""
    version = current(workspace, wave).name
    decide(workspace, kind="export_loaded", wave=wave, version=version)
    return f"{wave}/{version}"


def product(workspace: Workspace, wave: str) -> Records:
    """Return what is in the product once a wave's current version, and all that it builds on, is loaded."""
    last = current(workspace, wave)
    home = workspace.published(SLUG, wave).parent
    found: Records = {}
    for folder in (*(home / name for name in manifest(last).builds_on), last):
        _import(folder, found)
    return found


def _import(folder: Path, found: Records) -> None:
    listed = manifest(folder)
    for entity in listed.load_order:
        for path, is_new in _files(folder, entity):
            for record in _read(path):
                key = (entity, record["external_id"])
                assert (key not in found) == is_new, (
                    f"{folder.name}: {key} {'again' if is_new else 'unknown'}"
                )
                found[key] = {name: value for name, value in record.items() if value}


def _files(folder: Path, entity: str) -> Iterator[tuple[Path, bool]]:
    for file in manifest(folder).files:
        if file.format == "csv" and entity in (file.entity, file.updates):
            yield folder / file.path, file.entity == entity


def _read(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        yield from csv.DictReader(opened)


def updates(folder: Path, table: str = "updates") -> list[tuple[str | None, ...]]:
    """Return (entity, record_key, field, before, after) of every value that a version changes, or that waits."""
    return duckdb.execute(
        f"select entity, record_key, field, before, after from read_parquet('{folder}/{table}.parquet') order by all"
    ).fetchall()


def changes(folder: Path) -> dict[str, tuple[str | None, str | None]]:
    """Return `entity record` -> (change, live_since) of every row of a version's ledger that is in the product."""
    rows = duckdb.execute(
        "select entity || ' ' || coalesce(row_key, row_id), change, live_since"
        f" from read_parquet('{folder}/ledger.parquet') where change is not null or live_since is not null"
    ).fetchall()
    return {row[0]: row[1:] for row in rows}
