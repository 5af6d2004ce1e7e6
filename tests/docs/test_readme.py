"""What the README tells a newcomer to type exists, and prints what it shows."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT
from tests.docs import readme
from tests.docs.cli_page import commands, groups, help_of

PLANTED = readme.Shown(command="aformity status", lines=("one", "…", "three  3"))


def test_every_make_target_that_is_named_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = {line.split()[1] for line in readme.commands() if line.startswith("make ")}

    assert {"demo", "test"} <= named
    assert {target for target in named if not re.search(rf"^{target}:", makefile, re.MULTILINE)} == set()


def test_every_aformity_command_and_option_that_is_shown_exists() -> None:
    typed = [shlex.split(line) for line in readme.commands() if line.startswith("aformity ")]

    assert len(typed) > 10
    assert {words[1] for words in typed} - set(commands()) == set()
    options = {(_command(words), word) for words in typed for word in words if word.startswith("--")}
    assert {(name, option) for name, option in options if option not in help_of(*name)} == set()


def _command(words: list[str]) -> tuple[str, ...]:
    """Return the words of a typed line that name the command: `review export`, `run`."""
    return tuple(words[1 : 3 if words[1] in groups() else 2])


def test_every_command_is_shown_or_named() -> None:
    mentioned = {line.split()[1] for line in readme.commands() if line.startswith("aformity ")} | {"demo"}

    assert set(commands()) - mentioned == set()


def test_every_file_that_is_linked_or_named_exists() -> None:
    linked = re.findall(r"\]\(([^)#]+)\)", readme.text())
    named = re.findall(r"`((?:tests|docs|aformity_pipelines)/[^`]*)`", readme.text())

    assert [path for path in (*linked, *named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize(
    ("printed", "missing"),
    [("one\ntwo\nthree 3\nfour", ""), ("one\ntwo", "three  3"), ("three 3\none", "three  3"), ("", "one")],
)
def test_a_line_that_is_not_printed_in_its_place_is_found(printed: str, missing: str) -> None:
    assert PLANTED.missing_from(printed) == missing


@pytest.mark.slow
def test_the_tour_prints_what_it_shows(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    aformity("demo", "--root", str(ROOT), "--into", str(folder), inside=tmp_path)
    for block in readme.blocks("yaml"):
        (folder / block.splitlines()[0].removeprefix("# ")).write_text(block, encoding="utf-8")

    assert len(readme.tour()) > 8
    for shown in readme.tour():
        printed = aformity(*shlex.split(shown.command)[1:], inside=folder)
        assert shown.missing_from(printed) == "", f"{shown.command} printed:\n{printed}"


def aformity(*words: str, inside: Path) -> str:
    """Run the command as a person does and return all that it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "aformity_pipelines.cli.main", *words],
        cwd=inside,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout
