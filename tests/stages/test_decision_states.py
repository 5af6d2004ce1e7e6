"""How the decisions in the log fit a new delivery: what each still covers, and what changed of the rest."""

import re
from pathlib import Path

import pytest

from aformity_pipelines.cli.standing import standing_of
from aformity_pipelines.cli.standing_tables import put_standing
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.decision_state import DecisionState, Fit
from aformity_pipelines.domain.decisions import RiskAccepted
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.decision_states import attention, decision_states
from aformity_pipelines.stages.refusing import DraftRefused
from aformity_pipelines.stages.why import why
from tests.builders.two_sources import COMPANIES, DEFS, PEOPLE, SLUG, a_run, decide, deliver, project, run_all

MAILS = {"subject": "contact", "rule": "contact.email.format", "rows": "all"}


def states(workspace: Workspace) -> dict[str, DecisionState]:
    return {each.decision: each for each in decision_states(a_run(workspace))}


@pytest.mark.slow
def test_a_changed_cell_is_told_with_what_it_was_and_what_it_is(published_once: Workspace) -> None:
    decide(published_once, kind="risk_accepted", evidence="E-mail.", covers=MAILS)
    assert states(published_once)["D-002"].fit is Fit.APPLIES

    deliver(published_once, {"people.csv": PEOPLE.replace("kim(at)dell", "kim(at)del")})
    run_all(published_once)

    state = states(published_once)["D-002"]
    (row,) = state.changed
    assert (state.fit, state.covered, state.shown) == (Fit.NO_LONGER_MATCHES, 0, 1)
    assert (row.key, row.because) == ("people:p3", "Mail changed")
    (change,) = row.changes
    assert change.header == "Mail"
    assert change.before != change.after
    # A personal cell is told by its token, which somebody with the customer's key can turn back.
    assert all(re.fullmatch(r"mail-[0-9a-z]{10}", token or "") for token in (change.before, change.after))
    assert "kim" not in state.says
    assert [each.decision for each in attention(decision_states(a_run(published_once)))] == ["D-002"]


@pytest.mark.slow
def test_a_new_row_that_breaks_the_rule_is_new_and_a_row_that_left_is_carried_on(
    published_once: Workspace,
) -> None:
    decide(published_once, kind="risk_accepted", evidence="E-mail.", covers=MAILS)

    deliver(published_once, {"people.csv": PEOPLE + "p6,Noa Lind,noa(at)acme,007\n"})
    run_all(published_once)
    more = states(published_once)["D-002"]
    assert (more.fit, more.covered, more.in_question, len(more.new)) == (Fit.COVERS_SOME, 1, 2, 1)

    deliver(published_once, {"people.csv": PEOPLE.replace("p3,Kim Ode,kim(at)dell,011\n", "")})
    run_all(published_once)
    less = states(published_once)["D-002"]
    assert (less.fit, less.covered, less.changed) == (Fit.APPLIES, 1, ())


COMPANIES_WITHOUT_KEY = {
    **DEFS,
    "attributes": {
        **DEFS["attributes"],
        "sources": {
            **DEFS["attributes"]["sources"],
            "companies": {
                name: value
                for name, value in DEFS["attributes"]["sources"]["companies"].items()
                if name != "key"
            },
        },
    },
}
WITHOUT_KEY = {
    **DEFS,
    "attributes": {
        **DEFS["attributes"],
        "sources": {
            **DEFS["attributes"]["sources"],
            "people": {"file": "people*.csv", "says": "People, one a row."},
        },
    },
}


@pytest.mark.slow
def test_a_row_without_a_key_is_known_again_elsewhere_in_the_file_and_is_another_once_it_changes(
    tmp_path: Path,
) -> None:
    workspace = project(
        tmp_path / "project", defs=WITHOUT_KEY, files={"companies.csv": COMPANIES, "people.csv": PEOPLE}
    )
    run_all(workspace)
    decide(workspace, kind="risk_accepted", evidence="E-mail.", covers=MAILS)

    header, *rows = PEOPLE.splitlines()
    deliver(workspace, {"people.csv": "\n".join([header, *reversed(rows)]) + "\n"})
    run_all(workspace)
    assert states(workspace)["D-001"].fit is Fit.APPLIES

    deliver(workspace, {"people.csv": PEOPLE.replace("Kim Ode", "Kim Odé")})
    run_all(workspace)
    assert states(workspace)["D-001"].fit is Fit.NO_LONGER_MATCHES


SHARED = PEOPLE.replace("p2,Émile 😀,,008", "p1,Jo Ruiz,jo2@acme.example,007")
KEYS = {"subject": "people", "rule": "people.key.unique"}


@pytest.mark.slow
def test_one_more_row_in_a_group_takes_back_what_was_accepted_of_it(tmp_path: Path) -> None:
    workspace = project(tmp_path / "project", files={"companies.csv": COMPANIES, "people.csv": SHARED})
    run_all(workspace)
    decide(workspace, kind="risk_accepted", evidence="E-mail.", covers={**KEYS, "rows": "all"})
    assert states(workspace)["D-001"].fit is Fit.APPLIES

    deliver(workspace, {"people.csv": SHARED + "p1,Jo Ruiz,jo3@acme.example,007\n"})
    run_all(workspace)

    assert states(workspace)["D-001"].fit is Fit.NO_LONGER_MATCHES


@pytest.mark.slow
def test_another_owner_of_an_accepted_value_belongs_to_the_evidence(tmp_path: Path) -> None:
    """Two contacts of the same id: the decision is about one of them and was shown the other."""
    twice = PEOPLE.replace("p2,Émile 😀,,008", "desk-007,Émile 😀,,008")
    files = {"companies.csv": COMPANIES, "people.csv": twice}
    workspace = project(tmp_path / "project", files=files, defs=COMPANIES_WITHOUT_KEY)
    run_all(workspace)
    entry = decide(
        workspace,
        kind="risk_accepted",
        evidence="E-mail.",
        covers={"subject": "contact", "rule": "contact.external_id.unique", "rows": "people:desk-007"},
    )
    (member,) = entry.covers.members  # type: ignore[union-attr]
    assert re.fullmatch(r"companies:~[0-9a-f]{16}#1/desk", member.key)
    assert states(workspace)["D-001"].says.startswith("covers 1 of 2 rows")

    deliver(workspace, {"companies.csv": COMPANIES.replace("007,Acme,live", "077,Acme,live")})
    run_all(workspace)

    (row,) = states(workspace)["D-001"].changed
    assert row.because == "a row that it was shown with has changed"


@pytest.mark.slow
def test_status_names_the_decisions_that_ask_for_attention_and_what_changed(
    published_once: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    decide(published_once, kind="risk_accepted", evidence="E-mail.", covers=MAILS)
    run_all(published_once)
    assert standing_of(a_run(published_once)).attention == ()

    deliver(published_once, {"people.csv": PEOPLE.replace("kim(at)dell", "kim(at)del")})
    run_all(published_once)
    standing = standing_of(a_run(published_once))
    put_standing(standing)

    assert [each.decision for each in standing.attention] == ["D-002"]
    shown = "".join(capsys.readouterr().out.split())
    assert "Decisionsthataskforattention" in shown
    assert "D-002" in shown


@pytest.mark.slow
def test_a_decision_about_many_rows_lists_them_in_a_file_and_holds_for_them_like_any_other(
    tmp_path: Path,
) -> None:
    many = "No,Name,Mail,Company\n" + "".join(f"p{n},Jo {n},jo{n}(at)acme,007\n" for n in range(300))
    workspace = project(tmp_path / "project", files={"companies.csv": COMPANIES, "people.csv": many})
    run_all(workspace)
    entry = decide(workspace, kind="risk_accepted", evidence="E-mail.", covers=MAILS)
    assert isinstance(entry, RiskAccepted)
    assert (entry.covers.rows, entry.covers.row_count) == ((), 300)
    run_all(workspace)
    assert states(workspace)["D-001"].says == "applies as it is"
    assert "D-001" in repr(why(a_run(workspace), "contact", "p7", "email"))

    deliver(workspace, {"people.csv": many.replace("jo7(at)acme", "jo7(at)acm")})
    run_all(workspace)
    state = states(workspace)["D-001"]
    assert (state.fit, state.covered, [each.key for each in state.changed]) == (
        Fit.NO_LONGER_MATCHES, 299, ["people:p7"],
    )  # fmt: skip

    path = workspace.coverage(SLUG) / f"{entry.covers.rows_in}.csv"
    path.write_bytes(path.read_bytes().replace(b"people:p7", b"people:p8", 1))
    with pytest.raises(ConfigInvalid, match=r"was changed.*restore the file"):
        states(workspace)


@pytest.mark.slow
def test_a_refused_draft_about_many_rows_leaves_no_coverage_file(tmp_path: Path) -> None:
    many = "No,Name,Mail,Company\n" + "".join(f"p{n},Jo {n},jo{n}(at)acme,007\n" for n in range(300))
    workspace = project(tmp_path / "project", files={"companies.csv": COMPANIES, "people.csv": many})
    run_all(workspace)

    with pytest.raises(DraftRefused):
        decide(workspace, kind="follow_up_opened", covers=MAILS, owner="nobody", due="2027-01-01")
    assert not list(workspace.coverage(SLUG).glob("*"))


@pytest.mark.slow
def test_an_approved_mapping_that_changes_no_longer_matches_and_says_which_field_it_was(
    published_once: Workspace,
) -> None:
    approval = {"kind": "mapping_approved", "covers": {"entity": "contact", "fields": "all"}}
    decide(published_once, **approval)
    assert states(published_once)["D-002"].fit is Fit.APPLIES

    path = published_once.customer(SLUG) / "mapping" / "contact.yaml"
    path.write_text(path.read_text("utf-8").replace("from: Mail", "from: Mail\n      rule: lower"), "utf-8")
    state = states(published_once)["D-002"]

    assert state.fit is Fit.NO_LONGER_MATCHES
    assert [(each.key, each.because) for each in state.changed] == [
        ("people/main/email", "its mapping has changed")
    ]
