"""What a likely question says: of all its records at once, short, and of open work who settles it."""

from datetime import date

from aformity_pipelines.domain.customer import Person, Side
from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.stages.launch.answers.group import Brief, Group, Owed
from aformity_pipelines.stages.launch.answers.sayings import ELSEWHERE, says_of

HANNA = Person(name="Hanna Vogt", role="Head of sales", side=Side.CUSTOMER)
BY = "Hanna Vogt settles it by 4 December 2026"
WAVE = "wave 2 on 12 January 2027"


def group(brief: Brief | None, *, count: int = 2, owed: Owed | None = None, because: str = "") -> Group:
    return Group(
        about=AskedAbout.HELD, entity="account", says="The account waits.", count=count, evidence=("ledger",),
        because=because, brief=brief, owed=owed,
    )  # fmt: skip


def owes(asks: str = "") -> Owed:
    return Owed(owner=HANNA, due=date(2026, 12, 4), is_overdue=False, says=BY, asks=asks, by=BY)


def test_records_that_wait_for_one_reason_are_spoken_of_together() -> None:
    waits = group(Brief(why="Closed accounts, for reference", parent="account", until=WAVE))

    assert says_of([waits]) == f"They wait with their account until {WAVE}: Closed accounts, for reference."


def test_one_record_is_spoken_of_as_one() -> None:
    assert (
        says_of([group(Brief(why="A reason", parent="account"), count=1)])
        == "It waits with its account: A reason."
    )


def test_of_several_reasons_each_has_its_number_and_the_owner_is_named_once_and_last() -> None:
    held = [
        group(Brief(why=why), count=n, owed=owes(why)) for why, n in (("Two spellings", 7), ("A circle", 1))
    ]

    assert says_of(held) == f"7 wait: Two spellings. 1 waits: A circle. {BY}."


def test_what_the_follow_up_says_stands_once_where_no_reason_said_it() -> None:
    held = [group(Brief(why=why), count=1, owed=owes("The office sends them again")) for why in ("A", "B")]

    assert says_of(held) == f"1 waits: A. 1 waits: B. The office sends them again. {BY}."


def test_a_link_that_waits_says_that_it_is_left_blank_until_then() -> None:
    cut = group(Brief(why="No address yet", pointed_from="a contact"), count=11, owed=owes())

    assert says_of([cut]) == (
        f"The link points to a contact that waits: No address yet. It is left blank until then. {BY}."
    )


def test_causes_of_a_blank_field_are_counted_in_words() -> None:
    blank = [
        group(None, count=14, because="it was delivered blank"),
        group(None, count=3, because="it was cleared"),
    ]

    assert says_of(blank) == "For 14 it was delivered blank. For 3 it was cleared."


def test_more_causes_than_can_be_said_aloud_are_left_to_the_answers() -> None:
    assert says_of([group(Brief(why=why)) for why in "ABCD"]).endswith(f"2 wait: C. {ELSEWHERE}")
