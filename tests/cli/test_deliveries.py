"""`aformity deliveries`: what came, what differs, and going back; one JSON document, and refusals that say what to do."""

import json
from pathlib import Path

import pytest

from aformity_pipelines.cli.main import main
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages import raw_file
from tests.builders.two_sources import PEOPLE, SLUG, a_run, deliver, project


@pytest.fixture
def delivered(tmp_path: Path) -> Workspace:
    workspace = project(tmp_path / "project")
    for name, content in (("people.csv", PEOPLE), ("people_2.csv", PEOPLE.replace("Lou Fay", "Lou Fey"))):
        deliver(workspace, {name: content})
        raw_file.run_raw_file(a_run(workspace), "people")
    return workspace


def asked(workspace: Workspace, capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command; return its exit code, and what it printed on both streams."""
    with pytest.raises(SystemExit) as ended:
        main(
            [
                "deliveries",
                SLUG,
                *arguments,
                "--root",
                str(workspace.root),
                "--storage",
                str(workspace.storage),
            ]
        )
    printed = capsys.readouterr()
    return int(ended.value.code or 0), printed.out, printed.err


def test_it_lists_compares_and_goes_back(delivered: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    _, listed, _ = asked(delivered, capsys, "--source", "people", "--json")
    code, compared, _ = asked(delivered, capsys, "--source", "people", "--compare", "--rows", "--json")
    _, after, _ = asked(delivered, capsys, "--source", "people", "--again", "people.csv", "--as-of", "2026-12-01", "--json")  # fmt: skip

    states = [each["state"] for each in json.loads(listed)["deliveries"]]
    (found,) = json.loads(compared)["comparisons"]
    last = json.loads(after)["deliveries"][-1]
    assert (code, states) == (0, ["before", "counts"])
    assert (found["comparison"]["changed"], found["differing"]["total"]) == (1, 1)
    assert "Lou" not in compared
    assert (last["file"], last["is_again"], last["received_on"], last["state"]) == (
        "people.csv",
        True,
        "2026-12-01",
        "new",
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--rows",), "about --compare; add it"),
        (("--compare", "people.csv"), "name both, the earlier first"),
        (("--again", "people.csv"), "say of which --source"),
        (("--again", "people_2.csv", "--source", "people"), "latest delivery already"),
        (("--source", "peple"), "did you mean 'people'?"),
    ],
)
def test_what_makes_no_sense_is_refused_with_what_to_do(
    delivered: Workspace, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], says: str
) -> None:
    code, _, error = asked(delivered, capsys, *arguments)

    assert code == 1
    assert says in error
