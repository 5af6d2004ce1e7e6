"""A new file becomes a delivery once, whatever happens to the file, the sensor or its memory; a run starts if the policy says so."""

import datetime
import hashlib
import os
import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import fsspec
import pytest

from aformity_pipelines.files.lock import customer_lock
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.in_process import Asked, run_steps
from aformity_pipelines.orchestration.keys import delivery_key
from orchestration.looks import Looks
from orchestration.reviewed import recorded
from orchestration.tiny_customer import ACCOUNTS, add_customer

pytestmark = pytest.mark.slow
MORE = ACCOUNTS + "010,Dune,live\n"


def policy(project: Workspace, old: str, new: str) -> None:
    defs = project.customer("acme") / "defs.yaml"
    text = defs.read_text(encoding="utf-8")
    assert old in text
    defs.write_text(text.replace(old, new), encoding="utf-8")


def intake_of(project: Workspace) -> Path:
    return project.intake("acme")


def test_a_delivery_is_registered_once_two_looks_agree_and_starts_one_run(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    sensor = Looks(project, instance)

    found = [sensor.look() for _ in range(4)]

    assert [[request.job_name for request in each] for each in found] == [
        [], ["acme__run_wave", "acme__revalidate"], [], [],
    ]  # fmt: skip
    run, test = found[1]
    assert (run.partition_key, test.partition_key) == ("wave_1", "wave_2")
    assert run.tags == {"customer": "acme", "takes_in": "registered"}
    assert [name for name, _ in sensor.registered()] == ["companies.csv"]


def test_the_asset_shows_each_delivery_once(project: Workspace, instance: dg.DagsterInstance) -> None:
    intake = add_customer(project, "acme") / "intake" / "companies.csv"
    sensor = Looks(project, instance)
    for _ in range(2):
        sensor.look()
    sensor.cursor = None
    for _ in range(2):
        sensor.look()
    intake.write_text(MORE, encoding="utf-8")
    for _ in range(3):
        sensor.look()

    seen = instance.fetch_observations(delivery_key("acme", "companies"), limit=10).records

    versions = [
        (each.asset_observation.tags or {})["dagster/data_version"] for each in seen if each.asset_observation
    ]
    assert versions == [hashlib.sha256(text.encode()).hexdigest() for text in (MORE, ACCOUNTS)]


def test_a_file_that_still_grows_is_no_delivery(project: Workspace, instance: dg.DagsterInstance) -> None:
    intake = add_customer(project, "acme") / "intake" / "companies.csv"
    sensor = Looks(project, instance)

    for number in range(3):
        assert sensor.look() == []
        with intake.open("a", encoding="utf-8") as growing:
            growing.write(f"01{number},Dune,live\n")

    assert sensor.registered() == []


def test_what_is_half_written_waits_while_the_file_beside_it_is_taken_in(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    intake = add_customer(project, "acme") / "intake"
    sensor = Looks(project, instance)
    sensor.look()
    (intake / "companies_2.csv").write_text("ID,Na", encoding="utf-8")

    sensor.look()

    assert [name for name, _ in sensor.registered()] == ["companies.csv"]


def test_a_copy_a_rename_and_a_touch_are_no_new_deliveries(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    intake = add_customer(project, "acme") / "intake"
    sensor = Looks(project, instance)
    asked = [request.run_key for _ in range(2) for request in sensor.look()]

    shutil.copy(intake / "companies.csv", intake / "companies (1).csv")
    (intake / "companies.csv").rename(intake / "companies_old.csv")
    os.utime(intake / "companies_old.csv", (1_700_000_000, 1_700_000_000))
    later = [request.run_key for _ in range(3) for request in sensor.look()]

    assert [name for name, _ in sensor.registered()] == ["companies.csv"]
    assert len(set(asked)) == 2
    assert set(later) <= set(asked), "Dagster starts one run per key"


def test_links_and_devices_in_the_intake_folder_are_left_alone(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    intake = add_customer(project, "acme", rows=None) / "intake"
    os.mkfifo(intake / "companies_fifo.csv")
    (intake / "companies_link.csv").symlink_to("/etc/hostname")
    sensor = Looks(project, instance)

    assert [sensor.look() for _ in range(3)] == [[], [], []]
    assert sensor.registered() == []


def test_a_lost_memory_or_a_killed_look_asks_for_the_same_run_and_registers_nothing_twice(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    sensor = Looks(project, instance)
    sensor.look()

    killed = [request.run_key for request in sensor.look(remembers=False)]
    again = [request.run_key for request in sensor.look()]
    sensor.cursor = None
    lost = [request.run_key for _ in range(2) for request in sensor.look()]

    assert killed == again, "Dagster starts one run per key"
    assert set(lost) == set(again)
    assert len(sensor.registered()) == 1


def test_while_somebody_works_on_the_customer_the_file_waits_for_the_next_look(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    sensor = Looks(project, instance)
    sensor.look()

    with customer_lock(project.lock("acme"), "run of wave_1"):
        assert sensor.look() == []
        assert "'run of wave_1'" in sensor.says
    assert len(sensor.look()) == 2


def test_what_was_run_by_hand_is_not_asked_for_again(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    raw_file = [("raw_file", "companies")]
    run_steps(
        Asked(workspace=project, slug="acme", wave="wave_1", as_of=datetime.date(2026, 11, 20), by="nobody"),
        raw_file,
        lambda step, event: None,
    )
    sensor = Looks(project, instance)

    assert [sensor.look() for _ in range(3)] == [[], [], []]


def test_once_a_wave_was_loaded_a_delivery_runs_the_next_one_and_never_that_one(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    loaded = {"kind": "export_loaded", "wave": "wave_1", "version": "v0001-00000000"}
    recorded(project, loaded)
    sensor = Looks(project, instance)

    asked = [request for _ in range(2) for request in sensor.look()]

    assert [(each.job_name, each.partition_key) for each in asked] == [("acme__run_wave", "wave_2")]


def test_once_every_wave_was_loaded_a_delivery_starts_nothing_by_itself(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    for wave in ("wave_1", "wave_2"):
        recorded(project, {"kind": "export_loaded", "wave": wave, "version": "v0001-00000000"})
    sensor = Looks(project, instance)

    assert [sensor.look() for _ in range(2)] == [[], []]
    assert "every wave was loaded" in sensor.says


def test_a_policy_of_waiting_registers_and_starts_nothing(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    policy(project, "policies: {", "policies: {on_delivery: wait, ")
    sensor = Looks(project, instance)

    assert [sensor.look() for _ in range(2)] == [[], []]
    assert "companies: companies.csv was registered" in sensor.says
    assert "policies.on_delivery says wait" in sensor.says


def test_nothing_runs_before_every_source_has_a_delivery(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    policy(
        project,
        "  waves:\n",
        '    people: {file: "people*.csv", says: "People.", key: ID, lookup_only: true}\n  waves:\n',
    )
    sensor = Looks(project, instance)

    assert [sensor.look() for _ in range(2)] == [[], []]
    assert "nothing has been delivered for people" in sensor.says


@pytest.fixture
def bucket() -> Iterator[fsspec.AbstractFileSystem]:
    store = fsspec.filesystem("memory")
    store.mkdirs("/bucket/acme", exist_ok=True)
    yield store
    store.rm("/bucket", recursive=True)


def elsewhere(project: Workspace) -> None:
    policy(project, "  waves:\n", "  intake: {url: 'memory://bucket/acme'}\n  waves:\n")


def test_a_file_in_an_object_store_is_fetched_and_registered_once(
    project: Workspace, instance: dg.DagsterInstance, bucket: fsspec.AbstractFileSystem
) -> None:
    add_customer(project, "acme", rows=None)
    elsewhere(project)
    bucket.pipe("/bucket/acme/companies.csv", ACCOUNTS.encode())
    bucket.pipe("/bucket/acme/notes.txt", b"not ours")
    sensor = Looks(project, instance)

    asked = [{request.run_key for request in sensor.look()} for _ in range(5)]
    sensor.cursor = None
    asked += [{request.run_key for request in sensor.look()} for _ in range(2)]

    assert [bool(keys) for keys in asked[:2]] == [False, True]
    assert set.union(*asked) == asked[1], "Dagster starts one run per key"
    assert [name for name, _ in sensor.registered()] == ["companies.csv"]
    assert [path.name for path in intake_of(project).iterdir()] == ["companies.csv"]


def test_other_bytes_under_the_same_name_are_another_delivery_and_both_files_are_kept(
    project: Workspace, instance: dg.DagsterInstance, bucket: fsspec.AbstractFileSystem
) -> None:
    add_customer(project, "acme")
    policy(project, 'file: "companies*.csv"', 'file: "companies.csv"')
    elsewhere(project)
    sensor = Looks(project, instance)
    for _ in range(2):
        sensor.look()

    bucket.pipe("/bucket/acme/companies.csv", MORE.encode())
    for _ in range(4):
        sensor.look()

    assert [name for name, _ in sensor.registered()] == ["companies.csv", "companies.csv"]
    assert len(list(intake_of(project).iterdir())) == 2
    assert (intake_of(project) / "companies.csv").read_text(encoding="utf-8") == ACCOUNTS


def test_a_place_that_cannot_be_reached_does_not_keep_the_folder_from_being_looked_at(
    project: Workspace, instance: dg.DagsterInstance
) -> None:
    add_customer(project, "acme")
    policy(project, "  waves:\n", "  intake: {url: 'memory://gone/acme'}\n  waves:\n")
    sensor = Looks(project, instance)

    asked = [len(sensor.look()) for _ in range(3)]

    assert asked == [0, 2, 0]
    assert "check `intake.url`" in sensor.says


@pytest.mark.parametrize("seed", range(4))
def test_a_storm_of_files_and_faults_registers_each_content_exactly_once(
    project: Workspace, instance: dg.DagsterInstance, bucket: fsspec.AbstractFileSystem, seed: int
) -> None:
    """Partial writes, renames, copies, other bytes under old names, lost cursors and killed looks, in any order."""
    add_customer(project, "acme", rows=None)
    elsewhere(project)
    chance, sensor, intake = random.Random(seed), Looks(project, instance), intake_of(project)
    whole = {number: ACCOUNTS + f"1{number:02},Storm {number},live\n" for number in range(12)}
    for number, text in whole.items():
        name = f"companies_{chance.randrange(3)}.csv"
        half = text[: len(text) - 5]
        if chance.random() < 0.5:
            bucket.pipe(f"/bucket/acme/{name}", half.encode())
            sensor.look()
            bucket.pipe(f"/bucket/acme/{name}", text.encode())
        else:
            (intake / name).write_text(half, encoding="utf-8")
            sensor.look(remembers=chance.random() < 0.5)
            (intake / name).write_text(text, encoding="utf-8")
        fault = chance.randrange(5)
        if fault == 0:
            sensor.look(remembers=False)
        elif fault == 1:
            sensor.cursor = None
        elif fault == 2 and (intake / name).is_file():
            shutil.copy(intake / name, intake / f"companies_copy_{number}.csv")
        for _ in range(3):
            sensor.look()
        if fault == 3 and (intake / name).is_file():
            (intake / name).rename(intake / f"companies_was_{number}.csv")

    wanted = [hashlib.sha256(text.encode()).hexdigest()[:8] for text in whole.values()]
    assert [sha for _, sha in sensor.registered()] == wanted
