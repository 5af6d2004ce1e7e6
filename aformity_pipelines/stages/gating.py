"""Judging a table: suite, decisions, verdict.  Great Expectations is imported only when a gate really runs."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.domain.approval import row_decisions
from aformity_pipelines.domain.decisions import RowDecision
from aformity_pipelines.domain.findings import Gate, RuleResult
from aformity_pipelines.domain.gate import Judged, Verdict, judge
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.quality.suites import Suite
from aformity_pipelines.review.digest import create_digest_macro
from aformity_pipelines.review.judging import FINDINGS, create_findings, judged
from aformity_pipelines.stages.explaining import explained
from aformity_pipelines.stages.grouping import mark_rows_that_joined
from aformity_pipelines.stages.outdated import (
    outdated_decisions,
    outdated_result,
    outdated_rows,
    outdated_rule,
)
from aformity_pipelines.stages.outputs import count, write_parquet
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.suites import for_no_rows
from aformity_pipelines.stages.waiving import waived_about, waivers_on

FAILING = "failing_rows"
"""Temp table (rule, row_id): every failing row, those that outdated decisions ask about among them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A rule about rows that no expectation judges, and its outcome."""

    result: RuleResult
    rows: str  # SELECT of the row ids that break it


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What a gate is asked."""

    gate: Gate
    subject: str
    table: str  # relation with the rows in scope
    row_column: str
    suite: Suite
    columns: Mapping[str, str] | None = None
    delivered: str | None = (
        None  # relation with the rows of every wave; None where an empty scope is a finding
    )
    beside: tuple[Beside, ...] = ()


def decisions_about(run: Run, subjects: Iterable[str]) -> tuple[RowDecision, ...]:
    """Return the standing decisions on rows of some subjects, in log order."""
    wanted = frozenset(subjects)
    return tuple(each for each in row_decisions(run.migration) if each.covers.subject in wanted)


def decisions_digest(run: Run, subjects: Iterable[str]) -> str:
    """Return the fingerprint of all that was decided about some subjects, and of the key that binds it."""
    about = tuple(subjects)
    waivers = [waiver for subject in about for waiver in waived_about(run.migration, subject)]
    entries = [each.model_dump(mode="json") for each in (*decisions_about(run, about), *waivers)]
    return digest_of([entries, digest_of(run.digest_key().hex())])


def cover(run: Run, raw: Mapping[str, RawRelation], decisions: Sequence[RowDecision]) -> None:
    """Work out which rows the decisions still cover; leaves the temp table `covered`."""
    from aformity_pipelines.review.coverage import create_covered  # noqa: PLC0415 - imports Polars

    create_digest_macro(run.connection, run.digest_key())
    create_covered(
        run.connection,
        run.migration,
        raw,
        decisions,
        files=run.workspace.coverage(run.slug),
        pending=run.pending,
    )


def judge_table(run: Run, asked: Judging, *, findings_into: Path, more: Iterable[Judged] = ()) -> Verdict:
    """Run the suite, hold its failing rows against `covered`, store every finding, return the verdict.

    `more` are rules that are not about rows, such as approvals.  An entity's mapped gate also asks about rows
    that decisions no longer fit.
    """
    from aformity_pipelines.quality.run_suite import run_suite  # noqa: PLC0415 - imports Great Expectations

    found = run_suite(
        run.connection,
        table=asked.table,
        suite=for_no_rows(asked.suite) if _is_all_elsewhere(run, asked) else asked.suite,
        gate=asked.gate,
        subject=asked.subject,
        columns=asked.columns,
        row_column=asked.row_column,
    )
    run.connection.execute(
        f"create or replace temp table {FAILING} as select rule, row_id from {found.findings_table}"
    )
    for each in asked.beside:
        run.connection.execute(
            f"insert into {FAILING} select ?, row_id from ({each.rows})", [each.result.rule.id]
        )
    mark_rows_that_joined(
        run,
        asked.suite,
        gate=asked.gate,
        subject=asked.subject,
        table=asked.delivered or asked.table,
        columns=asked.columns,
    )
    judged_rules = (*found.results, *(each.result for each in asked.beside))
    results, stale = _with_outdated(run, asked, judged_rules)
    waivers = waivers_on(run, asked.subject)
    create_findings(run.connection, FAILING, asked.subject, results, waived=waivers.holding)
    write_parquet(
        run.connection,
        f"select rule, row_id, accepted_by, followed_by, held from {FINDINGS} order by rule, row_id",
        findings_into,
    )
    by_rule = judged(run.connection, results, asked.subject, lapsed=waivers.lapsed)
    if stale:
        by_rule = (*by_rule[:-1], dataclasses.replace(by_rule[-1], stale=stale))
    return explained(run, judge(asked.gate, asked.subject, (*by_rule, *more)))


def _with_outdated(
    run: Run, asked: Judging, results: tuple[RuleResult, ...]
) -> tuple[tuple[RuleResult, ...], tuple[str, ...]]:
    """Add the rows that outdated decisions ask about; return the results, last the rule about them where it speaks."""
    stale = outdated_decisions(run, asked.subject) if asked.gate is Gate.MAPPED else ()
    if not stale:
        return results, ()
    rule = outdated_rule(run, asked.subject)
    (number,) = run.connection.execute(
        f"insert into {FAILING} select ?, row_id from ({outdated_rows(run, asked.subject, asked.table)})",
        [rule.id],
    ).fetchall()
    return (*results, outdated_result(rule, number[0])), stale


def decisions_used(verdict: Verdict, others: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the ids of the decisions that settled something, sorted."""
    return tuple(sorted({each for rule in verdict.judged for each in rule.decisions} | set(others)))


def _is_all_elsewhere(run: Run, asked: Judging) -> bool:
    """Whether rows were delivered, and all of them belong to another wave or were left out by a decision."""
    return (
        asked.delivered is not None
        and not count(run.connection, asked.table)
        and count(run.connection, asked.delivered) > 0
    )
