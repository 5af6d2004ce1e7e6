"""Later waves tested again: what is ready, what is held and by whom, kept for good and never published."""

import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.revalidation import Revalidation, RowState
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.graph import EXPORT
from aformity_pipelines.stages.revalidation.basis import changes_since
from aformity_pipelines.stages.revalidation.history import (
    HistoryDamaged,
    folder_of,
    history,
    last_revalidation,
)
from aformity_pipelines.stages.revalidation.revalidate import run_revalidation
from aformity_pipelines.stages.revalidation.rows import states_of_row
from tests.builders.retests import (
    FIXED,
    NEXT,
    WAVE,
    bytes_in,
    change_defs,
    export,
    on,
    record_of,
    retested,
)
from tests.builders.two_sources import AS_OF, COMPANIES, PEOPLE, SLUG, copied, decide, deliver


def test_deferred_rows_and_what_hangs_on_them_are_ready_and_a_held_row_is_blocked(
    tested_once: Workspace,
) -> None:
    found = retested(tested_once)

    assert {name: (line.state, line.because, line.owner) for name, line in found.items()} == {
        "account companies:009": (RowState.NOW_READY, "", ""),
        "contact people:p5": (RowState.NOW_READY, "", ""),
        "contact people:p3": (RowState.NEWLY_BLOCKED, "contact.email.format", "Sam Lee"),
    }


def test_nothing_is_published_and_no_verdict_of_the_export_is_left(tested_once: Workspace) -> None:
    before = bytes_in(tested_once.of_customer(SLUG) / "published")

    retested(tested_once, NEXT)

    assert bytes_in(tested_once.of_customer(SLUG) / "published") == before
    assert not tested_once.published(SLUG, WAVE).exists()
    assert not tested_once.build(SLUG, EXPORT, "contact", WAVE).exists()


@pytest.mark.slow
def test_rows_of_a_later_wave_are_not_tested_with_an_earlier_one(tested_once: Workspace) -> None:
    decide(
        tested_once,
        kind="rows_excluded",
        covers={"subject": "contact", "fields": "email", "rows": ["people:p4"]},
    )

    found = retested(tested_once, wave="wave_1")

    assert {"account companies:009", "contact people:p5"}.isdisjoint(found), "they launch with wave 2"
    assert "contact people:p4" not in found, "it was excluded"
    assert "contact people:p3" in found


def test_the_same_day_with_the_same_inputs_is_the_same_re_validation_byte_for_byte(
    tested_once: Workspace,
) -> None:
    first, is_new = run_revalidation(on(tested_once, NEXT))
    kept = bytes_in(tested_once.revalidations(SLUG, WAVE))

    second, is_new_again = run_revalidation(on(tested_once, NEXT))

    assert (is_new, is_new_again, second) == (True, False, first)
    assert bytes_in(tested_once.revalidations(SLUG, WAVE)) == kept


def test_another_day_is_another_one_and_says_what_it_is_compared_with(tested_once: Workspace) -> None:
    retested(tested_once)
    retested(tested_once, NEXT)

    first, second = history(tested_once, SLUG, WAVE)

    assert (second.number, second.previous, second.previous_as_of) == (2, first.number, AS_OF)
    assert (second.changed, second.left) == ((), 0)


@pytest.mark.slow
def test_two_places_make_the_same_bytes(exported_once: Workspace, tmp_path: Path) -> None:
    places = [copied(exported_once, tmp_path / name) for name in ("here", "there")]
    for place in places:
        retested(place)
        retested(place, NEXT)

    made = [bytes_in(p.revalidations(SLUG, WAVE)) | bytes_in(p.digests(SLUG, WAVE)) for p in places]

    assert made[0] == made[1]
    assert {"0001/record.json", "0001/rows.parquet", "0002/sam.md"} <= made[0].keys()


@pytest.mark.slow
def test_the_due_day_stays_and_passes(tested_once: Workspace) -> None:
    due = retested(tested_once)["contact people:p3"].due
    on_the_day = retested(tested_once, AS_OF + timedelta(days=5))["contact people:p3"]
    deliver(tested_once, {"people_2.csv": PEOPLE + "p6,Noa Lind,noa@acme.example,007\n"})
    after = retested(tested_once, AS_OF + timedelta(days=6))["contact people:p3"]

    assert due == on_the_day.due == after.due == AS_OF + timedelta(days=5)
    assert (on_the_day.state, after.state) == (RowState.STILL_BLOCKED, RowState.OVERDUE)


def test_a_follow_up_says_who_owes_a_row_and_until_when(tested_once: Workspace) -> None:
    retested(tested_once)
    decide(
        tested_once, kind="follow_up_opened", owner="ina", due=str(NEXT),
        covers={"subject": "contact", "rule": "contact.email.format", "rows": ["people:p3"]},
    )  # fmt: skip

    line = retested(tested_once, NEXT)["contact people:p3"]
    late = retested(tested_once, NEXT + timedelta(days=1))["contact people:p3"]

    assert (line.owner, line.due, line.state) == ("Ina Vogt", NEXT, RowState.STILL_BLOCKED)
    assert late.state is RowState.OVERDUE


def test_a_corrected_delivery_makes_a_row_ready_and_the_result_says_what_changed(
    tested_once: Workspace,
) -> None:
    retested(tested_once)
    deliver(tested_once, {"people_2.csv": FIXED})

    line = retested(tested_once, NEXT)["contact people:p3"]

    assert (line.state, line.before, line.before_owner) == (
        RowState.NOW_READY,
        RowState.NEWLY_BLOCKED,
        "Sam Lee",
    )
    assert record_of(tested_once).changed == ("people was delivered again.",)


@pytest.mark.slow
def test_a_row_that_was_ready_and_is_broken_by_a_delivery_is_newly_blocked(tested_once: Workspace) -> None:
    retested(tested_once)
    deliver(tested_once, {"people_2.csv": PEOPLE.replace("max@cask.example", "max(at)cask")})

    line = retested(tested_once, NEXT)["contact people:p5"]

    assert (line.state, line.before, line.since) == (RowState.NEWLY_BLOCKED, RowState.NOW_READY, NEXT)


@pytest.mark.slow
def test_rows_of_an_account_that_waits_belong_to_whoever_settles_the_account(
    exported_once: Workspace,
) -> None:
    days = {"default": {"person": "sam", "due_days": 5}, "account": {"person": "ina", "due_days": 9}}
    change_defs(exported_once, owners=days)
    deliver(exported_once, {"companies_2.csv": COMPANIES.replace("lead,007", "lead,009")})

    found = retested(exported_once)

    account, contact = found["account companies:009"], found["contact people:p5"]
    assert account.because == "account.parent_account.acyclic"
    assert contact.because == f"account {account.row}"
    assert (
        (contact.owner, contact.due)
        == (account.owner, account.due)
        == ("Ina Vogt", AS_OF + timedelta(days=9))
    )
    (counted,) = [each for each in record_of(exported_once).lines if each.because == "account"]
    assert counted.says == "The account that it belongs to is not ready."


@pytest.mark.slow
def test_a_closed_gate_holds_its_rows_and_does_not_stop_the_rest(exported_once: Workspace) -> None:
    change_defs(exported_once, policies={"unapproved_mapping": "block"})
    decide(exported_once, kind="mapping_approved", covers={"entity": "account", "fields": "all"})

    found = retested(exported_once)

    assert found["account companies:009"].state is RowState.NOW_READY
    contact = found["contact people:p5"]
    assert (contact.state, contact.because) == (RowState.NEWLY_BLOCKED, "mapped gate of contact is closed")
    assert contact.owner == "Sam Lee"
    assert record_of(exported_once).gates_closed == ("mapped contact",)


def test_a_delivery_that_waits_holds_its_rows(tested_once: Workspace) -> None:
    retested(tested_once)
    deliver(tested_once, {"people_2.csv": "group,group,group,group\n" + PEOPLE.replace("No,Name", "1,2")})
    shutil.copy(tested_once.intake(SLUG) / "people_2.csv", tested_once.intake(SLUG) / "people_3.xlsx")

    retested(tested_once, NEXT)

    assert "delivery people" in record_of(tested_once).gates_closed


@pytest.mark.slow
def test_what_launched_is_not_tested_any_more(tested_once: Workspace) -> None:
    retested(tested_once)
    export(tested_once, WAVE)
    (version,) = [p.name for p in tested_once.published(SLUG, WAVE).glob("v*")]
    assert record_of(tested_once).in_export == 0
    retested(tested_once)
    assert record_of(tested_once).in_export == 2, "the wave's export holds them, and nobody has loaded it"
    assert record_of(tested_once).changed == ("wave_2 was exported again.",)
    decide(tested_once, kind="export_loaded", wave=WAVE, version=version)

    found = retested(tested_once, NEXT)

    assert set(found) == {"contact people:p3"}
    assert record_of(tested_once).left == 2


def test_a_day_before_the_last_one_is_refused(tested_once: Workspace) -> None:
    with pytest.raises(ValueError, match="a history only goes forward; name 2026-11-20 or a later day"):
        run_revalidation(on(tested_once, AS_OF - timedelta(days=1)))
    assert len(history(tested_once, SLUG, WAVE)) == 1


def test_a_result_that_was_never_finished_is_not_seen_and_the_next_one_takes_its_number(
    tested_once: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("aformity_pipelines.stages.revalidation.history.publish_folder", dies)
    with pytest.raises(KeyboardInterrupt):
        retested(tested_once, NEXT)
    assert [each.number for each in history(tested_once, SLUG, WAVE)] == [1]
    monkeypatch.undo()

    retested(tested_once, NEXT)

    assert [each.number for each in history(tested_once, SLUG, WAVE)] == [1, 2]


def test_a_record_that_was_damaged_is_named(tested_once: Workspace) -> None:
    retested(tested_once)
    (folder_of(tested_once, SLUG, WAVE, 1) / "record.json").write_text("{", encoding="utf-8")

    with pytest.raises(HistoryDamaged, match=r"wave_2/0001/record\.json.*restore"):
        last_revalidation(tested_once, SLUG, WAVE)


@pytest.mark.slow
def test_the_history_of_one_row_is_told_by_key_over_its_deliveries(tested_once: Workspace) -> None:
    retested(tested_once)
    deliver(tested_once, {"people_2.csv": FIXED})
    retested(tested_once, NEXT)

    then = states_of_row(tested_once, SLUG, "contact", ["people:p3"])

    assert [(each.wave, each.number, each.as_of, each.line.state) for each in then] == [
        (WAVE, 1, AS_OF, RowState.NEWLY_BLOCKED),
        (WAVE, 2, NEXT, RowState.NOW_READY),
    ]
    assert then[0].line.row != then[1].line.row
    assert states_of_row(tested_once, SLUG, "contact", [then[1].line.row]) == then[1:]


BASIS = {
    "delivery people": "same",
    "rules contact": "same",
    "field map contact": "same",
    "destination": "same",
    "destination version": "1",
    "setting owners": "same",
    "package": "same",
}


CHANGED = {
    ("delivery people", "other"): "people was delivered again.",
    ("delivery new", "first"): "new was delivered for the first time.",
    ("rules contact", "other"): "The rules about contact were changed.",
    ("field map contact", "other"): "The field map contact was changed.",
    ("destination version", "2"): "The destination moved from version 1 to version 2.",
    ("destination", "other"): "What the destination demands was changed.",
    ("export wave_1", "v0002"): "wave_1 was exported again.",
    ("setting owners", "other"): "Who owns which work, or how long they have, was changed.",
    ("package", "9"): "The software was updated.",
}


def test_every_input_that_changed_is_said_in_one_sentence(tested_once: Workspace) -> None:
    migration = load_migration(tested_once.root, SLUG)
    then = Revalidation(
        customer=SLUG, wave=WAVE, number=1, as_of=AS_OF, inputs=BASIS, log_seq=migration.head.seq
    )

    said = {(name, now): changes_since(then, BASIS | {name: now}, migration) for name, now in CHANGED}

    assert said == {change: (says,) for change, says in CHANGED.items()}
    assert changes_since(then, BASIS, migration) == ()


def test_decisions_since_the_last_time_are_counted_and_named(tested_once: Workspace) -> None:
    retested(tested_once)
    entry = decide(
        tested_once,
        kind="rows_excluded",
        covers={"subject": "contact", "fields": "email", "rows": ["people:p3"]},
    )
    back = decide(tested_once, kind="decision_withdrawn", withdraws=entry.id)
    retested(tested_once, NEXT)

    record = record_of(tested_once)

    assert (record.decisions_added, record.decisions_ended) == ((entry.id, back.id), (entry.id,))
    assert record.changed == ("2 decisions were recorded.", "1 decision was ended or replaced.")


def test_the_counts_of_the_lines_add_up(tested_once: Workspace) -> None:
    lines = retested(tested_once)
    record = record_of(tested_once)

    assert sum(each.rows for each in record.lines) == record.tested == len(lines) == 3
    stored = json.loads((folder_of(tested_once, SLUG, WAVE, 1) / "record.json").read_bytes())
    assert (stored["ready"], stored["newly_blocked"], stored["still_blocked"], stored["overdue"]) == (
        2,
        1,
        0,
        0,
    )
    assert COMPANIES.count("lead") == 1
