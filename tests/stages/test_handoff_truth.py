"""What a handoff says of rows whose truth is not their own: of merged parts, of another wave, of decisions gone stale."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from aformity_pipelines.domain.launch.answers import Answer, AskedAbout
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.handoff.proof import Unproved
from aformity_pipelines.stages.handoff_report import launch_record
from aformity_pipelines.stages.why import open_sources
from tests.builders.kinds import after_run, report_of, tails, told
from tests.builders.two_sources import (
    ACCOUNT,
    COMPANIES,
    CONTACT,
    DEFS,
    PEOPLE,
    SLUG,
    a_run,
    copied,
    decide,
    deliver,
    fates,
    project,
    run_all,
)

pytestmark = pytest.mark.slow

SHOWN = {"subject": "account", "fields": ["name"]}


def merged_into(workspace: Workspace, survivor: str, *others: str) -> None:
    rows = [f"companies:{key}" for key in (survivor, *others)]
    says = "They are one."
    decide(workspace, kind="merge_approved", says=says, survivor=rows[0], covers={**SHOWN, "rows": rows})


def deferred_accounts(record: LaunchRecord) -> list[Answer]:
    """Return what is answered about accounts that launch later, by the first row that it is about."""
    found = [a for a in record.answers if (a.about, a.entity) == (AskedAbout.DEFERRED, "account")]
    return sorted(found, key=lambda each: each.rows)


def test_a_row_merged_into_one_of_a_later_wave_launches_with_that_wave(tmp_path: Path) -> None:
    """Its own wave would be the first: it goes live there only if nobody had merged it into a lead."""
    workspace = project(tmp_path / "project")
    run_all(workspace)
    merged_into(workspace, "009", "011")

    record = after_run(workspace)

    assert fates(workspace)["account companies#6"] == ("deferred", "wave", "wave_2")
    assert [(each.wave, each.rows) for each in record.deferred if each.entity == "account"] == [("wave_2", 2)]
    lead, part = deferred_accounts(record)
    assert (tails(lead.rows), tails(part.rows)) == (["companies#4"], ["companies#6"])
    assert lead.says == "The account launches with wave 2 on 1 February 2027: The leads."
    assert part.says.startswith("The account is part of another record (")
    assert "which launches with wave 2 on 1 February 2027: The leads" in part.says
    assert "D-001" in part.evidence
    assert "wave 2" in told(workspace, "account", "companies:011").splitlines()[0]


def test_a_row_merged_into_one_that_a_decision_deferred_waits_for_that_decision(tmp_path: Path) -> None:
    workspace = project(tmp_path / "project")
    run_all(workspace)
    merged_into(workspace, "007", "011")
    rows = ["companies:007"]
    decide(
        workspace,
        kind="rows_deferred",
        says="Acme moves.",
        until_wave="wave_2",
        covers={**SHOWN, "rows": rows},
    )

    record = after_run(workspace)

    assert fates(workspace)["account companies#6"] == ("deferred", "decision", "D-002")
    survivor, part = (each for each in deferred_accounts(record) if "D-002" in each.evidence)
    assert (tails(survivor.rows), tails(part.rows)) == (["companies#2"], ["companies#6"])
    assert part.says.startswith("The account is part of another record (")
    assert "D-001" in part.evidence


@pytest.fixture(scope="module")
def redelivered(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A merge, a refused merge and an exclusion, all shown other names than a new file brings, two runs ago."""
    workspace = project(tmp_path_factory.mktemp("redelivered") / "project")
    run_all(workspace)
    merged_into(workspace, "008", "010")
    decide(workspace, kind="rows_excluded", covers={**SHOWN, "rows": ["companies:011"]})
    decide(workspace, kind="merge_refused", covers={**SHOWN, "rows": ["companies:007", "companies:009"]})
    decide(workspace, kind="rows_excluded", covers={**SHOWN, "rows": ["companies:009"]})
    run_all(workspace)
    changed = (
        COMPANIES.replace("Bolt,", "Bolt Inc,")
        .replace("Dell &", "Dell und")
        .replace("Acme,live", "Acme AG,live")
    )
    deliver(workspace, {"companies_2.csv": changed})
    run_all(workspace)
    deliver(workspace, {"people_2.csv": PEOPLE + "p6,Noa Lind,noa@acme.example,007\n"})
    run_all(workspace)
    return workspace


def test_the_history_says_of_every_stale_decision_why_it_no_longer_holds(redelivered: Workspace) -> None:
    """What has changed since the last handoff is not it: these went stale before that."""
    record = launch_record(a_run(redelivered))

    assert record.changes is not None
    assert record.changes.decisions_stale == ()
    assert {line.id: line.stale for line in record.history} == {
        "D-001": "1 row: what was shown of it has changed",
        "D-002": "1 row: what was shown of it has changed",
        "D-003": "what it was shown has changed",
        "D-004": "",
    }
    assert report_of(record).count("Stale: ") == 3


def test_a_decision_that_was_taken_back_is_not_called_stale(redelivered: Workspace, tmp_path: Path) -> None:
    workspace = copied(redelivered, tmp_path / "project")
    decide(workspace, kind="decision_withdrawn", withdraws="D-002")

    (line,) = (line for line in after_run(workspace).history if line.id == "D-002")

    assert (line.stands, line.stale, line.ended_by) == (False, "", "D-005")


def test_an_accepted_risk_names_everybody_who_stands_by_it(tmp_path: Path) -> None:
    attributes: dict[str, Any] = {
        **DEFS["attributes"],
        "approvals": [{"says": "Two people accept risks.", "kinds": "risk_accepted", "persons": 2}],
    }
    workspace = project(tmp_path / "project", defs={**DEFS, "attributes": attributes})
    run_all(workspace)
    covers = {"subject": "contact", "rule": "contact.email.present", "rows": ["people:p2"]}
    decide(workspace, kind="risk_accepted", evidence="A mail.", covers=covers)
    decide(workspace, kind="decision_seconded", by="sam", seconds="D-001")

    record = after_run(workspace)

    (risk,) = record.accepted_risks
    assert (risk.approver.name, [who.name for who in risk.seconded_by]) == ("Ina Vogt", ["Sam Lee"])
    assert "and <b>Sam Lee</b>" in report_of(record)


@pytest.fixture(scope="module")
def worded(tmp_path_factory: pytest.TempPathFactory) -> LaunchRecord:
    """Digits in names, notes and long values: nobody's figures, and no reason to refuse a handoff."""
    account = {**ACCOUNT, "reads": [{**ACCOUNT["reads"][0], "fields": {
        **ACCOUNT["reads"][0]["fields"], "lifecycle_stage": {"from": "Status", "values": "stage"}, "industry": {"from": "Desk"},
    }}]}  # fmt: skip
    desk = ("Line 12 of 40; " * 20).strip()
    companies = COMPANIES.replace("Söhne,live,,", f"Söhne,live,,{desk}") + "012,Zeta,live,,Front desk Acme\n"
    workspace = project(
        tmp_path_factory.mktemp("worded") / "project",
        files={"companies.csv": companies, "people.csv": PEOPLE},
        mappings=(account, {**CONTACT, "reads": CONTACT["reads"][:1]}),
    )
    home = workspace.customer(SLUG)
    (home / "values").mkdir()
    (home / "values/stage.csv").write_text("source,target,decision,note\nlive,customer,,seen 44 times\n")
    described = workspace.root / "expectations/b2b_saas/destination.yaml"
    described.write_text(described.read_text().replace("label: Account\n", "label: B2B Account\n"))
    run_all(workspace)
    return launch_record(a_run(workspace))


def test_digits_in_a_label_a_note_or_a_long_value_do_not_stop_the_handoff(worded: LaunchRecord) -> None:
    assert report_of(worded)
    says = [answer.says for answer in worded.answers]
    assert any('"live" becomes "customer" (noted: "seen 44 times")' in each for each in says)
    assert any(each.startswith("The b2b account launches with wave 2") for each in says)
    assert any("Line 12 of 40; " in each and '" and more' in each for each in says)


def test_texts_that_several_rows_share_are_named_once(worded: LaunchRecord) -> None:
    (answer,) = (a for a in worded.answers if (a.about, a.field, a.row_count) == ("blank", "industry", 3))

    assert answer.says.count('"Front desk Acme"') == 1


def test_a_later_wave_that_adds_nothing_does_not_say_that_nothing_can_go_live(tmp_path: Path) -> None:
    workspace = project(
        tmp_path / "project", files={"companies.csv": COMPANIES.replace("lead", "live"), "people.csv": PEOPLE}
    )
    run_all(workspace)
    run_all(workspace, "wave_2")

    record = launch_record(a_run(workspace, "wave_2"))

    assert record.glance[0].says == (
        "Nothing more of Tiny Traders goes live with wave 2: what is ready of it went live with an earlier wave."
    )


def test_open_work_on_a_whole_table_is_not_told_as_a_missing_row(tmp_path: Path) -> None:
    workspace = project(tmp_path / "project", mappings=(ACCOUNT, {**CONTACT, "reads": CONTACT["reads"][:1]}))

    record = after_run(workspace)

    (work,) = (work for work in record.unresolved if work.id == "companies.columns.known")
    assert work.holds == 5
    assert not [each.asks for each in record.open_questions if "of companies" in each.asks]
    assert [a.about for a in record.open_answers if a.entity == "companies"] == [AskedAbout.KNOWN]


@pytest.mark.parametrize("change", [
    "update t set because = 'D-009' where because = 'D-001'",
    "delete from t where fate = 'excluded'",
    "update t set reason = 'partner' where reason = 'rule'",
])  # fmt: skip
def test_nothing_is_made_of_a_ledger_that_is_not_the_published_one(
    published_once: Workspace, change: str
) -> None:
    """Such a ledger is told without a contradiction: only its hash gives it away."""
    ledger = open_sources(a_run(published_once)).folder / "ledger.parquet"
    connection = duckdb.connect()
    connection.execute(f"create table t as select * from read_parquet('{ledger}')")
    connection.execute(change)
    ledger.chmod(0o644)
    connection.execute(f"copy t to '{ledger}' (format parquet)")

    with pytest.raises(
        Unproved, match=r"ledger\.parquet is not the file that was published; run the export again"
    ):
        launch_record(a_run(published_once))
