"""Findings and the rules they come from: what people call exceptions.

A finding is one rule broken by one row.  Values stay out: a finding says where to look, not what is there.
"""

from dataclasses import dataclass
from enum import StrEnum

from aformity_pipelines.domain.destination import Policy


class Gate(StrEnum):
    """The stage boundaries that are judged."""

    INTAKE = "intake"
    MAPPED = "mapped"
    TRANSFORMED = "transformed"
    EXPORT = "export"


class Severity(StrEnum):
    """Great Expectations' own three words."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


def severity_of(policy: Policy) -> Severity:
    """Return how grave a rule with this policy is, where it does not say so itself."""
    return Severity.WARNING if policy is Policy.REPORT else Severity.CRITICAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One expectation of a suite, as the rest of the system speaks of it."""

    id: str  # "contact.email.format": stable, unique in its gate
    gate: Gate
    subject: str  # the entity, or at intake the source, that is judged
    policy: Policy
    severity: Severity
    says: str  # the customer-facing sentence
    moment: str  # the product moment that a breach touches
    fields: tuple[str, ...]  # target fields (at intake: source headers) that the rule reads
    expectation: str  # Great Expectations' type name, snake case
    derived: bool  # whether destination.yaml or defs.yaml implies it
    may_check_nothing: bool = False  # whether 0 rows or an all-empty column is fine


class RuleState(StrEnum):
    """What came out of running one rule."""

    PASSED = "passed"
    FAILED = "failed"
    NOTHING_CHECKED = "nothing_checked"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleResult:
    """One rule's outcome on one set of rows, without any value."""

    rule: Rule
    state: RuleState
    checked: int  # rows that the rule looked at (blank values of optional fields left out)
    failing: int  # rows that break it; equals the rows of the findings table for this rule
    detail: str = ""  # for table-level rules: what is missing or left over
