"""Moving a customer to another version of its destination: seen first, then all of it, or nothing."""

import shutil
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.decisions import DestinationUpgraded
from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.upgrade import Upgrade
from aformity_pipelines.files import atomic
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages import upgrading
from aformity_pipelines.stages.pinned import pin_problem
from aformity_pipelines.stages.published import current_version
from aformity_pipelines.stages.refusing import DraftRefused
from aformity_pipelines.stages.upgrading import begin, finish, planned, upgrade_of
from tests.builders.two_sources import ACCOUNT, DEFS, SLUG, a_run, as_yaml, decide, run_all
from tests.builders.versions import REGION, add_version_2, read_region

pytestmark = pytest.mark.slow

WITH_REGION: dict[str, Any] = yaml.safe_load(as_yaml(ACCOUNT))
WITH_REGION["reads"][0]["fields"]["region"] = {"from": "Desk"}
MAPPED = {"mapping/account.yaml": as_yaml(WITH_REGION).encode()}


@pytest.fixture
def of_1(published_once: Workspace) -> Workspace:
    """A customer that published under version 1, and version 2 beside it."""
    add_version_2(published_once)
    read_region(published_once)
    return published_once


def seen(workspace: Workspace, to: str | None = None, files: Mapping[str, bytes] | None = None) -> Upgrade:
    run = a_run(workspace)
    return upgrade_of(run, planned(run, to, files or {}), ("wave_1",))


def draft(start: str = "1", end: str = "2") -> Draft:
    return Draft(
        kind="destination_upgraded",
        by="ina",
        how_known="A call.",
        says="We move to the new product.",
        why="It has regions.",
        from_version=start,
        to_version=end,
    )


def upgrade(workspace: Workspace, files: Mapping[str, bytes] | None = None, end: str = "2") -> None:
    run = a_run(workspace)
    begin(run, planned(run, end, files or {}), draft(end=end))
    finish(workspace, SLUG)


def folder(workspace: Workspace) -> dict[str, bytes]:
    home = workspace.customer(SLUG)
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in sorted(home.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


def pin_by_hand(workspace: Workspace, version: str) -> None:
    path = workspace.customer(SLUG) / "defs.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("version: '1'", f"version: '{version}'"), encoding="utf-8")


def test_an_upgrade_says_what_the_product_changed_and_what_moves_and_writes_nothing(of_1: Workspace) -> None:
    before = folder(of_1)

    found = seen(of_1)

    assert [(each.part, each.before, each.after) for each in found.changes] == [
        ("account.name.max_length", "200", "6"),
        ("account.region", "", "The part of the world that the company belongs to."),
    ]
    assert [each.part for each in found.rules] == ["mapped account.name.length.says"]
    (effect,) = found.effects
    assert ("account", Fate.EXPORTED, Fate.UNRESOLVED) in {
        (m.entity, m.before, m.after) for m in effect.fates
    }
    assert not found.problems
    assert folder(of_1) == before


def test_a_field_that_comes_with_the_version_arrives_with_its_mapping(of_1: Workspace) -> None:
    upgrade(of_1, MAPPED)
    run_all(of_1)

    current = current_version(of_1.published(SLUG, "wave_1"))
    assert current is not None
    rows = duckdb.execute(
        f"select external_id, region from '{current}/01_account.parquet' order by 1"
    ).fetchall()
    assert rows[0] == ("007", "Front desk Acme")


def test_only_the_pin_changes_and_the_decision_says_the_way(of_1: Workspace) -> None:
    before = folder(of_1)

    upgrade(of_1)

    after = folder(of_1)
    assert after["defs.yaml"] == before["defs.yaml"].replace(b"version: '1'", b"version: '2'")
    changed = {name for name in after if after[name] != before.get(name)}
    assert {name for name in changed if not name.startswith("decisions")} == {"defs.yaml"}
    entry = load_migration(of_1.root, SLUG).log[-1]
    assert isinstance(entry, DestinationUpgraded)
    assert (entry.from_version, entry.to_version, entry.by.name) == ("1", "2", "Ina Vogt")
    assert pin_problem(of_1, load_migration(of_1.root, SLUG)) is None


def test_a_required_field_without_a_mapping_is_said_before_and_refused(published_once: Workspace) -> None:
    add_version_2(published_once, region=f"{REGION}        required: true\n")
    before = folder(published_once)

    found = seen(published_once)

    assert found.problems == (
        "customers/tiny/mapping/account.yaml:4: companies does not fill account.region, which the destination"
        " requires; map `region:` from a column, or give a `constant`",
    )
    assert found.effects == ()
    with pytest.raises(ConfigInvalid, match=r"account\.region"):
        upgrade(published_once)
    assert folder(published_once) == before


def test_an_override_that_no_longer_fits_is_said_before(of_1: Workspace) -> None:
    defs = yaml.safe_load(as_yaml(DEFS))
    defs["attributes"]["overrides"] = {
        "account.name": {"why": "Their names are short.", "max_length": 20},
        "account.website": {"why": "Nobody looks.", "policies": {"length": "hold"}},
    }
    (of_1.customer(SLUG) / "defs.yaml").write_text(as_yaml(defs), encoding="utf-8")
    described = of_1.root / "expectations/b2b_saas/destination.yaml"
    text = described.read_text(encoding="utf-8")
    described.write_text(text.replace("      website:\n", "      site:\n"), encoding="utf-8")

    found = seen(of_1)

    assert found.overridden == ("account.name.max_length", "account.website.policies.length")
    (problem,) = found.problems
    assert "overrides names 'account.website'" in problem


def test_a_pin_changed_by_hand_after_publishing_is_a_problem_until_it_is_decided(of_1: Workspace) -> None:
    pin_by_hand(of_1, "2")

    problem = pin_problem(of_1, load_migration(of_1.root, SLUG))
    assert problem is not None
    assert problem.says.endswith("and the migration is on '1': nobody decided to move it")
    assert problem.line > 0
    found = seen(of_1)
    assert found.is_pinned_already
    assert any(each.fates for each in found.effects)

    upgrade(of_1)
    assert pin_problem(of_1, load_migration(of_1.root, SLUG)) is None


def test_a_pin_can_change_by_hand_while_nothing_is_published(of_1: Workspace) -> None:
    shutil.rmtree(of_1.published(SLUG, "wave_1"))
    pin_by_hand(of_1, "2")

    assert pin_problem(of_1, load_migration(of_1.root, SLUG)) is None


def test_the_way_back_is_an_upgrade_with_a_warning(of_1: Workspace) -> None:
    upgrade(of_1)

    found = seen(of_1, "1")

    assert found.is_downgrade
    assert not found.problems
    run = a_run(of_1)
    begin(run, planned(run, "1", {}), draft("2", "1"))
    finish(of_1, SLUG)
    assert load_migration(of_1.root, SLUG).destination.version == "1"


@pytest.mark.parametrize(
    ("start", "end", "says"), [("1", "2", "defs.yaml pins '1'"), ("2", "1", "is on '1', not '2'")]
)
def test_a_decision_that_does_not_fit_the_pin_is_refused(
    of_1: Workspace, start: str, end: str, says: str
) -> None:
    with pytest.raises(DraftRefused, match=says):
        decide(of_1, kind="destination_upgraded", from_version=start, to_version=end)


def test_there_is_nothing_to_move_to_where_one_is_already(published_once: Workspace) -> None:
    found = seen(published_once)

    assert (found.from_version, found.to_version, found.changes, found.effects) == ("1", "1", (), ())
    run = a_run(published_once)
    with pytest.raises(DraftRefused, match="leads from '1' to itself"):
        begin(run, planned(run, "1", {}), draft("1", "1"))


@pytest.mark.parametrize(
    "name", ["intake/companies.csv", "../other/defs.yaml", "decisions.jsonl", "mapping/.x.yaml"]
)
def test_only_files_that_people_write_change_with_the_pin(of_1: Workspace, name: str) -> None:
    with pytest.raises(ConfigInvalid, match="cannot change together with the pin"):
        seen(of_1, files={name: b""})


class Killed(BaseException):
    """The process dies here."""


@pytest.mark.parametrize("name", ["defs.yaml", "mapping/account.yaml"])
def test_a_file_that_was_changed_since_is_not_written_over_and_goes_on_once_it_is_moved(
    of_1: Workspace, name: str
) -> None:
    run = a_run(of_1)
    begin(run, planned(run, "2", MAPPED), draft())
    path = of_1.customer(SLUG) / name
    path.write_bytes(path.read_bytes() + b"# Ina was here.\n")
    before = folder(of_1)

    with pytest.raises(ConfigInvalid, match=f"{name}: it was changed after .*; move it elsewhere"):
        finish(of_1, SLUG)

    assert folder(of_1) == before
    path.unlink()
    finish(of_1, SLUG)
    assert load_migration(of_1.root, SLUG).destination.version == "2"
    assert b"region" in (of_1.customer(SLUG) / "mapping/account.yaml").read_bytes()


def test_a_file_that_changed_after_it_was_looked_at_begins_nothing(of_1: Workspace) -> None:
    run = a_run(of_1)
    move = planned(run, "2", {})
    path = of_1.customer(SLUG) / "defs.yaml"
    path.write_bytes(path.read_bytes() + b"# Ina was here.\n")

    with pytest.raises(ConfigInvalid, match="was changed after"):
        begin(run, move, draft())

    assert not of_1.upgrade(SLUG).exists()


@pytest.mark.parametrize("writes", range(5))
def test_a_kill_at_any_write_leaves_nothing_or_what_the_next_one_finishes(
    of_1: Workspace, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    before, left = folder(of_1), [writes]
    written = atomic.write_bytes

    def dying(path: Path, content: bytes) -> None:
        if not left[0]:
            raise Killed
        left[0] -= 1
        written(path, content)

    monkeypatch.setattr(upgrading, "write_bytes", dying)
    monkeypatch.setattr("aformity_pipelines.review.append.write_bytes", dying)
    with pytest.raises(Killed) if writes < 4 else nullcontext():
        upgrade(of_1, MAPPED)
    monkeypatch.undo()

    if writes == 0:
        assert folder(of_1) == before
        return
    if writes < 4:
        with pytest.raises(ConfigInvalid, match="was begun and not finished"):
            load_migration(of_1.root, SLUG)
        finish(of_1, SLUG)
    migration = load_migration(of_1.root, SLUG)
    assert migration.destination.version == "2"
    assert sum(isinstance(each, DestinationUpgraded) for each in migration.log) == 1
    assert "region" in migration.reads_of("account")[0].fields
