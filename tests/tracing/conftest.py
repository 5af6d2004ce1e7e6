"""The tiny customer, run through both waves once for all tests of this folder."""

from collections.abc import Callable

import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.tracing.answer import Answer
from tests.tracing import acme

Ask = Callable[..., Answer]


@pytest.fixture(scope="package")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return acme.played(tmp_path_factory)


@pytest.fixture(scope="package")
def ask(workspace: Workspace) -> Ask:
    from aformity_pipelines.stages.why import why

    runs = {wave: acme.opened(workspace, wave) for wave in ("wave_1", "wave_2")}

    def asking(entity: str, key: str, field: str | None = None, *, wave: str = "wave_1") -> Answer:
        return why(runs[wave], entity, key, field)

    return asking


@pytest.fixture
def ask_with_two_corrections(workspace: Workspace) -> Ask:
    """Ask with a log in which D-010 does not name the decision that it takes the place of."""
    from aformity_pipelines.stages.why import why

    run = acme.opened(workspace)
    log = tuple(
        entry.model_copy(update={"supersedes": None, "supersedes_because": None})
        for entry in run.migration.log
    )
    changed = acme.with_log(run, log)
    return lambda entity, key, field=None: why(changed, entity, key, field)
