"""What is in the build now held against a published version: in counts, and row by row."""

import shutil
from typing import Any

import pytest

from aformity_pipelines.domain.difference import Difference
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.difference.build import Compared, compare_with
from aformity_pipelines.stages.difference.published import difference_of_last_two
from aformity_pipelines.stages.difference.rows import Asked, row_differences
from aformity_pipelines.stages.difference.sides import NOW
from aformity_pipelines.stages.difference.versions import NoVersion, find_version
from aformity_pipelines.stages.kept_stages import read_kept_stages
from aformity_pipelines.stages.run import Run
from tests.builders.two_sources import (
    ACCOUNT,
    PEOPLE,
    SLUG,
    a_run,
    as_yaml,
    deliver,
    published,
    run_all,
)

AGAIN = PEOPLE.replace("Jo Ruiz", "Jo Ruiz-Lee").replace("p5,Max Orr,max@cask.example,009\n", "") + (
    "p6,Noa Lind,noa@acme.example,007\n"
)


def current(workspace: Workspace) -> str:
    version = published(workspace)[1]
    assert version is not None
    return version


def numbers(difference: Difference) -> dict[str, tuple[int | None, int | None]]:
    return {
        f"{each.stage} {each.subject} {each.measure} {each.what}".strip(): (each.previous, each.current)
        for each in difference.lines
        if each.is_different
    }


def rows_of(run: Run, compared: Compared, **asked: Any) -> Any:
    entities = {"entities": run.migration.entities()} | asked
    return row_differences(run, compared.then, compared.now, Asked(**entities))


def test_a_version_keeps_its_stages_without_a_value_or_a_date(published_once: Workspace) -> None:
    folder = published_once.published(SLUG, "wave_1") / current(published_once)

    kept = read_kept_stages(folder)
    text = (folder / "stages.json").read_text(encoding="utf-8")

    assert kept is not None
    assert [each.place for each in kept.stages][:2] == [("raw_file", "companies"), ("raw_file", "people")]
    assert kept.exports["account"] == {"locked": 0, "queued": 4, "on hold": 1}
    assert not [word for word in ("Acme", "Ruiz", "2026-11", "Ina") if word in text]


def test_right_after_an_export_it_is_compared_with_the_one_before_it(published_once: Workspace) -> None:
    first, last = published(published_once)[0]

    difference = compare_with(a_run(published_once)).difference

    assert (difference.previous, difference.current) == (f"wave_1/{first}", f"wave_1/{last}")
    assert numbers(difference)["export account fates merged"] == (0, 1)
    assert difference.decisions_added == ("D-001",)
    assert difference.decisions_ended == ()


def test_the_page_and_dagster_say_the_same_of_two_versions_without_running_anything(
    published_once: Workspace,
) -> None:
    run = a_run(published_once)
    whole = compare_with(run).difference

    found = difference_of_last_two(published_once, SLUG, "wave_1")

    assert found is not None
    assert (found.lines, found.names) == (whole.lines, whole.names)
    assert found.decisions_added == whole.decisions_added
    assert found.decisions == ()


def test_what_is_not_published_yet_is_compared_with_the_last_export(before_export: Workspace) -> None:
    difference = compare_with(a_run(before_export)).difference

    assert (difference.current, difference.previous) == (NOW, f"wave_1/{current(before_export)}")
    found = numbers(difference)
    assert found["raw_file people rows"] == (5, 6)
    assert found["mapped contact rows"] == (10, 11)
    assert {"previous": 1, "current": 1} not in list(found.values())
    assert [(each.source, each.added, each.removed, each.changed) for each in difference.deliveries] == [
        ("people", 1, 0, 0)
    ]
    assert [(each.decision, str(each.fit)) for each in difference.decisions] == [("D-001", "applies")]


def test_nothing_is_published_and_no_verdict_is_written_by_a_comparison(before_export: Workspace) -> None:
    home = before_export.of_customer(SLUG)

    def stored() -> dict[str, bytes]:
        return {
            str(path.relative_to(home)): path.read_bytes()
            for path in home.rglob("*")
            if path.is_file() and "scratch" not in path.parts and "earlier" not in path.parts
        }

    before = stored()
    compare_with(a_run(before_export))

    assert stored() == before


def test_stages_that_have_not_run_on_todays_files_are_named(published_once: Workspace) -> None:
    deliver(published_once, {"people_2.csv": AGAIN})

    (note,) = (each for each in compare_with(a_run(published_once)).difference.notes if "not run" in each)

    assert note.startswith("not run on today's files")
    assert "raw_file people" in note


def test_a_stage_that_has_still_to_run_is_no_difference(published_once: Workspace) -> None:
    shutil.rmtree(published_once.of_customer(SLUG) / "build")

    difference = compare_with(a_run(published_once)).difference

    assert numbers(difference) == {}
    assert [each for each in difference.lines if each.current is None and each.previous], (
        "the naive variant lists what is not known yet"
    )
    assert any("not run" in note for note in difference.notes)


def test_a_wave_that_goes_out_the_first_time_is_compared_with_what_it_builds_on(
    published_once: Workspace,
) -> None:
    before = compare_with(a_run(published_once, "wave_2")).difference
    run_all(published_once, "wave_2")

    after = compare_with(a_run(published_once, "wave_2")).difference
    shown = difference_of_last_two(published_once, SLUG, "wave_2")

    assert before.previous == after.previous == f"wave_1/{current(published_once)}"
    assert (before.current, after.current.partition("-")[0]) == (NOW, "wave_2/v0001")
    assert numbers(after)["export account exports locked"] == (0, 4)
    assert shown is not None
    assert (shown.previous, shown.lines) == (after.previous, after.lines)


def test_versions_in_a_form_that_is_not_known_are_not_compared(published_once: Workspace) -> None:
    folder = published_once.published(SLUG, "wave_1") / current(published_once)
    path = folder / "manifest.json"
    path.chmod(0o600)
    path.write_text("{}", encoding="utf-8")

    assert difference_of_last_two(published_once, SLUG, "wave_1") is None


def test_a_changed_mapping_is_named_among_the_functions(published_once: Workspace) -> None:
    mapping: dict[str, Any] = {"entity": "account", "reads": [dict(ACCOUNT["reads"][0])]}
    fields = mapping["reads"][0]["fields"]
    mapping["reads"][0]["fields"] = fields | {"name": {"from": "Name", "rule": "upper"}}
    path = published_once.customer(SLUG) / "mapping" / "account.yaml"
    path.write_text(as_yaml(mapping), encoding="utf-8")

    difference = compare_with(a_run(published_once)).difference

    assert [(each.stage, each.name, each.change) for each in difference.names] == [
        ("mapped", "companies/main/name", "changed")
    ]


def test_rows_are_told_with_cells_values_and_fates_then_and_now(published_once: Workspace) -> None:
    deliver(published_once, {"people_2.csv": AGAIN})
    run_all(published_once)
    run = a_run(published_once)

    found = rows_of(run, compare_with(run), entities=("contact",))

    by_change = {each.change: each for each in found.rows}
    assert found.counts["added"] == 1
    assert by_change["added"].fate_before is None
    changed = next(row for row in found.rows if any(text.name == "Name" for text in row.texts))
    assert changed.row_before is not None
    assert changed.row_before != changed.row
    texts = {(str(each.of), each.name): (each.before, each.after) for each in changed.texts}
    assert set(texts) == {("cell", "Name"), ("value", "full_name")}
    # Names of people are personal: tokens, and two different ones.
    assert all(str(text).startswith(("name-", "full_name-")) for pair in texts.values() for text in pair)
    assert len(set(texts["cell", "Name"])) == 2
    assert not any("Ruiz" in str(row.model_dump()) for row in found.rows)


def test_a_field_that_is_asked_for_leaves_the_other_rows_out(published_once: Workspace) -> None:
    deliver(published_once, {"people_2.csv": AGAIN})
    run_all(published_once)
    run = a_run(published_once)
    compared = compare_with(run)

    assert rows_of(run, compared, field="email").total == 0
    assert rows_of(run, compared, field="full_name").counts == {"changed": 1}


def test_the_true_count_is_said_where_only_some_rows_are_listed(published_once: Workspace) -> None:
    deliver(published_once, {"people_2.csv": AGAIN})
    run_all(published_once)
    run = a_run(published_once)

    found = rows_of(run, compare_with(run), limit=1)

    assert len(found.rows) == 1
    assert found.total > 1


def test_a_version_is_found_by_its_number_and_an_unknown_one_names_those_that_are_there(
    published_once: Workspace,
) -> None:
    name = current(published_once)

    assert find_version(published_once, SLUG, "wave_1", name[:5])[1].name == name
    assert find_version(published_once, SLUG, "wave_2", f"wave_1/{name}")[0] == "wave_1"
    with pytest.raises(NoVersion, match=name):
        find_version(published_once, SLUG, "wave_1", "v0099")
