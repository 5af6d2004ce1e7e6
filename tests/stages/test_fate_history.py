"""The way of a row over deliveries and waves: loaded, delivered again, put off, released, updated, vanished."""

from datetime import date
from pathlib import Path

import pytest

from aformity_pipelines.domain.fate_history import FateStep, TestedStep, current, phases, waited
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.revalidation import RowState
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.fate_history import fate_histories, fate_history
from aformity_pipelines.stages.handoff_report import launch_record
from aformity_pipelines.stages.published_order import published_in_order
from aformity_pipelines.stages.why import newest_wave, why
from aformity_pipelines.tracing.answer import Outcome, StepKind
from tests.builders.once import made_once
from tests.builders.two_sources import (
    COMPANIES,
    PEOPLE,
    a_run,
    copied,
    decide,
    deliver,
    run_all,
    workspace_in,
)


def step(version: str, fate: Fate, reason: Reason, **more: str) -> FateStep:
    return FateStep(wave="wave_1", version=version, row="a@1#2", fate=fate, reason=reason, **more)


WAITED = step("v0001", Fate.DEFERRED, Reason.DECISION, because="D-001")
AGAIN = step("v0002", Fate.DEFERRED, Reason.DECISION, because="D-001")
THERE = step("v0003", Fate.EXPORTED, Reason.READY, change="created")


def test_a_phase_begins_where_something_became_of_the_row() -> None:
    tested = TestedStep(
        wave="wave_2", number=1, as_of=date(2027, 1, 5), row="a@1#2", state=RowState.NOW_READY
    )

    assert phases((WAITED, AGAIN, tested, THERE)) == (WAITED, tested, THERE)


def test_only_a_record_in_the_product_has_waited_for_it() -> None:
    assert waited((WAITED, AGAIN, THERE)) == (WAITED, AGAIN)
    assert waited((WAITED, AGAIN)) == ()
    assert current(()) is None


def _play(folder: Path, before: Workspace) -> None:
    """Load wave 1, deliver again with a change, a breach and a loss, and run wave 2."""
    workspace = copied(before, folder)
    first = published_in_order(a_run(workspace))[-1]
    decide(workspace, kind="export_loaded", wave="wave_1", version=first.folder.name)
    changed = COMPANIES.replace("Acme,live", "Acme Inc,live").replace("011,Dell & Söhne,live,,\n", "")
    people = PEOPLE.replace("jo@acme.example", "jo(at)acme").replace("Lou Fay", "Lou May")
    deliver(workspace, {"companies_2.csv": changed, "people_2.csv": people})
    run_all(workspace, "wave_2")


@pytest.fixture(scope="module")
def told(_published_once: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace_in(
        made_once(tmp_path_factory, "two_waves", lambda folder: _play(folder, _published_once))
    )


def rows_of(workspace: Workspace, entity: str) -> dict[str, tuple[str, str]]:
    """Return row id -> (fate, reason) of the newest version."""
    run = a_run(workspace, "wave_2")
    last = published_in_order(run)[-1]
    found = run.connection.execute(
        f"select row_id, fate, reason from {last.relation('ledger')} where entity = ?", [entity]
    ).fetchall()
    return {row: (fate, reason) for row, fate, reason in found}


def row_named(workspace: Workspace, entity: str, key: str) -> str:
    run = a_run(workspace, "wave_2")
    last = published_in_order(run)[-1]
    (found,) = run.connection.execute(
        f"select row_id from {last.relation('ledger')} where entity = ? and row_key = ?", [entity, key]
    ).fetchall()
    return str(found[0])


@pytest.mark.slow
def test_a_version_stands_after_all_that_it_builds_on(told: Workspace) -> None:
    run = a_run(told, "wave_2")
    names = [each.name for each in published_in_order(run)]

    assert [name.partition("-")[0] for name in names] == ["wave_1/v0001", "wave_1/v0002", "wave_2/v0001"]
    assert published_in_order(run)[-1].manifest.builds_on == (names[1],)
    assert newest_wave(run) == "wave_2"


@pytest.mark.slow
@pytest.mark.parametrize("entity", ["account", "contact"])
def test_every_row_has_exactly_one_current_fate_that_of_the_newest_version(
    told: Workspace, entity: str
) -> None:
    rows = rows_of(told, entity)

    ways = fate_histories(a_run(told, "wave_2"), entity, rows)

    assert ways.keys() == rows.keys()
    for row, way in ways.items():
        last = current(way)
        assert last is not None
        assert (last.fate, last.reason, last.row) == (*rows[row], row)
        versions = [(each.wave, each.version) for each in way if isinstance(each, FateStep)]
        assert len(versions) == len(set(versions)), "a version gives a row one fate"


@pytest.mark.slow
def test_a_row_that_was_delivered_again_is_followed_by_its_key(told: Workspace) -> None:
    row = row_named(told, "account", "companies:007")

    way = fate_history(a_run(told, "wave_2"), "account", row)

    assert [(each.fate, each.reason) for each in way if isinstance(each, FateStep)] == [
        ("exported", "ready"),
        ("exported", "ready"),
        ("exported", "update"),
    ]
    assert len({each.row for each in way}) == 2
    earlier = fate_history(a_run(told, "wave_2"), "account", way[0].row)
    assert earlier == way, "whichever delivery's id is asked for"


@pytest.mark.slow
def test_an_update_is_told_with_both_values_and_where_they_came_from(told: Workspace) -> None:
    answer = why(a_run(told, "wave_2"), "account", "007")

    assert "went into the product with wave 1 (loaded on" in answer.headline
    assert answer.headline.endswith("wave 2 brings its new name.")
    (update,) = [each for each in answer.steps if each.kind is StepKind.UPDATE]
    assert (update.before, update.after) == ("Acme", "Acme Inc")
    turns = [each.says for each in answer.steps if each.kind is StepKind.WAY]
    assert turns[0].startswith("Delivered in companies.csv, received on")
    assert any(each.startswith("Delivered again in companies_2.csv") for each in turns)


@pytest.mark.slow
def test_a_held_update_says_what_the_product_still_shows_and_who_settles_it(told: Workspace) -> None:
    answer = why(a_run(told, "wave_2"), "contact", "p1", "email")

    assert (answer.outcome, answer.value, answer.waiting) == (
        Outcome.UPDATE_HELD,
        "jo@acme.example",
        "jo(at)acme",
    )
    assert (
        'is "jo@acme.example" in the product, and the newer "jo(at)acme" does not go there' in answer.headline
    )
    assert "Sam Lee settles it by" in answer.headline
    assert answer.faults == ()


@pytest.mark.slow
def test_a_released_record_says_what_it_had_waited_for(told: Workspace) -> None:
    answer = why(a_run(told, "wave_2"), "account", "009")

    assert (
        "goes into the product with wave 2 (exported; nobody has said yet that it was loaded)"
        in answer.headline
    )
    assert "; before that it was planned for wave 2" in answer.headline


@pytest.mark.slow
def test_a_row_that_vanished_says_which_file_no_longer_holds_it(told: Workspace) -> None:
    answer = why(a_run(told, "wave_2"), "account", "011")

    assert any(
        each.says.startswith("companies_2.csv, received on") and "does not hold it any more" in each.says
        for each in answer.steps
    )
    assert answer.faults == ()


@pytest.mark.slow
def test_the_handoff_tells_created_and_updated_apart_and_proves_it(told: Workspace) -> None:
    record = launch_record(a_run(told, "wave_2"))
    outcome = {each.entity: each for each in record.outcomes}

    assert (outcome["account"].records, outcome["account"].updated) == (1, 1)
    assert (outcome["contact"].updated, outcome["contact"].held_updates) == (1, 1)
    assert [(each.entity, each.field, each.records) for each in record.updates] == [
        ("account", "name", 1),
        ("contact", "full_name", 1),
    ]
    assert [each.wave for each in record.builds_on] == ["wave_1"]
    assert record.builds_on[0].loaded is not None
    assert [(each.source, each.rows, each.open) for each in record.vanished] == [("companies", 1, 1)]
    assert record.changes is not None
    assert {each.entity for each in record.changes.released} == {"account", "contact"}
    assert "Acme Inc" in str(record.updates) or "name-" in str(record.updates)
    assert "Lou" not in record.model_dump_json(), "the name of a person is a token"
