"""What changes in records that are in the product already: filled, cleared or another value, field by field."""

from collections.abc import Iterator

from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.domain.launch.count_names import updated_count
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.group import Group
from aformity_pipelines.stages.launch.answers.quotes import in_quotes
from aformity_pipelines.stages.launch.source import SHOWN_ROWS
from aformity_pipelines.tracing.words import the_field, wave_words

EXAMPLES = 3
"""Pairs of values that a detail shows."""


def updated_groups(basis: Basis) -> Iterator[Group]:
    """Yield an answer for all live records in which a field changes in one way."""
    rows = basis.query(
        "select entity, field, case when before is null then 'filled' when after is null then 'cleared' else '' end as how,"
        f" count(*), min(row_id, {SHOWN_ROWS}) from {{updates}} group by all order by all"
    )
    wave = wave_words(basis.sources.run.wave)
    says = {
        "filled": f"was blank in the product and gets a value with {wave}",
        "cleared": f"becomes blank in the product with {wave}: nothing is left of what stood there",
        "": f"changes in the product with {wave}: what was delivered and decided makes another value of it now",
    }
    for entity, field, how, number, ids in rows:
        yield Group(
            about=AskedAbout.UPDATED,
            entity=entity,
            field=field,
            says=f"{the_field(field)} {says[how]}.",
            detail=_examples(basis, entity, field, how),
            count=number,
            evidence=("updates", updated_count(entity, field, figure=how)),
            rows=tuple(ids),
            moment=basis.moment(entity, field),
            is_live=True,
        )


def _examples(basis: Basis, entity: str, field: str, how: str) -> str:
    """Return the most frequent pairs of values, of personal ones nothing: a pair of tokens explains nothing."""
    if basis.hides(entity, field) or how == "cleared":
        return ""
    pairs = basis.query(
        "select before, after, count(*) as n from {updates} where entity = ? and field = ?"
        f" and after is not null and (before is null) = ? group by 1, 2 order by n desc, 1, 2 limit {EXAMPLES}",
        [entity, field, how == "filled"],
    )
    told = [
        f"{in_quotes(after)}" if before is None else f"{in_quotes(before)} becomes {in_quotes(after)}"
        for before, after, _ in pairs
    ]
    return f"For example: {'; '.join(told)}." if told else ""
