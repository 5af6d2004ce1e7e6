"""What the account says of counted losses, and who covers them."""

from types import SimpleNamespace
from typing import Any

import pytest

from aformity_pipelines.domain.launch.losses import LossLine, LossSort
from aformity_pipelines.domain.stage_record import FieldRecord
from aformity_pipelines.review.approvals import Approval
from aformity_pipelines.stages.launch import losses as account
from tests.mapping.small_migration import Small

APPROVED = Approval(name="crm/main/x", decision="D-1", stale=None, value_map="D-2")
NOBODY = Approval(name="crm/main/x", decision=None, stale="D-1")
Told = tuple[LossSort, int, str, tuple[str, ...]]


def told(
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    mapping: dict[str, Any],
    *,
    approval: Approval = APPROVED,
    accepted: tuple[tuple[str, ...], int] = ((), 0),
    answers: tuple[str, ...] = (),
    **counts: Any,
) -> tuple[Told, ...]:
    """Return the losses of one field mapping whose facts are `counts`."""
    reads = [{"source": "crm", "fields": {name: mapping}}]
    small = Small(reads=reads, crm=(("No", "X"), []))
    facts = {"rows": 9, "filled": 5, "changed": 5, "unreadable": 0, "cleared": 0, "losses": {}} | counts
    record = SimpleNamespace(
        fields=(FieldRecord.model_validate({"source": "crm", "part": "main", "field": name, **facts}),),
        decisions=(),
    )
    spoken = [SimpleNamespace(id=id_, format=SimpleNamespace(encoding="cp1252")) for id_ in answers]
    monkeypatch.setattr(
        account,
        "approvals",
        lambda *_: (
            Approval(
                name=f"crm/main/{name}",
                decision=approval.decision,
                stale=approval.stale,
                value_map=approval.value_map,
            ),
        ),
    )
    monkeypatch.setattr(account, "intake_answers", lambda *_: spoken)
    sources = SimpleNamespace(
        run=SimpleNamespace(migration=small.migration),
        records={("mapped", "person"): record},
        standing=tuple,
        query=lambda *_: [("person", name, "crm", "main", list(accepted[0]), accepted[1])],
    )
    lines: tuple[LossLine, ...] = account.losses(sources)  # type: ignore[arg-type]  # only what the function asks for
    return tuple(
        (each.sort, each.number, each.says, each.covered_by) for line in lines for each in line.losses
    )


def test_texts_that_became_one_value_are_covered_by_mapping_and_value_map(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert told(monkeypatch, "name", {"from": "X"}, distinct_before=20, distinct_after=1) == (
        (LossSort.COLLAPSED, 19, "20 different texts became 1 value.", ("D-1", "D-2")),
    )


def test_as_many_values_as_texts_are_no_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(monkeypatch, "name", {"from": "X"}, distinct_before=20, distinct_after=20) == ()


def test_a_mapping_that_nobody_approved_covers_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = {"from": "X", "cast": {"date": {"order": "dmy", "two_digit_years": True}}}

    assert told(monkeypatch, "since", cast, approval=NOBODY, losses={"date_decided": 3}) == (
        (
            LossSort.DATE_DECIDED,
            3,
            "In 3 rows a date that could be several days was read as a date, day first, with two-digit years.",
            (),
        ),
    )


def test_a_blank_of_a_plain_field_is_the_files_own_word_and_that_of_a_rule_may_not_be(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = told(monkeypatch, "name", {"from": "X"}, cleared=1)
    ruled = told(monkeypatch, "name", {"from": "X", "rule": "keep_digits"}, cleared=2)

    assert (
        plain[0][2]
        == "In 1 row the field is blank because what was delivered is the file's own word for nothing."
    )
    assert ruled[0][2].endswith("is a word for nothing, or a text of which the rule leaves nothing.")


def test_unreadable_texts_that_were_accepted_are_told_from_those_that_wait(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = told(monkeypatch, "seats", {"from": "X"}, unreadable=5, accepted=(("D-9",), 2))

    assert [(number, by) for _, number, _, by in found] == [(2, ("D-9",)), (3, ())]
    assert (
        found[1][2]
        == "In 3 rows the text does not fit a whole number and the field is blank, and nobody has agreed to that."
    )


def test_misread_signs_that_are_still_there_are_covered_by_an_answer_on_the_encoding_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts: dict[str, Any] = {"losses": {"encoding": 5}, "repaired": 2}
    alone = told(monkeypatch, "name", {"from": "X"}, **counts)
    answered = told(monkeypatch, "name", {"from": "X"}, answers=("D-5",), **counts)

    assert [(number, by) for _, number, _, by in alone] == [(2, ("D-1", "D-2")), (3, ())]
    assert [by for *_, by in answered] == [("D-1", "D-2"), ("D-5",)]


def test_what_an_earlier_version_did_not_count_is_not_called_lossless(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert told(monkeypatch, "name", {"from": "X"}, losses=None, cleared=4) == ()


@pytest.mark.parametrize("sort", [LossSort.PRECISION, LossSort.CUT, LossSort.ZEROS, LossSort.DATE_DECIDED])
def test_every_sort_that_rows_are_counted_of_has_a_sentence(
    monkeypatch: pytest.MonkeyPatch, sort: LossSort
) -> None:
    for name in ("name", "seats", "since"):
        ((found, number, says, _),) = told(monkeypatch, name, {"from": "X"}, losses={sort: 1_200})

        assert (found, number) == (sort, 1_200)
        assert says.startswith("In 1,200 rows ")
        assert says.endswith(".")
