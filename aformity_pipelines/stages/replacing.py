"""Which rows one rule for many replaces the text of a field in: those that hold one of the old texts, and no others."""

from collections.abc import Mapping

from aformity_pipelines.domain.decisions import ValueCorrected, ValuesReplaced
from aformity_pipelines.domain.drafts import ALL, Draft
from aformity_pipelines.mapping.casts import MACROS
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import field_texts
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.stages.gating import cover, decisions_about
from aformity_pipelines.stages.graph import MAPPED
from aformity_pipelines.stages.outputs import TABLE, folder_of, parquet
from aformity_pipelines.stages.refusing import DraftRefused, Fault, refused
from aformity_pipelines.stages.run import Run

HOLDING = "holding_rows"
"""Temp table (row_id): the rows whose text of the field is one of the old ones."""


def refuse_senseless_replacements(replacements: Mapping[str, str]) -> None:
    """Raise DraftRefused with every replacement that would change nothing."""
    same = [old for old, new in replacements.items() if old == new]
    if same:
        raise DraftRefused(
            Fault(says=f"{old!r} would be replaced by itself", do="remove the line", at=("replace", old))
            for old in same
        )


def find_holding(run: Run, draft: Draft, subject: str, raw: Mapping[str, RawRelation]) -> None:
    """Create `holding_rows`: every row of an entity whose text of the draft's field is one of the old texts."""
    assert draft.field is not None
    assert draft.replace is not None
    for macro in MACROS:
        run.connection.execute(macro)
    texts = field_texts(run.migration, subject, raw, draft.field)
    run.connection.execute(
        f"create or replace temp table {HOLDING} as select row_id from ({texts})"
        " where list_contains(?::varchar[], coalesce(text, ''))",
        [list(draft.replace)],
    )


def all_holding(run: Run, draft: Draft, subject: str, raw: Mapping[str, RawRelation], *, into: str) -> str:
    """Return a SELECT of the rows in `holding_rows` that take part and whose text no decision corrects already.

    Creates the table `into` (row_id) of them.
    """
    mapped = folder_of(run, MAPPED, subject) / TABLE
    if not mapped.is_file():
        says = f"{MAPPED} {subject} has not run for {run.wave}"
        raise refused(says, f"`aformity run {run.slug}` comes first", ("covers",))
    corrected = tuple(
        each
        for each in decisions_about(run, (subject,))
        if isinstance(each, ValueCorrected | ValuesReplaced)
        and each.field == draft.field
        and each.id != draft.supersedes
    )
    cover(run, raw, corrected)
    run.connection.execute(
        f"create or replace temp table {into} as select row_id from {HOLDING}"
        f" where row_id in (select row_id from {parquet(mapped)} where set_aside is null)"
        f" and row_id not in (select row_id from {COVERED} where matches)"
    )
    return f"select row_id from {into}"


def keep_holding(run: Run, draft: Draft, *, among: str) -> None:
    """Drop the rows of the table `among` that hold none of the old texts; DraftRefused where they were named one by one."""
    others = f"row_id not in (select row_id from {HOLDING})"
    assert draft.covers is not None
    if draft.covers.rows in ((), ALL):
        run.connection.execute(f"delete from {among} where {others}")
        return
    ((number, example),) = run.connection.execute(
        f"select count(*), min(row_id) from {among} where {others}"
    ).fetchall()
    if number:
        rows = f"{number} rows, for example {example!r}, hold" if number > 1 else f"row {example!r} holds"
        raise refused(
            f"{draft.kind} on {draft.covers.subject}: {rows} none of the texts to be replaced in {draft.field!r}",
            "leave out `rows` to replace the texts wherever they stand, or correct the value with a value_corrected",
            ("covers", "rows"),
        )
