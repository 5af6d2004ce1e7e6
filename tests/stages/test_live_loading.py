"""What can be recorded as loaded, and what a run and a status say of an export that nobody loaded."""

import dataclasses
import json
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from aformity_pipelines.domain.decisions import ExportLoaded
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.export_notes import export_notes
from aformity_pipelines.stages.live import live_versions
from aformity_pipelines.stages.refusing import DraftRefused
from tests.builders.once import made_once
from tests.builders.product import current, export_all, load, manifest, product
from tests.builders.two_sources import COMPANIES, a_run, copied, decide, deliver, project, workspace_in

pytestmark = pytest.mark.slow


@pytest.fixture
def twice(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Workspace:
    """A customer whose first wave was exported, delivered again and exported once more; nothing is loaded."""
    return copied(workspace_in(made_once(tmp_path_factory, "twice", _export)), tmp_path / "project")


def _export(folder: Path) -> None:
    workspace = project(folder)
    export_all(workspace)
    deliver(workspace, {"companies.csv": COMPANIES.replace("Acme", "Acme Inc")})
    export_all(workspace)


def loaded(workspace: Workspace, version: str, wave: str = "wave_1") -> str:
    return decide(workspace, kind="export_loaded", wave=wave, version=version).id


def versions(workspace: Workspace) -> tuple[str, str]:
    older, newer = sorted(path.name for path in current(workspace).parent.glob("v*"))
    return older, newer


def altered(workspace: Workspace) -> None:
    file = current(workspace) / "01_account.csv"
    file.chmod(0o600)
    file.write_text("external_id\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("before", "wave", "version", "says"),
    [
        (None, "wave_9", "v0001-00000000", "'wave_9' is not one of the waves"),
        (None, "wave_1", "v0009-00000000", "wave_1 has no published version 'v0009-00000000'"),
        (None, "wave_2", "v0001-00000000", "wave_2 has no published version"),
        (altered, "wave_1", "newer", "01_account.csv is not the file that was published"),
        (lambda w: loaded(w, versions(w)[1]), "wave_1", "newer", "was loaded already"),
        (lambda w: loaded(w, versions(w)[0]), "wave_1", "newer", "was made without wave_1/v0001"),
    ],
)  # fmt: skip
def test_a_version_that_cannot_have_been_loaded_is_refused(
    twice: Workspace, before: Callable[[Workspace], object] | None, wave: str, version: str, says: str
) -> None:
    wanted = versions(twice)[1] if version == "newer" else version
    if before:
        before(twice)

    with pytest.raises(DraftRefused, match=says):
        loaded(twice, wanted, wave)


def test_a_loading_that_names_no_version_means_the_current_one(twice: Workspace) -> None:
    older, newer = versions(twice)

    entry = decide(twice, kind="export_loaded", wave="wave_1")

    assert isinstance(entry, ExportLoaded)
    assert entry.version == newer != older
    assert [each.version for each in live_versions(a_run(twice))] == [newer]


@pytest.mark.parametrize(
    ("wave", "says"),
    [("wave_2", "wave_2 has no published version"), ("wave_9", "'wave_9' is not one of the waves")],
)
def test_a_wave_that_was_never_exported_cannot_have_been_loaded(
    twice: Workspace, wave: str, says: str
) -> None:
    with pytest.raises(DraftRefused, match=says):
        decide(twice, kind="export_loaded", wave=wave)


def test_a_loading_that_is_taken_back_never_was(twice: Workspace) -> None:
    older, newer = versions(twice)
    wrong = loaded(twice, older)
    assert [each.version for each in live_versions(a_run(twice))] == [older]

    decide(twice, kind="decision_withdrawn", withdraws=wrong)
    assert live_versions(a_run(twice)) == ()

    loaded(twice, newer)
    assert [(each.version, each.is_loaded) for each in live_versions(a_run(twice))] == [(newer, True)]


def test_one_version_is_said_to_be_loaded_in_the_place_of_another(twice: Workspace) -> None:
    older, newer = versions(twice)
    wrong = loaded(twice, older)

    decide(
        twice,
        kind="export_loaded",
        wave="wave_1",
        version=newer,
        supersedes=wrong,
        supersedes_because="The wrong version was named.",
    )

    assert [each.version for each in live_versions(a_run(twice))] == [newer]


def made_by_the_version_before(workspace: Workspace) -> None:
    """Leave out of every manifest what its first form did not have."""
    for path in current(workspace).parents[1].glob("*/v*/manifest.json"):
        told = json.loads(path.read_bytes())
        path.chmod(0o600)
        path.write_text(
            json.dumps(told | {"schema_version": "1", "builds_on": [], "created": {}, "updated": {}})
        )


def test_of_waves_that_an_older_release_exported_each_is_loaded_and_nothing_goes_out_again(
    twice: Workspace,
) -> None:
    """The first wave was exported once more after the second, from another file: the second knew the one before."""
    first = current(twice).name
    export_all(twice, "wave_2")
    deliver(twice, {"companies.csv": COMPANIES.replace("Acme", "Acme Corp")})
    later = shutil.copytree(current(twice), current(twice).with_name("v0003-00000000")) / "manifest.json"
    later.chmod(0o600)
    later.write_text(json.dumps(json.loads(later.read_bytes()) | {"deliveries": {"companies": "0" * 64}}))
    made_by_the_version_before(twice)

    loaded(twice, first)
    second = load(twice, "wave_2")
    export_all(twice, "wave_2")

    told = manifest(current(twice, "wave_2"))
    assert told.builds_on == (f"wave_1/{first}", second)
    assert (told.created["account"], told.updated["account"]) == (0, 1)
    product(twice, "wave_2")


def notes_on(workspace: Workspace, day: date, wave: str = "wave_1") -> tuple[str, ...]:
    return export_notes(dataclasses.replace(a_run(workspace, wave), as_of=day))


def test_an_export_that_nobody_loaded_is_named_once_its_launch_day_has_passed(twice: Workspace) -> None:
    assert notes_on(twice, date(2027, 1, 1)) == ()
    (note,) = notes_on(twice, date(2027, 1, 2))
    assert "no decision says that its export was loaded: a run replaces it until then" in note
    assert f"`version: {versions(twice)[1]}`" in note

    load(twice)
    assert notes_on(twice, date(2027, 1, 2)) == ()


def test_an_export_that_was_overtaken_must_not_be_loaded(twice: Workspace) -> None:
    older, newer = versions(twice)
    loaded(twice, older)

    (note,) = notes_on(twice, date(2026, 11, 20))

    assert note.startswith(f"Do not load {newer}: it was made without wave_1/{older}")


def test_an_export_from_before_says_what_it_was_built_from(twice: Workspace) -> None:
    load(twice)
    export_all(twice)

    (note,) = notes_on(twice, date(2026, 11, 20))

    assert "nothing is new or changed since" in note
    assert "It was built from companies.csv of 2026-11-20, people.csv of 2026-11-20, 0 decisions." in note
