"""Lists the rows that break each rule: as a rule one scan of the judged table for all of them.

The conditions are Great Expectations' own; here they become bits of one number per row.  The table
holds rule and row ids, never values.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from aformity_pipelines.domain.sql_faults import without_values
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.quality.errors import GateBroken
from aformity_pipelines.quality.queries import condition_of

_BITS = 62


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedRule:
    """A rule that some rows break, and Great Expectations' query for them."""

    rule: str
    query: str
    failing: int


def write_findings(
    connection: duckdb.DuckDBPyConnection,
    findings_table: str,
    *,
    table: str,
    row_column: str,
    failed: Sequence[FailedRule],
) -> None:
    """Create `findings_table` (rule, row_id; both text) with every failing row of every failed rule.

    Raises `GateBroken` where a query does not run, or where the rows listed are not as many as Great
    Expectations counted.
    """
    target = identifier(findings_table)
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {target} (rule VARCHAR, row_id VARCHAR)")
    conditions = {rule.rule: condition_of(rule.query, row_column, table) for rule in failed}
    scanned = [(rule, condition) for rule, condition in conditions.items() if condition is not None]
    for number in range(0, len(scanned), _BITS):
        part = scanned[number : number + _BITS]
        _run(connection, target, [rule for rule, _ in part], _one_scan(table, row_column, part))
    for single in failed:
        if conditions[single.rule] is None:
            rows = f"SELECT {literal(single.rule)}, {identifier(row_column)} FROM ({single.query})"
            _run(connection, target, [single.rule], rows)
    _compare(connection, target, failed)


def _one_scan(table: str, row_column: str, scanned: Sequence[tuple[str, str]]) -> str:
    bits = " + ".join(
        f"CASE WHEN {condition} THEN {1 << bit}::BIGINT ELSE 0 END"
        for bit, (_, condition) in enumerate(scanned)
    )
    names = ", ".join(f"({1 << bit}::BIGINT, {literal(rule)})" for bit, (rule, _) in enumerate(scanned))
    return f"""
WITH marked AS (SELECT {identifier(row_column)} AS row_id, {bits} AS broken FROM {identifier(table)}),
     broken AS MATERIALIZED (SELECT row_id, broken FROM marked WHERE broken <> 0)
SELECT rules.rule, broken.row_id
FROM broken JOIN (VALUES {names}) AS rules (bit, rule) ON broken.broken & rules.bit <> 0"""


def _run(connection: duckdb.DuckDBPyConnection, target: str, rules: list[str], rows: str) -> None:
    try:
        connection.execute(f"INSERT INTO {target} {rows}")
    except duckdb.Error as error:
        message = f"its failing rows could not be listed: {without_values(str(error))}"
        raise GateBroken(target.strip('"'), dict.fromkeys(rules, message)) from None


def _compare(connection: duckdb.DuckDBPyConnection, target: str, failed: Sequence[FailedRule]) -> None:
    counted = connection.execute(
        f"SELECT rule, count(*), count(DISTINCT row_id) FROM {target} GROUP BY rule"
    ).fetchall()
    listed = {rule: (rows, different) for rule, rows, different in counted}
    faults = {rule.rule: fault for rule in failed for fault in _faults(rule, *listed.get(rule.rule, (0, 0)))}
    if faults:
        raise GateBroken(target.strip('"'), faults)


def _faults(rule: FailedRule, rows: int, different: int) -> Iterator[str]:
    if rows != rule.failing:
        yield f"Great Expectations counted {rule.failing} failing rows, but {rows} were listed"
    elif different != rows:
        yield f"{rows} failing rows were listed but only {different} have an id of their own; select each row once, with an id"
