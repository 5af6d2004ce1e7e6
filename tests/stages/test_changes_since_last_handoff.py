"""What a handoff says changed since the last: two published versions of a tiny customer, row by row."""

import shutil
from datetime import date

import duckdb
import pytest

from aformity_pipelines.domain.launch.changes import Changes
from aformity_pipelines.export.manifest import Manifest
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.export import package_folder
from aformity_pipelines.stages.gates import records_before_export
from aformity_pipelines.stages.graph import EXPORT, PACKAGE
from aformity_pipelines.stages.launch.changes import changes
from aformity_pipelines.stages.launch.previous import previous_version, versions_of
from aformity_pipelines.stages.launch.source import open_sources
from aformity_pipelines.stages.outputs import read_record
from tests.builders.two_sources import COMPANIES, PEOPLE, SLUG, a_run, decide, deliver, run_all

ACCEPTED = {
    "kind": "risk_accepted",
    "covers": {"subject": "contact", "rule": "contact.email.format", "rows": ["people:p3"]},
    "evidence": ["A call with Ina."],
}
FOLLOW_UP = {
    "kind": "follow_up_opened",
    "covers": {"subject": "contact", "rule": "contact.email.format", "rows": ["people:p3"]},
    "owner": "sam",
    "due": "2026-12-01",
}


def changes_of(workspace: Workspace, wave: str = "wave_1") -> Changes | None:
    run = a_run(workspace, wave)
    package = read_record(run, EXPORT, PACKAGE)
    assert package is not None
    folder = package_folder(run, package)
    assert folder is not None
    return changes(
        open_sources(
            run,
            folder=folder,
            manifest=Manifest.model_validate_json((folder / "manifest.json").read_bytes()),
            package=package,
            records=records_before_export(run),
        )
    )


def since(workspace: Workspace, wave: str = "wave_1") -> Changes:
    found = changes_of(workspace, wave)
    assert found is not None
    return found


def moves(found: Changes) -> list[tuple[str, str | None, str | None, int]]:
    return [(move.entity, move.before, move.after, move.number) for move in found.moves]


def says(found: Changes) -> list[str]:
    return [each.says for each in found.says]


def test_the_first_handoff_has_nothing_to_compare_with(published_once: Workspace) -> None:
    run = a_run(published_once)
    first, second = versions_of(run, "wave_1")
    manifests = [
        Manifest.model_validate_json((each / "manifest.json").read_bytes()) for each in (first, second)
    ]

    before = previous_version(run, second, manifests[1])
    assert before is not None
    assert before.folder == first
    shutil.rmtree(second)
    assert previous_version(run, first, manifests[0]) is None


def test_content_that_came_back_is_compared_with_what_came_between(published_once: Workspace) -> None:
    run = a_run(published_once)
    first, second = versions_of(run, "wave_1")
    manifest = Manifest.model_validate_json((first / "manifest.json").read_bytes())

    before = previous_version(run, first, manifest)

    assert before is not None
    assert before.folder == second


def test_an_approved_merge_moves_its_rows_and_releases_those_that_waited_for_them(
    published_once: Workspace,
) -> None:
    found = since(published_once)

    assert moves(found) == [
        ("account", "unresolved", "exported", 1),
        ("account", "unresolved", "merged", 1),
        ("contact", "unresolved", "exported", 2),
    ]
    assert [move.is_release for move in found.moves] == [True, True, True]
    assert (found.since_wave, found.since_log_seq, found.decisions_added) == ("wave_1", 0, ("D-001",))
    assert found.since_version.startswith("v0001-")
    assert found.since_as_of == date(2026, 11, 20)
    assert found.deliveries == ()
    assert says(found) == [
        "2 contact rows are released: they were held back with their account.",
        "1 account row is released: it was held back by a rule (No company is listed twice under two spellings of its name).",
        "1 account row is released: it was held back by a rule (No company is listed twice under two spellings of its name).",
        "1 entry was added to the decision log.",
    ]


def test_rows_delivered_again_are_the_same_rows_by_their_key_wherever_they_stand(
    published_once: Workspace,
) -> None:
    header, jo, *others = PEOPLE.splitlines()
    rows = [header, *reversed(others), "p6,Noa Lind,noa@acme.example,007"]
    deliver(published_once, {"people_2.csv": "\n".join(rows) + "\n"})
    run_all(published_once)

    found = since(published_once)

    assert jo.startswith("p1,")
    assert moves(found) == [("contact", None, "exported", 1), ("contact", "exported", "unresolved", 1)]
    assert found.deliveries == ("people",)
    assert "1 contact row that was exported is held back now." in says(found), (
        "nobody said yet that it is gone"
    )
    assert "People: a new file was delivered: 1 row new, 1 gone, 0 changed, 4 as before." in says(found)
    assert [(each.source, each.added, each.removed) for each in found.compared] == [("people", 1, 1)]
    # Every row of a new file has a new id, so a comparison of ids takes all of them for gone and new.
    assert by_row_id(published_once, found) == 5 + 5


@pytest.mark.slow
def test_two_rows_that_changed_places_are_two_moves_though_no_count_changed(
    published_once: Workspace,
) -> None:
    swapped = PEOPLE.replace("kim(at)dell", "kim@dell.example").replace("lou@bolt.example", "lou(at)bolt")
    header, *rows = COMPANIES.splitlines()
    reordered = "\n".join((header, *reversed(rows))) + "\n"
    deliver(published_once, {"people_2.csv": swapped, "companies_2.csv": reordered})
    run_all(published_once)

    found = since(published_once)

    assert moves(found) == [
        ("contact", "exported", "unresolved", 1),
        ("contact", "unresolved", "exported", 1),
    ]
    assert totals(published_once, found.since_version) == totals(published_once, "")
    assert "Companies: a new file was delivered, and not a cell of it differs." in says(found)


@pytest.mark.slow
def test_a_later_wave_is_compared_with_the_last_version_of_the_wave_before(published_once: Workspace) -> None:
    run_all(published_once, "wave_2")

    found = since(published_once, "wave_2")

    assert (found.since_wave, found.since_version[:6]) == ("wave_1", "v0002-")
    assert moves(found) == [("account", "deferred", "exported", 1), ("contact", "deferred", "exported", 1)]
    assert [move.is_release for move in found.moves] == [True, True]


@pytest.mark.slow
def test_the_same_export_reported_twice_has_the_same_changes(published_once: Workspace) -> None:
    first = since(published_once)
    run_all(published_once, "wave_2")

    assert since(published_once) == first


@pytest.mark.slow
def test_work_that_was_opened_and_then_closed_is_told_each_time(published_once: Workspace) -> None:
    decide(published_once, **FOLLOW_UP)
    run_all(published_once)
    opened = since(published_once)
    decide(published_once, kind="follow_up_closed", closes="D-002")
    run_all(published_once)
    closed = since(published_once)

    assert (opened.work_opened, opened.work_settled) == (("D-002",), ())
    assert (closed.work_opened, closed.work_settled, closed.decisions_ended) == ((), ("D-002",), ("D-002",))
    assert "1 follow-up or question was settled." in says(closed)


@pytest.mark.slow
def test_a_decision_is_stale_since_the_version_in_which_it_came_to_cover_less(
    published_once: Workspace,
) -> None:
    decide(published_once, **ACCEPTED)
    run_all(published_once)
    held = since(published_once)
    deliver(published_once, {"people_2.csv": PEOPLE.replace("kim(at)dell", "kim[at]dell")})
    run_all(published_once)
    changed = since(published_once)
    decide(published_once, **FOLLOW_UP)
    run_all(published_once)
    later = since(published_once)

    assert held.decisions_stale == ()
    assert changed.decisions_stale == ("D-002",)
    assert later.decisions_stale == (), "it was as stale then"


def by_row_id(workspace: Workspace, found: Changes) -> int:
    """Return how many rows of people moved, as ids alone would have it."""
    home = workspace.published(SLUG, "wave_1")
    now = home / (home / "current").read_text().strip()
    tables = [
        f"select row_id, fate from read_parquet('{each}/ledger.parquet') where source = 'people'"
        for each in (home / found.since_version, now)
    ]
    row = duckdb.execute(
        f"select count(*) from ({tables[0]}) t full join ({tables[1]}) n using (row_id)"
        " where t.fate is distinct from n.fate"
    ).fetchone()
    assert row is not None
    return int(row[0])


def totals(workspace: Workspace, version: str) -> dict[str, dict[str, int]]:
    """Return entity -> fate -> rows of a version, of the current one where it has no name."""
    home = workspace.published(SLUG, "wave_1")
    folder = home / (version or (home / "current").read_text().strip())
    return Manifest.model_validate_json((folder / "manifest.json").read_bytes()).fates
