"""A file that waits, at the command: exit 3, the question, a draft to complete, and the answer that settles it."""

import json
from datetime import date
from itertools import takewhile
from typing import Any

import pytest
import yaml
from orchestration.tiny_customer import ACCOUNTS, add_customer

from aformity_pipelines.cli.main import main
from aformity_pipelines.cli.waiting import WaitingLine, put_waiting
from aformity_pipelines.domain.customer import Person, Side
from aformity_pipelines.domain.waiting_file import WaitingFile
from aformity_pipelines.files.workspace import Workspace

pytestmark = pytest.mark.slow
TWO_HEADERS = "Company,,State\n" + ACCOUNTS
TODAY = "2026-11-20"


@pytest.fixture
def aformity(project: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("AFORMITY_STORAGE", raising=False)

    def call(*arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--root", str(project.root)])
        code = ended.value.code
        return code if isinstance(code, int) else 0, capsys.readouterr().out

    return call


def test_a_question_is_printed_with_a_draft_that_settles_it_once_it_is_complete(
    project: Workspace, aformity: Any
) -> None:
    add_customer(project, "acme", rows=TWO_HEADERS)

    code, out = aformity("run", "acme", "--as-of", TODAY)
    pasted = takewhile(lambda line: line.startswith("    "), out[out.index("    decide:") :].splitlines())
    draft = yaml.safe_load("\n".join(pasted))

    assert code == 3
    assert f"companies: companies.csv, received on {TODAY}, waits for an answer; account waits with it" in out
    assert "Ina Vogt settles it by 2026-11-25" in out
    assert "header: the header" in out
    (answer,) = draft["decide"]
    assert {key: answer[key] for key in ("kind", "by", "source")} == {
        "kind": "intake_answered", "by": "ina", "source": "companies",
    }  # fmt: skip
    answers = project.root / "answers.yaml"
    answers.write_text(yaml.safe_dump(draft), encoding="utf-8")
    assert aformity("decide", "acme", str(answers))[0] == 1  # how it is known, and why, are not filled in
    words = {"how_known": "Call with Ina.", "says": "Row 2 names the columns.", "why": "Row 1 is a title."}
    draft["decide"] = [answer | words | {"format": {"header_row": 2}}]
    answers.write_text(yaml.safe_dump(draft), encoding="utf-8")
    assert aformity("decide", "acme", str(answers), "--as-of", TODAY)[0] == 0
    assert aformity("run", "acme", "--as-of", TODAY)[0] == 0


def test_status_and_check_say_what_waits(project: Workspace, aformity: Any) -> None:
    add_customer(project, "acme", rows=TWO_HEADERS)
    aformity("run", "acme", "--as-of", TODAY)

    _, status = aformity("status", "acme")
    _, as_json = aformity("status", "acme", "--json")
    code, checked = aformity("check", "acme")

    assert status.index("waits for an answer") < status.index("Where every source row went")
    (waiting,) = json.loads(as_json)["waves"][0]["waiting"]
    assert (waiting["file"]["file"], waiting["file"]["due"]) == ("companies.csv", str(date(2026, 11, 25)))
    assert "header: the header" in waiting["questions"][0]
    assert waiting["draft"].startswith("decide:")
    assert code == 0
    assert "Note: acme: delivery of companies waits for an answer (companies.csv)" in checked


def test_the_sql_of_an_entity_behind_it_says_what_it_waits_for(project: Workspace, aformity: Any) -> None:
    add_customer(project, "acme", rows=TWO_HEADERS)
    aformity("run", "acme", "--as-of", TODAY)

    assert aformity("explain", "acme", "account")[0] == 3


def test_files_that_wait_together_share_one_draft(capsys: pytest.CaptureFixture[str]) -> None:
    put_waiting("acme", tuple(waiting(source) for source in ("accounts", "users")))

    out = capsys.readouterr().out
    pasted = takewhile(lambda line: line.startswith("    "), out[out.index("    decide:") :].splitlines())
    draft = yaml.safe_load("\n".join(pasted))
    assert [answer["source"] for answer in draft["decide"]] == ["accounts", "users"]
    assert "account, user wait with it" in out


def waiting(source: str) -> WaitingLine:
    file = WaitingFile(
        source=source, says="A list.", file=f"{source}.csv", sha256="0" * 64, received_on=date(2026, 11, 20),
        received_by="jo", owner=Person(name="Ina Vogt", role="Data owner", side=Side.CUSTOMER), due=date(2026, 11, 25),
        is_overdue=False, asks=(), entities=("account", "user"), next_step="Answer.",
    )  # fmt: skip
    draft = f"decide:\n  - kind: intake_answered\n    source: {source}"
    return WaitingLine(file=file, questions=("header: which row?",), draft=draft)
