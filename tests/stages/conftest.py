"""One tiny customer, run once for all tests; every test works in a copy of what came of it."""

from pathlib import Path

import pytest

from aformity_pipelines.files.workspace import Workspace
from tests.builders.once import made_once
from tests.builders.retests import exported_project, retested
from tests.builders.two_sources import (
    MERGE,
    PEOPLE,
    copied,
    decide,
    deliver,
    project,
    run_all,
    run_stages,
    workspace_in,
)


@pytest.fixture(scope="session")
def _published_once(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace_in(made_once(tmp_path_factory, "published", _publish))


@pytest.fixture(scope="session")
def _before_export(_published_once: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Published once, then a new delivery came in and every stage up to `transformed` has run on it."""

    return workspace_in(
        made_once(
            tmp_path_factory, "before_export", lambda folder: _deliver_again(copied(_published_once, folder))
        )
    )


def _publish(folder: Path) -> None:
    workspace = project(folder)
    run_all(workspace)
    decide(workspace, **MERGE)
    run_all(workspace)


def _deliver_again(workspace: Workspace) -> None:
    from aformity_pipelines.stages import mapped, raw_file, transformed, validated

    deliver(workspace, {"people_2.csv": PEOPLE + "p6,Noa Lind,noa@acme.example,007\n"})
    run_stages(
        workspace,
        *((raw_file.run_raw_file, source) for source in ("companies", "people")),
        *((validated.run_validated, source) for source in ("companies", "people")),
        *((mapped.run_mapped, entity) for entity in ("account", "contact")),
        *((transformed.run_transformed, entity) for entity in ("account", "contact")),
    )


@pytest.fixture
def published_once(_published_once: Workspace, tmp_path: Path) -> Workspace:
    return copied(_published_once, tmp_path / "project")


@pytest.fixture
def before_export(_before_export: Workspace, tmp_path: Path) -> Workspace:
    return copied(_before_export, tmp_path / "project")


@pytest.fixture(scope="session")
def _exported_once(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace_in(made_once(tmp_path_factory, "exported_once", exported_project))


@pytest.fixture(scope="session")
def _tested_once(_exported_once: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace_in(
        made_once(tmp_path_factory, "tested_once", lambda folder: retested(copied(_exported_once, folder)))
    )


@pytest.fixture
def tested_once(_tested_once: Workspace, tmp_path: Path) -> Workspace:
    """The first wave exported, the second one tested again once, on the day of the export."""
    return copied(_tested_once, tmp_path / "project")


@pytest.fixture
def exported_once(_exported_once: Workspace, tmp_path: Path) -> Workspace:
    """The first wave exported, without a handoff; nothing was tested again."""
    return copied(_exported_once, tmp_path / "project")
