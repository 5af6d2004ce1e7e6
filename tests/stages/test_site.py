"""The site of all customers: what it shows, and that it is built whole, in one step, and the same each time."""

import errno
import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.domain.site import CustomerLine, Site
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.site import publish
from aformity_pipelines.stages.site.collect import collect_site
from aformity_pipelines.stages.site.publish import NotASite, publish_site
from tests.builders.kept_handoffs import DUE_EARLY, DUE_LATE, RISK, customer, keep
from tests.builders.two_sources import REPOSITORY

AS_OF = date(2026, 12, 1)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "expectations").symlink_to(REPOSITORY / "expectations")
    (tmp_path / "customers").mkdir()
    return Workspace(root=tmp_path, storage=tmp_path / "storage")


def line(workspace: Workspace, slug: str = "tiny") -> CustomerLine:
    return next(each for each in collect_site(workspace, AS_OF).customers if each.slug == slug)


def build(workspace: Workspace, as_of: date = AS_OF) -> Site:
    site = collect_site(workspace, as_of)
    publish_site(workspace, site, workspace.site)
    return site


def bytes_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_accepted_risks_and_open_work_are_counted_apart_and_overdue_is_judged_on_the_day_of_the_site(
    workspace: Workspace,
) -> None:
    customer(workspace, "tiny")
    keep(
        workspace, "tiny", "2026-11-05-aaaaaaaa", unresolved=[DUE_EARLY, DUE_LATE], accepted_risks=[RISK] * 3
    )

    (wave, _) = line(workspace).waves

    (handoff,) = wave.handoffs
    assert (handoff.unresolved, handoff.overdue, wave.overdue) == (2, 0, 1)
    assert handoff.accepted == 3
    assert handoff.state.words == "Ready, with unresolved work"


def test_a_file_that_waits_is_open_work(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    keep(
        workspace,
        "tiny",
        "2026-11-20-aaaaaaaa",
        waiting=[{"source": "people", "sha256": "x", "due": "2026-11-10"}],
    )

    (wave, _) = line(workspace).waves

    assert (wave.handoffs[0].unresolved, wave.overdue) == (1, 1)
    assert wave.handoffs[0].state.words == "Launching in part"


def test_handoffs_stand_newest_first_and_the_current_one_before_all(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    for name in ("2026-11-20-bbbbbbbb", "2026-11-25-cccccccc", "2026-11-02-aaaaaaaa"):
        keep(workspace, "tiny", name)
    (workspace.handoff("tiny", "wave_1") / "current").write_text("2026-11-20-bbbbbbbb\n")

    (wave, _) = line(workspace).waves

    assert [each.as_of.day for each in wave.handoffs] == [20, 25, 2]
    assert [each.freshness.words for each in wave.handoffs] == ["Current."] + ["A newer one exists."] * 2


def test_a_state_has_held_since_the_first_of_the_latest_handoffs_that_say_so(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    keep(workspace, "tiny", "2026-11-01-aaaaaaaa")
    keep(workspace, "tiny", "2026-11-05-bbbbbbbb", unresolved=[DUE_LATE])
    keep(workspace, "tiny", "2026-11-09-cccccccc")
    keep(workspace, "tiny", "2026-11-13-dddddddd")

    assert line(workspace).waves[0].since == date(2026, 11, 9)


def test_the_next_wave_is_the_first_whose_day_has_not_passed(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    found = line(workspace)

    ahead = [found.next_wave(day) for day in (date(2027, 1, 1), date(2027, 1, 2), date(2027, 2, 2))]

    assert [each.name if each else None for each in ahead] == ["wave_1", "wave_2", None]


def test_a_broken_customer_is_named_as_broken_and_stops_no_other(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    broken = customer(workspace, "torn") / "defs.yaml"
    broken.write_text(broken.read_text().replace("sources:", "sauces:"))
    keep(workspace, "torn", "2026-11-20-aaaaaaaa", label="Torn Ltd")

    site = build(workspace)

    torn = next(each for each in site.customers if each.slug == "torn")
    assert any("customers/torn/defs.yaml" in problem for problem in torn.problems)
    assert torn.label == "Torn Ltd"
    assert torn.waves[0].handoffs[0].freshness.words == "Out of date: a change of the configuration since."
    assert [each.slug for each in site.customers if not each.problems] == ["tiny"]


def test_a_damaged_handoff_is_named_and_the_others_are_shown(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    keep(workspace, "tiny", "2026-11-20-aaaaaaaa")
    (keep(workspace, "tiny", "2026-11-21-bbbbbbbb") / "launch_record.json").write_text("{")

    found = line(workspace)

    assert ["wave_1/2026-11-21-bbbbbbbb" in problem for problem in found.problems] == [True]
    assert [each.name for each in found.waves[0].handoffs] == ["2026-11-20-aaaaaaaa"]


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"wave": "wave_2"}, "another wave's"),
        ({"wave": "../../../outside"}, "no wave's"),
        ({"customer": "torn"}, "another customer's"),
        ({"glance": []}, "no sentence"),
    ],
)
def test_a_record_that_is_not_of_its_folder_is_named_as_damaged(
    workspace: Workspace, parts: dict[str, Any], why: str
) -> None:
    customer(workspace, "tiny")
    kept = keep(workspace, "tiny", "2026-11-20-aaaaaaaa") / "launch_record.json"
    kept.write_text(json.dumps({**json.loads(kept.read_text()), **parts}))

    site = build(workspace)

    assert ["wave_1/2026-11-20-aaaaaaaa" in each for each in site.customers[0].problems] == [True], why


def test_a_damaged_file_beside_the_handoffs_hides_none_of_them(workspace: Workspace) -> None:
    damage: dict[str, Callable[[Path], object]] = {
        "a_stray": lambda storage: (storage / "handoff" / ".DS_Store").write_bytes(b"x"),
        "b_named": lambda storage: (storage / "handoff" / 'Wave "1"').mkdir(),
        "c_pointer": lambda storage: (storage / "handoff" / "wave_1" / "current").write_bytes(b"\xff"),
        "d_deliveries": lambda storage: (storage / "deliveries" / "deliveries.jsonl").mkdir(parents=True),
        "e_cache": lambda storage: (storage / "build/all_waves/site/config/seen.json").mkdir(parents=True),
    }
    for slug, harm in damage.items():
        customer(workspace, slug, slug)
        keep(workspace, slug, "2026-11-20-aaaaaaaa")
        harm(workspace.of_customer(slug))

    site = build(workspace)

    assert [(each.slug, each.handoffs, bool(each.problems)) for each in site.customers] == [
        ("a_stray", 1, False), ("b_named", 1, False), ("c_pointer", 1, False),
        ("d_deliveries", 1, True), ("e_cache", 1, True),
    ]  # fmt: skip


def test_a_link_in_the_place_of_a_handoffs_file_is_not_followed(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    folder = keep(workspace, "tiny", "2026-11-20-aaaaaaaa")
    (folder / "handoff.html").unlink()
    (folder / "handoff.html").symlink_to(workspace.root / "customers" / "tiny" / "defs.yaml")

    build(workspace)

    copied = workspace.site / "tiny/wave_1/2026-11-20-aaaaaaaa"
    assert [each.name for each in copied.iterdir()] == ["launch_record.json"]


def test_archived_customers_and_those_without_a_handoff_are_shown_too(workspace: Workspace) -> None:
    customer(workspace, "b_new", "B New")
    customer(workspace, "a_old", "A Old", status="archived")

    found = [(each.slug, each.is_archived, each.last) for each in collect_site(workspace, AS_OF).customers]

    assert found == [("b_new", False, None), ("a_old", True, None)]


def test_handoffs_of_a_wave_that_is_declared_no_more_are_shown_all_the_same(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    keep(workspace, "tiny", "2026-11-20-aaaaaaaa", wave="pilot", launches_on="2026-10-01")

    assert [(wave.name, len(wave.handoffs)) for wave in line(workspace).waves] == [
        ("wave_1", 0), ("wave_2", 0), ("pilot", 1),
    ]  # fmt: skip


def test_building_twice_gives_the_same_bytes_and_another_day_does_not(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    keep(workspace, "tiny", "2026-11-20-aaaaaaaa", unresolved=[DUE_LATE])
    build(workspace)
    first = bytes_of(workspace.site)

    build(workspace)
    again = bytes_of(workspace.site)
    build(workspace, date(2026, 12, 24))

    assert again == first
    assert bytes_of(workspace.site)["index.html"] != first["index.html"]
    assert {"index.html", "site.json", "tiny/index.html"} <= first.keys()
    assert (
        first["tiny/wave_1/2026-11-20-aaaaaaaa/handoff.html"] == b"<!doctype html><p>2026-11-20-aaaaaaaa</p>"
    )


def test_what_is_gone_from_the_storage_is_gone_from_the_site(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    folder = keep(workspace, "tiny", "2026-11-20-aaaaaaaa")
    keep(workspace, "tiny", "2026-11-21-bbbbbbbb")
    build(workspace)
    for path in folder.iterdir():
        path.unlink()

    build(workspace)

    assert [each.name for each in (workspace.site / "tiny" / "wave_1").iterdir()] == ["2026-11-21-bbbbbbbb"]


def test_a_copy_that_somebody_changed_is_copied_anew(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    kept = keep(workspace, "tiny", "2026-11-20-aaaaaaaa") / "handoff.html"
    build(workspace)
    copied = workspace.site / "tiny/wave_1/2026-11-20-aaaaaaaa/handoff.html"
    copied.write_text("<p>something else</p>")

    build(workspace)

    assert copied.read_bytes() == kept.read_bytes()
    assert kept.stat().st_ino != copied.stat().st_ino, "a record must not be reachable through the site"


def test_a_folder_that_is_no_site_of_ours_is_left_alone(workspace: Workspace) -> None:
    home = workspace.root / "photos"
    home.mkdir()
    (home / "cat.png").write_bytes(b"cat")

    with pytest.raises(NotASite, match="photos"):
        publish_site(workspace, Site(as_of=AS_OF, customers=()), home)

    assert [each.name for each in home.iterdir()] == ["cat.png"]


def test_what_somebody_put_beside_a_site_of_ours_is_not_replaced(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    build(workspace)
    (workspace.site / ".DS_Store").write_bytes(b"a file manager's")
    build(workspace)
    (workspace.site / ".git").mkdir()

    with pytest.raises(NotASite, match=r"\.git"):
        build(workspace)

    assert (workspace.site / ".git").is_dir()


@pytest.mark.parametrize("document", ["{}", '{"name": "a site of another tool"}', "[1", '{"as_of": "x"}'])
def test_a_site_json_of_somebody_else_gives_no_folder_away(workspace: Workspace, document: str) -> None:
    home = workspace.root / "photos"
    home.mkdir()
    (home / "site.json").write_text(document)

    with pytest.raises(NotASite, match=r"site\.json"):
        publish_site(workspace, Site(as_of=AS_OF, customers=()), home)

    assert (home / "site.json").read_text() == document


def test_a_file_system_without_second_names_takes_copies(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer(workspace, "tiny")
    keep(workspace, "tiny", "2026-11-20-aaaaaaaa")
    build(workspace)
    before = bytes_of(workspace.site)

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    build(workspace)

    assert bytes_of(workspace.site) == before


def test_a_build_that_fails_leaves_the_old_site(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    customer(workspace, "tiny")
    keep(workspace, "tiny", "2026-11-20-aaaaaaaa")
    build(workspace)
    before = bytes_of(workspace.site)

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(publish, "_write", fail)
    with pytest.raises(OSError, match="disk"):
        build(workspace, date(2026, 12, 24))

    assert bytes_of(workspace.site) == before
    assert not [each for each in workspace.storage.iterdir() if "building" in each.name]


def _build_and_stop(workspace: Workspace) -> None:
    def stop(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    publish._write = stop  # type: ignore[assignment]  # only in this process, which ends here
    build(workspace, date(2026, 12, 24))


def _build_often(workspace: Workspace, times: int) -> None:
    for _ in range(times):
        build(workspace)


def in_processes(work: Callable[..., None], *arguments: tuple[Any, ...]) -> list[int | None]:
    started = [multiprocessing.get_context("fork").Process(target=work, args=each) for each in arguments]
    for each in started:
        each.start()
    for each in started:
        each.join(60)
    return [each.exitcode for each in started]


def test_a_killed_build_leaves_the_old_site_and_the_next_one_cleans_up(workspace: Workspace) -> None:
    customer(workspace, "tiny")
    keep(workspace, "tiny", "2026-11-20-aaaaaaaa")
    build(workspace)
    before = bytes_of(workspace.site)

    codes = in_processes(_build_and_stop, (workspace,))

    assert codes == [-signal.SIGKILL]
    assert bytes_of(workspace.site) == before
    build(workspace)
    assert sorted(each.name for each in workspace.storage.iterdir() if "site" in each.name) == [
        ".site.lock",
        "site",
    ]


def test_builders_at_the_same_time_take_turns_and_a_reader_always_finds_a_whole_site(
    workspace: Workspace,
) -> None:
    customer(workspace, "tiny")
    keep(workspace, "tiny", "2026-11-20-aaaaaaaa")
    build(workspace)
    before = bytes_of(workspace.site)
    builders = [
        multiprocessing.get_context("fork").Process(target=_build_often, args=(workspace, 5))
        for _ in range(3)
    ]

    for each in builders:
        each.start()
    while any(each.is_alive() for each in builders):
        assert (workspace.site / "index.html").read_bytes() == before["index.html"]
        time.sleep(0.001)

    assert [each.exitcode for each in builders] == [0, 0, 0]
    assert bytes_of(workspace.site) == before


@pytest.mark.slow
def test_the_state_of_300_customers_is_read_in_under_a_second(workspace: Workspace) -> None:
    filler = [{"says": "x" * 200, "rows": ["row"] * 20} for _ in range(500)]
    for number in range(300):
        slug = f"customer_{number}"
        customer(workspace, slug, f"Customer {number}")
        keep(workspace, slug, "2026-11-20-aaaaaaaa", unresolved=[DUE_LATE] * 20, answers=filler)
    collect_site(workspace, AS_OF)  # the first look loads every config

    started = time.perf_counter()
    site = collect_site(workspace, AS_OF)
    read = time.perf_counter() - started
    publish_site(workspace, site, workspace.site)
    started = time.perf_counter()
    publish_site(workspace, site, workspace.site)
    written = time.perf_counter() - started

    print(f"read {read:.2f} s, written {written:.2f} s")
    assert len(site.customers) == 300
    assert read < 3, "a second on a machine that does nothing else"
