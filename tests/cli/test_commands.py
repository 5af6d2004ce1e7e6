"""The command: what each subcommand says, with which exit code, and that --json is one document."""

import json
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from orchestration.tiny_customer import add_customer

from aformity_pipelines.cli import (
    check,
    decide,
    demo,
    explain,
    inspect,
    new,
    read,
    report,
    run,
    status,
    suite,
    ui,
    whatif,
    why,
)
from aformity_pipelines.cli.main import main
from aformity_pipelines.config.load import load_migration
from aformity_pipelines.files.workspace import Workspace


class Said:
    """One call of the command: exit code, standard output, standard error."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def aformity(project: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("AFORMITY_STORAGE", raising=False)

    def call(*arguments: str) -> Said:
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--root", str(project.root)])
        captured = capsys.readouterr()
        code = ended.value.code
        return Said(code if isinstance(code, int) else 0, captured.out, captured.err)

    return call


def test_a_new_customer_loads_as_it_is_and_has_a_key_of_its_own(project: Workspace, aformity: Any) -> None:
    made = aformity("new", "initech", "--destination", "b2b_saas", "--json")

    assert made.code == 0
    assert "customers/initech/mapping/contact.yaml" in made.json["written"]
    assert load_migration(project.root, "initech").entities()
    key = project.key("initech")
    assert len(bytes.fromhex(key.read_text(encoding="ascii").strip())) == 32
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_check_lists_what_a_new_folder_still_lacks(project: Workspace, aformity: Any) -> None:
    aformity("new", "w2", "--destination", "b2b_saas")

    found = aformity("check", "w2", "--json")

    says = [problem["says"] for problem in found.json["problems"]]
    assert found.code == 1
    assert {problem["path"] for problem in found.json["problems"]} == {"customers/w2/defs.yaml"}
    assert sum("still the text of a new folder" in each for each in says) == 6
    assert "no file in customers/w2/intake/ matches 'account*.csv'" in says


def test_a_source_of_the_comments_is_one_that_the_new_folder_has(project: Workspace, aformity: Any) -> None:
    aformity("new", "initech", "--destination", "b2b_saas")
    defs = project.customer("initech") / "defs.yaml"
    text = defs.read_text(encoding="utf-8")
    for line in text[text.index("    # - name: wave_2") :].splitlines()[:5]:
        text = text.replace(line, line.replace("    # ", "    ", 1))
    defs.write_text(text, encoding="utf-8")

    assert list(load_migration(project.root, "initech").customer.waves[1].where) == ["account_export"]


def test_an_unknown_destination_is_answered_with_those_that_are_known(aformity: Any) -> None:
    refused = aformity("new", "initech", "--destination", "b2bsaas")

    assert refused.code == 1
    assert "did you mean 'b2b_saas'?" in refused.err


def test_a_customer_that_is_there_is_not_written_over(project: Workspace, aformity: Any) -> None:
    folder = add_customer(project, "acme")
    before = (folder / "defs.yaml").read_bytes()

    refused = aformity("new", "acme", "--destination", "b2b_saas")

    assert refused.code == 1
    assert "customers/acme is there already" in refused.err
    assert (folder / "defs.yaml").read_bytes() == before


def test_a_name_that_is_no_folder_is_refused(aformity: Any) -> None:
    assert aformity("new", "../evil", "--destination", "b2b_saas").code == 1


def test_check_names_the_place_and_exits_1(project: Workspace, aformity: Any) -> None:
    folder = add_customer(project, "acme")
    defs = (folder / "defs.yaml").read_text(encoding="utf-8")
    (folder / "defs.yaml").write_text(defs.replace("due_days: 5", "due_day: 5"), encoding="utf-8")

    found = aformity("check")
    as_json = aformity("check", "--json")

    assert found.code == as_json.code == 1
    assert "customers/acme/defs.yaml:15" in found.out
    assert {problem["line"] for problem in as_json.json["problems"]} == {15}


def test_check_holds_mappings_against_the_headers_in_the_intake_folder(
    project: Workspace, aformity: Any
) -> None:
    add_customer(project, "acme", rows="ID,Company,Status\n1,Acme,live\n")

    found = aformity("check", "acme")

    assert found.code == 1
    assert "Name" in found.out
    assert not project.of_customer("acme").exists(), "looking takes nothing in"


def test_suite_prints_every_rule_and_as_json_what_great_expectations_reads(
    project: Workspace, aformity: Any
) -> None:
    add_customer(project, "acme")

    shown = aformity("suite", "acme", "account", "mapped")
    as_json = aformity("suite", "acme", "companies", "intake", "--json")

    assert "written" in shown.out
    assert "derived" in shown.out
    assert "account.mapping.approved" in shown.out
    assert set(as_json.json) == {"name", "expectations"}
    assert set(as_json.json["expectations"][0]) == {"type", "kwargs", "severity", "meta"}


def test_wrong_usage_exits_2(project: Workspace, aformity: Any) -> None:
    add_customer(project, "acme")

    assert aformity("suite", "acme", "account", "nonsense").code == 2
    assert aformity("suite", "acme").code == 2
    assert aformity("nonsense").code == 2


def test_names_that_nobody_knows_exit_1_with_what_is_known(project: Workspace, aformity: Any) -> None:
    add_customer(project, "acme")

    said = aformity("suite", "acme", "acount", "mapped", "--json")

    assert said.code == 1
    assert "account" in said.json["says"]
    assert aformity("status", "nobody").code == 1
    assert aformity("report", "acme").code == 1
    assert aformity("run", "acme", "--wave", "wave_9").code == 1
    assert aformity("run", "acme", "--as-of", "1.12.2026").code == 1


def test_status_before_any_run_says_how_to_start(project: Workspace, aformity: Any) -> None:
    add_customer(project, "acme")

    said = aformity("status", "acme")

    assert said.code == 0
    assert "aformity run acme --wave wave_1" in said.out


def test_explain_before_any_run_prints_the_models(project: Workspace, aformity: Any) -> None:
    add_customer(project, "acme")

    said = aformity("explain", "acme", "account", "--stage", "transformed", "--json")

    assert said.code == 0
    assert not said.json["is_recorded"]
    assert "mapped.account" in said.json["sql"]


@pytest.mark.slow
def test_a_wave_runs_once_and_then_has_nothing_to_do(project: Workspace, aformity: Any) -> None:
    add_customer(project, "acme")

    first = aformity("run", "acme", "--as-of", "2026-11-20", "--json")
    second = aformity("run", "acme", "--as-of", "2026-11-20", "--json")
    shown = aformity("run", "acme", "--as-of", "2026-11-20")

    assert (first.code, second.code, shown.code) == (0, 0, 0)
    assert first.json["ran"][-1] == "handoff_report/report"
    assert first.json["standing"]["fates"] == {"account": {"deferred": 1, "exported": 2}}
    assert second.json["ran"] == []
    assert "Nothing to do" in shown.out
    assert aformity("report", "acme").out.strip().endswith("handoff.html")
    assert aformity("explain", "acme", "account", "--json").json["is_recorded"]
    why = aformity("why", "acme", "account", "007", "name", "--json")
    assert (why.code, why.json["value"]) == (0, "Acme")
    assert aformity("why", "acme", "account", "nobody").code == 1


@pytest.mark.slow
def test_a_closed_gate_exits_3_now_and_again(project: Workspace, aformity: Any) -> None:
    add_customer(project, "acme", unapproved="block")

    first = aformity("run", "acme", "--as-of", "2026-11-20", "--json")
    again = aformity("run", "acme", "--as-of", "2026-11-20", "--json")

    assert (first.code, again.code) == (3, 3)
    assert [each["reason"] for each in first.json["refusals"]] == ["gate_closed"]
    assert first.json["standing"]["report"]
    assert again.json["ran"] == []
    work = aformity("status", "acme", "--wave", "wave_1", "--json").json["waves"][0]["unresolved"]
    assert [(each["owner"]["name"], each["due"]) for each in work] == [("Ina Vogt", "2026-11-25")]


ANSWER = """\
  - kind: {kind}
    by: {by}
    how_known: A call.
    says: As agreed.
    why: Ina said so.
    covers: {covers}
"""
GOOD = ANSWER.format(kind="mapping_approved", by="ina", covers="{entity: account, fields: all}")


@pytest.mark.slow
def test_a_file_of_decisions_is_recorded_whole_or_not_at_all(
    project: Workspace, aformity: Any, tmp_path: Path
) -> None:
    add_customer(project, "acme", unapproved="block")
    run = aformity("run", "acme", "--as-of", "2026-11-20")
    wrong = ANSWER.format(
        kind="rows_excluded", by="inna", covers="{subject: account, rule: account.name.presnt, rows: all}"
    )
    answers = tmp_path / "answers.yaml"
    answers.write_text("decide:\n" + GOOD + wrong, encoding="utf-8")

    refused = aformity("decide", "acme", str(answers), "--as-of", "2026-11-20")

    assert "`aformity decide acme answers.yaml`" in run.out
    assert "waits for mapped account" not in run.out, "nothing behind the gate has run"
    assert refused.code == 1
    assert f"{answers}:9: 'inna' is not one of the customer's people; did you mean 'ina'?" in refused.err
    assert f"{answers}:13: account: no rule 'account.name.presnt' about rows; did you mean" in refused.err
    assert not project.log("acme").exists()

    answers.write_text("decide:\n" + GOOD, encoding="utf-8")
    assert aformity("decide", "acme", str(answers), "--as-of", "2026-11-20").code == 0
    before = project.log("acme").read_bytes()
    again = aformity("decide", "acme", str(answers), "--as-of", "2026-11-21")

    assert again.code == 1
    assert f"{answers}:2: D-001 decides exactly this already" in again.err
    assert project.log("acme").read_bytes() == before


def test_what_is_wrong_with_a_file_of_decisions_is_said_at_once(
    project: Workspace, aformity: Any, tmp_path: Path
) -> None:
    add_customer(project, "acme")
    answers = tmp_path / "answers.yaml"
    answers.write_text(
        "decide:\n"
        + ANSWER.format(kind="risk_accepted", by="ina", covers="{subject: account, rule: r, rows: all}")
        + ANSWER.format(kind="rows_deferred", by="ina", covers="{entity: account, fields: all}"),
        encoding="utf-8",
    )

    refused = aformity("decide", "acme", str(answers))
    missing = aformity("decide", "acme", str(tmp_path / "nowhere.yaml"))

    assert (refused.code, missing.code) == (1, 1)
    assert f"{answers}:2: kind: a risk_accepted needs `evidence`" in refused.err
    assert f"{answers}:8: kind: a rows_deferred needs `until_wave`" in refused.err
    assert f"{answers}:13: covers: a rows_deferred is about rows" in refused.err
    assert "nowhere.yaml: this file is missing" in missing.err


@pytest.mark.slow
def test_a_gate_behind_a_closed_one_waits(project: Workspace, aformity: Any) -> None:
    folder = add_customer(project, "acme")
    aformity("run", "acme", "--as-of", "2026-11-20")
    defs = (folder / "defs.yaml").read_text(encoding="utf-8")
    (folder / "defs.yaml").write_text(defs.replace("mapping: report", "mapping: block"), encoding="utf-8")

    aformity("run", "acme", "--as-of", "2026-11-20")
    gates = aformity("status", "acme", "--wave", "wave_1", "--json").json["waves"][0]["gates"]

    assert [(each["gate"], each["is_open"], each["waits_for"]) for each in gates] == [
        ("intake", True, ""),
        ("mapped", False, ""),
        ("transformed", True, "mapped account"),
    ]


@pytest.mark.slow
def test_until_stops_after_the_named_stage(project: Workspace, aformity: Any) -> None:
    add_customer(project, "acme")

    said = aformity("run", "acme", "--until", "validated", "--json")

    assert said.json["ran"] == ["raw_file/companies", "validated/companies"]


@pytest.mark.slow
def test_a_missing_delivery_is_no_decision_and_exits_1(project: Workspace, aformity: Any) -> None:
    add_customer(project, "acme", rows=None)

    said = aformity("run", "acme", "--json")

    assert said.code == 1
    assert "no file matches" in said.json["refusals"][0]["says"]


@pytest.mark.parametrize(
    "command", [new, check, inspect, read, run, decide, whatif, status, why, report, explain, suite, ui, demo]
)
def test_every_command_has_help_with_an_example(command: Any, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main([command.NAME, "--help"])

    said = " ".join(capsys.readouterr().out.split())
    assert command.EXAMPLE in said
    assert "--json" in said


def test_help_loads_nothing_slow() -> None:
    code = (
        "import sys, aformity_pipelines.cli.main\n"
        "print(sorted({'dagster', 'great_expectations', 'polars', 'jinja2', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
