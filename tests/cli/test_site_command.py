"""`aformity site`: one folder for the CSM team, and one document for programs."""

import json
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.cli.main import main
from aformity_pipelines.files.workspace import Workspace
from tests.builders.kept_handoffs import DUE_EARLY, customer, keep
from tests.builders.two_sources import REPOSITORY


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "expectations").symlink_to(REPOSITORY / "expectations")
    made = Workspace(root=tmp_path, storage=tmp_path / "storage")
    customer(made, "tiny")
    keep(made, "tiny", "2026-11-05-aaaaaaaa", unresolved=[DUE_EARLY])
    return made


def aformity(workspace: Workspace, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["site", "--root", str(workspace.root), "--as-of", "2026-12-01", *options])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_it_says_where_the_site_is_and_who_asks_for_attention(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = aformity(workspace, capsys)

    where, facts = out.splitlines()
    assert code == 0
    assert where == str(workspace.storage / "site" / "index.html")
    assert facts == (
        "1 customer as of 2026-12-01; 0 with a handoff out of date; 1 with overdue work; 0 without a handoff;"
        " 0 that cannot be read"
    )


def test_programs_get_the_whole_site_as_one_document(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = aformity(workspace, capsys, "--json", "--out", str(workspace.root / "public"))

    found: dict[str, Any] = json.loads(out)
    assert found["site"] == str(workspace.root / "public")
    assert [each["slug"] for each in found["customers"]] == ["tiny"]
    assert found["customers"][0]["waves"][0]["handoffs"][0]["unresolved"] == 1
    assert (workspace.root / "public" / "tiny" / "index.html").is_file()


def test_a_folder_of_somebody_else_is_refused_with_what_to_do(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = aformity(workspace, capsys, "--out", str(workspace.root / "customers"))

    assert code == 1
    assert "name a new or an empty folder" in err
    assert (workspace.root / "customers" / "tiny" / "defs.yaml").is_file()
