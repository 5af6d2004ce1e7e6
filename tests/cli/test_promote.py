"""`aformity promote`: shown first, written only where that was wanted, and never into the same customer."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from orchestration.reviewed import ACCEPTED, APPROVED, recorded
from orchestration.tiny_customer import add_customer

from aformity_pipelines.cli.main import main
from aformity_pipelines.files.workspace import Workspace


@pytest.fixture
def call(project: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("AFORMITY_STORAGE", raising=False)
    add_customer(project, "acme")
    shutil.rmtree(add_customer(project, "bolt") / "mapping")

    def said(*arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["promote", *arguments, "--root", str(project.root)])
        captured = capsys.readouterr()
        return ended.value.code or 0, captured.out, captured.err

    return said


def test_a_dry_run_says_what_would_be_suggested_and_writes_nothing(project: Workspace, call: Any) -> None:
    code, out, _ = call("acme", "bolt", "--dry-run", "--json")

    assert code == 0
    document = json.loads(out)
    assert list(document["files"]) == ["mapping/account.yaml"]
    assert document["is_written"] is False
    assert not (project.customer("bolt") / "mapping").exists()


def test_a_mapping_is_suggested_and_says_that_nothing_is_approved(project: Workspace, call: Any) -> None:
    code, out, _ = call("acme", "bolt")

    assert code == 0
    assert "Nothing is approved by this" in out
    assert '"suggested": true' in (project.customer("bolt") / "mapping" / "account.yaml").read_text(
        encoding="utf-8"
    )


def test_each_decision_to_be_made_names_the_one_it_comes_from_and_its_rule(
    project: Workspace, call: Any
) -> None:
    recorded(project, APPROVED, ACCEPTED)

    _, out, _ = call("acme", "bolt", "--dry-run")

    (line,) = (line for line in out.splitlines() if "risk accepted" in line)
    assert "D-002" in line
    assert "account.name.required" in line


def test_one_customer_is_not_promoted_to_itself_but_to_another_environment(
    project: Workspace, call: Any, tmp_path: Path
) -> None:
    code, _, err = call("acme", "acme")
    assert code == 1
    assert "name another customer, or another project with --to-root" in err

    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(project.root, elsewhere, ignore=shutil.ignore_patterns("elsewhere"))
    shutil.rmtree(elsewhere / "customers" / "acme" / "mapping")
    code, _, _ = call("acme", "acme", "--to-root", str(elsewhere))
    assert code == 0
    assert (elsewhere / "customers" / "acme" / "mapping" / "account.yaml").is_file()
