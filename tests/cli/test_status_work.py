"""`aformity status`: work by owner, age and due date, the overdue marked, for one person where asked."""

import json
import subprocess
import sys
from typing import Any

import pytest

from aformity_pipelines.cli.main import main
from aformity_pipelines.cli.output import OUT
from aformity_pipelines.files.workspace import Workspace
from tests.builders.two_sources import SLUG, decide, project, run_all

pytestmark = pytest.mark.slow

KIM = {"subject": "contact", "rule": "contact.email.format", "rows": "people:p3"}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Two look-alike accounts are Sam's work, an address is Ina's by a follow-up."""
    workspace = project(tmp_path_factory.mktemp("status") / "project")
    run_all(workspace)
    decide(workspace, kind="follow_up_opened", owner="ina", due="2026-12-09", covers=KIM)
    run_all(workspace)
    return workspace


def status(workspace: Workspace, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    root, storage = str(workspace.root), str(workspace.storage)
    with pytest.raises(SystemExit) as ended:
        main(["status", SLUG, "--wave", "wave_1", "--root", root, "--storage", storage, *options])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def work(workspace: Workspace, capsys: pytest.CaptureFixture[str], *options: str) -> list[dict[str, Any]]:
    _, out, _ = status(workspace, capsys, "--json", *options)
    (wave,) = json.loads(out)["waves"]
    found: list[dict[str, Any]] = wave["unresolved"]
    return found


def test_work_is_listed_by_owner_and_date_with_its_age_and_all_its_rows_counted(
    ran: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    found = work(ran, capsys, "--as-of", "2026-11-28")

    assert [
        (w["owner"]["name"], w["due"], w["age_days"], w["is_overdue"], w["rule"], w["row_count"])
        for w in found
    ] == [
        ("Ina Vogt", "2026-12-09", 8, False, "contact.email.format", 1),
        ("Sam Lee", "2026-11-25", 8, True, "account.match_key.duplicate", 2),
    ]


def test_what_is_past_its_date_is_marked_for_people(
    ran: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    _, late, _ = status(ran, capsys, "--as-of", "2026-11-28")
    _, in_time, _ = status(ran, capsys, "--as-of", "2026-11-21")

    assert (late.count("OVERDUE"), in_time.count("OVERDUE")) == (1, 0)


@pytest.mark.parametrize(("width", "is_table"), [(100, False), (149, False), (160, True)])
def test_open_work_breaks_no_rule_id_on_any_terminal(
    ran: Workspace,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    width: int,
    is_table: bool,
) -> None:
    monkeypatch.setattr(OUT, "_width", width)

    _, out, _ = status(ran, capsys, "--as-of", "2026-11-28")

    lines = out[out.index("Unresolved work") :].splitlines()
    (line,) = (each for each in lines if "account.match_key.duplicate" in each)
    assert "Sam Lee" in line
    assert any("days open   rows   rule" in each for each in lines) is is_table
    if not is_table:
        assert "2 rows" in line
        assert any(each.startswith("    for example companies@") for each in lines)


@pytest.mark.parametrize("name", ["ina", "Ina Vogt", "INA VOGT"])
def test_one_persons_work_is_shown_by_short_name_or_full_name(
    ran: Workspace, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert [w["owner"]["name"] for w in work(ran, capsys, "--owner", name)] == ["Ina Vogt"]


def test_a_person_whom_nobody_knows_is_not_somebody_without_work(
    ran: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = status(ran, capsys, "--owner", "sma")

    assert (code, "did you mean 'sam'?" in err) == (1, True)


def test_status_does_without_great_expectations_and_dagster() -> None:
    code = (
        "import sys, aformity_pipelines.cli.status\n"
        "print(sorted({'great_expectations', 'dagster'} & set(sys.modules)))"
    )

    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert said.stdout.strip() == "[]"
