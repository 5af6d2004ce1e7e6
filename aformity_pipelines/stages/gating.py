"""Judging a table: suite, decisions, verdict.  Great Expectations is imported only when a gate really runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.domain.decisions import RowDecision, row_decisions
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.gate import Judged, Verdict, judge
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.quality.suites import Suite
from aformity_pipelines.review.coverage import create_covered
from aformity_pipelines.review.digest import create_digest_macro
from aformity_pipelines.review.judging import FINDINGS, create_findings, judged
from aformity_pipelines.stages.outputs import write_parquet
from aformity_pipelines.stages.run import Run, digest_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Judging:
    """What a gate is asked."""

    gate: Gate
    subject: str
    table: str  # relation with the rows in scope
    row_column: str
    suite: Suite
    columns: Mapping[str, str] | None = None


def decisions_about(run: Run, subjects: Iterable[str]) -> tuple[RowDecision, ...]:
    """Return the standing decisions on rows of some subjects, in log order."""
    wanted = frozenset(subjects)
    return tuple(each for each in row_decisions(run.migration.log) if each.covers.subject in wanted)


def decisions_digest(run: Run, subjects: Iterable[str]) -> str:
    """Return the fingerprint of all that was decided about some subjects, and of the key that binds it."""
    entries = [each.model_dump(mode="json") for each in decisions_about(run, subjects)]
    return digest_of([entries, digest_of(run.digest_key().hex())])


def cover(run: Run, raw: Mapping[str, RawRelation], decisions: Sequence[RowDecision]) -> None:
    """Work out which rows the decisions still cover; leaves the temp table `covered`."""
    create_digest_macro(run.connection, run.digest_key())
    create_covered(run.connection, run.migration, raw, decisions)


def judge_table(run: Run, asked: Judging, *, findings_into: Path, more: Iterable[Judged] = ()) -> Verdict:
    """Run the suite, hold its failing rows against `covered`, store every finding, return the verdict.

    `more` are rules that are not about rows, such as approvals.
    """
    from aformity_pipelines.quality.run_suite import run_suite  # noqa: PLC0415 - imports Great Expectations

    found = run_suite(
        run.connection,
        table=asked.table,
        suite=asked.suite,
        gate=asked.gate,
        subject=asked.subject,
        columns=asked.columns,
        row_column=asked.row_column,
    )
    create_findings(run.connection, found.findings_table, asked.subject, found.results)
    write_parquet(
        run.connection,
        f"select rule, row_id, accepted_by, followed_by, held from {FINDINGS} order by rule, row_id",
        findings_into,
    )
    return judge(asked.gate, asked.subject, (*judged(run.connection, found.results, asked.subject), *more))


def decisions_used(verdict: Verdict, others: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the ids of the decisions that settled something, sorted."""
    return tuple(sorted({each for rule in verdict.judged for each in rule.decisions} | set(others)))
