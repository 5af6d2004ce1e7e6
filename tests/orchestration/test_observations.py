"""Decisions in Dagster's timeline: once each, on the assets that they concern, without any value of the customer."""

import dagster as dg
import pytest

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.keys import key_of, log_key
from aformity_pipelines.orchestration.log_sensor import build_review_history
from aformity_pipelines.orchestration.observations import DATA_VERSION, observe_new, observed
from aformity_pipelines.orchestration.packed import TEXT_LIMIT
from aformity_pipelines.orchestration.resources import Place
from aformity_pipelines.stages.graph import Step
from orchestration.reviewed import ACCEPTED, APPROVED, CORRECTED, FOLLOWED, WORDS, recorded, reviewed
from orchestration.tiny_customer import add_customer

pytestmark = pytest.mark.slow
MAPPED: Step = ("mapped", "account")
VALIDATED: Step = ("validated", "companies")


def ids(instance: dg.DagsterInstance, key: dg.AssetKey) -> list[str]:
    """The decisions that an asset's timeline shows, the first one first."""
    return [str(each["decision"].value) for each in observed(instance, key)][::-1]


def on(instance: dg.DagsterInstance, step: Step) -> list[str]:
    return ids(instance, key_of("acme", step))


def told(instance: dg.DagsterInstance, step: Step = MAPPED) -> dict[str, object]:
    """The metadata of the last decision on an asset."""
    return {name: value.value for name, value in next(observed(instance, key_of("acme", step))).items()}


def test_each_decision_shows_on_the_asset_that_it_concerns_and_all_on_the_log(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    migration = reviewed(
        project, APPROVED, FOLLOWED, {"kind": "follow_up_closed", "closes": "D-002"}, CORRECTED
    )

    observe_new(instance, project, migration)

    assert on(instance, MAPPED) == ["D-001", "D-004"]
    assert on(instance, VALIDATED) == ["D-002", "D-003"]
    assert ids(instance, log_key("acme")) == ["D-001", "D-002", "D-003", "D-004"]


def test_a_decision_shows_also_where_the_one_that_it_ends_showed(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    moved = {
        **FOLLOWED,
        "covers": ACCEPTED["covers"],
        "supersedes": "D-001",
        "supersedes_because": "The file was checked.",
    }
    migration = reviewed(project, FOLLOWED, moved)

    observe_new(instance, project, migration)

    assert on(instance, VALIDATED) == ["D-001", "D-002"]
    assert on(instance, MAPPED) == ["D-002"]
    shown = told(instance)
    assert (shown["names"], shown["ends"], shown["because"]) == (
        "takes the place of D-001",
        "D-001",
        "The file was checked.",
    )


def test_it_says_who_when_why_and_how_much(project: Workspace, instance: dg.DagsterInstance) -> None:
    migration = reviewed(project, ACCEPTED)

    observe_new(instance, project, migration)

    shown = told(instance)
    assert shown == {
        "decision": "D-001",
        "kind": "risk accepted",
        "says": "As agreed.",
        "by": "Ina Vogt, Data owner (customer)",
        "on": "2026-11-20",
        "how_known": "A call.",
        "why": "She said so.",
        "covers": "2 rows of account",
        "rule": "account.name.required",
        "evidence": "Minutes of 20 November",
        "sequence": 1,
        "log_line": migration.head.sha256,
    }


def test_corrected_values_and_names_of_rows_stay_in_the_log(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    migration = reviewed(project, CORRECTED)

    observe_new(instance, project, migration)

    everything = str(instance.fetch_observations(key_of("acme", MAPPED), limit=10).records)
    assert "value corrected" in everything
    assert "ecret" not in everything


def test_words_of_people_are_plain_text_and_a_long_one_says_that_it_is_cut(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    migration = reviewed(project, APPROVED | {"says": "See [this](https://example.org). " * 200})

    observe_new(instance, project, migration)

    said = next(observed(instance, key_of("acme", MAPPED)))["says"]
    assert isinstance(said, dg.TextMetadataValue)
    assert len(str(said.value)) <= TEXT_LIMIT
    assert "characters in all" in str(said.value)


def test_nothing_is_observed_twice(project: Workspace, instance: dg.DagsterInstance) -> None:
    migration = reviewed(project, APPROVED, ACCEPTED)

    first = observe_new(instance, project, migration)
    again = observe_new(instance, project, migration)
    recorded(project, CORRECTED)
    later = observe_new(instance, project, load_migration(project.root, "acme"))

    assert [[entry.id for entry in new] for new in (first, again, later)] == [
        ["D-001", "D-002"],
        [],
        ["D-003"],
    ]
    assert on(instance, MAPPED) == ["D-001", "D-002", "D-003"]


class Cut(Exception):
    """The process died here."""


@pytest.mark.parametrize("kept", range(5))
def test_whatever_was_cut_short_goes_on_where_it_stopped(
    project: Workspace, instance: dg.DagsterInstance, kept: int
) -> None:
    migration = reviewed(project, APPROVED, ACCEPTED)
    left = kept

    def until_cut(observation: dg.AssetObservation) -> None:
        nonlocal left
        if not left:
            raise Cut
        left -= 1
        instance.report_runless_asset_event(observation)

    if kept < 4:
        with pytest.raises(Cut):
            observe_new(instance, project, migration, report=until_cut)
    observe_new(instance, project, migration)

    assert on(instance, MAPPED) == ["D-001", "D-002"]
    assert ids(instance, log_key("acme")) == ["D-001", "D-002"]


def test_observing_what_the_log_lacks_by_its_length_would_miss_a_line_that_was_rewritten(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    observe_new(instance, project, reviewed(project, APPROVED, ACCEPTED))
    log = project.log("acme")
    first = log.read_bytes().splitlines(keepends=True)[0]
    for each in log.parent.glob("decisions.*"):
        each.unlink()
    log.write_bytes(first)
    recorded(project, CORRECTED)
    migration = load_migration(project.root, "acme")
    by_length = migration.log[len(ids(instance, log_key("acme"))) :]

    new = observe_new(instance, project, migration)

    assert by_length == (), "the naive variant sees nothing new"
    assert [entry.kind for entry in new] == ["value_corrected"]


def test_the_logs_data_version_is_its_head(project: Workspace, instance: dg.DagsterInstance) -> None:
    migration = reviewed(project, APPROVED, ACCEPTED)

    observe_new(instance, project, migration)

    (last,) = instance.fetch_observations(log_key("acme"), limit=1).records
    assert last.asset_observation is not None
    assert last.asset_observation.tags[DATA_VERSION] == migration.head.sha256


def test_the_sensor_shows_new_decisions_of_every_customer_without_a_run(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    reviewed(project, APPROVED)
    add_customer(project, "bolt")
    (broken := add_customer(project, "cask") / "defs.yaml").write_text("type: nothing\n", encoding="utf-8")
    (broken.parent / "decisions.jsonl").write_text("{}\n", encoding="utf-8")
    sensor = build_review_history()
    place = Place(root=str(project.root), storage=str(project.storage))
    cursor = None

    def look() -> str:
        nonlocal cursor
        with dg.build_sensor_context(instance=instance, cursor=cursor, resources={"place": place}) as context:
            result = sensor(context)
            cursor = context.cursor
        assert isinstance(result, dg.SkipReason)
        return result.skip_message or ""

    first, second = look(), look()
    recorded(project, ACCEPTED)
    third = look()

    assert first.startswith("acme: D-001; cask: customers/cask/")
    assert second == first.removeprefix("acme: D-001; "), "what cannot be read is looked at again"
    assert third == f"acme: D-002; {second}"
    assert on(instance, MAPPED) == ["D-001", "D-002"]
    assert not ids(instance, log_key("cask"))


def test_what_could_not_be_shown_is_shown_once_it_can_be(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    reviewed(project, APPROVED)
    defs, log = project.customer("acme") / "defs.yaml", project.log("acme")
    sound = defs.read_text(encoding="utf-8")
    sensor, cursor, said = build_review_history(), None, []
    place = Place(root=str(project.root), storage=str(project.storage))
    for state in (sound.replace("active", "archived"), "type: nothing\n", sound, sound):
        defs.write_text(state, encoding="utf-8")
        with dg.build_sensor_context(instance=instance, cursor=cursor, resources={"place": place}) as context:
            said.append(sensor(context).skip_message)
            cursor = context.cursor
    head, kept = log.with_suffix(".head"), log.stat()
    before = head.read_bytes()
    recorded(project, ACCEPTED)
    after = head.read_bytes()
    head.write_bytes(before)
    for content in (before, after):
        head.write_bytes(content)
        with dg.build_sensor_context(instance=instance, cursor=cursor, resources={"place": place}) as context:
            said.append(sensor(context).skip_message)
            cursor = context.cursor

    assert kept.st_size < log.stat().st_size
    assert said[0] == "acme is archived"
    assert "customers/acme" in said[1]
    assert said[2:] == ["acme: D-001", "no new decision", "acme: nothing new", "acme: D-002"]


def test_words_are_what_the_log_says(project: Workspace, instance: dg.DagsterInstance) -> None:
    observe_new(instance, project, reviewed(project, APPROVED))

    (record,) = instance.fetch_observations(log_key("acme"), limit=1).records
    assert record.asset_observation is not None
    assert record.asset_observation.description == "D-001: mapping approved by Ina Vogt, 1 field of account"
    assert told(instance)["why"] == WORDS["why"]
