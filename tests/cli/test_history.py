"""`aformity history`: what was decided, as people and programs read it, and whether the log is the one that was written."""

import json
from pathlib import Path
from typing import Any

import pytest
from orchestration.reviewed import APPROVED, CORRECTED, FOLLOWED, recorded
from orchestration.tiny_customer import add_customer

from aformity_pipelines.cli.main import main
from aformity_pipelines.files.workspace import Workspace

CLOSED = {"kind": "follow_up_closed", "closes": "D-002"}


@pytest.fixture
def reviewed(project: Workspace) -> Workspace:
    add_customer(project, "acme")
    recorded(project, APPROVED, FOLLOWED, CLOSED, CORRECTED)
    return project


def history(workspace: Workspace, capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as ended:
        main(["history", *options, "--root", str(workspace.root), "--storage", str(workspace.storage)])
    said = capsys.readouterr()
    return int(ended.value.code or 0), said.out, said.err


def test_every_decision_is_listed_in_the_order_of_the_log_with_what_became_of_it(
    reviewed: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = history(reviewed, capsys, "acme", "--json")

    found = json.loads(out)
    assert code == 0
    assert [(d["seq"], d["id"], d["kind"], d["stands"], d["about"]) for d in found["decisions"]] == [
        (1, "D-001", "mapping_approved", "stands", "1 field of account"),
        (2, "D-002", "follow_up_opened", "closed by D-003", "1 row of companies"),
        (3, "D-003", "follow_up_closed", "stands", "D-002"),
        (4, "D-004", "value_corrected", "stands", "1 row of account"),
    ]
    assert found["head"]["seq"] == 4


def test_the_log_is_shown_as_it_was_at_the_end_of_a_day(
    project: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last entry tells of a day before the one above it; it was written after that one all the same."""
    add_customer(project, "acme")
    recorded(project, APPROVED, FOLLOWED, CLOSED | {"on": "2026-11-25"}, CORRECTED | {"on": "2026-11-21"})

    def shown(day: str) -> tuple[list[tuple[str, str]], int, str]:
        found = json.loads(history(project, capsys, "acme", "--json", "--as-of", day)[1])
        stands = [(entry["id"], entry["stands"]) for entry in found["decisions"]]
        return stands, found["head"]["seq"], found["head"]["sha256"]

    third = json.loads(history(project, capsys, "acme", "--json")[1])["decisions"][2]
    assert shown("2026-11-22") == ([("D-001", "stands"), ("D-002", "stands")], 2, third["prev"])
    assert [len(shown(day)[0]) for day in ("2026-11-19", "2026-11-20", "2026-11-25")] == [0, 2, 4]
    code, _, err = history(project, capsys, "--verify", "--as-of", "2026-11-22")
    assert (code, "leave --as-of out" in err) == (1, True)


def test_the_list_is_readable(reviewed: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = history(reviewed, capsys, "acme")

    assert "Decisions for acme" in out
    line = next(line for line in out.splitlines() if "D-002" in line)
    assert "follow up opened" in line
    assert "Ina Vogt, Data owner" in line
    assert "closed by D-003" in line


def test_one_decision_is_shown_whole(reviewed: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = history(reviewed, capsys, "acme", "--id", "D-002")

    said = {line.split("  ")[1]: line for line in out.splitlines()[1:]}
    assert out.startswith("D-002, entry 2 of the log: follow up opened, 1 row of companies")
    assert said["decided"].endswith("2026-11-20 by Ina Vogt, Data owner (customer)")
    assert said["owner"].endswith("Sam Lee, Lead (implementation)")
    assert said["due"].endswith("2026-12-01")
    assert said["rule"].endswith("companies.key.unique")
    assert said["rows"].endswith("companies:009")


def test_a_decision_that_is_not_there_is_said_to_be_so(
    reviewed: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = history(reviewed, capsys, "acme", "--id", "D-040")

    assert code == 1
    assert "no decision 'D-040'; did you mean 'D-004'" in err


def test_a_whole_log_is_verified_with_what_was_checked(
    reviewed: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = history(reviewed, capsys, "acme", "--verify")

    assert code == 0
    assert "acme: the log is the one that was written. Checked: 4 decisions" in out
    assert "its end in decisions.head" in out


def test_an_edit_is_named_with_its_line_and_exit_1(
    reviewed: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    _edit(reviewed.log("acme"))

    code, out, _ = history(reviewed, capsys, "acme", "--verify")
    assert code == 1
    assert out.startswith("customers/acme/decisions.jsonl:4: the line was changed after it was written")

    code, out, _ = history(reviewed, capsys, "--verify", "--json")
    (found,) = json.loads(out)
    assert (code, found["customer"], [each["line"] for each in found["problems"]]) == (1, "acme", [4])


def test_an_edited_log_is_not_listed_as_if_it_were_whole(
    reviewed: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    _edit(reviewed.log("acme"))

    code, out, err = history(reviewed, capsys, "acme")

    assert (code, out) == (1, "")
    assert "customers/acme/decisions.jsonl:4" in err


def test_an_append_that_died_is_told(reviewed: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    with reviewed.log("acme").open("ab") as opened:
        opened.write(b"{")

    code, out, _ = history(reviewed, capsys, "acme")

    assert code == 0
    assert "Note: 1 byte past the end" in out


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ((), "name a customer"),
        (("acme", "--verify", "--rebuild"), "ask for one of them"),
        (("acne",), "did you mean"),
    ],
)
def test_a_question_that_makes_no_sense_is_said_to_be_so(
    reviewed: Workspace, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], says: str
) -> None:
    code, _, err = history(reviewed, capsys, *options)

    assert code == 1
    assert says in err


def _edit(log: Path) -> None:
    content: Any = log.read_bytes()
    log.write_bytes(content.replace(b"Secret Ltd", b"Public Ltd"))
