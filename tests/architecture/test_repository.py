"""What lies around the package: lock files without host names, no machine's paths, one way in for the build server."""

import os
import re
import subprocess

import pytest

from tests.architecture.sources import ROOT

LOCKS = ("requirements.lock", "requirements-dbt.lock")
MACHINE = re.compile(r"(?<![\w.])/(?:home|root|Users|work)/\w+")
TEXT = {".py", ".md", ".yaml", ".yml", ".toml", ".sql", ".json", ".lock", ".j2", ".css", ""}


def tracked() -> list[str]:
    """Return the files that a clone holds, new ones included."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a git clone")
    return [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host_and_hashes_every_pin(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    pins = re.findall(r"^[\w.\[\],-]+==[^\s;]+.*?(?=^[\w#]|\Z)", text, re.MULTILINE | re.DOTALL)

    assert len(pins) > 50
    assert "://" not in text
    assert [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_every_dependency_is_pinned() -> None:
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    wanted = set(re.findall(r'^    "([\w-]+)>=', project, re.MULTILINE))
    pinned = set(
        re.findall(r"^([\w-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE)
    )

    assert {"dagster", "pytest", "editables", "hatchling"} <= wanted
    assert wanted - pinned == set()


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [
        f"{name}: {hit.group()}"
        for name in tracked()
        if (ROOT / name).suffix in TEXT and not name.startswith("customers/")
        for hit in MACHINE.finditer((ROOT / name).read_text(encoding="utf-8", errors="replace"))
    ]

    assert found == []


def test_the_build_server_runs_the_same_as_everybody() -> None:
    script = ROOT / ".ci/run"

    assert os.access(script, os.X_OK)
    assert script.read_text(encoding="utf-8").splitlines()[-1] == "exec make test"


def test_the_package_ships_its_types_licence_and_change_log() -> None:
    wanted = (
        "aformity_pipelines/py.typed",
        "LICENSE",
        "NOTICE",
        "aformity_pipelines/CHANGELOG.md",
        "CONTRIBUTING.md",
    )

    assert [name for name in wanted if not (ROOT / name).is_file()] == []
