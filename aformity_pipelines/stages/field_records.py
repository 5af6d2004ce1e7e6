"""Column facts and loss facts in the form that a stage's record keeps: counts, no value."""

from collections.abc import Iterable

from aformity_pipelines.domain.stage_record import FieldRecord
from aformity_pipelines.mapping.facts import FieldFacts
from aformity_pipelines.mapping.loss_facts import LossFacts


def field_records(facts: Iterable[FieldFacts], losses: Iterable[LossFacts]) -> tuple[FieldRecord, ...]:
    """Return one record a field mapping; one that reads no column has no loss facts."""
    less = {(each.source, each.part, each.field): each for each in losses}
    return tuple(_record(each, less.get((each.source, each.part, each.field))) for each in facts)


def _record(facts: FieldFacts, less: LossFacts | None) -> FieldRecord:
    return FieldRecord(
        source=facts.source,
        part=facts.part,
        field=facts.field,
        rows=facts.rows,
        filled=facts.filled,
        changed=facts.changed,
        corrected=facts.corrected,
        unreadable=facts.unreadable,
        cleared=facts.cleared,
        distinct_before=less.distinct_before if less else None,
        distinct_after=less.distinct_after if less else None,
        losses=dict(less.rows) if less else None,
        repaired=less.repaired if less else 0,
        emptied=less.emptied if less else 0,
    )
