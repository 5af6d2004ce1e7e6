"""Decisions that kept rows back and were shown other values than today's: those rows are asked about again.

A rule about decisions, not about values; without it a row that was excluded would go live when a cell changes.
"""

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, Rule, RuleResult, RuleState, Severity
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.suites import mapped_fields

OUTDATED = ".decisions.current"
"""How the id of the rule ends."""
KEEP_BACK = "('rows_excluded', 'rows_deferred')"
ACT = "('rows_excluded', 'rows_deferred', 'value_corrected', 'values_replaced', 'merge_approved')"


def outdated_rule(run: Run, entity: str) -> Rule:
    """Return the rule that rows which were excluded or deferred are still what they were then."""
    label = run.migration.destination.entities[entity].label
    return Rule(
        id=f"{entity}{OUTDATED}",
        gate=Gate.MAPPED,
        subject=entity,
        policy=Policy.HOLD,
        severity=Severity.CRITICAL,
        says=f"{label}: a row that was left out is asked about again when what was shown of it has changed.",
        moment="",
        fields=tuple(sorted(mapped_fields(run.migration, entity))),
        expectation="decisions about rows as they are",
        derived=True,
    )


def outdated_rows(entity: str, judged: str) -> str:
    """Return the SELECT of the rows in question among those of the relation `judged`; needs `covered`."""
    about = f"subject = {literal(entity)} and kind in {KEEP_BACK}"
    return (
        f"select distinct row_id from {COVERED} where {about} and not matches"
        f" and row_id in (select row_id from {judged})"
        f" and row_id not in (select row_id from {COVERED} where {about} and matches)"
    )


def outdated_decisions(run: Run, entity: str) -> tuple[str, ...]:
    """Return the ids of the decisions that were to change rows and no longer fit all of them; needs `covered`."""
    rows = run.connection.execute(
        f"select distinct decision from {COVERED} where subject = ? and kind in {ACT} and not matches order by 1",
        [entity],
    ).fetchall()
    return tuple(row[0] for row in rows)


def outdated_result(rule: Rule, failing: int) -> RuleResult:
    """Return the rule's outcome."""
    state = RuleState.FAILED if failing else RuleState.PASSED
    return RuleResult(rule=rule, state=state, checked=failing, failing=failing)
