"""Which decisions about an entity still cover a few of its rows.

A row is held against what was shown of it and of the rows that it was shown with; no other row is read, so that
an answer about one row costs the same however many rows the decisions list.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from aformity_pipelines.domain.approval import row_decisions
from aformity_pipelines.domain.decisions import RowDecision
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import row_reference
from aformity_pipelines.review.coverage import create_covered
from aformity_pipelines.review.coverage_cut import covered_keys, cut_down
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.tracing.sources import Sources

MANY = 5000
"""Keys that a condition lists; of more, whole deliveries are read."""


def cover(sources: Sources, entity: str, rows: Mapping[str, RawRelation]) -> tuple[RowDecision, ...]:
    """Create `covered` for the decisions that name one of the rows; return these decisions in log order.

    `rows` are the entity's sources cut down to the rows that are asked about.  No decision counts while a source of
    the entity is not taken in: nobody can tell then what still is as it was shown.
    """
    reads = sources.migration.reads_of(entity)
    about = [each for each in row_decisions(sources.migration) if each.covers.subject == entity]
    if not about or not all(read.source in rows for read in reads):
        _create(sources, (), sources.raw)
        return ()
    keys: set[str] = set()
    for read in reads:
        key = row_reference("row_key", read.part)
        keys |= {row[0] for row in sources.query(f"select {key} from {rows[read.source].relation}")}
    pairs = [(each, cut_down(sources.coverage, each.covers, keys)) for each in about]
    naming = tuple((each, covers) for each, covers in pairs if covers.rows)
    named = {row.key for _, covers in naming for row in covers.rows}
    named |= {member.key for _, covers in naming for member in covers.members}
    cut = [each.model_copy(update={"covers": covers}) for each, covers in naming]
    _create(sources, cut, _held_against(sources, named))
    return tuple(each for each, _ in naming)


def rows_decided(sources: Sources, entity: str, decision: RowDecision) -> dict[str, bool]:
    """Return row id -> whether the row still is what was shown, for all rows of a decision, in force or not.

    Rows that are gone are left out; empty where a source of the entity was not taken in.
    """
    if any(read.source not in sources.raw for read in sources.migration.reads_of(entity)):
        return {}
    keys = covered_keys(sources.coverage, decision.covers)
    _create(
        sources, (decision,), _held_against(sources, keys | {each.key for each in decision.covers.members})
    )
    rows = sources.query(
        f"select row_id, bool_and(matches) from {COVERED} where row_id is not null group by all"
    )
    return dict(rows)


def _held_against(sources: Sources, keys: Collection[str]) -> Mapping[str, RawRelation]:
    """Return every source cut down to the rows that bear one of the keys; whole where they are many."""
    if len(keys) > MANY:
        return sources.raw
    # A part of a row bears the row's key with `/part` behind it; a key may hold a slash of its own.
    wanted = ", ".join(literal(key) for key in sorted({*keys, *(key.rpartition("/")[0] for key in keys)}))
    return {
        name: replace(raw, relation=f"(select * from {raw.relation} where row_key in ({wanted or 'null'}))")
        for name, raw in sources.raw.items()
    }


def _create(sources: Sources, decisions: Iterable[RowDecision], raw: Mapping[str, RawRelation]) -> None:
    create_covered(sources.connection, sources.migration, raw, decisions, files=sources.coverage)
