"""Rules about who decides, from the draft to the gate: refused, recorded and waiting, in force, and without effect."""

import copy
from typing import Any

import pytest

from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.stages.allowed import waiting_words
from aformity_pipelines.stages.deciding import DraftRefused
from aformity_pipelines.stages.outputs import read_record
from tests.builders.two_sources import DEFS, SLUG, a_run, as_yaml, decide, run_all

pytestmark = pytest.mark.slow

OWNER_ONLY = {
    "says": "Only the data owner accepts what is wrong with addresses.",
    "kinds": "risk_accepted",
    "fields": "addresses",
    "roles": "Data owner",
}
TWO = {"says": "Two people agree on addresses.", "fields": "addresses", "persons": 2}
TOM = {"name": "Tom Lind", "role": "Billing owner", "side": "customer"}
KIM = {"subject": "contact", "rule": "contact.email.format", "rows": "people:p3"}
ACCEPT = {"kind": "risk_accepted", "evidence": ["A mail."], "covers": KIM}


def rules(workspace: Workspace, *approvals: dict[str, Any]) -> None:
    """Declare these approvals, about the field group `addresses`."""
    changed = copy.deepcopy(DEFS)
    changed["attributes"] |= {"approvals": list(approvals), "field_groups": {"addresses": ["contact.email"]}}
    changed["attributes"]["people"]["tom"] = TOM
    (workspace.customer(SLUG) / "defs.yaml").write_text(as_yaml(changed), encoding="utf-8")


def accepted(workspace: Workspace) -> int:
    """Run the wave; return how many rows of the rule about addresses somebody accepted."""
    run_all(workspace)
    record = read_record(a_run(workspace), "mapped", "contact")
    assert record is not None
    assert record.verdict is not None
    return next(rule.accepted for rule in record.verdict.rules if rule.rule == KIM["rule"])


def lines(workspace: Workspace) -> int:
    return len(a_run(workspace).migration.log)


def refusal(workspace: Workspace, **draft: Any) -> str:
    before = lines(workspace)
    with pytest.raises(DraftRefused) as refused:
        decide(workspace, **draft)
    assert lines(workspace) == before
    return str(refused.value)


def second(workspace: Workspace, by: str, entry: Entry) -> Entry:
    return decide(workspace, kind="decision_seconded", by=by, seconds=entry.id)


def test_somebody_who_may_not_decide_is_refused_and_told_who_may(published_once: Workspace) -> None:
    rules(published_once, OWNER_ONLY)

    assert refusal(published_once, by="sam", **ACCEPT) == (
        "risk accepted: Sam Lee, Implementation lead, may not decide this: Only the data owner accepts what is wrong"
        " with addresses.; let `ina` (Ina Vogt, Data owner) do it"
    )


def test_the_one_who_may_decide_opens_the_rule(published_once: Workspace) -> None:
    rules(published_once, OWNER_ONLY)
    decide(published_once, by="ina", **ACCEPT)

    assert accepted(published_once) == 1


def test_a_decision_for_two_waits_and_says_so_until_another_person_seconds_it(
    published_once: Workspace,
) -> None:
    rules(published_once, TWO)
    entry = decide(published_once, by="ina", **ACCEPT)

    assert waiting_words(a_run(published_once).migration, entry) == (
        f"{entry.id} has no effect yet: it needs a second person (Two people agree on addresses.);"
        f" they record `decision_seconded` with `seconds: {entry.id}`"
    )
    assert accepted(published_once) == 0
    second(published_once, "sam", entry)
    assert accepted(published_once) == 1


def test_the_same_person_twice_is_not_two(published_once: Workspace) -> None:
    rules(published_once, {**TWO, "persons": 3})
    entry = decide(published_once, by="ina", **ACCEPT)
    second(published_once, "sam", entry)

    for by, says in (("ina", "another person has to second it"), ("sam", "Sam Lee stands by D-002 already")):
        assert says in refusal(published_once, kind="decision_seconded", by=by, seconds=entry.id)


def test_somebody_whom_no_rule_asks_for_cannot_second(published_once: Workspace) -> None:
    rules(published_once, {**TWO, "roles": "Data owner", "seconded_by": "implementation"})
    entry = decide(published_once, by="ina", **ACCEPT)

    assert refusal(published_once, kind="decision_seconded", by="tom", seconds=entry.id) == (
        "decision seconded: Tom Lind, Billing owner, cannot second D-002, which needs a second person on the"
        " implementation side (Two people agree on addresses.); let `sam` (Sam Lee, Implementation lead) do it"
    )


def test_what_needs_nobody_else_is_not_seconded(published_once: Workspace) -> None:
    rules(published_once, TWO)

    assert "D-001 needs nobody else" in refusal(
        published_once, kind="decision_seconded", by="sam", seconds="D-001"
    )


def test_a_new_rule_takes_effect_on_what_was_decided_before(published_once: Workspace) -> None:
    entry = decide(published_once, by="sam", **ACCEPT)
    assert accepted(published_once) == 1

    rules(published_once, OWNER_ONLY)

    assert accepted(published_once) == 0
    record = read_record(a_run(published_once), "mapped", "contact")
    assert record is not None
    assert record.verdict is not None
    (rule,) = (each for each in record.verdict.rules if each.rule == KIM["rule"])
    assert rule.idle == (
        f"{entry.id} is not allowed: needs the data owner (Only the data owner accepts what is wrong with"
        " addresses.)",
    )


def test_all_rules_that_refuse_somebody_are_named_at_once(published_once: Workspace) -> None:
    rules(published_once, OWNER_ONLY, {**OWNER_ONLY, "says": "Ina it is.", "roles": [], "people": "ina"})

    assert len(refusal(published_once, by="sam", **ACCEPT).splitlines()) == 2
