import re
from xml.etree.ElementTree import Element
from zlib import crc32

import pytest

from aformity_pipelines.domain.launch.answers import Answer, AskedAbout
from aformity_pipelines.handoff.render import page_of
from aformity_pipelines.handoff.report_questions import FIRST_SETTLED, FIRST_WAITING
from tests.handoff.builders import empty_record, full_record
from tests.handoff.hostile import rewritten
from tests.handoff.test_report import LITTLE_WORDS, by_id, classes, parsed, said

FINDINGS = 5000
MOST_BYTES = 2_000_000


@pytest.fixture(scope="module")
def html() -> str:
    return page_of(full_record())


def lists(html: str, kind: str) -> list[Element]:
    return [node for node in parsed(html).iter() if node.get("data-find") == kind]


def test_the_first_screen_shows_a_few_questions_and_folds_the_others(html: str) -> None:
    asked = by_id(html, "questions")
    settled, waiting = (
        [n for n in asked.iter("ol") if n.get("class") == name] for name in ("ask-list", "wait-list")
    )

    assert [len(each) for each in settled] == [FIRST_SETTLED, len(full_record().questions) - FIRST_SETTLED]
    assert [len(each) for each in waiting] == [FIRST_WAITING, 2]
    assert "Why do 17 accounts have no region?" in said(settled[0])


def test_each_open_question_names_who_settles_it_and_by_when(html: str) -> None:
    lines = [
        said(line)
        for node in by_id(html, "questions").iter("ol")
        if node.get("class") == "wait-list"
        for line in node
    ]

    assert "Due 3 Dec 2026 Tom Okafor · 25 records" in lines[2]
    assert "Overdue since 24 Nov 2026 Tom Okafor · 6 records" in lines[3]


@pytest.mark.parametrize(("settled", "waiting"), [("ask-list", "wait-list"), ("said", "owed")])
def test_settled_and_open_share_no_class(html: str, settled: str, waiting: str) -> None:
    sides = [
        {name for node in parsed(html).iter() if node.get("class") == side for name in classes(node)}
        for side in (settled, waiting)
    ]

    assert all(len(side) >= 2 for side in sides)
    assert not sides[0] & sides[1]


def test_settled_and_open_answers_share_no_word_of_ours() -> None:
    html = page_of(rewritten(full_record(), lambda text: str(crc32(text.encode()))))
    settled, waiting = (
        {word for node in lists(html, kind) for word in re.findall(r"[a-z]+", said(node).lower())}
        - LITTLE_WORDS
        for kind in ("answer", "open")
    )

    assert settled & waiting <= {"rows", "export", "s", "ledger", "nov", "count"}
    assert waiting >= {"settles", "settled"}


def test_every_answer_stands_once_with_its_rows_and_its_evidence(html: str) -> None:
    record = full_record()
    lines = [line for kind in ("answer", "open") for node in lists(html, kind) for line in node]

    assert len(lines) == len(record.answers) + len(record.open_answers)
    (shared,) = [line for line in lines if "the depot is closed" in said(line)]
    assert "17 records or rows" in said(shared)
    assert "crm_accounts:301; crm_accounts:302" in said(shared)
    assert {link.get("href") for link in shared.iter("a")} == {"#D-004", "#rule-2"}


def test_rows_that_the_record_does_not_list_are_counted(html: str) -> None:
    (role,) = [line for node in lists(html, "answer") for line in node if "Super User" in said(line)]

    assert "and 2 more, in the export's ledger" in said(role)


def test_evidence_leads_to_the_rule_the_count_and_the_decision_that_it_names(html: str) -> None:
    targets = {node.get("id") for node in parsed(html).iter()}

    assert {"rule-1", "rule-2", "rule-3", "count-1", "count-2", "D-001"} <= targets
    assert "select count(" in said(by_id(html, "count-1"))
    assert "An e-mail address can be delivered to." in said(by_id(html, "rule-1"))


def test_the_search_box_is_hidden_until_the_script_shows_it(html: str) -> None:
    assert "hidden" in by_id(html, "find").attrib


def test_every_delivered_column_has_a_line(html: str) -> None:
    headers = [said(row[0]) for node in lists(html, "column") for row in node]

    assert len(headers) == len(full_record().columns)
    assert "Looked up" in said(by_id(html, "mapping"))


def test_a_loss_that_nobody_agreed_to_stands_first_and_stands_out(html: str) -> None:
    losses = by_id(html, "losses")
    tables = list(losses.iter("table"))

    assert tables[0].get("class") == "gaps"
    assert "Nobody has agreed" in said(tables[0])
    assert "Nobody has agreed" not in said(tables[1])
    assert "1 field mapping loses nothing" in said(losses)
    assert "0 Text shortened" in said(losses)


def test_an_account_whose_losses_are_all_agreed_says_so() -> None:
    record = full_record()
    agreed = page_of(record.model_copy(update={"losses": record.losses[:2]}))

    assert "Nobody has agreed" not in agreed
    assert "1 of 2 field mappings lose something, all of it agreed" in agreed


def test_a_merge_says_which_value_won_and_which_were_left_behind(html: str) -> None:
    (table, *_) = [node for node in by_id(html, "merged").iter("table") if node.get("class") == "winners"]

    (_, name, region) = ([said(cell) for cell in row] for row in table.iter("tr"))
    lost = "A-0977 (accounts_nov.csv, row 978)"
    assert name == ["name", "Harbour Cold Store", "crm_accounts:41", f"HARBOUR COLD STORE␣ {lost}"]
    assert region == ["region", "north", "crm_accounts:41", f"blank {lost}"]


def test_changes_tell_what_was_released_and_a_first_handoff_says_that_it_is_the_first(html: str) -> None:
    first = page_of(full_record().model_copy(update={"changes": None}))

    assert "12 rows released, 3 new decisions" in html
    moves = [[said(cell) for cell in row][:4] for row in by_id(html, "changes").iter("tr")]
    assert moves[1] == ["Accounts", "Not delivered", "Excluded", "2"]
    assert moves[2] == ["Accounts", "Exported", "Not delivered any more", "1"]
    assert "no earlier handoff" in said(by_id(first, "changes"))


def test_the_history_links_an_entry_and_what_a_later_one_did_to_it_both_ways(html: str) -> None:
    later, earlier = by_id(html, "D-011"), by_id(html, "D-010")

    assert "Takes the place of D-010" in said(later)
    assert "Replaced by D-011" in said(earlier)
    assert "#D-011" in {link.get("href") for link in earlier.iter("a")}
    assert "Stale: 3 field mappings have changed" in said(by_id(html, "D-001"))


def test_the_history_is_told_day_by_day_with_deliveries_and_the_launch(html: str) -> None:
    heads = [said(node) for node in by_id(html, "history").iter("h3")]

    assert heads[0] == "2 Nov 2026"
    assert heads[2] == "9 Nov 2026 Mara Lindqvist, Tom Okafor"
    assert heads[-2:] == ["26 Nov 2026 This report", "30 Nov 2026 Planned launch"]


def test_a_deferral_says_what_releases_it(html: str) -> None:
    assert "Released by: The day of the wave, 18 January 2027." in said(by_id(html, "deferred"))


def test_an_empty_record_has_nothing_to_find_and_says_so() -> None:
    html = page_of(empty_record())

    assert not lists(html, "answer")
    assert "No record and no field needs an answer" in said(by_id(html, "answers"))


def test_five_thousand_findings_with_an_answer_each_stay_under_two_megabytes() -> None:
    labels = {
        f"contacts@fb521601#{n:07}": f"C-{n:05} (contacts_2026-11-27.csv, row {n})" for n in range(FINDINGS)
    }
    answers = tuple(
        Answer(
            about=AskedAbout.VALUE,
            entity="contact",
            field="email",
            says=f"The address was corrected after the customer looked it up, as number {place} of the list.",
            moment="first_login",
            evidence=("D-004", "contact.email.format"),
            rows=(row,),
            row_count=1,
        )
        for place, row in enumerate(labels)
    )
    record = full_record().model_copy(update={"answers": answers, "row_labels": labels})

    assert len(page_of(record).encode()) < MOST_BYTES
