"""The rule that somebody approves an entity's field map: about the mapping, not about rows."""

from collections import Counter

from aformity_pipelines.domain.customer import UnapprovedMapping
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, Rule, RuleResult, RuleState, Severity
from aformity_pipelines.domain.gate import Judged
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.review.approvals import approvals, cited_in_vain
from aformity_pipelines.stages.run import Run


def approval_rule(run: Run, entity: str) -> Judged:
    """Return how the field map's approval stands: a rule about the mapping, not about rows."""
    lacking = [each for each in approvals(run.migration, entity) if each.decision is None]
    missing = [each.name for each in lacking]
    missing += cited_in_vain(run.migration, entity)
    rule = approval_asked(run.migration, entity)
    if not missing:
        return Judged(result=RuleResult(rule=rule, state=RuleState.PASSED, checked=0, failing=0))
    words = (
        "mapping is not approved as it stands"
        if len(missing) == 1
        else "mappings are not approved as they stand"
    )
    detail = f"{len(missing)} field {words}: {', '.join(missing[:5])}"
    stale = Counter(each.stale for each in lacking if each.stale)
    return Judged(
        result=RuleResult(rule=rule, state=RuleState.FAILED, checked=0, failing=0, detail=detail),
        stale=tuple(sorted(stale)),
        stale_because={decision: _changed(number) for decision, number in stale.items()},
    )


def _changed(number: int) -> str:
    """Say how many field mappings are not those that were approved."""
    return "1 field mapping has changed" if number == 1 else f"{number} field mappings have changed"


def approval_asked(migration: Migration, entity: str) -> Rule:
    """Return the rule that somebody approves the field map of an entity."""
    blocks = migration.customer.policies.unapproved_mapping is UnapprovedMapping.BLOCK
    label = migration.destination.entities[entity].label
    return Rule(
        id=f"{entity}.mapping.approved",
        gate=Gate.MAPPED,
        subject=entity,
        policy=Policy.BLOCK if blocks else Policy.REPORT,
        severity=Severity.CRITICAL if blocks else Severity.WARNING,
        says=f"{label}: somebody on the customer's side approves where each field comes from.",
        moment="",
        fields=(),
        expectation="approval of the field map",
        derived=True,
    )
