"""`aformity resolve`: what it prints, and how it ends where a token is mistyped or unknown."""

import json

import pytest

from aformity_pipelines.cli.main import main
from aformity_pipelines.domain.tokens import token_of
from aformity_pipelines.files.workspace import Workspace
from tests.builders.once import made_once
from tests.builders.two_sources import SLUG, run_all, workspace_in
from tests.builders.two_sources import project as two_sources

pytestmark = pytest.mark.slow

TOKEN = str(token_of(bytes.fromhex("ab" * 32), "contact.email", "jo@acme.example"))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace_in(made_once(tmp_path_factory, "run_once", lambda folder: run_all(two_sources(folder))))


def asked(played: Workspace, *words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(["resolve", SLUG, *words, "--root", str(played.root), "--storage", str(played.storage)])
    return int(ended.value.code or 0)


def test_the_value_and_its_rows_are_said(played: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(played, TOKEN.upper()) == 0

    said = capsys.readouterr().out
    assert "'jo@acme.example', contact.email" in said
    assert "people.csv, row 2" in said


def test_json_is_one_document(played: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(played, TOKEN, "--json") == 0

    (meaning,) = json.loads(capsys.readouterr().out)["meanings"]
    assert meaning["value"] == "jo@acme.example"


def test_an_unknown_token_says_where_was_looked_and_ends_with_1(
    played: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(played, "email-0000000000") == 1
    assert "No value of contact.email" in capsys.readouterr().out


def test_what_is_no_token_is_refused_with_an_example(
    played: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    assert asked(played, "jo@acme.example") == 1
    assert "is not a token" in capsys.readouterr().err
