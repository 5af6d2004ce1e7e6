"""Answers that stand once, row ids within a budget, questions in order, and quotes that a value cannot close."""

from datetime import date

import pytest

from aformity_pipelines.domain.customer import Person, Side
from aformity_pipelines.domain.destination import Entity, Field
from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.domain.launch.limits import LISTED_ROWS
from aformity_pipelines.handoff.proof import unproved
from aformity_pipelines.stages.launch.answers.build import cut_notice
from aformity_pipelines.stages.launch.answers.group import (
    FEW_ROWS,
    Group,
    Owed,
    stand_once,
    within_budget,
)
from aformity_pipelines.stages.launch.answers.questions import MOST, Asking, open_questions, questions
from aformity_pipelines.stages.launch.answers.quotes import in_quotes
from aformity_pipelines.stages.launch.source import SHOWN_ROWS
from tests.handoff.proved_builders import proved_record

HANNA = Person(name="Hanna Vogt", role="Head of sales", side=Side.CUSTOMER)
PRIYA = Person(name="Priya Raman", role="Lead", side=Side.IMPLEMENTATION)


def group(
    says: str = "The owner is blank, because it was delivered blank.",
    *,
    count: int = 1,
    first: int = 1,
    about: AskedAbout = AskedAbout.BLANK,
    field: str | None = "owner",
    moment: str = "routing",
    owed: Owed | None = None,
    is_own: bool = False,
    is_live: bool = True,
    is_expected: bool = False,
) -> Group:
    rows = tuple(f"crm@00000000#{number:07}" for number in range(first, first + count))
    return Group(
        about=about, entity="account", says=says, count=count, evidence=("ledger",), rows=rows, field=field,
        moment=moment, owed=owed, is_own=is_own, is_live=is_live, is_expected=is_expected,
    )  # fmt: skip


def owes(person: Person, day: int) -> Owed:
    return Owed(owner=person, due=date(2026, 12, day), is_overdue=False, says=f"{person.name} settles it")


def asking(live: int = 100) -> Asking:
    field = Field(says="A field.", moment="routing", required=True, unique=True)
    account = Entity(
        label="Account",
        plural="Accounts",
        says="A company.",
        key="external_id",
        fields={"external_id": field},
    )
    return Asking(
        entities={"account": account},
        moments=("first_login", "permissions", "routing", "reporting"),
        of_record={"account": "first_login"},
        live={"account": live},
    )  # fmt: skip


def test_what_two_sources_share_stands_once_with_the_sum() -> None:
    (shared,) = stand_once([group(count=2), group(count=3, first=7)])

    assert (shared.count, len(shared.rows)) == (5, 5)


def test_what_other_people_settle_stays_apart() -> None:
    held = [group(owed=owes(HANNA, 1)), group(owed=owes(PRIYA, 1)), group(owed=owes(HANNA, 2)), group()]

    assert len(stand_once(held)) == 4


def test_two_merges_that_say_the_same_are_two_answers() -> None:
    merges = [group("They are one.", count=2, first=n, about=AskedAbout.MERGED) for n in (1, 3)]

    assert len(stand_once(merges)) == 2


def test_a_shared_answer_lists_its_first_rows_and_one_about_findings_all_of_them() -> None:
    listed, is_cut = within_budget((group(count=SHOWN_ROWS + 50), group(count=SHOWN_ROWS + 50, is_own=True)))

    assert (listed, is_cut) == ((SHOWN_ROWS, SHOWN_ROWS + 50), False)


def test_rows_with_findings_come_first_where_not_all_can_be_listed() -> None:
    shared = tuple(group(count=SHOWN_ROWS) for _ in range(20))
    listed, is_cut = within_budget((*shared, group(count=LISTED_ROWS - 500, is_own=True)))

    assert is_cut
    assert listed[-1] == LISTED_ROWS - 500
    assert sorted(listed[:-1]) == [FEW_ROWS] * 18 + [SHOWN_ROWS] * 2
    assert sum(listed) <= LISTED_ROWS + FEW_ROWS * len(listed)


def test_the_notice_that_answers_are_cut_is_proved_by_the_limit_that_it_names() -> None:
    notice = cut_notice("acme")
    other = notice.model_copy(update={"says": notice.says.replace(f"{LISTED_ROWS:,}", "13,000")})
    record = proved_record()

    assert unproved(record.model_copy(update={"notices": (notice,)})) == unproved(record) == ()
    (problem,) = unproved(record.model_copy(update={"notices": (other,)}))
    assert "13,000 is no figure of limit.listed_rows" in problem


def test_the_moments_order_the_questions_then_the_share_of_live_records() -> None:
    asked = questions(
        asking(),
        [
            group("A.", count=30, field="city", moment="reporting"),
            group("B.", count=2, field="owner"),
            group("C.", count=9, field="phone"),
            group("D.", count=1, field=None, about=AskedAbout.EXCLUDED, moment="reporting", is_live=False),
        ],
    )

    assert [each.asks for each in asked] == [
        "Where did 1 account go?",
        "Why do 9 accounts have no phone?",
        "Why do 2 accounts have no owner?",
        "Why do 30 accounts have no city?",
    ]


def test_what_was_delivered_just_like_that_is_asked_about_last() -> None:
    asked = questions(
        asking(),
        [
            group("A.", count=50, field="phone", moment="permissions", is_expected=True),
            group("B.", count=2, moment="reporting"),
        ],
    )

    assert [each.field for each in asked] == ["owner", "phone"]


def test_a_question_with_several_causes_counts_each() -> None:
    (asked,) = questions(asking(), [group("It is A.", count=3), group("It is B.", count=14, first=10)])

    assert (asked.asks, asked.records) == ("Why do 17 accounts have no owner?", 17)
    assert asked.says == "14: It is B. 3: It is A."


def test_a_row_that_two_rules_hold_is_not_counted_twice_in_one_question() -> None:
    held = [
        group(says, count=2, about=AskedAbout.HELD, field=None, owed=owes(HANNA, 1), is_live=False)
        for says in ("Held for its name.", "Held for its city.")
    ]
    asked = open_questions(asking(), held)

    assert [each.asks for each in asked] == ["Why are 2 accounts not there yet?"] * 2
    assert {each.owner.name for each in asked} == {"Hanna Vogt"}


def test_what_is_open_is_no_settled_question() -> None:
    groups = [group(count=2), group(count=3, first=5, owed=owes(PRIYA, 4))]

    assert [each.records for each in questions(asking(), groups)] == [2]
    assert [(each.records, each.due.day) for each in open_questions(asking(), groups)] == [(3, 4)]


@pytest.mark.parametrize(
    ("moment", "count", "is_asked"),
    [("permissions", 19, False), ("permissions", 20, True), ("reporting", 100, False)],
)
def test_what_was_delivered_blank_is_asked_about_only_where_it_is_much_and_prominent(
    moment: str, count: int, is_asked: bool
) -> None:
    asked = questions(asking(), [group(count=count, moment=moment, is_expected=True)])

    assert bool(asked) is is_asked


def test_there_are_no_more_questions_than_somebody_reads() -> None:
    assert len(questions(asking(), [group(field=f"field_{n}") for n in range(40)])) == MOST


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Rep", '"Rep"'),
        ('5" pipe 3', '“5" pipe 3”'),
        ('“5" 3”', '\u2018“5" 3”\u2019'),
        ("a\u202eb", '"a\\u202eb"'),
    ],
)
def test_a_value_does_not_close_its_own_quotes(text: str, shown: str) -> None:
    assert in_quotes(text) == shown


def test_a_value_with_every_kind_of_quotes_still_ends_where_it_ends() -> None:
    shown = in_quotes('“a” \u2018b\u2019 `c` "d 7')

    assert (shown[0], shown[-1]) == ("“", "”")
    assert not {"“", "”"} & set(shown[1:-1])
