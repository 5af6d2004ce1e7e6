"""What a report says of a later wave: what is live, what changes, what vanished, and how the waves after it stand."""

import re

import pytest

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.markdown import render_markdown
from aformity_pipelines.handoff.proof import unproved
from aformity_pipelines.handoff.render import page_of
from aformity_pipelines.handoff.workbook_sheets import sheets_of
from tests.handoff.builders import full_record
from tests.handoff.wave_builders import COMPARED, EARLIER, GONE, REGION, RELEASED, TESTED, WAVES


def later() -> LaunchRecord:
    record = full_record()
    changes = record.changes
    assert changes
    first, *others = record.outcomes
    return record.model_copy(
        update={
            **WAVES,
            "changes": changes.model_copy(update={"released": (RELEASED,), "compared": (COMPARED,)}),
            "outcomes": (first.model_copy(update={"updated": 7, "held_updates": 2}), *others),
        }
    )


def section(page: str, name: str) -> str:
    body = page.partition(f'<div id="{name}">')[2].partition("</section>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_an_update_stands_with_both_values_and_how_often_it_happens() -> None:
    told = section(page_of(later()), "updates")

    assert "Accounts Region 7 2 1 North → South" in told
    assert "blank → South" in told
    assert "2 rows of records in the product wait with what changed since" in told


def test_the_first_export_says_that_nothing_can_change_yet() -> None:
    told = section(page_of(full_record()), "updates")

    assert "Nothing was in the product before, so nothing of it can change." in told


def test_what_an_export_builds_on_says_who_loaded_it_and_which_files_it_was_made_from() -> None:
    told = section(page_of(later()), "waves")

    assert "Pilot 20 Nov 2026" in told
    assert "12 accounts; updated: 1 contact." in told
    assert "Loaded: Tom" in told
    assert "accounts_oct.csv (received on 5 Oct 2026 )" in told


def test_an_export_that_nobody_loaded_is_not_said_to_be_in_the_product() -> None:
    told = section(page_of(later().model_copy(update={"loaded": None})), "waves")

    assert "Nobody has said yet that it was loaded" in told


def test_a_later_wave_shows_what_holds_its_rows_and_who_settles_it() -> None:
    told = section(page_of(later()), "waves")

    assert "200 rows are ready, 5 still held back, 3 newly held back, 1 overdue." in told
    assert "Overdue Accounts Every account needs a region. Tom" in told
    assert "A new file of contacts came." in told


def test_vanished_rows_that_wait_and_vanished_rows_that_are_settled_are_counted_apart() -> None:
    told = section(page_of(later()), "changes")

    assert "9 Crm accounts" in told
    assert (
        "4 wait for somebody to decide, under unresolved work . 3 go on as delivered last. 2 are left out."
        in told
    )


def test_released_rows_say_what_they_waited_for_and_stand_once() -> None:
    told = section(page_of(later()), "changes")

    assert told.count("Were held back by a rule (Every address can be reached).") == 1
    moved = told.partition("Rows that ended in another place than before")[2]
    assert "Contacts" not in moved.partition("Decisions")[0]


def test_a_new_file_is_told_in_rows_that_came_went_and_changed_and_by_column() -> None:
    told = section(page_of(later()), "changes")

    assert "Crm contacts contacts_nov.csv 25 15 40 845 Mail in 30 rows, Role in 12 rows" in told
    assert "New columns: Fax . Columns that are gone: Telex ." in told
    assert "Tel is likely called Telephone now. E-mail is spelled E-Mail now." in told


def test_a_comparison_of_files_that_does_not_add_up_is_refused() -> None:
    record = later()
    assert record.changes
    wrong = record.changes.model_copy(update={"compared": (COMPARED.model_copy(update={"removed": 16}),)})

    found = unproved(record.model_copy(update={"changes": wrong}))

    assert [each for each in found if each.startswith("changes.compared[0]:")]
    assert not [each for each in unproved(record) if each.startswith("changes.compared")]


def test_the_workbook_lists_updates_waves_tests_and_what_is_no_longer_delivered() -> None:
    lines = {sheet.name: sheet.lines for sheet in sheets_of(later())}

    assert [line[6:] for line in lines["Updates"]] == [("North", "South"), ("", "South")]
    assert lines["Waves"][0][:2] == (EARLIER.wave, EARLIER.version)
    assert [line[2] for line in lines["Later waves tested"]] == [
        "Overdue",
        "Newly held back",
        "Still held back",
        "Ready",
    ]
    assert lines["No longer delivered"][0][4:8] == (9, 4, 3, 2)


def test_the_digest_for_dagster_counts_and_names_no_value() -> None:
    told = render_markdown(later())

    assert "| `account` | 1,180 | 7 | 2 |" in told
    assert "| `southern_depots` | 25 Nov 2026 | 200 | 5 | 3 | 1 |" in told
    assert "Loaded on 21 Nov 2026 (`D-012`). Builds on `pilot/v0002-1a2b3c4d`." in told
    assert "South" not in told
    assert "accounts_oct.csv" not in told


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"vanished": (GONE.model_copy(update={"kept": 4}),)}, "vanished[0]: open, kept and left out"),
        (
            {"revalidations": (TESTED.model_copy(update={"ready": 201}),)},
            "revalidations[0]: its lines are 209",
        ),
        ({"updates": (REGION.model_copy(update={"records": 8}),)}, "updates[0].records: say 8"),
    ],
)
def test_a_number_about_waves_that_does_not_add_up_is_refused(
    change: dict[str, object], problem: str
) -> None:
    found = unproved(later().model_copy(update=change))

    assert any(each.startswith(problem) for each in found)
