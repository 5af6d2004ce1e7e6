"""A launch record that says one thing nobody can prove is refused, and the refusal says where."""

import json
import re
from datetime import date

import pytest

from aformity_pipelines.domain.launch.numbers import numbers
from aformity_pipelines.domain.launch.risks import AcceptedRisk
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.cited import our_sentences, parts_of
from aformity_pipelines.handoff.proof import Unproved, unproved
from aformity_pipelines.handoff.render import render
from tests.handoff.builders import empty_record
from tests.handoff.proved_builders import at, changed, proved_record, said

RECORD = proved_record()


def with_glance(says: str, *evidence: str) -> LaunchRecord:
    return RECORD.model_copy(update={"glance": (said(says, *evidence),)})


def let_through(places: dict[str, LaunchRecord]) -> list[str]:
    """Return the places whose change nothing refuses by that place."""
    return [place for place, record in places.items() if not any(place in each for each in unproved(record))]


def test_a_record_in_which_everything_is_proved_is_rendered() -> None:
    assert unproved(RECORD) == ()
    assert unproved(empty_record()) == ()
    assert render(RECORD).startswith("<!doctype html>")


def test_a_statement_without_evidence_is_refused_wherever_it_stands() -> None:
    places = [
        p
        for p, part in parts_of("", RECORD)
        if hasattr(part, "evidence") and not isinstance(part, AcceptedRisk)
    ]

    assert {re.sub(r"\[\d+\]", "", place) for place in places} == {
        "glance", "notices", "changes.says", "export.left_out", "questions", "open_questions", "answers",
        "open_answers", "deferred", "excluded",
    }  # fmt: skip
    assert let_through({place: changed(RECORD, f"{place}.evidence", ()) for place in places}) == []


def test_evidence_that_leads_nowhere_is_refused_wherever_it_stands() -> None:
    places = [
        f"{place}.evidence[{index}]"
        for place, part in parts_of("", RECORD)
        if hasattr(part, "evidence") and not isinstance(part, AcceptedRisk)
        for index in range(len(part.evidence))
    ]
    lost = {place: changed(RECORD, place, "D-999") for place in places}

    assert len(places) > 25
    assert [
        p
        for p, each in lost.items()
        if f"{p.partition('.evidence')[0]}: evidence 'D-999' leads nowhere" not in unproved(each)
    ] == []


@pytest.mark.parametrize(
    "place",
    [
        "accepted_risks[0].decision", "accepted_risks[1].rule", "merged[0].decision", "unresolved[0].id",
        "mapping[0].approved_by", "mapping[1].corrected_by[0]", "losses[1].losses[0].covered_by[0]",
        "changes.decisions_added[2]", "changes.work_opened[0]",
    ],
)  # fmt: skip
def test_a_decision_or_rule_that_is_not_in_the_record_is_refused(place: str) -> None:
    assert at(RECORD, place)
    assert let_through({re.sub(r"\[\d\]$", "", place): changed(RECORD, place, "D-999")}) == []


def test_what_people_wrote_as_evidence_of_a_risk_is_theirs() -> None:
    assert unproved(changed(RECORD, "accepted_risks[0].evidence", ("A call on 3 May 2019",))) == ()


def test_a_count_that_is_one_too_high_or_missing_is_refused_whichever_it_is() -> None:
    higher = {
        count.name: changed(RECORD, f"counts[{place}].value", count.value + 1)
        for place, count in enumerate(RECORD.counts)
    }
    without = {
        count.name: RECORD.model_copy(update={"counts": tuple(c for c in RECORD.counts if c != count)})
        for count in RECORD.counts
        if count.value
    }

    assert len(higher) > 60
    assert let_through(higher) == []
    assert let_through(without) == []


def test_a_number_that_is_one_too_high_is_refused_whichever_it_is() -> None:
    places = {number.place for number in numbers(RECORD) if not number.place.startswith("merged")}
    changes = {place: changed(RECORD, place, at(RECORD, place) + 1) for place in places}

    assert len(changes) > 60
    assert [place for place, record in changes.items() if not unproved(record)] == []


@pytest.mark.parametrize("place", range(len(RECORD.fates)))
def test_a_row_that_is_moved_to_another_fate_is_refused(place: int) -> None:
    other = (place + 1) % len(RECORD.fates)
    moved = changed(RECORD, f"fates[{place}].rows", RECORD.fates[place].rows - 1)
    moved = changed(moved, f"fates[{other}].rows", RECORD.fates[other].rows + 1)

    row = RECORD.fates[place]
    name = f"count.rows.{row.entity}.{row.source}.{row.fate}.{row.reason}"
    assert f"{name}: {row.rows:,}, the fates add up to {row.rows - 1:,}" in unproved(moved)


def test_a_merge_that_lost_a_part_is_refused() -> None:
    fewer = changed(RECORD, "merged[1].parts", RECORD.merged[1].parts[:2])

    assert "merged[1].parts: say 1, count.merged.contact.D-012 is 2" in unproved(fewer)


def test_lines_that_say_where_rows_went_add_up_to_the_fates() -> None:
    fewer = RECORD.model_copy(update={"excluded": RECORD.excluded[:2]})

    assert "excluded: its lines about user are 0 rows, the fates 4,898" in unproved(fewer)


def test_rows_that_a_rule_holds_need_open_work_that_holds_them() -> None:
    problems = unproved(RECORD.model_copy(update={"unresolved": RECORD.unresolved[:1]}))

    assert "unresolved: rules hold 39 rows back, the open work only 6" in problems


def test_a_file_holds_as_many_rows_as_its_entity_has_records() -> None:
    problems = unproved(changed(RECORD, "export.files[2].rows", 213))

    assert "export.files[2]: user.csv has 213 rows, its entity 212 records" in problems
    assert "count.records.user: 212, the export's list of files says 213" in problems


def test_a_list_of_rows_is_not_longer_than_its_number() -> None:
    assert "open_answers[0]: names 25 rows and counts 24" in unproved(
        changed(RECORD, "open_answers[0].row_count", 24)
    )


def test_two_counts_of_one_name_are_refused() -> None:
    twice = RECORD.model_copy(update={"counts": (*RECORD.counts, RECORD.counts[0])})

    assert f"counts: {RECORD.counts[0].name} stands there 2 times" in unproved(twice)


def test_a_numeral_of_our_own_that_is_one_too_high_is_refused_in_every_sentence() -> None:
    changes = {}
    for place, says, evidence, part in our_sentences(RECORD):
        bare = re.sub(r"\d{1,2} [A-Z]\w+( \d{4})?", lambda found: "#" * len(found[0]), says)
        field = "asks" if says == getattr(part, "asks", "") else "says"
        for found in re.finditer(r"\b\d+\b", bare):
            if evidence != ("manifest",) and says[found.start() : found.end()] != "2019":
                other = f"{says[: found.start()]}{int(found[0]) + 1}{says[found.end() :]}"
                changes[f"{place}: {int(found[0]) + 1} is no figure"] = changed(
                    RECORD, f"{place}.{field}", other
                )

    assert len(changes) > 6
    assert let_through(changes) == []


def test_a_numeral_needs_the_evidence_that_counts_it_not_just_any() -> None:
    assert unproved(with_glance("39 rows are held back.", "count.held")) == ()
    assert unproved(with_glance("39 rows are held back.", "count.following", "ledger", "D-001")) == (
        "glance[0]: 39 is no figure of count.following, ledger, D-001 and no part of a name",
    )


@pytest.mark.parametrize(
    "says",
    [
        "It comes from contacts_south.csv.",
        "Harbour Cold Store is 0004711.",
        "See A-0012 (accounts_nov.csv, row 13).",
        "It launches on 30 November 2026.",
        "“17 of them” was delivered.",
        'It was "2019" before.',
        "As agreed: Accounts without an order since 2019 are not brought over.",
    ],
)
def test_digits_of_names_dates_quotations_and_peoples_words_are_no_figures(says: str) -> None:
    assert unproved(with_glance(says, "ledger")) == ()


@pytest.mark.parametrize(
    ("says", "piece"),
    [
        ("It comes from contacts_2031.csv.", "contacts_2031.csv"),
        ("Harbour Cold Store is 0004712.", "0004712"),
        ("It launches on 7 May 2031.", "the date 7 May 2031"),
        ("It launches on 2031-05-07.", "the date 2031-05-07"),
        ("Accounts without an order since 2018.", "2018"),
        ("A third (33%) is blank.", "33%"),
    ],
)
def test_digits_that_stand_nowhere_else_are_refused(says: str, piece: str) -> None:
    (problem,) = unproved(with_glance(says, "ledger"))

    assert problem.startswith(f"glance[0]: {piece} ")


def test_every_problem_is_told_at_once_and_nothing_is_rendered() -> None:
    wrong = changed(changed(RECORD, "glance[0].evidence", ()), "outcomes[0].records", 7)

    with pytest.raises(Unproved) as refused:
        render(wrong)

    assert len(refused.value.problems) >= 3
    assert all(f"- {problem}" in str(refused.value) for problem in refused.value.problems)
    assert str(refused.value).startswith("the handoff is not written: ")


def test_accepted_and_unresolved_are_read_from_the_plain_record_with_owner_and_date() -> None:
    record = json.loads(RECORD.model_dump_json())

    accepted = [
        (risk["says"], risk["approver"]["name"], risk["accepted_on"]) for risk in record["accepted_risks"]
    ]
    owed = [
        (work["says"], work["owner"]["name"], work["due"], work["is_overdue"])
        for work in record["unresolved"]
    ]
    assert accepted[0] == ("Seventeen accounts go live without a region.", "Mara Lindqvist", "2026-11-12")
    assert owed[0] == ("Six invoice addresses have no postal code.", "Tom Okafor", "2026-11-24", True)
    assert all(owner and date.fromisoformat(due) for _, owner, due, _ in owed)
