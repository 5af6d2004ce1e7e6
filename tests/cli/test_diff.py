"""`aformity diff` and `aformity replay`: what differs, on 100 columns and as one document, and what comes again."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from orchestration.tiny_customer import ACCOUNTS, add_customer, tiny_project

from aformity_pipelines.cli import diff_view
from aformity_pipelines.cli.main import main
from aformity_pipelines.domain.decision_state import DecisionState, Fit
from aformity_pipelines.domain.difference import ChangedName, Difference, DifferenceLine, Measure
from aformity_pipelines.domain.row_difference import ChangedText, RowDifference, RowDifferences, TextOf
from aformity_pipelines.files.workspace import Workspace
from tests.builders.once import made_once

DAY = ("--as-of", "2026-11-20")
AGAIN = ACCOUNTS.replace("009,Cask,live", "009,Cask & Co,live") + "012,Dell,live\n"


def line(what: str, previous: int | None, current: int | None, **more: Any) -> DifferenceLine:
    given = {"stage": "transformed", "subject": "subscription", "measure": Measure.FINDINGS} | more
    return DifferenceLine(what=what, previous=previous, current=current, **given)


DIFFERENCE = Difference(
    customer="acme",
    wave="wave_1",
    previous="wave_1/v0008-4a873acd",
    current="as it is now",
    lines=(
        line("subscription.account.relationship", 1_234_567, 1_234_570),
        line("subscription.monthly_amount.positive", 3, 3),
        line("", None, 7, measure=Measure.ROWS),
    ),
    names=(
        ChangedName(
            stage="mapped",
            subject="account",
            measure=Measure.FUNCTIONS,
            name="crm/main/phone",
            change="changed",
        ),
    ),
    decisions=(
        DecisionState(decision="D-004", kind="risk_accepted", fit=Fit.APPLIES, says="applies as it is"),
        DecisionState(
            decision="D-009",
            kind="risk_accepted",
            fit=Fit.COVERS_SOME,
            says="covers 12 of 15 rows; 3 are new",
        ),
    ),
    decisions_added=("D-010",),
)


def test_only_lines_that_differ_are_printed_within_100_columns(capsys: pytest.CaptureFixture[str]) -> None:
    diff_view.put_difference(DIFFERENCE)

    out = capsys.readouterr().out
    assert "1,234,567   1,234,570   +3" in out
    assert "monthly_amount.positive" not in out
    assert "crm/main/phone" in out
    assert max(len(each.rstrip()) for each in out.splitlines()) <= 100


def test_all_lines_are_printed_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    diff_view.put_difference(DIFFERENCE, everything=True)

    assert "monthly_amount.positive" in capsys.readouterr().out


def test_decisions_that_apply_are_counted_and_the_others_say_how_they_fit(
    capsys: pytest.CaptureFixture[str],
) -> None:
    diff_view.put_difference(DIFFERENCE)

    out = capsys.readouterr().out
    assert "covers 12 of 15 rows; 3 are new" in out
    assert "D-004" not in out
    assert "1 standing decision applies as it is." in out
    assert "Recorded since: D-010." in out


def test_what_has_nothing_before_it_lists_no_decision_as_recorded_since(
    capsys: pytest.CaptureFixture[str],
) -> None:
    diff_view.put_difference(DIFFERENCE.model_copy(update={"previous": ""}))

    assert "Recorded since" not in capsys.readouterr().out


def test_rows_say_the_true_count_and_both_texts(capsys: pytest.CaptureFixture[str]) -> None:
    row = RowDifference(
        entity="account",
        key="crm:42",
        row="crm@22222222#0000002",
        row_before="crm@11111111#0000002",
        change="changed",
        fate_before="unresolved (rule account.name.required)",
        fate_after="exported (ready)",
        texts=(ChangedText(of=TextOf.CELL, name="Name", before=None, after="Bolt"),),
    )
    diff_view.put_rows(RowDifferences(rows=(row,), counts={"changed": 41}), limit=1)

    out = capsys.readouterr().out
    assert "Rows: 41 changed. Each line: before -> now." in out
    assert "changed account crm:42 (crm@11111111#0000002 -> crm@22222222#0000002)" in out
    assert "fate: unresolved (rule account.name.required) -> exported (ready)" in out
    assert "cell Name: (empty) -> 'Bolt'" in out
    assert "40 more rows differ" in out


@pytest.fixture
def acme(
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Any:
    """A call of the command on a customer whose first wave has run once."""
    monkeypatch.delenv("AFORMITY_STORAGE", raising=False)

    def ran(folder: Path) -> None:
        add_customer(tiny_project(folder), "acme")
        with pytest.raises(SystemExit) as ended:
            main(["run", "acme", "--json", "--root", str(folder), *DAY])
        assert ended.value.code in (0, None)

    shutil.copytree(made_once(tmp_path_factory, "acme_ran", ran), tmp_path, dirs_exist_ok=True)
    capsys.readouterr()

    def call(command: str, *arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([command, "acme", *arguments, "--root", str(tmp_path), *DAY])
        said = capsys.readouterr()
        return ended.value.code or 0, said.out, said.err

    return call


@pytest.mark.slow
def test_a_refreshed_file_shows_stage_by_stage_and_row_by_row_and_the_old_export_comes_again(
    acme: Any, tmp_path: Path
) -> None:
    workspace = Workspace(root=tmp_path, storage=tmp_path / "storage")
    (version,) = (path.name for path in workspace.published("acme", "wave_1").glob("v*"))
    (workspace.intake("acme") / "companies_2.csv").write_text(AGAIN, encoding="utf-8")

    _, before, _ = acme("diff")
    assert "not run on today's files" in before

    acme("run")
    code, out, _ = acme("diff", "--rows", "--json")

    document = json.loads(out)
    assert code == 0
    assert document["previous"] == f"wave_1/{version}"
    assert [(each["added"], each["changed"]) for each in document["deliveries"]] == [(1, 1)]
    assert document["rows"]["counts"] == {"added": 1, "changed": 1}
    assert [(row["change"], row["key"]) for row in document["rows"]["rows"]] == [
        ("changed", "companies:009"),
        ("added", "companies:012"),
    ]
    assert acme("replay", version)[:2] == (
        0,
        f"wave_1/{version} of acme: same bytes, {_files(workspace, version)} files.\n",
    )


def _files(workspace: Workspace, version: str) -> int:
    return len(list((workspace.published("acme", "wave_1") / version).iterdir()))


@pytest.mark.slow
def test_what_is_asked_for_and_not_there_is_named(acme: Any) -> None:
    code, _, err = acme("diff", "--against", "v0099")
    assert code == 1
    assert "there are: v0001-" in err

    code, _, err = acme("diff", "--stage", "mappd")
    assert code == 1
    assert "did you mean 'mapped'?" in err


@pytest.mark.slow
def test_a_replay_that_is_not_the_same_exits_1_and_names_the_mapping(acme: Any, tmp_path: Path) -> None:
    mapping = tmp_path / "customers" / "acme" / "mapping" / "account.yaml"
    mapping.write_text(
        mapping.read_text(encoding="utf-8").replace("{from: Name}", "{from: Name, rule: upper}")
    )

    code, out, _ = acme("replay", "v0001")

    assert code == 1
    assert "Because account: companies/main/name is another one." in out
