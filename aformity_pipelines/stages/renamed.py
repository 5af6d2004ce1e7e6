"""Columns that likely have another name in a new delivery: proposed where somebody needs the old name, never assumed."""

from collections.abc import Sequence

from aformity_pipelines.config.headers import headers_in_waves, headers_read
from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.format_words import as_yaml
from aformity_pipelines.domain.profile import ColumnChanges
from aformity_pipelines.domain.sql_text import identifier
from aformity_pipelines.intake.refusal import NotUnderstood, Question, QuestionKind
from aformity_pipelines.mapping.columns import internal_names
from aformity_pipelines.profile.changes import column_changes
from aformity_pipelines.stages.earlier_delivery import ReadTable
from aformity_pipelines.stages.outputs import parquet
from aformity_pipelines.stages.run import Run, digest_of

SHARED = 0.6
"""Share of the different values of the column with fewer of them that the other must hold too."""
FEWEST = 3
"""Different values below which being alike says nothing, as with yes and no."""


def headers_needed(run: Run, source: str) -> frozenset[str]:
    """Return the headers that a mapping, a lookup, a wave's condition or the key reads."""
    migration = run.migration
    declared = migration.customer.sources[source]
    return headers_read(migration, source) | headers_in_waves(migration, source) | frozenset(declared.key)


def needed_digest(run: Run, source: str) -> str:
    """Return the fingerprint of what a question about renamed columns depends on beside the deliveries."""
    return digest_of(sorted(headers_needed(run, source)))


def changes_between(run: Run, before: ReadTable, now: ReadTable) -> ColumnChanges:
    """Return what changed of the columns; a column with the values of one that is gone is likely that one."""
    plain = column_changes(before.headers, now.headers)
    gone = (*plain.removed, *(each.before for each in plain.renamed))
    come = (*plain.added, *(each.now for each in plain.renamed))
    pairs = _alike_in_values(run, before, now, gone, come) if gone and come else ()
    return column_changes(before.headers, now.headers, same_values=pairs) if pairs else plain


def renaming(run: Run, source: str, before: ReadTable, now: ReadTable) -> dict[str, str]:
    """Return header that is needed and gone -> what it is likely called now; empty where none is."""
    needed = headers_needed(run, source) - set(now.headers)
    if not needed & set(before.headers):
        return {}
    changes = changes_between(run, before, now)
    return {each.before: each.now for each in (*changes.renamed, *changes.respelled) if each.before in needed}


def check_names(run: Run, source: str, before: Sequence[ReadTable], now: ReadTable) -> None:
    """Raise NotUnderstood where columns that are needed are gone since the last of `before`, and likely renamed."""
    if before and (renamed := renaming(run, source, before[-1], now)):
        raise NotUnderstood(now.delivery.file_name, (question_about(renamed, before[-1]),))


def question_about(renamed: dict[str, str], before: ReadTable) -> Question:
    """Ask whether columns have another name now; the proposal says that they do."""
    pairs = "; ".join(
        f"`{old}` is missing, `{new}` is new and likely the same" for old, new in renamed.items()
    )
    came = before.delivery
    says = f"since {came.file_name} the columns have changed: {pairs}"
    proposal = FormatHints(renamed=renamed)
    return Question(
        kind=QuestionKind.RENAMED,
        what=says,
        answer=(
            f"accept the proposal (`format: {as_yaml(proposal)}`), name the right columns, or change the mapping so"
            " that nothing reads the old name"
        ),
        proposal=proposal,
        shown=says,
    )


def _alike_in_values(
    run: Run, before: ReadTable, now: ReadTable, gone: tuple[str, ...], come: tuple[str, ...]
) -> tuple[tuple[str, str], ...]:
    """Return the pairs of columns that are each other's nearest by the values they share."""
    old, new = internal_names(before.headers), internal_names(now.headers)
    shares = {
        (one, other): share
        for one in dict.fromkeys(gone)
        for other in dict.fromkeys(come)
        if (share := _shared(run, before, old[one], now, new[other])) >= SHARED
    }
    nearest = {name: max(_with(shares, name)) for pair in shares for name in pair}
    return tuple(
        pair
        for pair, share in sorted(shares.items())
        if nearest[pair[0]] == nearest[pair[1]] == share
        and all(_with(shares, name).count(share) == 1 for name in pair)
    )


def _with(shares: dict[tuple[str, str], float], name: str) -> list[float]:
    return [share for pair, share in shares.items() if name in pair]


def _shared(run: Run, before: ReadTable, old: str, now: ReadTable, new: str) -> float:
    """Return which share of the different values of one column the other holds too; 0 where there are hardly any."""
    a, b = (
        f"select distinct hash({identifier(column)}) as h from {parquet(read.table)} where {identifier(column)} <> ''"
        for read, column in ((before, old), (now, new))
    )
    ((own, other, both),) = run.connection.execute(
        f"with a as ({a}), b as ({b}) select (select count(*) from a), (select count(*) from b),"
        " (select count(*) from a semi join b using (h))"
    ).fetchall()
    fewer = min(own, other)
    return both / fewer if both >= FEWEST else 0.0
