"""`aformity history --rebuild` says how much of the history was missing, and nothing the second time."""

import json
import shutil
from datetime import date

import pytest

from aformity_pipelines.cli.history_rebuild import rebuild_history
from tests.builders.two_sources import SLUG, Workspace, decide, project, run_all

pytestmark = pytest.mark.slow


@pytest.fixture
def lived(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = project(tmp_path_factory.mktemp("lived") / "project")
    run_all(workspace)
    covers = {"entity": "account", "fields": "all"}
    decide(workspace, kind="mapping_approved", covers=covers)
    run_all(workspace)
    return workspace


def test_what_was_missing_is_put_back_once(lived: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    figures = []
    for _ in range(2):
        rebuild_history(lived, (SLUG,), date(2026, 11, 20), as_json=True)
        (said,) = json.loads(capsys.readouterr().out)
        figures.append([said[name] for name in ("decisions", "exports", "handoffs")])
    shutil.rmtree(lived.storage / "dagster")
    rebuild_history(lived, (SLUG,), date(2026, 11, 20), as_json=False)

    assert figures == [[1, 2, 2], [0, 0, 0]]
    assert "Put back into Dagster" in capsys.readouterr().out
