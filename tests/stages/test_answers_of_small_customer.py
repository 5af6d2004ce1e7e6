"""Every kind of absence and every fate of a tiny customer, answered in the launch record before anybody asks."""

import re

import pytest

from aformity_pipelines.domain.launch.answers import Answer, AskedAbout, OpenAnswer
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.handoff_report import launch_record
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.why import open_sources
from aformity_pipelines.tracing.answer import Outcome
from aformity_pipelines.tracing.sources import Sources
from aformity_pipelines.tracing.why import trace
from tests.tracing import acme

pytestmark = pytest.mark.slow

FIELDS = [
    # entity, field, source row, how many share it, words of the answer
    ("account", "owner", "crm#3", 1, "it was delivered blank. This is known: Owners follow (Hanna Vogt"),
    ("account", "owner", "crm#4", 6, "it was delivered blank."),
    ("account", "phone", "crm#3", 1, '"n/a" was delivered, which stands for nothing entered'),
    ("account", "city", "crm#3", 1, '"-" was delivered, which stands for nothing entered'),
    ("account", "phone", "crm#10", 1, "something was delivered, and its rule leaves nothing"),
    ("account", "country", "crm#6", 1, '"EMEA" was delivered, which is left blank on purpose (noted: "a region"): Reps are members'),
    ("account", "city", "crm#18", 1, "it was cleared on purpose: Nowhere is no city (Hanna Vogt, 2 November 2026)"),
    ("account", "parent_account", "crm#4", 1, "which launches with wave 2 on 12 January 2027"),
    ("account", "parent_account", "crm#8", 1, "merged with the one that it pointed to, and nothing can point to itself"),
    ("account", "city", "partners#2", 2, "nothing in partners.csv is mapped to it; it only comes with crm.csv"),
]  # fmt: skip

RECORDS = [
    # entity, about, source row, words of the answer
    ("account", "merged", "crm#9", 'These 2 rows are one account, "7": Both are Eta (Hanna Vogt, 2 November 2026).'),
    ("account", "excluded", "crm#11", "The account is not brought over: Iota stays behind (Hanna Vogt"),
    ("account", "excluded", "crm#19", "The account is not brought over: Test companies are nobody."),
    ("account", "deferred", "crm#5", "The account launches with wave 2 on 12 January 2027: Closed companies."),
    ("account", "deferred", "crm#12", "The account waits for wave 2 on 12 January 2027: Kappa comes later"),
    ("contact", "deferred", "people#3", "The contact waits with its account, which launches with wave 2"),
    ("account", "held", "crm#13", "(Every account needs a name); Hanna Vogt settles it by 7 November 2026."),
    ("account", "held", "crm#14", "Hanna Vogt settles it by 24 November 2026: Hanna asks Mu"),
    ("contact", "held", "people#4", "The contact is held back with its account, which is held back by a rule (Every account"),
    ("account", "held", "crm#16", "is held back with the row that it is merged with, which is held back by a rule"),
    ("subscription", "held", "contracts#2", "The subscription is held back together with all subscriptions"),
    ("user", "role", "staff#2", 'The role is "member", because "Rep" was delivered, and "Rep" becomes "member", as decided'),
    ("account", "known", "crm#3", "not so here. Known and accepted: Owners follow (Hanna Vogt, 2 November 2026)."),
    ("account", "value", "partners#3", 'The lifecycle stage is "customer", because it was corrected: Quint buys'),
]  # fmt: skip


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return acme.played(tmp_path_factory)


@pytest.fixture(scope="module")
def run(workspace: Workspace) -> Run:
    return acme.opened(workspace)


@pytest.fixture(scope="module")
def record(run: Run) -> LaunchRecord:
    return launch_record(run)


@pytest.fixture(scope="module")
def ledger(workspace: Workspace) -> Sources:
    return open_sources(acme.opened(workspace))


def all_answers(record: LaunchRecord) -> tuple[Answer | OpenAnswer, ...]:
    return (*record.answers, *record.open_answers)


def rows_of(answer: Answer | OpenAnswer) -> set[str]:
    """Row ids as people would point to them: `crm#9`."""
    return {re.sub(r"@[0-9a-f]+#0*", "#", row).partition("/")[0] for row in answer.rows}


@pytest.mark.parametrize(("entity", "field", "row", "number", "words"), FIELDS)
def test_a_blank_field_is_answered_with_its_cause(
    record: LaunchRecord, entity: str, field: str, row: str, number: int, words: str
) -> None:
    about = [a for a in all_answers(record) if (a.about, a.entity, a.field) == ("blank", entity, field)]
    (mine,) = (answer for answer in about if row in rows_of(answer))

    assert words in mine.says
    assert (mine.row_count, len(mine.rows)) == (number, number)


@pytest.mark.parametrize(("entity", "about", "row", "words"), RECORDS)
def test_a_record_is_answered_with_where_it_ended_and_what_settled_it(
    record: LaunchRecord, entity: str, about: str, row: str, words: str
) -> None:
    mine = [a for a in all_answers(record) if (a.about, a.entity) == (about, entity) and row in rows_of(a)]

    assert [answer.says for answer in mine if words in answer.says], [answer.says for answer in mine]


def test_a_field_that_nothing_feeds_needs_no_list_of_rows(record: LaunchRecord) -> None:
    (website,) = (
        a for a in record.answers if (a.about, a.entity, a.field) == ("blank", "account", "website")
    )

    assert website.says == "The website is blank, because nothing in the delivered files is mapped to it."
    live = next(each.records for each in record.outcomes if each.entity == "account")
    assert (website.rows, website.row_count) == ((), live)


def test_every_field_says_where_it_comes_from_and_whether_somebody_approved_that(
    record: LaunchRecord,
) -> None:
    mapping = {(a.entity, a.field): a.says for a in record.answers if a.about is AskedAbout.MAPPING}

    assert mapping.keys() == {(line.entity, line.field) for line in record.mapping}
    assert mapping["account", "owner"] == (
        "Owner: made from crm.csv, column Owner (trim, then lower). 1 of 16 values changed by that. It is not approved yet."
    )


def test_blank_fields_add_up_to_what_the_export_leaves_blank(record: LaunchRecord, ledger: Sources) -> None:
    """Taking every blank for one that was delivered so would count the rest a second time, or not at all."""
    for entity, paths in ledger.exports.items():
        files = f"read_parquet({[str(path) for path in paths]})"
        for field in ledger.migration.destination.entities[entity].fields:
            ((blank,),) = ledger.query(f'select count(*) from {files} where "{field}" is null')
            counted = [
                a for a in all_answers(record) if (a.about, a.entity, a.field) == ("blank", entity, field)
            ]
            assert sum(answer.row_count for answer in counted) == blank, (entity, field)


CLAUSES = {
    Outcome.NOT_MAPPED: "nothing in the delivered files is mapped to it",
    Outcome.NEVER_DELIVERED: "is mapped to it; it only comes with",
    Outcome.DELIVERED_BLANK: "it was delivered blank",
    Outcome.BLANK_WORD: "which stands for nothing entered",
    Outcome.CLEARED_BY_RULE: "its rule leaves nothing",
    Outcome.CLEARED_BY_VALUE_MAP: "which is left blank on purpose",
    Outcome.CLEARED_BY_CORRECTION: "it was cleared on purpose",
    Outcome.UNREADABLE: "nothing was guessed",
    Outcome.LINK_WAITS: "it points to",
    Outcome.LINK_MERGED: "nothing can point to itself",
}


def test_the_record_and_why_name_the_same_cause_for_every_blank_field(
    record: LaunchRecord, ledger: Sources
) -> None:
    seen = set()
    for answer in (a for a in all_answers(record) if a.about is AskedAbout.BLANK):
        for row in answer.rows:
            why = trace(ledger, answer.entity, row, answer.field)
            assert CLAUSES[why.outcome] in answer.says, (why.headline, answer.says)
            assert ("This is known: " in why.headline) == ("This is known: " in answer.says)
            seen.add(why.outcome)
    assert seen == CLAUSES.keys() - {Outcome.NOT_MAPPED}


def test_the_record_and_why_agree_about_every_row_that_is_not_live(
    record: LaunchRecord, ledger: Sources
) -> None:
    about = {AskedAbout.EXCLUDED: "excluded", AskedAbout.DEFERRED: "deferred", AskedAbout.HELD: "unresolved"}
    asked = 0
    for answer in (a for a in all_answers(record) if a.about in about):
        for row in answer.rows:
            why = trace(ledger, answer.entity, row)
            assert why.fate == about[answer.about]
            # What the customer is told of a row by itself ends as it ends for all that share the answer.
            end = re.split(r"which |over: |: ", answer.says)[-1].rstrip(".")
            assert end in why.headline or isinstance(answer, OpenAnswer), (end, why.headline)
            asked += 1
    assert asked >= 14


def test_open_answers_name_the_owner_and_the_day_that_the_work_list_names(record: LaunchRecord) -> None:
    listed = {(work.owner.name, work.due) for work in record.unresolved}

    assert record.open_answers
    assert {(answer.owner.name, answer.due) for answer in record.open_answers} <= listed
    assert not [a for a in record.answers if "settles it by" in a.says or a.about is AskedAbout.HELD]


def test_every_row_with_a_finding_of_its_own_is_listed(record: LaunchRecord, ledger: Sources) -> None:
    listed = {row.partition("/")[0] for answer in all_answers(record) for row in answer.rows}
    found = {row for (row,) in ledger.query("select distinct row_id from {findings}")}

    assert {row.partition("/")[0] for row in found} <= listed
    assert {row for answer in all_answers(record) for row in answer.rows} <= record.row_labels.keys()


def test_what_the_customer_can_see_is_asked_in_their_words(record: LaunchRecord) -> None:
    asked = {each.asks for each in record.questions}
    waiting = {each.asks for each in record.open_questions}

    assert 'Why does 1 user have the role "member"?' in asked
    assert "Why did 2 accounts become one?" in asked
    assert "Why are 2 accounts not there yet?" in asked
    assert not asked & waiting or all("not there yet" in each for each in asked & waiting)
    assert len(record.questions) <= 12
