from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from aformity_pipelines.files.workspace import Workspace
from orchestration.tiny_customer import tiny_project


@pytest.fixture
def project(tmp_path: Path) -> Workspace:
    return tiny_project(tmp_path)


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as made:
        yield made
