"""Runs a suite on a table: Great Expectations judges, and every failing row is listed.

Importing this module imports Great Expectations, which takes seconds: do it inside the gate.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
from great_expectations.datasource.fluent.interfaces import TestConnectionError
from great_expectations.exceptions import GreatExpectationsError
from sqlalchemy.exc import SQLAlchemyError

from aformity_pipelines.domain.findings import Gate, Rule, RuleResult, RuleState
from aformity_pipelines.domain.sql_faults import without_values
from aformity_pipelines.domain.sql_text import identifier
from aformity_pipelines.quality.derivation import BAD_SUFFIX, Expectation
from aformity_pipelines.quality.engine import batch_of
from aformity_pipelines.quality.errors import GateBroken
from aformity_pipelines.quality.findings_table import write_findings
from aformity_pipelines.quality.headers import COLUMN_EXISTS, Columns, named_columns
from aformity_pipelines.quality.strict import strict_suite
from aformity_pipelines.quality.suites import Suite, rules_of
from aformity_pipelines.quality.verdicts import (
    Judged,
    Outcome,
    failed_rule,
    missing_header,
    outcomes_of,
    read_outcome,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRun:
    """What a suite found in a table."""

    results: tuple[RuleResult, ...]
    """One per rule, in suite order."""
    findings_table: str
    """A temporary table on the caller's connection: `rule` and `row_id`, both text, every failing row."""


def run_suite(
    connection: duckdb.DuckDBPyConnection,
    *,
    table: str,
    suite: Suite,
    gate: Gate,
    subject: str,
    columns: Mapping[str, str] | None = None,
    row_column: str = "row_id",
) -> SuiteRun:
    """Judge `table` (a table or view on `connection`) by an assembled suite.

    `columns` maps the names that the suite uses to the table's own (at intake: header to internal
    name); without it they are the same.  `row_column` holds an id that no two rows share.  The
    findings table is replaced by the next run for the same gate and subject.

    Raises `ValueError` for a suite that Great Expectations would not take as it is written, and
    `GateBroken` where a rule could not be judged.
    """
    named = Columns(present=_columns_of(connection, table, subject), headers=columns)
    rules = {rule.id: rule for rule in rules_of(suite, gate, subject)}
    asked: dict[str, Expectation] = {one["meta"]["rule"]: one for one in suite["expectations"]}
    if len(asked) != len(suite["expectations"]) or not asked:
        raise ValueError(f"suite {suite['name']!r} is empty or repeats a rule id; use `assemble`")
    absent = _absent_columns(asked, named, rules)
    translated = {rule: named.translated(one) for rule, one in asked.items() if rule not in absent}
    judged = _count(connection, table, named, translated, subject)
    outcomes = _judge(connection, table, suite["name"], translated, subject, row_column)

    results = tuple(
        absent[rule_id]
        if rule_id in absent
        else read_outcome(rule, translated[rule_id], outcomes[rule_id], named, judged)
        for rule_id, rule in rules.items()
    )
    findings_table = f"findings__{gate.value}__{subject}"
    failed = [
        failed_rule(result, translated[result.rule.id], outcomes[result.rule.id], table)
        for result in results
        if result.state is RuleState.FAILED and result.failing
    ]
    write_findings(connection, findings_table, table=table, row_column=row_column, failed=failed)
    return SuiteRun(results=results, findings_table=findings_table)


def _columns_of(connection: duckdb.DuckDBPyConnection, table: str, subject: str) -> tuple[str, ...]:
    try:
        described = connection.execute(f"SELECT * FROM {identifier(table)} LIMIT 0").description
    except duckdb.Error as error:
        fault = f"table {table!r}: {without_values(str(error))}"
        raise GateBroken(subject, {"(every rule)": fault}) from None
    return tuple(column[0] for column in described or ())


def _absent_columns(
    asked: Mapping[str, Expectation], named: Columns, rules: Mapping[str, Rule]
) -> dict[str, RuleResult]:
    """A header may be missing from a delivery; a column missing from our own table is our fault."""
    missing = {
        rule: names
        for rule, one in asked.items()
        if one["type"] != COLUMN_EXISTS and (names := named.missing(one))
    }
    if missing and named.headers is None:
        faults = {rule: f"the table has no column {', '.join(names)}" for rule, names in missing.items()}
        raise GateBroken(next(iter(rules.values())).subject, faults)
    return {rule: missing_header(rules[rule], names) for rule, names in missing.items()}


def _count(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    named: Columns,
    expectations: Mapping[str, Expectation],
    subject: str,
) -> Judged:
    """Count rows, and the values of each column that a rule reads, in one query."""
    read = {name for one in expectations.values() for name in named_columns(one)}
    read |= {name.removesuffix(BAD_SUFFIX) for name in read}
    present = sorted(read & set(named.present))
    counts = ", ".join(["count(*)", *(f"count({identifier(name)})" for name in present)])
    try:
        row = connection.execute(f"SELECT {counts} FROM {identifier(table)}").fetchone() or (0,)
    except duckdb.Error as error:
        raise GateBroken(subject, dict.fromkeys(expectations, without_values(str(error)))) from None
    return Judged(table=table, rows=row[0], values=dict(zip(present, row[1:], strict=True)))


def _judge(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    name: str,
    expectations: Mapping[str, Expectation],
    subject: str,
    row_column: str,
) -> dict[str, Outcome]:
    """Let Great Expectations judge; samples of values are neither asked for nor fetched."""
    if not expectations:
        return {}
    suite = strict_suite(name, tuple(expectations.values()))
    result_format = {
        "result_format": "BASIC",
        "partial_unexpected_count": 0,
        "return_unexpected_index_query": True,
        "unexpected_index_column_names": [row_column],
    }
    try:
        result = batch_of(connection, table).validate(suite, result_format=result_format)
    except (GreatExpectationsError, TestConnectionError, SQLAlchemyError) as error:
        raise GateBroken(subject, dict.fromkeys(expectations, without_values(str(error)))) from None
    outcomes = outcomes_of(result, subject)
    unjudged = expectations.keys() - outcomes.keys()
    if unjudged:
        raise GateBroken(subject, dict.fromkeys(sorted(unjudged), "Great Expectations returned no result"))
    return outcomes
