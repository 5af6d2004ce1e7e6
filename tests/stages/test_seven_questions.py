"""The seven questions that a customer asks after a launch, answered for both samples and held against planted truth.

Once through `why`, and once from the launch record alone.
"""

import re
from dataclasses import dataclass, replace

import pytest

from aformity_pipelines.domain.launch.answers import Answer as SettledAnswer
from aformity_pipelines.domain.launch.answers import OpenAnswer
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.stages.handoff_report import launch_record
from aformity_pipelines.stages.why import open_sources
from aformity_pipelines.tracing.answer import Answer, StepKind
from aformity_pipelines.tracing.sources import Sources
from aformity_pipelines.tracing.why import trace
from tests.samples import lumen_truths, northwind_truths
from tests.samples.played import committed
from tests.samples.truth import Question, Truth

SAMPLES = {"lumen_labs": lumen_truths.truths, "northwind": northwind_truths.truths}
UNCHANGED = "nothing was changed"

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A sample as its committed log leads to, its launch record, and what is true about it."""

    sources: Sources
    record: LaunchRecord
    truths: tuple[Truth, ...]


@pytest.fixture(scope="module", params=SAMPLES)
def played(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Played:
    run = committed(tmp_path_factory, request.param)
    truths = SAMPLES[request.param]()
    return Played(sources=open_sources(run), record=launch_record(run), truths=truths)


def lies(truth: Truth, answer: Answer) -> list[str]:
    """Return what an answer gets wrong."""
    shown = [step.after for step in answer.steps if step.kind is StepKind.DELIVERED]
    places = {step.where for step in answer.steps}
    checks = {
        f"outcome {answer.outcome}": answer.outcome in truth.outcomes,
        f"fate {answer.fate}": truth.fate in (None, answer.fate),
        f"value {answer.value!r}": truth.value in (None, answer.value),
        f"delivered {shown}": truth.delivered is None or truth.delivered in shown,
        f"decisions {answer.decisions}": truth.decision is None or truth.decision in answer.decisions,
        "person": truth.person is None or truth.person in answer.headline,
        f"rows {answer.rows}": any(is_row(truth, row) for row in answer.rows),
        f"places {places}": any(re.search(rf", row {truth.row}(,|;|$)", place) for place in places)
        or truth.field is not None,
        "changed": truth.is_changed is None or (UNCHANGED not in answer.headline) is truth.is_changed,
        f"faults {answer.faults}": not answer.faults,
    }
    return [f"{truth.name}: {what} ({answer.headline})" for what, holds in checks.items() if not holds]


def is_row(truth: Truth, row_id: str) -> bool:
    """Whether a row id is the row that was planted."""
    return re.fullmatch(rf"{truth.source}@[0-9a-f]{{8}}#0*{truth.row}(/.*)?", row_id) is not None


def told_by_record(truth: Truth, record: LaunchRecord) -> bool:
    """Whether an answer of the launch record is about the row, or where many share it about the field, and says who."""
    fitting = [
        each
        for each in (*record.answers, *record.open_answers)
        if each.entity == truth.entity
        and (truth.field is None or each.field in (None, truth.field))
        and (any(is_row(truth, row) for row in each.rows) or (not truth.is_own and each.field == truth.field))
        and (truth.decision is None or truth.decision in each.evidence)
    ]
    return any(truth.person is None or truth.person in said_by(each) for each in fitting)


def said_by(answer: SettledAnswer | OpenAnswer) -> str:
    """Return what somebody who has only the record can read out."""
    owner = f" {answer.owner.name}" if isinstance(answer, OpenAnswer) else ""
    return f"{answer.says} {answer.detail}{owner}"


def test_every_question_is_answered_as_it_was_planted(played: Played) -> None:
    found = [
        lie
        for truth in played.truths
        for lie in lies(truth, trace(played.sources, truth.entity, truth.asked, truth.field))
    ]

    assert found == []


def test_every_record_with_a_decision_or_finding_and_every_mapped_field_is_answered_by_the_record_alone(
    played: Played,
) -> None:
    asked = [each for each in played.truths if each.is_own or each.is_changed]

    assert [each.name for each in asked if not told_by_record(each, played.record)] == []


def test_the_record_names_the_file_and_the_row_of_every_row_that_it_answers_about(played: Played) -> None:
    labels = played.record.row_labels
    listed = {row for each in (*played.record.answers, *played.record.open_answers) for row in each.rows}
    planted = [each for each in played.truths if each.is_own]

    missed = [
        each.name
        for each in planted
        if not any(is_row(each, row) and f"row {each.row}" in labels.get(row, "") for row in listed)
    ]
    assert missed == []


def test_each_of_the_seven_questions_is_asked_and_200_records_are() -> None:
    truths = [each for planted in SAMPLES.values() for each in planted()]

    assert {each.question for each in truths} == set(Question)
    assert len({(each.source, each.entity, each.asked) for each in truths}) >= 200


def test_an_answer_that_names_another_row_value_or_decision_is_noticed(played: Played) -> None:
    """The check itself can fail: each planted truth, made false in one respect, is a lie."""
    truth = next(each for each in played.truths if each.value and each.decision)
    answer = trace(played.sources, truth.entity, truth.asked, truth.field)

    for wrong in (
        {"row": 1},
        {"value": "-"},
        {"decision": "D-999"},
        {"person": "Nobody"},
        {"fate": "merged"},
    ):
        assert len(lies(replace(truth, **wrong), answer)) == 1  # type: ignore[arg-type] # fields of a truth
    assert lies(truth, answer) == []
