"""rule_waived: a rule is not asked of a customer, for rows to come as well, as long as it demands what it did."""

import json
from typing import Any

import pytest

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.decisions import RuleWaived
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.deciding import DraftRefused
from aformity_pipelines.stages.outputs import read_record
from tests.builders.kinds import after_run, report_of, tails, told
from tests.builders.two_sources import PEOPLE, SLUG, a_run, decide, deliver, run_all

pytestmark = pytest.mark.slow

FORMAT = "contact.email.format"
WAIVED: dict[str, Any] = {
    "kind": "rule_waived",
    "says": "Addresses are brought over as they stand.",
    "why": "The product corrects them at the first login.",
    "evidence": "Minutes of 12 November.",
    "covers": {"subject": "contact", "rule": FORMAT},
}
LATER = PEOPLE + "p6,Noa Lind,noa(at)acme,007\n"


def demand_more(workspace: Workspace, **change: Any) -> None:
    """Change one of the written rules of contacts."""
    path = workspace.suites("b2b_saas", "contact") / "mapped.json"
    suite = json.loads(path.read_text())
    (rule,) = (each for each in suite["expectations"] if each["meta"]["rule"] == "contact.email.present")
    rule["meta"] |= change
    path.write_text(json.dumps(suite))


def test_a_waiver_covers_what_the_rule_demands(published_once: Workspace) -> None:
    entry = decide(published_once, **WAIVED)

    assert isinstance(entry, RuleWaived)
    assert (entry.covers.rule, entry.covers.fields) == (FORMAT, ("email",))
    assert entry.covers.says.startswith("The e-mail address of every contact")


def test_rows_that_come_later_are_settled_as_well(published_once: Workspace) -> None:
    """An acceptance of the failing rows would leave the new one open."""
    decide(published_once, **WAIVED)
    deliver(published_once, {"people_2.csv": LATER})

    record = after_run(published_once)

    (risk,) = record.accepted_risks
    assert (risk.decision, risk.is_for_every_row, tails(risk.rows)) == (
        "D-002",
        True,
        ["people#4", "people#7"],
    )
    assert [work.id for work in record.unresolved if work.rule == FORMAT] == []
    assert "Waived for every row, also for rows to come; today 2 rows" in report_of(record)


def test_accepting_the_rows_of_today_leaves_a_later_one_open(published_once: Workspace) -> None:
    """The naive way, beside the one above."""
    covers = WAIVED["covers"] | {"rows": "all"}
    decide(published_once, **WAIVED | {"kind": "risk_accepted", "covers": covers})
    deliver(published_once, {"people_2.csv": LATER})

    record = after_run(published_once)

    assert [tails(work.rows) for work in record.unresolved if work.rule == FORMAT] == [["people#7"]]


def test_why_names_the_waiver(published_once: Workspace) -> None:
    decide(published_once, **WAIVED | {"covers": {"subject": "contact", "rule": "contact.email.present"}})
    run_all(published_once)

    said = told(published_once, "contact", "p2", "email")

    assert "This is known: Addresses are brought over as they stand" in said
    assert "Known, and waived for every row: Addresses are brought over as they stand" in said


def test_a_rule_that_demands_something_else_is_asked_again_and_says_so(published_once: Workspace) -> None:
    demand_more(published_once, policy="block")
    decide(published_once, **WAIVED | {"covers": {"subject": "contact", "rule": "contact.email.present"}})
    held = after_run(published_once)
    demand_more(published_once, policy="hold")

    record = after_run(published_once)

    assert [risk.rule for risk in held.accepted_risks] == ["contact.email.present"]
    assert record.accepted_risks == ()
    assert "contact.email.present" in {work.rule for work in record.unresolved}
    verdict = read_record(a_run(published_once), "mapped", "contact")
    assert verdict is not None
    assert verdict.verdict is not None
    stale = {rule.rule: rule.stale for rule in verdict.verdict.rules if rule.stale}
    assert stale == {"contact.email.present": ("D-002",)}
    assert "D-002 waived a rule that demands something else now" in report_of(record)


def test_a_rule_said_in_other_words_stays_waived(published_once: Workspace) -> None:
    decide(published_once, **WAIVED | {"covers": {"subject": "contact", "rule": "contact.email.present"}})
    demand_more(published_once, says="Every contact can be written to.")

    assert [risk.rule for risk in after_run(published_once).accepted_risks] == ["contact.email.present"]


def test_a_blocking_rule_that_is_waived_closes_no_gate(published_once: Workspace) -> None:
    demand_more(published_once, policy="block")
    closed = {gate.gate for gate in after_run(published_once).gates if not gate.is_open}
    decide(published_once, **WAIVED | {"covers": {"subject": "contact", "rule": "contact.email.present"}})

    record = after_run(published_once)

    assert "mapped" in closed
    assert all(gate.is_open for gate in record.gates)


@pytest.mark.parametrize(
    ("subject", "rule", "says"),
    [
        ("companies", "companies.record.readable", "it asks people about files, decisions or approvals"),
        ("companies", "companies.column.unambiguous", "it asks people about files, decisions or approvals"),
        ("account", "account.decisions.current", "it asks people about files, decisions or approvals"),
        ("account", "account.mapping.approved", "it asks people about files, decisions or approvals"),
        ("account", "account.rows.present", "it is about the table as a whole"),
        ("companies", "companies.ID.delivered", "it is about the table as a whole"),
        ("companies", "companies.key.unique", "by it rows are told apart"),
        ("companies", "companies.ID.required", "by it rows are told apart"),
        ("account", "account.external_id.required", "by it records are told apart"),
        ("account", "account.external_id.unique", "by it records are told apart"),
        ("contact", "contact.account.relationship", "cannot be loaded without the one that it belongs to"),
        ("account", "account.nonsense", "no rule 'account.nonsense' about rows"),
    ],
)
def test_what_a_record_cannot_do_without_cannot_be_waived(
    published_once: Workspace, subject: str, rule: str, says: str
) -> None:
    with pytest.raises(DraftRefused, match=says):
        decide(published_once, **WAIVED | {"covers": {"subject": subject, "rule": rule}})

    assert len(load_migration(published_once.root, SLUG).log) == 1


def test_nothing_is_followed_up_that_is_waived(published_once: Workspace) -> None:
    decide(published_once, **WAIVED)
    covers = WAIVED["covers"] | {"rows": "people:p3"}

    with pytest.raises(DraftRefused, match=f"D-002 waives '{FORMAT}' for every row"):
        decide(published_once, kind="follow_up_opened", owner="sam", due="2026-11-24", covers=covers)
