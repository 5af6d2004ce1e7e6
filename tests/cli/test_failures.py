"""What the command says when it fails: one sentence for the person at the keyboard, and no value of a row."""

import json

import duckdb
import pytest

from aformity_pipelines.cli import main as command


def fail_in_the_database(**_: object) -> None:
    duckdb.connect().sql(
        "select cast(name as integer) from (select 'Jo Ruiz' || range as name from range(3))"
    ).fetchall()


@pytest.mark.parametrize("options", [[], ["--json"]], ids=["for people", "for programs"])
def test_a_failing_database_is_told_without_the_value_that_it_failed_on(
    options: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "app", fail_in_the_database)

    with pytest.raises(SystemExit) as ended:
        command.main(["report", "acme", *options])

    said = capsys.readouterr()
    assert ended.value.code == 1
    assert "Conversion Error" in said.err
    assert "Jo Ruiz" not in said.out + said.err
    assert "Traceback" not in said.err
    if options:
        assert json.loads(said.out)["error"] == "ConversionException"


def test_a_fault_that_nobody_foresaw_keeps_its_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**_: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(command, "app", fail)

    with pytest.raises(ZeroDivisionError):
        command.main(["check"])
