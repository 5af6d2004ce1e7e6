"""Both samples as their committed logs lead to, each run once for all tests that only look at what came of it."""

import shutil
from datetime import date
from pathlib import Path

import duckdb
import pytest

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.run import Run, secure
from tests.builders.once import made_once

REPOSITORY = Path(__file__).parents[2]
AS_OF = {"lumen_labs": date(2026, 11, 30), "northwind": date(2026, 11, 5)}


def committed(factory: pytest.TempPathFactory, slug: str, *, as_of: date | None = None) -> Run:
    """Return a run of a sample's first wave, every stage of which has run; only what depends on the date may differ."""
    folder = made_once(factory, slug, lambda into: _play(into, slug))
    return _opened(folder, slug, as_of or AS_OF[slug])


def _play(into: Path, slug: str) -> None:
    from aformity_pipelines.stages.whole import run_wave

    for name in ("expectations", "dbt_like_transforms", f"customers/{slug}", "customers/.test-keys"):
        shutil.copytree(REPOSITORY / name, into / name)
    assert all(outcome.record is not None for outcome in run_wave(_opened(into, slug, AS_OF[slug])))


def _opened(folder: Path, slug: str, as_of: date) -> Run:
    workspace = Workspace(root=folder, storage=folder / "storage")
    connection = duckdb.connect(config={"threads": 2})
    secure(connection, workspace, slug)
    migration = load_migration(folder, slug)
    return Run(
        migration=migration,
        workspace=workspace,
        connection=connection,
        wave=migration.customer.waves[0].name,
        as_of=as_of,
        by="test",
    )
