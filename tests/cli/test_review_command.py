"""`aformity review`: a workbook out, its answers in after a preview, and the work list for programs."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from aformity_pipelines.cli.main import main
from aformity_pipelines.files.workspace import Workspace
from tests.builders.reviewer import filled
from tests.builders.two_sources import copied, project, run_all

pytestmark = pytest.mark.slow

SAM = "Sam Lee"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def _run_once(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = project(tmp_path_factory.mktemp("command") / "project")
    run_all(workspace)
    return workspace


@pytest.fixture
def workspace(_run_once: Workspace, tmp_path: Path) -> Workspace:
    return copied(_run_once, tmp_path / "project")


@pytest.fixture
def aformity(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Call:
    """Call the command in the project's folder: exit code, standard output, standard error."""
    monkeypatch.delenv("AFORMITY_STORAGE", raising=False)
    monkeypatch.chdir(workspace.root)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--as-of", "2026-11-20"])
        captured = capsys.readouterr()
        return int(ended.value.code or 0), captured.out, captured.err

    return call


@pytest.fixture
def book(aformity: Call, workspace: Workspace) -> Path:
    code, _, said = aformity("review", "export", "tiny", "--out", "book.xlsx")
    assert code == 0, said
    return workspace.root / "book.xlsx"


def log(workspace: Workspace) -> list[str]:
    path = workspace.log("tiny")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def test_the_workbook_is_named_by_customer_wave_and_day(aformity: Call, workspace: Workspace) -> None:
    code, out, _ = aformity("review", "export", "tiny", "--json")

    assert code == 0
    assert json.loads(out)["workbook"] == "tiny_wave_1_2026-11-20.xlsx"
    assert json.loads(out)["sheets"] == [{"sheet": SAM, "findings": 2, "rows": 3}]
    assert (workspace.root / "tiny_wave_1_2026-11-20.xlsx").is_file()


def test_a_person_who_is_nobody_is_refused(aformity: Call) -> None:
    code, _, said = aformity("review", "export", "tiny", "--for", "samm")

    assert code == 1
    assert "did you mean 'sam'?" in said


def test_nothing_to_review_is_said_and_no_fault(aformity: Call, workspace: Workspace) -> None:
    code, out, _ = aformity("review", "export", "tiny", "--for", "ina")

    assert code == 0
    assert "tiny wave_1: nothing is open for ina; there is no workbook" in out
    assert list(workspace.root.glob("*.xlsx")) == []


@pytest.mark.slow
def test_a_dry_run_shows_what_would_move_and_writes_nothing(
    aformity: Call, book: Path, workspace: Workspace
) -> None:
    filled(book, SAM, {"H6": "Accept as it is", "J6": "We write no mail."})

    code, out, said = aformity("review", "import", "tiny", "book.xlsx", "--dry-run")

    assert code == 0, said
    assert "risk accepted" in out
    assert "Nothing was recorded." in out
    assert log(workspace) == []


@pytest.mark.slow
def test_answers_are_recorded_with_their_preview(aformity: Call, book: Path, workspace: Workspace) -> None:
    filled(book, SAM, {"H6": "Accept as it is", "J6": "We write no mail."})

    code, out, said = aformity("review", "import", "tiny", "book.xlsx", "--by", "ina", "--json")

    assert code == 0, said
    told = json.loads(out)
    assert [each["kind"] for each in told["recorded"]] == ["risk_accepted"]
    assert told["recorded"][0]["by"]["name"] == "Ina Vogt"
    assert told["preview"]["customer"] == "tiny"
    assert told["remarks"] == []
    assert len(log(workspace)) == 1


def test_every_fault_is_named_by_its_cell_and_nothing_is_recorded(
    aformity: Call, book: Path, workspace: Workspace
) -> None:
    filled(book, SAM, {"H3": "Burn it", "J3": "Old.", "H6": "Accept as it is"})

    code, _, said = aformity("review", "import", "tiny", "book.xlsx")

    assert code == 1
    assert "book.xlsx: Sam Lee!H3: 'Burn it' is none of the answers" in said
    assert "book.xlsx: Sam Lee!J6: the reason is missing" in said
    assert "Nothing was recorded." in said
    assert log(workspace) == []


def test_what_the_log_refuses_is_skipped_with_the_faulty_answers(
    aformity: Call, book: Path, workspace: Workspace
) -> None:
    filled(book, SAM, {"H3": "Leave out", "J3": "Old.", "H6": "Accept as it is", "J6": "Known."})
    defs = workspace.customer("tiny") / "defs.yaml"
    rule = "{says: Ina accepts risks., kinds: [risk_accepted], people: [ina]}"
    defs.write_text(defs.read_text(encoding="utf-8") + f"  approvals:\n  - {rule}\n", encoding="utf-8")
    assert aformity("review", "import", "tiny", "book.xlsx", "--yes")[0] == 1
    assert log(workspace) == []

    code, out, said = aformity("review", "import", "tiny", "book.xlsx", "--skip-faulty", "--json")

    assert code == 0, said
    told = json.loads(out)
    assert [each["kind"] for each in told["recorded"]] == ["rows_excluded"]
    assert [each["at"] for each in told["remarks"]] == [f"{SAM}!H6"]


def test_a_file_that_is_no_workbook_is_refused(aformity: Call, workspace: Workspace) -> None:
    (workspace.root / "book.xlsx").write_text("Row,Answer\n1,Leave out\n")

    code, _, said = aformity("review", "import", "tiny", "book.xlsx")

    assert code == 1
    assert "book.xlsx: is no .xlsx workbook" in said


def test_a_program_takes_a_draft_of_the_list_fills_it_in_and_records_it(
    aformity: Call, workspace: Workspace
) -> None:
    code, out, _ = aformity("review", "list", "tiny", "--json")
    listed = json.loads(out)
    item = next(each for each in listed["open"] if each["finding"]["rule"] == "contact.email.format")
    draft = next(each for each in item["drafts"] if each["kind"] == "rows_excluded")
    words = {"by": "ina", "how_known": "A call.", "says": "As agreed.", "why": "Ina said so."}
    (workspace.root / "answers.json").write_text(json.dumps({"decide": [draft | words]}), encoding="utf-8")

    code, _, said = aformity("decide", "tiny", "answers.json", "--json")

    assert code == 0, said
    assert len(log(workspace)) == 1


def test_a_draft_that_is_not_filled_in_is_refused(aformity: Call, workspace: Workspace) -> None:
    _, out, _ = aformity("review", "list", "tiny", "--json")
    drafts = [draft for item in json.loads(out)["open"] for draft in item["drafts"]]
    (workspace.root / "answers.json").write_text(json.dumps({"decide": drafts}), encoding="utf-8")

    code, _, _ = aformity("decide", "tiny", "answers.json")

    assert code == 1
    assert log(workspace) == []


def test_the_list_for_people_names_owner_and_due_date(aformity: Call) -> None:
    code, out, _ = aformity("review", "list", "tiny")

    assert code == 0
    assert "Sam Lee" in out
    assert "2026-11-2" in out


@pytest.mark.parametrize("name", ["export", "import", "list"])
def test_each_has_help_with_an_example(aformity: Call, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["review", name, "--help"])

    said = " ".join(capsys.readouterr().out.split())
    assert f"Example: aformity review {name}" in said
    assert "--json" in said
