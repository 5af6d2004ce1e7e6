"""The rule that a record of the product keeps its key: it is found there by nothing else.

A rule about what is live, not about values; without it a renumbered row would become a second record in silence.
"""

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, Rule, RuleResult, RuleState, Severity
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.stages.outputs import count
from aformity_pipelines.stages.run import Run

KEPT = ".kept"
"""How the id of the rule ends."""


def kept_key_rule(migration: Migration, entity: str) -> Rule:
    """Return the rule that a live record keeps its key, and that no other record takes it."""
    described = migration.destination.entities[entity]
    name = described.key.replace("_", " ")
    return Rule(
        id=f"{entity}.{described.key}{KEPT}",
        gate=Gate.TRANSFORMED,
        subject=entity,
        policy=Policy.HOLD,
        severity=Severity.CRITICAL,
        says=f"{described.label}: a record that is in the product keeps its {name}, and no other record takes it.",
        moment=described.fields[described.key].moment,
        fields=(described.key,),
        expectation="keys as they are in the product",
        derived=True,
    )


def kept_key_result(run: Run, entity: str) -> RuleResult:
    """Return the rule's outcome; needs the entity's claims."""
    claims = f"claims_{entity}"
    failing = count(run.connection, claims, "is_disputed")
    return RuleResult(
        rule=kept_key_rule(run.migration, entity),
        state=RuleState.FAILED if failing else RuleState.PASSED,
        checked=count(run.connection, claims),
        failing=failing,
    )
