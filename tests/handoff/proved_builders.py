"""A full launch record that proves itself, and a way to change one thing anywhere in it."""

import re
from typing import Any

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.fates import Reason
from aformity_pipelines.domain.launch.rows import Exclusion
from aformity_pipelines.domain.launch.statements import RuleLine, Statement
from aformity_pipelines.domain.launch.unresolved import UnresolvedWork, WorkSort
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.stages.launch.counts import counts_of
from tests.handoff.builders import full_record

JUDGED = (
    ("account.region.required", "account", Policy.BLOCK, "billing", 17),
    ("account.billing_address.complete", "account", Policy.HOLD, "billing", 6),
    ("account.website.address", "account", Policy.REPORT, "onboarding", 2),
    ("contact.email.format", "contact", Policy.HOLD, "first_login", 25),
    ("contact.account.relationship", "contact", Policy.HOLD, "onboarding", 9),
    ("user.email.unique", "user", Policy.HOLD, "first_login", 8),
    ("user.role.few_admins", "user", Policy.BLOCK, "permissions", 4),
    ("user.mapping.approved", "user", Policy.REPORT, "", 0),
    ("subscription.plan.allowed", "subscription", Policy.BLOCK, "billing", 12),
)
LIVE = {"first_login": 4732, "onboarding": 1180}
"""Live records of the entities whose mapped fields touch a moment, where the full record has another number."""
GLANCE = (
    ("39 rows are held back by 4 open items; 9 more wait.", "count.held", "count.following", "unresolved"),
    ("209 rows launch on 18 January 2027 with the southern depots.", "count.all.deferred"),
    ("Accounts without an order since 2019 are not brought over, as was agreed.", "D-006", "count.all.excluded"),
)  # fmt: skip


def proved_record() -> LaunchRecord:
    """The full record with every rule, and with a count behind every number."""
    record = full_record()
    first, role, gone, *others = record.questions
    changes = record.changes
    assert changes
    by_mapping = Exclusion(
        entity="user", source="crm_contacts", part="login", says="Only who signs in is a user.", why="As agreed.", reason=Reason.MAPPING,
        evidence=("mapping/user.yaml", "count.excluded.user.crm_contacts.login.mapping"), rows=4898,
    )  # fmt: skip
    told = record.model_copy(
        update={
            "glance": tuple(said(*each) for each in GLANCE),
            "notices": (said("contact: no workbook for people, 104000 records are too many", "manifest"),),
            "questions": (
                first.model_copy(update={"evidence": ("D-004", "count.accepted.D-004")}),
                role,
                gone.model_copy(
                    update={"asks": "Where are 46 accounts?", "says": "Finance keeps that history."}
                ),
                *others,
            ),
            "changes": changes.model_copy(update={"says": (said(changes.says[0].says, "ledger"),)}),
            "moments": tuple(
                moment.model_copy(update={"records": LIVE.get(moment.moment, moment.records)})
                for moment in record.moments
            ),
            "rules": tuple(judged(*rule) for rule in JUDGED),
            "unresolved": tuple(at_a_gate(work) for work in record.unresolved),
            "reported": tuple(found.model_copy(update={"gate": "mapped"}) for found in record.reported),
            "excluded": (*record.excluded, by_mapping),
        }
    )
    return told.model_copy(update={"counts": counts_of(told, blanked={})})


def said(says: str, *evidence: str) -> Statement:
    return Statement(says=says, evidence=evidence)


def judged(rule: str, subject: str, policy: Policy, moment: str, failing: int) -> RuleLine:
    return RuleLine(
        rule=rule, gate="mapped", subject=subject, says="As agreed.", policy=policy, moment=moment,
        checked=5118, failing=failing,
    )  # fmt: skip


def at_a_gate(work: UnresolvedWork) -> UnresolvedWork:
    sort = WorkSort.FOLLOW_UP if work.id.startswith("D-") else WorkSort.FINDING
    return work.model_copy(update={"gate": "mapped", "sort": sort})


def changed(document: Any, place: str, value: Any) -> Any:
    """Return a copy of a document with another value at `place`, such as `outcomes[0].fates[merged]`; nothing is checked."""
    step, rest = re.match(r"^\.?(\w+|\[\w+\])(.*)$", place).groups()  # type: ignore[union-attr]  # places are well formed
    key = step.strip("[]")
    if isinstance(document, Document):
        return document.model_copy(update={key: new(getattr(document, key), rest, value)})
    if isinstance(document, dict):
        return {name: new(each, rest, value) if name == key else each for name, each in document.items()}
    return tuple(new(each, rest, value) if index == int(key) else each for index, each in enumerate(document))


def new(found: Any, rest: str, value: Any) -> Any:
    return changed(found, rest, value) if rest else value


def at(document: Any, place: str) -> Any:
    """Return the value at `place`."""
    for step in re.findall(r"\w+", place):
        if isinstance(document, Document):
            document = getattr(document, step)
        else:
            document = document[int(step)] if isinstance(document, tuple) else document[step]
    return document
