"""Whether a handoff says what is so now: after each thing that may come since, and after none."""

import os
from pathlib import Path

import pytest

from aformity_pipelines.domain.site import Freshness
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.handoffs import handoff_pointed_to
from aformity_pipelines.stages.site.collect import current_freshness
from tests.builders.two_sources import MERGE, PEOPLE, SLUG, a_run, decide, deliver, run_all

KEPT_APART = {
    "kind": "merge_refused",
    "covers": {"subject": "account", "fields": "name", "rows": ["companies:007", "companies:011"]},
}


def freshness(workspace: Workspace) -> Freshness:
    folder = handoff_pointed_to(workspace, SLUG, "wave_1")
    assert folder is not None
    return current_freshness(workspace, SLUG, folder)


def rewritten(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_nothing_came_since(published_once: Workspace) -> None:
    assert freshness(published_once).words == "Current."


def test_decisions_since_are_named(published_once: Workspace) -> None:
    decide(published_once, **KEPT_APART)
    decide(published_once, kind="decision_withdrawn", withdraws="D-002")

    found = freshness(published_once)

    assert not found.is_current
    assert found.words == "Out of date: 2 decisions (D-002, D-003) since."


def test_a_delivery_that_nobody_has_taken_in_yet_is_new(published_once: Workspace) -> None:
    deliver(published_once, {"people_2.csv": PEOPLE + "p6,Noa Lind,noa@acme.example,007\n"})

    assert freshness(published_once).words == "Out of date: a new delivery (people) since."


def test_a_delivery_that_was_read_and_not_reported_yet_is_new(before_export: Workspace) -> None:
    for path in before_export.intake(SLUG).iterdir():
        path.unlink()

    assert freshness(before_export).deliveries == ("people",)


def test_the_same_bytes_under_another_name_are_not_new(published_once: Workspace) -> None:
    deliver(published_once, {"people_again.csv": PEOPLE})

    assert freshness(published_once).is_current


def test_a_file_written_over_with_one_sign_changed_is_new(published_once: Workspace) -> None:
    deliver(published_once, {"people.csv": PEOPLE.replace("Jo Ruiz", "Jo Ruis")})

    assert freshness(published_once).deliveries == ("people",)


def test_a_touched_file_is_read_again_and_is_not_new(published_once: Workspace) -> None:
    path = published_once.intake(SLUG) / "people.csv"
    later = path.stat().st_mtime + 86_400
    os.utime(path, (later, later))

    assert freshness(published_once).is_current


def test_a_change_of_the_configuration_is_told_and_a_comment_is_none(published_once: Workspace) -> None:
    defs = published_once.customer(SLUG) / "defs.yaml"
    rewritten(defs, "type:", "# for Ina\ntype:")
    commented = freshness(published_once)
    rewritten(defs, "The first launch.", "The launch.")

    assert commented.is_current
    assert freshness(published_once).words == "Out of date: a change of the configuration since."


def test_all_that_came_since_stands_in_one_sentence(published_once: Workspace) -> None:
    decide(published_once, **KEPT_APART)
    deliver(published_once, {"people_2.csv": PEOPLE + "p6,Noa Lind,,007\n"})
    rewritten(published_once.customer(SLUG) / "mapping" / "account.yaml", "from: Parent", "from: Desk")

    assert freshness(published_once).words == (
        "Out of date: 1 decision (D-002), a new delivery (people) and a change of the configuration since."
    )


def test_a_log_that_begins_otherwise_is_another_log(published_once: Workspace) -> None:
    log = published_once.log(SLUG)
    for path in (log, log.with_suffix(".head")):
        path.unlink()
    decide(published_once, **MERGE | {"says": "Told again."})

    assert freshness(published_once).words == "Out of date: another decision log since."


def test_without_the_build_which_is_a_cache_the_rest_is_still_told(published_once: Workspace) -> None:
    decide(published_once, **KEPT_APART)
    build = published_once.build(SLUG, "handoff_report", "report", "wave_1")
    (build / "stage.json").unlink()

    assert freshness(published_once).words == "Out of date: 1 decision (D-002) since."


@pytest.mark.slow
def test_a_new_handoff_is_current_again(published_once: Workspace) -> None:
    decide(published_once, **KEPT_APART)
    before = freshness(published_once)
    run_all(published_once)

    assert not before.is_current
    assert freshness(published_once).is_current
    assert a_run(published_once).migration.head.seq == 2
