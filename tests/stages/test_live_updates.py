"""Waves that are run, loaded and run again in any order: nothing goes out twice, every change goes out once."""

from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.export import package_folder
from aformity_pipelines.stages.outputs import read_record
from tests.builders.once import made_once
from tests.builders.product import changes, current, export_all, load, manifest, product, updates
from tests.builders.two_sources import (
    ACCOUNT,
    COMPANIES,
    CONTACT,
    MERGE,
    PEOPLE,
    a_run,
    copied,
    decide,
    deliver,
    fates,
    project,
    published,
    workspace_in,
)

pytestmark = pytest.mark.slow

RENAMED = COMPANIES.replace("Acme,live", "Acme Inc,live")
NAME_CHANGED = ("account", "007", "name", "Acme", "Acme Inc")


@pytest.fixture
def exported_once(tmp_path_factory: pytest.TempPathFactory, tmp_path: Path) -> Workspace:
    """The small customer with its merge decided and its first wave exported."""
    made = made_once(tmp_path_factory, "exported", _export)
    return copied(workspace_in(made), tmp_path / "project")


def _export(folder: Path) -> None:
    workspace = project(folder)
    export_all(workspace)
    decide(workspace, **MERGE)
    export_all(workspace)


def companies(workspace: Workspace, text: str) -> None:
    deliver(workspace, {"companies.csv": text})


def test_once_it_is_loaded_a_wave_brings_only_what_is_new_or_changed(exported_once: Workspace) -> None:
    first = load(exported_once)
    companies(exported_once, RENAMED + "012,Eel,live,007,\n")

    export_all(exported_once)

    version = current(exported_once)
    told = manifest(version)
    assert (told.builds_on, told.created, told.updated) == (
        (first,),
        {"account": 1, "contact": 0},
        {"account": 1, "contact": 0},
    )
    assert updates(version) == [NAME_CHANGED]
    assert changes(version)["account companies:012"] == ("created", None)
    assert changes(version)["account companies:007"] == ("updated", first)
    assert changes(version)["account companies:011"] == ("unchanged", first)
    there = product(exported_once, "wave_1")
    assert there["account", "007"]["name"] == "Acme Inc"
    assert there["account", "012"]["parent_account"] == "007"


def test_until_it_is_loaded_a_new_run_takes_the_place_of_the_version(exported_once: Workspace) -> None:
    companies(exported_once, RENAMED)

    export_all(exported_once)

    version = current(exported_once)
    assert (manifest(version).builds_on, manifest(version).updated["account"]) == ((), 0)
    assert product(exported_once, "wave_1")["account", "007"]["name"] == "Acme Inc"


def test_a_wave_that_is_run_again_after_a_later_one_repeats_nothing(exported_once: Workspace) -> None:
    export_all(exported_once, "wave_2")
    before = published(exported_once), published(exported_once, "wave_2")

    outcomes = export_all(exported_once)

    assert outcomes["export/package"].was_made
    assert (published(exported_once), published(exported_once, "wave_2")) == before
    record = read_record(a_run(exported_once), "export", "package")
    assert record is not None
    assert record.rows_out == 0
    kept = package_folder(a_run(exported_once), record)
    assert kept is not None
    assert changes(kept)["account companies:009"][0] == "unchanged"
    assert not export_all(exported_once)["export/package"].was_made


def test_a_change_goes_out_with_whatever_wave_runs_next_and_once(exported_once: Workspace) -> None:
    export_all(exported_once, "wave_2")
    companies(exported_once, RENAMED.replace("Cask", "Cask & Co"))

    export_all(exported_once, "wave_1")
    assert updates(current(exported_once)) == [
        NAME_CHANGED,
        ("account", "009", "name", "Cask", "Cask & Co"),
    ]
    export_all(exported_once, "wave_2")
    export_all(exported_once, "wave_1")

    assert product(exported_once, "wave_1")["account", "009"]["name"] == "Cask & Co"
    assert published(exported_once, "wave_2")[1] == published(exported_once, "wave_2")[0][0]


def test_a_second_wave_that_was_rehearsed_is_replaced_until_it_is_loaded(exported_once: Workspace) -> None:
    export_all(exported_once, "wave_2")
    first = load(exported_once)
    companies(exported_once, COMPANIES.replace("Cask", "Cask & Co"))

    export_all(exported_once, "wave_2")

    assert manifest(current(exported_once, "wave_2")).builds_on == (first,)
    assert updates(current(exported_once, "wave_2")) == []
    assert product(exported_once, "wave_2")["account", "009"]["name"] == "Cask & Co"


def test_a_rehearsal_that_would_bring_nothing_any_more_is_replaced_by_nothing(
    exported_once: Workspace,
) -> None:
    export_all(exported_once, "wave_2")
    companies(exported_once, COMPANIES.replace("Cask,lead", "Cask,live"))
    covers = {"subject": "account", "fields": "name", "rows": "companies:009"}
    decide(exported_once, kind="rows_excluded", covers=covers)

    export_all(exported_once, "wave_2")

    assert ("account", "009") not in product(exported_once, "wave_2")


def test_a_version_that_others_loaded_past_is_built_on_by_nobody(exported_once: Workspace) -> None:
    old = current(exported_once)
    companies(exported_once, RENAMED)
    export_all(exported_once)
    decide(exported_once, kind="export_loaded", wave="wave_1", version=old.name)

    export_all(exported_once, "wave_2")

    assert manifest(current(exported_once, "wave_2")).builds_on == (f"wave_1/{old.name}",)
    assert updates(current(exported_once, "wave_2")) == [NAME_CHANGED]


def test_an_update_that_a_rule_holds_leaves_the_record_as_it_is_and_its_children_go_on(
    exported_once: Workspace,
) -> None:
    first = load(exported_once)
    companies(exported_once, COMPANIES.replace("Acme,live", ",live"))
    deliver(exported_once, {"people_2.csv": PEOPLE + "p6,Noa Lind,noa@acme.example,007\n"})

    export_all(exported_once)

    assert fates(exported_once)["account companies#2"] == ("unresolved", "rule", "account.name.required")
    assert changes(current(exported_once))["account companies:007"] == (None, first)
    assert fates(exported_once)["contact people#7"] == ("exported", "ready", None)
    assert product(exported_once, "wave_1")["account", "007"]["name"] == "Acme"
    assert updates(current(exported_once)) == []
    assert updates(current(exported_once), "held_updates") == [("account", "007", "name", "Acme", None)]


def test_a_link_that_was_blank_is_filled_once_its_record_is_there(tmp_path: Path) -> None:
    linked = COMPANIES.replace("007,Acme,live,,", "007,Acme,live,009,").replace(
        "009,Cask,lead,007,", "009,Cask,lead,,"
    )
    workspace = project(tmp_path / "project", files={"companies.csv": linked, "people.csv": PEOPLE})
    export_all(workspace)
    assert "parent_account" not in product(workspace, "wave_1")["account", "007"]

    export_all(workspace, "wave_2")

    assert updates(current(workspace, "wave_2")) == [("account", "007", "parent_account", None, "009")]
    assert product(workspace, "wave_2")["account", "007"]["parent_account"] == "009"


def test_a_live_row_that_a_decision_puts_off_or_leaves_out_stays_as_it_is(exported_once: Workspace) -> None:
    load(exported_once)
    companies(exported_once, RENAMED.replace("Dell", "Delta"))
    put_off = {"subject": "account", "fields": "name", "rows": "companies:007"}
    left_out = {"subject": "account", "fields": "name", "rows": "companies:011"}
    export_all(exported_once)
    decide(exported_once, kind="rows_deferred", until_wave="wave_2", covers=put_off)
    excluded = decide(exported_once, kind="rows_excluded", covers=left_out)

    export_all(exported_once)

    assert fates(exported_once)["account companies#2"][:2] == ("exported", "live")
    assert fates(exported_once)["account companies#6"] == ("exported", "live", excluded.id)
    assert updates(current(exported_once)) == []
    assert product(exported_once, "wave_1")["account", "007"]["name"] == "Acme"


def by_mail(mapping: dict[str, Any]) -> dict[str, Any]:
    """Contacts known in the product by their address, in the file by their number."""
    first, *others = mapping["reads"]
    return mapping | {
        "reads": [first | {"fields": first["fields"] | {"external_id": {"from": "Mail"}}}, *others]
    }


WITH_MAILS = PEOPLE.replace("p2,Émile 😀,,008", "p2,Émile 😀,emile@bolt.example,008")


@pytest.fixture
def known_by_mail(tmp_path: Path) -> Workspace:
    files = {"companies.csv": COMPANIES, "people.csv": WITH_MAILS}
    workspace = project(tmp_path / "project", files=files, mappings=(ACCOUNT, by_mail(CONTACT)))
    export_all(workspace)
    load(workspace)
    return workspace


def test_a_record_whose_key_changed_is_held_and_does_not_become_a_second_one(
    known_by_mail: Workspace,
) -> None:
    deliver(known_by_mail, {"people.csv": WITH_MAILS.replace("jo@acme.example", "jo.ruiz@acme.example")})

    export_all(known_by_mail)

    run = a_run(known_by_mail)
    record = read_record(run, "export", "package")
    assert record is not None
    folder = package_folder(run, record)
    assert folder is not None
    assert record.rows_out == 0
    assert changes(folder)["contact people:p1"][0] is None
    verdict = read_record(run, "transformed", "contact").verdict  # type: ignore[union-attr]
    assert verdict is not None
    assert {rule.rule: rule.failing for rule in verdict.rules}["contact.external_id.kept"] == 1


def test_a_new_row_with_the_key_of_a_live_record_is_that_record(known_by_mail: Workspace) -> None:
    again = WITH_MAILS.replace("p1,Jo Ruiz", "p9,Jo Ruiz-Lee")
    deliver(known_by_mail, {"people.csv": again})
    covers = {"subject": "contact", "fields": "full_name", "rows": "people:p1"}
    export_all(known_by_mail)
    decide(known_by_mail, kind="rows_excluded", covers=covers)

    export_all(known_by_mail)

    assert updates(current(known_by_mail)) == [
        ("contact", "jo@acme.example", "full_name", "Jo Ruiz", "Jo Ruiz-Lee")
    ]


def merge(workspace: Workspace, survivor: str, *parts: str) -> str:
    rows = [f"companies:{part}" for part in (survivor, *parts)]
    covers = {"subject": "account", "fields": "name", "rows": rows}
    return decide(workspace, kind="merge_approved", survivor=rows[0], covers=covers).id


def test_a_live_row_and_a_later_one_that_are_merged_stay_the_live_record(exported_once: Workspace) -> None:
    """The later row survives, so its values win; the product knows the record by the key that it has there."""
    load(exported_once)
    deliver(exported_once, {"people.csv": PEOPLE + "p7,Noa,noa@dell.example,009\n"})
    merge(exported_once, "009", "011")

    export_all(exported_once, "wave_2")

    folder = current(exported_once, "wave_2")
    assert ("account", "011", "name", "Dell & Söhne", "Cask") in updates(folder)
    there = product(exported_once, "wave_2")
    assert ("account", "009") not in there
    assert there["contact", "p7"]["account"] == "011"


def test_two_live_records_that_are_merged_are_both_in_the_product(exported_once: Workspace) -> None:
    load(exported_once)
    decision = merge(exported_once, "007", "011")

    export_all(exported_once)

    record = read_record(a_run(exported_once), "export", "package")
    assert record is not None
    folder = package_folder(a_run(exported_once), record)
    assert folder is not None
    assert any("both are in the product" in note for note in manifest(folder).notes)
    assert manifest(folder).created["account"] == 0
    ledger = changes(folder)
    assert ledger["account companies:011"][1] == ledger["account companies:007"][1]
    assert decision


def test_an_entity_that_closes_after_it_went_live_keeps_what_is_there(exported_once: Workspace) -> None:
    first = load(exported_once)
    companies(exported_once, RENAMED + ",Ghost,live,,\n")  # without its key, a row closes the gate

    export_all(exported_once)

    assert published(exported_once)[1] == first.partition("/")[2]
    record = read_record(a_run(exported_once), "export", "package")
    assert record is not None
    folder = package_folder(a_run(exported_once), record)
    assert folder is not None
    assert changes(folder)["account companies:007"][1] == first
