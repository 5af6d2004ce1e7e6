"""`aformity decide`: a decision that needs another person is recorded and says so; who may not decide is refused."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.cli.main import main
from aformity_pipelines.files.workspace import Workspace
from tests.builders.two_sources import DEFS, SLUG, as_yaml, project, run_all

pytestmark = pytest.mark.slow

TWO = {"says": "Two people accept risks.", "kinds": "risk_accepted", "persons": 2}
OWNER = {"says": "Only the data owner accepts risks.", "kinds": "risk_accepted", "roles": "Data owner"}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = project(tmp_path_factory.mktemp("decide") / "project")
    run_all(workspace)
    return workspace


def decide(
    workspace: Workspace,
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    *options: str,
    by: str = "ina",
    **rule: Any,
) -> tuple[int, str, str]:
    """Accept Kim's address under one approval rule; return exit code and what was said."""
    defs = copy.deepcopy(DEFS)
    defs["attributes"]["approvals"] = [rule]
    (workspace.customer(SLUG) / "defs.yaml").write_text(as_yaml(defs), encoding="utf-8")
    draft = {
        "kind": "risk_accepted", "by": by, "how_known": "A call.", "says": "As agreed.", "why": "It is fine.",
        "evidence": "A mail.", "covers": {"subject": "contact", "rule": "contact.email.format", "rows": "people:p3"},
    }  # fmt: skip
    answers = folder / "answers.yaml"
    answers.write_text(as_yaml({"decide": [draft]}), encoding="utf-8")
    where = ("--root", str(workspace.root), "--storage", str(workspace.storage))
    with pytest.raises(SystemExit) as ended:
        main(["decide", SLUG, str(answers), "--no-preview", *where, *options])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_who_may_not_decide_is_told_who_may(
    ran: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = decide(ran, tmp_path, capsys, by="sam", **OWNER)

    assert code == 1
    assert "Sam Lee, Implementation lead, may not decide this" in " ".join(err.split())
    assert "let `ina` (Ina Vogt, Data owner) do it" in " ".join(err.split())


def test_what_needs_a_second_person_is_recorded_and_says_so(
    ran: Workspace, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = decide(ran, tmp_path, capsys, "--json", **TWO)

    document = json.loads(out)
    (recorded,) = document["recorded"]
    assert code == 0
    assert document["without_effect"] == {
        recorded[
            "id"
        ]: f"{recorded['id']} has no effect yet: it needs a second person (Two people accept risks.);"
        f" they record `decision_seconded` with `seconds: {recorded['id']}`"
    }
