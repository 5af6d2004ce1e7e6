"""Rows that became one record, and rows that look alike and did not."""

from collections.abc import Iterator

from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.domain.launch.rows import KeptApart, Merge
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.group import Group
from aformity_pipelines.stages.launch.answers.quotes import in_quotes
from aformity_pipelines.tracing.words import field_words, listed

FIELDS = 4
"""Fields of a part that a detail names before it counts the rest."""


def merged_groups(basis: Basis) -> Iterator[Group]:
    """Yield an answer for each merge: which rows are one record, who agreed, and what each part gave."""
    for merge in basis.merged:
        is_hidden = merge.record == merge.parts[0].row
        named = "" if is_hidden else f", {in_quotes(merge.record)}"
        yield Group(
            about=AskedAbout.MERGED,
            entity=merge.entity,
            says=f"These {len(merge.parts)} rows are one {basis.label(merge.entity)}{named}: {basis.told(merge.decision)}.",
            detail=" ".join((*_contributions(merge), *_disagreements(merge))),
            count=len(merge.parts),
            evidence=(merge.decision, "merges"),
            rows=tuple(part.row for part in merge.parts),
            moment=basis.moment(merge.entity, None),
        )


def _contributions(merge: Merge) -> Iterator[str]:
    for part in merge.parts:
        role = "the surviving row" if part.is_survivor else "a merged row"
        gave = listed(_named(part.contributed)) if part.contributed else "nothing that was missing"
        yield f"{part.file}, row {part.row_number}, {role}, gave {gave}."


def _disagreements(merge: Merge) -> Iterator[str]:
    for each in merge.disagreements:
        lost = listed(tuple(in_quotes(text) for text in dict.fromkeys(each.lost.values())))
        yield f"They disagreed about {field_words(each.field)}: {in_quotes(each.won)} won over {lost}."


def _named(fields: tuple[str, ...]) -> tuple[str, ...]:
    named = tuple(field_words(name) for name in fields[:FIELDS])
    more = len(fields) - len(named)
    return (*named, f"{more} more") if more else named


def apart_groups(basis: Basis) -> Iterator[Group]:
    """Yield an answer for rows that somebody said are several records."""
    for each in basis.apart:
        yield Group(
            about=AskedAbout.KEPT_APART,
            entity=each.entity,
            says=f"These {each.row_count:,} rows are kept apart: {basis.told(each.decision)}. {each.why}",
            count=each.row_count,
            evidence=_evidence(each),
            rows=each.rows,
            moment=basis.moment(each.entity, None),
        )


def _evidence(apart: KeptApart) -> tuple[str, ...]:
    return (apart.decision, *((apart.rule,) if apart.rule else ()))
