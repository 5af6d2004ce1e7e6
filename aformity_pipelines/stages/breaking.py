"""Which rows break a rule today: what a decision about breaches may be about, and nothing accepted in advance."""

from pathlib import Path

from aformity_pipelines.domain.drafts import MERGE_REFUSED, NEEDS_RULE, Draft, DraftCoverage
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.stages.graph import MAPPED, VALIDATED
from aformity_pipelines.stages.outputs import FINDINGS, folder_of, parquet
from aformity_pipelines.stages.refusing import refused
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.vanished import source_beside

ABOUT_BREACHES = NEEDS_RULE | {MERGE_REFUSED}
"""Kinds that settle, or ask about, what breaks the rule that they name."""


def breaking_rows(
    run: Run,
    subject: str,
    gate: Gate,
    rule: str,
    keyed: str,
    *,
    only_undecided: bool = False,
    superseded: str | None = None,
) -> str:
    """Return a SELECT of the rows of a subject that break a rule; DraftRefused where its stage has not run.

    `keyed` is a SELECT of the subject's rows; with `only_undecided`, those that no decision covers yet, or
    only the one that is about to be `superseded`.
    """
    stage = {Gate.INTAKE: VALIDATED, Gate.MAPPED: MAPPED}.get(gate, gate.value)
    name = source_beside(rule) or subject
    found = (
        f"select row_id from {parquet(stage_file(run, stage, name, FINDINGS))} where rule = {literal(rule)}"
    )
    if only_undecided:
        by = literal(superseded or "")
        found += f" and coalesce(accepted_by, {by}) = {by} and coalesce(followed_by, {by}) = {by}"
    if name == subject:
        return found
    # A source's finding names the whole row, whatever parts an entity makes of it.
    return f"select row_id from ({keyed}) where split_part(row_id, '/', 1) in ({found})"


def refuse_not_breaking(
    run: Run, draft: Draft, covers: DraftCoverage, subject: str, gate: Gate | None, *, keyed: str, among: str
) -> None:
    """Raise DraftRefused where a decision about breaches names rows of the relation `among` that break nothing."""
    if draft.kind not in ABOUT_BREACHES or gate is None or covers.rule is None:
        return
    broken = breaking_rows(run, subject, gate, covers.rule, keyed)
    sound = run.connection.execute(
        f"select row_id from {among} where row_id not in ({broken}) order by row_id"
    ).fetchall()
    if sound:
        example = sound[0][0]
        named = f"{len(sound)} rows, for example {example}, do" if sound[1:] else f"row {example} does"
        raise refused(
            f"{draft.kind} on {subject}: {named} not break {covers.rule} today, as {run.wave} was last judged",
            f"leave {'them' if sound[1:] else 'it'} out; `rows: all` names those that break it",
            ("covers", "where" if covers.where is not None else "rows"),
        )


def stage_file(run: Run, stage: str, name: str, file: str) -> Path:
    """Return a file of a stage; DraftRefused where the stage has not run."""
    path = folder_of(run, stage, name) / file
    if not path.is_file():
        raise refused(
            f"{stage} {name} has not run for {run.wave}",
            f"`aformity run {run.slug}` comes first",
            ("covers",),
        )
    return path
