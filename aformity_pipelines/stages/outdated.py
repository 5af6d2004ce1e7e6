"""Decisions that kept rows back and were shown other values than today's: those rows are asked about again.

A rule about decisions, not about values; without it a row that was excluded, or merged into another, would go live by
itself when a cell changes.
"""

from aformity_pipelines.domain.approval import row_decisions
from aformity_pipelines.domain.decisions import MergeApproved
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
    """Return the rule that rows which were excluded, deferred or merged are still what they were then."""
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


def outdated_rows(run: Run, entity: str, judged: str) -> str:
    """Return the SELECT of the rows in question among those of the relation `judged`; needs `covered`.

    They are the rows that were left out, and those that a merge took up into another one.
    """
    about = f"subject = {literal(entity)}"
    kept_back = f"{about} and kind in {KEEP_BACK}"
    return (
        f"select distinct row_id from ({_no_longer_kept_back(kept_back)} union all {_no_longer_merged(run, entity)})"
        f" where row_id in (select row_id from {judged})"
        f" and row_id not in (select row_id from {COVERED} where {kept_back} and matches)"
    )


def _no_longer_kept_back(kept_back: str) -> str:
    return f"select row_id from {COVERED} where {kept_back} and not matches"


def _no_longer_merged(run: Run, entity: str) -> str:
    """Return the SELECT of the rows that a merge took up, where one of its parts is not what was shown.

    Those that another merge takes up now, or that are known to be records of their own, are not in question.
    """
    merges = [
        each
        for each in row_decisions(run.migration)
        if isinstance(each, MergeApproved) and each.covers.subject == entity
    ]
    if not merges:
        return "select '' as row_id where false"
    survivors = ", ".join(f"({literal(each.id)}, {literal(each.survivor)})" for each in merges)
    about = f"subject = {literal(entity)}"
    holding = f"select decision from {COVERED} where {about} and kind = 'merge_approved' group by 1 having bool_and(coalesce(matches, false))"
    return (
        f"select c.row_id from {COVERED} c join (values {survivors}) m(decision, survivor) using (decision)"
        f" where c.row_key <> m.survivor and c.row_id is not null and c.decision not in ({holding})"
        f" and c.row_id not in (select row_id from {COVERED} where {about} and row_id is not null and"
        f" (decision in ({holding}) or (kind = 'merge_refused' and matches)))"
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
