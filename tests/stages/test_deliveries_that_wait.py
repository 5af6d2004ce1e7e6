"""A file that cannot be taken in waits for an answer or for another file; the answer is replayed on what comes later."""

import dataclasses
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from aformity_pipelines.domain.decisions import IntakeAnswered
from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.stage_record import StageRecord, WaitingDelivery
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.refusal import DeliveryAltered
from aformity_pipelines.intake.register import copy_of, deliveries
from aformity_pipelines.stages import plan, raw_file
from aformity_pipelines.stages.deciding import DraftRefused
from aformity_pipelines.stages.intake_answers import QUESTIONS
from aformity_pipelines.stages.outputs import (
    TABLE,
    DeliveryWaits,
    StageMissing,
    folder_of,
    read_record,
    require,
)
from tests.builders.two_sources import SLUG, a_run, decide, deliver, project

pytestmark = pytest.mark.slow

TWO_HEADERS = """\
Contact,,,Firm
No,Name,Mail,Company
p1,Jo Ruiz,jo@acme.example,007
p4,Lou Fay,lou@bolt.example,010
"""
ROW_2 = {"kind": "intake_answered", "source": "people", "format": {"header_row": 2}}
NO_COMPANY = TWO_HEADERS.replace("Company", "Employer")
EXTRA = """\
Contact,,,Firm,
No,Name,Mail,Company,Town
p1,Jo Ruiz,jo@acme.example,007,Rome
p4,Lou Fay,lou@bolt.example,010,Turin
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return project(tmp_path / "project")


@pytest.fixture
def asked(workspace: Workspace) -> Workspace:
    """The second file of people has a header over two rows, and has been looked at."""
    deliver(workspace, {"people_2.csv": TWO_HEADERS})
    waits(workspace)
    return workspace


def read(workspace: Workspace) -> StageRecord:
    return raw_file.run_raw_file(a_run(workspace), "people")[0]


def waits(workspace: Workspace) -> WaitingDelivery:
    with pytest.raises(DeliveryWaits):
        read(workspace)
    record = read_record(a_run(workspace), "raw_file", "people")
    assert record is not None
    assert record.waits is not None
    return record.waits


def test_a_file_that_raises_a_question_waits_and_leaves_no_table(workspace: Workspace) -> None:
    read(workspace)
    deliver(workspace, {"people_2.csv": TWO_HEADERS})

    waiting = waits(workspace)

    assert (waiting.file_name, waiting.refused) == ("people_2.csv", "")
    assert [question.kind for question in waiting.questions] == ["header"]
    assert not (folder_of(a_run(workspace), "raw_file", "people") / TABLE).exists()


def test_the_file_before_it_is_not_taken_in_its_place(workspace: Workspace) -> None:
    read(workspace)
    deliver(workspace, {"people_2.csv": TWO_HEADERS})
    waits(workspace)

    with pytest.raises(DeliveryWaits, match=r"delivery of people waits for an answer \(people_2\.csv\)"):
        require(a_run(workspace), "raw_file", "people")


def test_what_is_asked_is_kept_in_full_but_no_record_holds_a_value_of_the_file(asked: Workspace) -> None:
    folder = folder_of(a_run(asked), "raw_file", "people")

    assert "Contact" in (folder / QUESTIONS).read_text(encoding="utf-8")
    for value in ("Contact", "Ruiz"):
        assert value not in (folder / "stage.json").read_text(encoding="utf-8")


def test_a_file_that_waits_is_not_read_again_until_something_changes(
    asked: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_again(*_: Any, **__: Any) -> None:
        raise AssertionError("it was read again")

    monkeypatch.setattr(raw_file, "read_delivery", read_again)

    assert waits(asked).file_name == "people_2.csv"
    assert ("raw_file", "people") not in plan.stale(a_run(asked))


def test_an_answer_lets_the_file_in_and_is_named_as_what_was_applied(asked: Workspace) -> None:
    entry = decide(asked, **ROW_2)

    assert isinstance(entry, IntakeAnswered)
    assert entry.covers.headers == ("No", "Name", "Mail", "Company")
    assert ("raw_file", "people") in plan.stale(a_run(asked))
    record = read(asked)
    assert (record.rows_out, record.decisions) == (2, ("D-001",))
    assert not (folder_of(a_run(asked), "raw_file", "people") / QUESTIONS).exists()


def test_the_proposal_can_be_accepted_as_it_is(asked: Workspace) -> None:
    entry = decide(asked, kind="intake_answered", source="people", accept_proposal=True)

    assert isinstance(entry, IntakeAnswered)
    assert entry.format == FormatHints(header_row=1, header_rows=2)
    with pytest.raises(
        DeliveryWaits, match="`Company` is missing, `Firm Company` is new and likely the same"
    ):
        read(asked)


def test_an_answer_is_replayed_on_every_later_file(asked: Workspace) -> None:
    decide(asked, **ROW_2)
    deliver(asked, {"people_3.csv": TWO_HEADERS + "p9,Ada Moe,ada@acme.example,007\n"})

    record = read(asked)

    assert (record.rows_out, record.decisions) == (3, ("D-001",))


def test_a_later_file_with_more_columns_is_covered_by_the_answer(asked: Workspace) -> None:
    decide(asked, **ROW_2)
    deliver(asked, {"people_3.csv": EXTRA})

    assert list(read(asked).columns) == ["No", "Name", "Mail", "Company", "Town"]


def test_a_later_file_without_a_column_of_the_answer_waits_and_says_what_differs(asked: Workspace) -> None:
    decide(asked, **ROW_2)
    deliver(asked, {"people_3.csv": NO_COMPANY})

    (question,) = waits(asked).questions

    assert question.says == (
        "D-001 was given for people_2.csv; read as it says, this file lacks 1 of its 4 columns ('Company')"
    )


def test_an_answer_to_a_changed_file_has_to_replace_the_earlier_one(asked: Workspace) -> None:
    decide(asked, **ROW_2)
    deliver(asked, {"people_3.csv": NO_COMPANY})
    waits(asked)

    with pytest.raises(DraftRefused, match="answer anew with `supersedes: D-001`"):
        decide(asked, **ROW_2 | {"format": {"header_row": 2, "encoding": "utf-8"}})
    decide(asked, **ROW_2, supersedes="D-001", supersedes_because="It was a slip.")

    assert read(asked).decisions == ("D-002",)


def test_an_answer_cannot_replace_one_about_another_source(asked: Workspace) -> None:
    decide(asked, **ROW_2)
    read(asked)
    raw_file.run_raw_file(a_run(asked), "companies")

    with pytest.raises(DraftRefused, match="supersedes names D-001"):
        decide(
            asked,
            kind="intake_answered",
            source="companies",
            format={"header_row": 1},
            supersedes="D-001",
            supersedes_because="It was a slip.",
        )


@pytest.mark.parametrize(
    ("draft", "says"),
    [
        ({"source": "peopel"}, "did you mean 'people'"),
        ({"format": {"delimiter": ","}}, "leaves a question: the header"),
        ({"source": "companies", "format": None, "accept_proposal": True}, "has not been read"),
        ({"by": "nobody"}, "'nobody' is not one of the customer's people"),
    ],
)
def test_an_answer_that_settles_nothing_is_refused(
    asked: Workspace, draft: dict[str, Any], says: str
) -> None:
    with pytest.raises(DraftRefused, match=says):
        decide(asked, **ROW_2 | draft)

    assert not asked.log(SLUG).exists()


def test_a_proposal_cannot_be_accepted_where_nothing_is_asked(workspace: Workspace) -> None:
    read(workspace)

    with pytest.raises(DraftRefused, match="nothing is asked about its delivery"):
        decide(workspace, kind="intake_answered", source="people", accept_proposal=True)


def test_an_answer_that_stands_already_is_refused(asked: Workspace) -> None:
    decide(asked, **ROW_2)

    with pytest.raises(DraftRefused, match="this is how its files are read already"):
        decide(asked, **ROW_2)


def as_symlink(workspace: Workspace, path: Path) -> None:
    path.symlink_to(workspace.intake(SLUG) / "companies.csv")


def as_rubbish(workspace: Workspace, path: Path) -> None:
    path.write_bytes(b"PK\x03\x04 this is no archive")


@pytest.mark.parametrize("put", [as_symlink, as_rubbish])
def test_a_file_that_no_answer_helps_waits_for_another_one(
    workspace: Workspace, put: Callable[[Workspace, Path], None]
) -> None:
    read(workspace)
    path = workspace.intake(SLUG) / "people_2.csv"
    put(workspace, path)

    assert waits(workspace).file_name == "people_2.csv"
    assert str(workspace.root) not in waits(workspace).model_dump_json()
    assert read_record(a_run(workspace), "raw_file", "people") is not None

    path.unlink()
    deliver(workspace, {"people_2.csv": "No,Name,Mail,Company\np7,Bo Lee,bo@acme.example,007\n"})
    assert ("raw_file", "people") in plan.stale(a_run(workspace))
    assert read(workspace).rows_out == 1


def test_a_refused_file_is_tried_again_by_the_next_run_and_keeps_the_day_it_came(
    workspace: Workspace,
) -> None:
    as_symlink(workspace, workspace.intake(SLUG) / "people_2.csv")
    first = waits(workspace)
    later = dataclasses.replace(a_run(workspace), as_of=date(2026, 12, 24))

    assert ("raw_file", "people") in plan.stale(later)
    with pytest.raises(DeliveryWaits):
        raw_file.run_raw_file(later, "people")
    assert waits(workspace) == first


def test_a_copy_of_ours_that_was_altered_is_a_fault_and_no_reason_to_ask_the_customer(
    workspace: Workspace,
) -> None:
    read(workspace)
    into = workspace.deliveries(SLUG)
    (people,) = (each for each in deliveries(into) if each.source == "people")
    copy = copy_of(people, into)
    copy.chmod(0o600)
    copy.write_bytes(b"No,Name\n")
    (folder_of(a_run(workspace), "raw_file", "people") / "stage.json").unlink()

    with pytest.raises(DeliveryAltered):
        read(workspace)


def test_nothing_can_be_answered_before_the_file_was_looked_at(workspace: Workspace) -> None:
    with pytest.raises((DraftRefused, StageMissing), match="has not been read"):
        decide(workspace, **ROW_2)
