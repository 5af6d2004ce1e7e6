"""The rule that a header which is read means one column: the first of two equal ones is never taken in silence.

A rule about the delivery's columns, not about rows; `Header__1`, `Header__2` name the copies one by one.
"""

from collections.abc import Sequence

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, Rule, RuleResult, RuleState, Severity
from aformity_pipelines.domain.gate import Judged
from aformity_pipelines.mapping.columns import ambiguous_headers
from aformity_pipelines.quality.headers import named_columns
from aformity_pipelines.quality.suites import Suite, rules_of


def unambiguous_rule(source: str) -> Rule:
    """Return the rule that every column of a source that is read has a name of its own; no expectation judges it."""
    return Rule(
        id=f"{source}.column.unambiguous",
        gate=Gate.INTAKE,
        subject=source,
        policy=Policy.BLOCK,
        severity=Severity.CRITICAL,
        says="Every column that is read has a name of its own.",
        moment="",
        fields=(),
        expectation="headers that mean one column",
        derived=True,
    )


def unambiguous_columns(source: str, headers: Sequence[str], suite: Suite) -> Judged:
    """Return how the rule stands: which headers that the intake suite asks for could mean several columns."""
    could_mean = ambiguous_headers(headers)
    unclear = [header for header in _headers_read(source, suite) if header in could_mean]
    rule = unambiguous_rule(source)
    if not unclear:
        return Judged(result=RuleResult(rule=rule, state=RuleState.PASSED, checked=len(headers), failing=0))
    said = "; ".join(f"“{header}” {_meanings(could_mean[header])}" for header in unclear)
    detail = f"{said}: write the name of the column that is meant where it is read"
    return Judged(
        result=RuleResult(rule=rule, state=RuleState.FAILED, checked=len(headers), failing=0, detail=detail)
    )


def _headers_read(source: str, suite: Suite) -> tuple[str, ...]:
    """Return every header that a mapping, the key, a wave or a written rule reads: each has a rule that names it."""
    by_rules = [header for rule in rules_of(suite, Gate.INTAKE, source) for header in rule.fields]
    by_kwargs = [header for each in suite["expectations"] for header in named_columns(each)]
    return tuple(dict.fromkeys((*by_rules, *by_kwargs)))


def _meanings(columns: Sequence[tuple[int, str]]) -> str:
    return "could be " + " or ".join(f"column {number} (`{name}`)" for number, name in columns)
