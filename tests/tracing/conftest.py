"""The tiny customer, run through both waves once for all tests of this folder."""

from collections.abc import Callable

import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.tracing.answer import Answer
from tests.tracing import acme

Ask = Callable[..., Answer]


@pytest.fixture(scope="package")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return acme.played(tmp_path_factory.mktemp("acme"))


@pytest.fixture(scope="package")
def ask(workspace: Workspace) -> Ask:
    from aformity_pipelines.stages.why import why

    runs = {wave: acme.opened(workspace, wave) for wave in ("wave_1", "wave_2")}

    def asking(entity: str, key: str, field: str | None = None, *, wave: str = "wave_1") -> Answer:
        return why(runs[wave], entity, key, field)

    return asking
