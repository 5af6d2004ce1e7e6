"""The four questions of the sample customer, asked of the wave that its decision log leads to."""

from datetime import date
from pathlib import Path

import pytest

from aformity_pipelines.stages.why import open_sources
from aformity_pipelines.tracing.answer import Answer, Outcome
from aformity_pipelines.tracing.why import trace
from tests.samples import lumen_planted as planted
from tests.samples.played import committed

PROJECT = Path(__file__).parents[2]
LOG = PROJECT / "customers/lumen_labs/decisions.jsonl"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not LOG.is_file(), reason="the sample's story has not been written down"),
]


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory):
    return open_sources(committed(tmp_path_factory, "lumen_labs", as_of=date(2026, 11, 20)))


def decision(sources, answer: Answer, kind: str):
    """The one decision of a kind that an answer cites."""
    (found,) = [each for each in map(sources.decision, answer.decisions) if each.kind == kind]
    return found


@pytest.mark.parametrize("account", planted.BLANK_OWNER)
def test_a_blank_owner_was_delivered_blank_and_is_accepted(sources, account):
    answer = trace(sources, "account", account, "owner")

    accepted = decision(sources, answer, "risk_accepted")
    assert answer.outcome in (Outcome.DELIVERED_BLANK, Outcome.BLANK_WORD)
    assert accepted.covers.rule == "account.owner.present"
    assert accepted.says.rstrip(".") in answer.headline
    assert answer.faults == ()


def test_a_merged_company_names_its_survivor_and_who_agreed(sources):
    survivor, merged = planted.MERGED
    answer = trace(sources, "account", merged)

    approved = decision(sources, answer, "merge_approved")
    assert (answer.outcome, answer.key) == (Outcome.MERGED, survivor)
    assert f"was merged into account {survivor}" in answer.headline
    assert approved.by.name in answer.headline


def test_every_missing_activity_of_2019_says_who_left_it_out_and_why(sources):
    rows = sources.query("select row_id from {ledger} where entity = 'activity' and fate = 'excluded'")
    assert len(rows) == planted.ACTIVITIES_OF_2019
    for (row,) in rows:
        answer = trace(sources, "activity", row)

        excluded = decision(sources, answer, "rows_excluded")
        assert answer.outcome is Outcome.EXCLUDED
        assert excluded.says.rstrip(".") in answer.headline
        assert excluded.why.rstrip(".") in answer.headline


def test_a_member_was_a_rep_and_a_decision_says_so(sources):
    rows = sources.query("select record_key from {ledger} where entity = 'user' and fate = 'exported'")
    answers = [trace(sources, "user", key, "role") for (key,) in rows]
    reps = [each for each in answers if '"Rep" was delivered' in each.headline]

    assert len(reps) == planted.REPS
    for answer in reps:
        approved = decision(sources, answer, "mapping_approved")
        assert answer.value == "member"
        assert f'"Rep" becomes "member", as decided: {approved.says.rstrip(".")}' in answer.headline
