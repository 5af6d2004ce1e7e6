"""Rows that are kept apart: which rules a refused merge can settle, and which rows it still fits.

Such a rule takes rows for one record because they share a value.
"""

from collections.abc import Sequence

from aformity_pipelines.domain.decisions import MergeRefused
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.quality.across_rows import SameValue, looks_across
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.stages.gates import taken_in
from aformity_pipelines.stages.gating import cover
from aformity_pipelines.stages.graph import sources_behind
from aformity_pipelines.stages.refusing import refused
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.suites import entity_suite


def refuse_rule_about_else(run: Run, entity: str, rule: str) -> None:
    """Raise DraftRefused where keeping rows of an entity apart does not settle that they break a rule."""
    at = ("covers", "rule")
    suites = (
        entity_suite(run.workspace, run.migration, entity, gate) for gate in (Gate.MAPPED, Gate.TRANSFORMED)
    )
    named = [each for suite in suites for each in suite["expectations"] if each["meta"]["rule"] == rule]
    if not any(isinstance(looks_across(each), SameValue) for each in named):
        says = f"merge_refused on {entity}: {rule!r} does not ask whether rows are one record"
        raise refused(says, "leave out `rule`, or name the one that found the duplicates", at)
    key = run.migration.destination.entities[entity].key
    if any(key in each["meta"].get("fields", ()) for each in named):
        says = f"merge_refused on {entity}: the product refuses two records with one {key}"
        raise refused(says, f"give one of the rows another {key}, or exclude it", at)


def rows_kept_apart(
    run: Run, refusals: Sequence[MergeRefused], most: int
) -> dict[str, tuple[tuple[str, ...], int]]:
    """Return decision -> row ids, at most `most`, and how many there are, where every row is still what it was."""
    if not refusals:
        return {}
    subjects = dict.fromkeys(entry.covers.subject for entry in refusals)
    behind = [source for subject in subjects for source in sources_behind(run.migration, subject)]
    cover(run, open_all(run, taken_in(run, dict.fromkeys(behind))), refusals)
    rows = run.connection.execute(
        f"select decision, list_sort(list(distinct row_id))[:?], count(distinct row_id) from {COVERED}"
        " group by decision having bool_and(coalesce(matches, false))",
        [most],
    ).fetchall()
    return {decision: (tuple(ids), number) for decision, ids, number in rows}
