"""A row that only an earlier file held goes on as it was delivered last, and its values are answered like any other's."""

import pytest

from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.handoff_report import launch_record
from tests.builders.retests import change_defs, export
from tests.builders.two_sources import COMPANIES, DEFS, a_run, deliver

pytestmark = pytest.mark.slow


def test_a_carried_row_is_among_the_records_that_its_value_answer_is_about(published_once: Workspace) -> None:
    before = lifecycle_answers(published_once)
    companies = {**DEFS["attributes"]["sources"]["companies"], "vanished": "keep"}
    people = DEFS["attributes"]["sources"]["people"]
    change_defs(published_once, sources={"companies": companies, "people": people})
    deliver(published_once, {"companies_2.csv": COMPANIES.replace("011,Dell & Söhne,live,,\n", "")})
    export(published_once)

    after = lifecycle_answers(published_once)

    (words,) = before
    assert '"live" was delivered' in words
    assert {says: number for says, (number, _) in after.items()} == {words: before[words][0]}
    was, now = (answers[words][1] for answers in (before, after))
    carried = was & now
    assert len(carried) == 1, "the row keeps the id of the file that held it last"
    assert carried.pop().endswith("#0000006")


def lifecycle_answers(workspace: Workspace) -> dict[str, tuple[int, set[str]]]:
    """Return what is said of lifecycle stages -> how many records that is about, and their rows."""
    return {
        each.says: (each.row_count, set(each.rows))
        for each in launch_record(a_run(workspace)).answers
        if (each.about, each.field) == (AskedAbout.VALUE, "lifecycle_stage")
    }
