"""Reads what Great Expectations returned for each rule; keeps counts and leaves values behind."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from great_expectations.core import ExpectationSuiteValidationResult, ExpectationValidationResult

from aformity_pipelines.domain.findings import Rule, RuleResult, RuleState
from aformity_pipelines.domain.sql_faults import without_values
from aformity_pipelines.domain.sql_text import identifier
from aformity_pipelines.quality.derivation import BAD_SUFFIX, Expectation
from aformity_pipelines.quality.errors import GateBroken
from aformity_pipelines.quality.findings_table import FailedRule
from aformity_pipelines.quality.headers import COLUMN_EXISTS, COLUMNS_KNOWN, Columns

ROWS_BY_SQL = "unexpected_rows_expectation"
_IS_NULL = "expect_column_values_to_be_null"


class Outcome(Protocol):
    """What Great Expectations returns for one expectation, as far as this module reads it."""

    success: bool
    result: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What the judged table holds: rows, and values per column, both counted in one query."""

    table: str
    rows: int
    values: Mapping[str, int]


def outcomes_of(result: ExpectationSuiteValidationResult, subject: str) -> dict[str, Outcome]:
    """Return Great Expectations' result per rule id.

    Raises `GateBroken` if any expectation raised: its result says neither pass nor fail.
    """
    outcomes = {outcome.expectation_config.meta["rule"]: outcome for outcome in result.results}
    faults = {rule: message for rule, outcome in outcomes.items() if (message := _raised(outcome))}
    if faults:
        raise GateBroken(subject, faults)
    return outcomes


def _raised(outcome: ExpectationValidationResult) -> str | None:
    """`exception_info` is one record, or one per metric."""
    info = outcome.exception_info or {}
    records = (
        [info] if "raised_exception" in info else [one for one in info.values() if isinstance(one, dict)]
    )
    messages = [str(one.get("exception_message")) for one in records if one.get("raised_exception")]
    return "; ".join(dict.fromkeys(without_values(message) for message in messages)) or None


def read_outcome(
    rule: Rule, expectation: Expectation, outcome: Outcome, columns: Columns, judged: Judged
) -> RuleResult:
    """Return the result of one rule.  `expectation` names columns as the table does."""
    found = outcome.result
    if "unexpected_count" in found:
        checked = _checked(expectation, found, judged)
        return _result(rule, outcome.success, checked, int(found["unexpected_count"] or 0))
    if rule.expectation == ROWS_BY_SQL:
        return _result(rule, outcome.success, judged.rows, int(found["observed_value"] or 0))
    if outcome.success:
        return _result(rule, True, _checked_as_a_whole(expectation, judged), 0)
    detail = _detail(expectation, found, columns, judged)
    return RuleResult(rule=rule, state=RuleState.FAILED, checked=judged.rows, failing=0, detail=detail)


def failed_rule(result: RuleResult, expectation: Expectation, outcome: Outcome, table: str) -> FailedRule:
    """Return the query for the rows that break a failed row-level rule."""
    if result.rule.expectation == ROWS_BY_SQL:
        query = expectation["kwargs"]["unexpected_rows_query"].rstrip("; \t\r\n")
        # Great Expectations puts a named sub-select for {batch}; so does this.
        query = query.format(batch=f"(SELECT * FROM {identifier(table)}) AS subselect")
    else:
        query = outcome.result.get("unexpected_index_query") or ""
    if not query.strip():
        raise GateBroken(
            result.rule.subject, {result.rule.id: "Great Expectations gave no query for its rows"}
        )
    return FailedRule(rule=result.rule.id, query=query, failing=result.failing)


def missing_header(rule: Rule, names: tuple[str, ...]) -> RuleResult:
    """Return the result of a rule whose columns were not delivered."""
    listed = ", ".join(f"'{name}'" for name in names)
    detail = f"column {listed} is missing" if len(names) == 1 else f"columns {listed} are missing"
    return RuleResult(rule=rule, state=RuleState.NOTHING_CHECKED, checked=0, failing=0, detail=detail)


def _result(rule: Rule, success: bool, checked: int, failing: int) -> RuleResult:
    if success is not (failing == 0):
        verdict = "passed" if success else "failed"
        raise GateBroken(
            rule.subject, {rule.id: f"Great Expectations {verdict} it with {failing} failing rows"}
        )
    state = RuleState.PASSED if success else RuleState.FAILED
    if success and checked == 0 and not rule.may_check_nothing:
        state = RuleState.NOTHING_CHECKED
    return RuleResult(rule=rule, state=state, checked=checked, failing=failing)


def _checked(expectation: Expectation, found: Mapping[str, Any], judged: Judged) -> int:
    column = expectation["kwargs"].get("column", "")
    if expectation["type"] == _IS_NULL and column.endswith(BAD_SUFFIX):
        # It judges how values were read: those that could be and those that could not.
        return judged.values.get(column.removesuffix(BAD_SUFFIX), 0) + judged.values.get(column, 0)
    return int(found["element_count"] or 0) - int(found.get("missing_count") or 0)


def _checked_as_a_whole(expectation: Expectation, judged: Judged) -> int:
    """A rule about the table or its columns has looked, however few rows there are."""
    column = expectation["kwargs"].get("column")
    if expectation["type"] == COLUMN_EXISTS or column is None:
        return max(judged.rows, 1)
    return judged.values.get(column, 0)


def _detail(expectation: Expectation, found: Mapping[str, Any], columns: Columns, judged: Judged) -> str:
    kwargs = expectation["kwargs"]
    if expectation["type"] == COLUMNS_KNOWN:
        unknown = ", ".join(f"'{columns.header_of(column)}'" for column in found["observed_value"])
        return f"columns that are neither mapped nor archived nor excluded: {unknown}"
    if expectation["type"] == COLUMN_EXISTS:
        return f"column '{columns.header_of(kwargs['column'])}' is missing"
    if expectation["type"].startswith("expect_table_row_count"):
        return f"the table holds {judged.rows} rows"
    if "column" in kwargs:
        return f"{expectation['type']} does not hold for column '{columns.header_of(kwargs['column'])}'"
    return f"{expectation['type']} does not hold for the table"
