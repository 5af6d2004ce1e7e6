"""`aformity whatif` and the preview of `aformity decide`: shown first, written only where that was wanted."""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import typer
from orchestration.tiny_customer import ACCOUNT, ACCOUNTS, add_customer, tiny_project

from aformity_pipelines.cli import effect_view
from aformity_pipelines.cli.main import main
from aformity_pipelines.domain.effect import CellExample, CellMove, Effect, FateMove, GateMove
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.files.workspace import Workspace
from tests.builders.once import made_once

DAY = ("--as-of", "2026-11-20")
EXCLUDE = {
    "kind": "rows_excluded",
    "by": "ina",
    "how_known": "A call.",
    "says": "Acme leaves.",
    "why": "Ina said so.",
    "covers": {"subject": "account", "fields": "name", "rows": "companies:007"},
}


class Said:
    """One call of the command: exit code, standard output, standard error."""

    def __init__(self, code: object, out: str, err: str) -> None:
        self.code, self.out, self.err = code or 0, out, err

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def acme(project: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.delenv("AFORMITY_STORAGE", raising=False)
    add_customer(project, "acme")

    def call(command: str, *arguments: str) -> Said:
        with pytest.raises(SystemExit) as ended:
            main([command, "acme", *arguments, "--root", str(project.root), *DAY])
        captured = capsys.readouterr()
        return Said(ended.value.code, captured.out, captured.err)

    return call


@pytest.fixture
def ran(project: Workspace, acme: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The same where the wave has run once."""

    def run(folder: Path) -> None:
        add_customer(tiny_project(folder), "acme")
        with pytest.raises(SystemExit) as ended:
            main(["run", "acme", "--json", "--root", str(folder), *DAY])
        assert ended.value.code in (0, None)

    shutil.copytree(made_once(tmp_path_factory, "acme_ran", run), project.root, dirs_exist_ok=True)
    return acme


def written(folder: Path, *drafts: dict[str, Any], name: str = "answers.json") -> str:
    path = folder / name
    path.write_text(json.dumps({"decide": drafts}), encoding="utf-8")
    return str(path)


@pytest.mark.slow
def test_decide_shows_what_would_move_and_then_records_it(
    project: Workspace, ran: Any, tmp_path: Path
) -> None:
    dry = ran("decide", written(tmp_path, EXCLUDE), "--dry-run")

    assert dry.code == 0
    assert "exported (ready)" in dry.out
    assert "excluded (decision)" in dry.out
    assert "Nothing was written." in dry.out
    assert not project.log("acme").exists()

    done = ran("decide", written(tmp_path, EXCLUDE))

    assert "excluded (decision)" in done.out
    assert "D-001" in done.out
    assert len(project.log("acme").read_text(encoding="utf-8").splitlines()) == 1


@pytest.mark.slow
def test_rows_that_came_after_the_preview_are_not_recorded(
    project: Workspace, acme: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    intake = project.intake("acme") / "companies.csv"
    intake.write_text(ACCOUNTS + "010,,live\n", encoding="utf-8")
    acme("run", "--json")
    accepted = {**EXCLUDE, "kind": "rows_excluded", "covers": {"subject": "account", "fields": "name",
                "rule": "account.name.required", "rows": "all"}}  # fmt: skip
    answers = written(tmp_path, accepted)

    def agreed(*_: object, **__: object) -> bool:
        intake.write_text(ACCOUNTS + "010,,live\n011,,live\n", encoding="utf-8")
        acme("run", "--json")
        return True

    monkeypatch.setattr("aformity_pipelines.cli.decide._is_agreed", agreed)
    refused = acme("decide", answers)

    assert refused.code == 1
    assert "changed while you were looking" in refused.err
    assert not project.log("acme").exists()


@pytest.mark.slow
def test_bytes_past_the_end_of_the_log_are_told_by_status_run_and_decide(
    project: Workspace, ran: Any, tmp_path: Path
) -> None:
    answers = written(tmp_path, EXCLUDE)
    ran("decide", answers, "--no-preview")
    with project.log("acme").open("ab") as log:
        log.write(b'{"half')

    said = [ran("status").out, ran("run").out, ran("decide", answers, "--dry-run").out]
    listed = ran("status", "--json").json["waves"][0]["notices"]

    assert [each.count("Note: acme: 6 bytes past the end") >= 1 for each in said] == [True, True, True]
    assert len(listed) == 1


@pytest.mark.slow
def test_a_program_reads_what_was_recorded_and_what_it_moves(
    project: Workspace, ran: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = written(tmp_path, EXCLUDE)

    dry = ran("decide", answers, "--dry-run", "--json").json
    done = ran("decide", answers, "--json").json
    quick = ran("decide", written(tmp_path, {**EXCLUDE, "says": "Gone."}), "--no-preview", "--json")

    assert dry["recorded"] == []
    assert [move["after"] for move in dry["preview"]["fates"]] == ["excluded"]
    assert [entry["id"] for entry in done["recorded"]] == ["D-001"]
    assert done["preview"] == dry["preview"]
    assert quick.json["preview"] is None


@pytest.mark.slow
def test_whatif_names_what_a_mapping_would_change_and_what_it_would_not(
    project: Workspace, ran: Any, tmp_path: Path
) -> None:
    new = tmp_path / "new.yaml"
    new.write_text(ACCOUNT.replace("name: {from: Name}", "name: {from: Name, rule: upper}"), encoding="utf-8")
    same = tmp_path / "same.yaml"
    same.write_text(ACCOUNT + "# nothing else\n", encoding="utf-8")

    changed = ran("whatif", "--file", f"mapping/account.yaml={new}")
    unchanged = ran("whatif", "--file", f"mapping/account.yaml={same}", "--json")

    assert (changed.code, unchanged.code) == (0, 0)
    assert "account.name" in changed.out
    assert "ACME" in changed.out
    assert unchanged.json["is_nothing"] is True
    assert (project.customer("acme") / "mapping" / "account.yaml").read_text(encoding="utf-8") == ACCOUNT


@pytest.mark.slow
def test_a_template_for_an_open_rule_can_be_filled_in_and_recorded(
    project: Workspace, acme: Any, tmp_path: Path
) -> None:
    (project.intake("acme") / "companies.csv").write_text(ACCOUNTS + "010,,live\n", encoding="utf-8")
    acme("run", "--json")

    shown = acme("decide", "--template", "account.name.required")
    path = tmp_path / "answers.yaml"
    path.write_text(shown.out, encoding="utf-8")
    unfilled = acme("decide", str(path))
    filled = shown.out.replace('by: "…"', "by: ina").replace("…", "As agreed with Ina.")
    path.write_text(filled, encoding="utf-8")
    recorded = acme("decide", str(path), "--no-preview", "--json")

    assert shown.code == 0
    assert 'rows: "all"' in shown.out
    assert unfilled.code == 1
    assert recorded.code == 0, recorded.err
    assert recorded.json["recorded"][0]["covers"]["rule"] == "account.name.required"


@pytest.mark.slow
def test_a_template_for_a_rule_that_is_not_open_says_which_are(project: Workspace, acme: Any) -> None:
    nothing = acme("decide", "--template", "account.name.required")
    (project.intake("acme") / "companies.csv").write_text(ACCOUNTS + "010,,live\n", encoding="utf-8")
    acme("run", "--json")

    mistyped = acme("decide", "--template", "account.nam.required")

    assert (nothing.code, mistyped.code) == (1, 1)
    assert "nothing is open for acme" in nothing.err
    assert "did you mean 'account.name.required'" in mistyped.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("whatif",), "name a change"),
        (("whatif", "--file", "mapping/account.yaml"), "write FILE=PATH"),
        (
            ("whatif", "--file", "mapping/account.yaml=nowhere.yaml"),
            "nowhere.yaml cannot be read: No such file",
        ),
        (("decide",), "name the file with the decisions"),
        (("decide", "answers.yaml", "--dry-run", "--no-preview"), "leave one out"),
    ],
)
def test_what_is_not_said_well_is_answered_with_what_to_write(
    acme: Any, arguments: tuple[str, ...], said: str
) -> None:
    refused = acme(*arguments)

    assert refused.code == 1
    assert said in refused.err


@pytest.mark.slow
def test_on_a_terminal_nothing_is_written_before_somebody_agrees(
    project: Workspace, ran: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = written(tmp_path, EXCLUDE)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    asked: list[str] = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    monkeypatch.setattr(typer, "confirm", no)

    refused = ran("decide", answers)
    was_written = project.log("acme").exists()
    agreed = ran("decide", answers, "--yes")

    assert "Nothing was written." in refused.out
    assert not was_written
    assert asked == ["Record 1 decision?"]
    assert "D-001" in agreed.out


@pytest.mark.parametrize("text", ['{"decide": [\n{"kind": "gone"}]}', "decide:\n  - kind: gone\n"])
def test_answers_may_come_on_standard_input_in_either_form(
    acme: Any, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    refused = acme("decide", "-")

    assert refused.code == 1
    assert "standard input:2: " in refused.err


def test_an_effect_is_shown_with_three_examples_and_blanks_as_such(
    capsys: pytest.CaptureFixture[str],
) -> None:
    examples = tuple(CellExample(row=f"r{n}", before=None, after=f"[b]{n}") for n in range(3))
    effect_view.put_effect(
        Effect(
            customer="acme",
            wave="wave_1",
            gates=(GateMove(gate="mapped", subject="account", opens=False, because="two rows"),),
            cells=(CellMove(entity="account", field="name", rows=7, examples=examples),),
            fates=(
                FateMove(
                    entity="account", before=None, before_reason=None, after=Fate.EXPORTED,
                    after_reason=Reason.READY, rows=1, examples=("r9",),
                ),
            ),
        )
    )  # fmt: skip

    shown = capsys.readouterr().out
    assert "would close" in shown
    assert shown.count("(empty)") == 3
    assert "[b]2" in shown, "a value is text and never markup"
    assert "no row" in shown


def test_an_effect_that_is_nothing_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    effect_view.put_effect(Effect(customer="acme", wave="wave_1"))

    assert capsys.readouterr().out.strip() == "Nothing would move."
