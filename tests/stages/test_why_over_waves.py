"""What `aformity why` says where two waves meet: a merge that makes a row wait, a link that was blank, a late exclusion."""

from pathlib import Path

import pytest

from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.graph import TRANSFORMED
from aformity_pipelines.stages.whole import run_wave
from aformity_pipelines.stages.why import why
from aformity_pipelines.tracing.answer import Answer, Outcome, StepKind
from tests.builders.once import made_once
from tests.builders.product import export_all, load
from tests.builders.two_sources import COMPANIES, MERGE, PEOPLE, a_run, decide, project, workspace_in

pytestmark = pytest.mark.slow

LINKED = (
    COMPANIES.replace("007,Acme,live,,", "007,Acme,live,009,").replace(
        "009,Cask,lead,007,", "009,Cask,lead,,"
    )
    + "012,Cask Ltd,live,,\n013,Ember,live,,\n"
)
"""The lead 009 launches with wave 2; 007 points to it, and 012 is the same company."""
NAMES = {"subject": "account", "fields": "name"}


def _play(folder: Path) -> None:
    """Merge 012 into the lead, export and load wave 1, leave 011 out afterwards, and export wave 2."""
    workspace = project(folder, files={"companies.csv": LINKED, "people.csv": PEOPLE})
    list(run_wave(a_run(workspace), until=TRANSFORMED))
    decide(workspace, **MERGE)
    both = {**NAMES, "rows": ["companies:009", "companies:012"]}
    decide(workspace, kind="merge_approved", says="Both are Cask.", survivor="companies:009", covers=both)
    put_off = {**NAMES, "rows": ["companies:013"]}
    decide(workspace, kind="rows_deferred", says="Ember moves.", until_wave="wave_2", covers=put_off)
    export_all(workspace)
    load(workspace)
    gone = {**NAMES, "rows": ["companies:011"]}
    decide(workspace, kind="rows_excluded", says="Dell has left.", why="Its contract ended.", covers=gone)
    export_all(workspace, "wave_2")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return workspace_in(made_once(tmp_path_factory, "waves_meet", _play))


def asked(workspace: Workspace, wave: str, key: str, field: str | None = None) -> Answer:
    answer = why(a_run(workspace, wave), "account", key, field)
    assert answer.faults == ()
    return answer


def test_a_row_merged_into_a_record_of_a_later_wave_waits_because_of_the_merge(workspace: Workspace) -> None:
    answer = asked(workspace, "wave_1", "012")

    assert answer.headline == (
        "Account 012 was merged into account 009: Both are Cask (Ina Vogt, 20 November 2026)."
        " That account launches with wave 2 on 1 February 2027: The leads."
    )
    assert (answer.fate, answer.reason) == ("deferred", "wave")
    assert "D-002" in answer.decisions
    assert [each.says for each in answer.steps if each.kind is StepKind.MERGE and "D-002" in each.refs]


def test_the_record_that_others_are_merged_into_waits_for_its_own_reason(workspace: Workspace) -> None:
    assert asked(workspace, "wave_1", "009").headline == (
        "Account 009 launches with wave 2 on 1 February 2027: The leads."
    )


def test_once_it_launched_the_merged_row_is_part_of_that_record(workspace: Workspace) -> None:
    headline = asked(workspace, "wave_2", "012").headline

    assert headline.startswith("Account 012 was merged into account 009: Both are Cask")


def test_a_link_that_was_blank_says_that_its_record_came_later(workspace: Workspace) -> None:
    then = asked(workspace, "wave_1", "007", "parent_account")
    now = asked(workspace, "wave_2", "007", "parent_account")

    assert (then.outcome, then.value) == (Outcome.LINK_WAITS, None)
    assert now.value == "009"
    (update,) = [each for each in now.steps if each.kind is StepKind.UPDATE]
    assert (update.before, update.after) == (None, "009")
    assert update.says == (
        'The update of wave 2 filled parent account with "009"; it was blank before, since the record that it points'
        " to was not in the product yet."
    )


def test_a_record_that_a_decision_leaves_out_after_it_went_live_stays_and_says_who_decided(
    workspace: Workspace,
) -> None:
    answer = asked(workspace, "wave_2", "011")

    assert answer.headline == (
        "Account 011 went into the product with wave 1 (loaded on 20 November 2026), and stays there as it is:"
        " Dell has left (Ina Vogt, 20 November 2026). Its contract ended."
    )
    (decided,) = [each for each in answer.steps if each.kind is StepKind.DECISION]
    assert decided.says.startswith("Decided after it went into the product:")
    assert decided.refs[0] == "D-005"


def test_a_record_that_a_decision_put_off_says_so_after_it_launched(workspace: Workspace) -> None:
    headline = asked(workspace, "wave_2", "013").headline

    assert headline.startswith("Account 013 goes into the product with wave 2")
    assert "before that it was put off to wave 2 on 1 February 2027: Ember moves" in headline
