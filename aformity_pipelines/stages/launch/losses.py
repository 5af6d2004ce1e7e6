"""The information-loss account: what each field mapping's values say less than what was delivered, and who agreed."""

from collections.abc import Iterator

from aformity_pipelines.domain.approval import intake_answers
from aformity_pipelines.domain.decisions import ValueCorrected, ValuesReplaced
from aformity_pipelines.domain.destination import Field, FieldType
from aformity_pipelines.domain.launch.losses import Loss, LossLine, LossSort
from aformity_pipelines.domain.mapping import FieldMapping, Read
from aformity_pipelines.domain.stage_record import FieldRecord
from aformity_pipelines.mapping.facts import headers_of
from aformity_pipelines.review.approvals import Approval, approvals
from aformity_pipelines.stages.graph import MAPPED
from aformity_pipelines.stages.launch.source import Sources

ABOUT_UNREADABLE = ("type", "allowed", "lookup")
"""The rules of a field that an unreadable text breaks: `<entity>.<field>.type` and the like."""
NOTHING_LEFT = "a word for nothing, or a text of which the rule leaves nothing"
READ_AS = {
    FieldType.TEXT: "the list that explains it",
    FieldType.INTEGER: "a whole number",
    FieldType.DECIMAL: "a number",
    FieldType.BOOLEAN: "a yes or no",
    FieldType.DATE: "a date",
}
"""What a text has to be, where the field has no closed list; text can only be looked up in vain."""

Accepted = dict[tuple[str, str, str, str], tuple[tuple[str, ...], int]]
"""Entity, field, source, part -> decisions, and the rows that they cover."""


def losses(sources: Sources) -> tuple[LossLine, ...]:
    """Return the account of every field mapping that reads a column, in the order of the mapping files.

    What the mapping did is covered by its approval, and what its value map did by that one's; what a person would
    have to see row by row is covered only by decisions about those rows.
    """
    accepted = _accepted(sources)
    return tuple(
        line for entity in sources.run.migration.entities() for line in _of_entity(sources, entity, accepted)
    )


def _of_entity(sources: Sources, entity: str, accepted: Accepted) -> Iterator[LossLine]:
    record = sources.records.get((MAPPED, entity))
    facts = {(f.source, f.part, f.field): f for f in record.fields} if record else {}
    approved = {each.name: each for each in approvals(sources.run.migration, entity)}
    for read in sources.run.migration.reads_of(entity):
        for name, mapping in read.fields.items():
            counted = facts.get((read.source, read.part, name))
            # A record of an earlier version counted none of this; its stage is due to run again.
            if headers_of(mapping) and counted and counted.losses is not None:
                approval = approved[f"{read.source}/{read.part}/{name}"]
                known = accepted.get((entity, name, read.source, read.part), ((), 0))
                yield _line(sources, entity, read, counted, approval, known)


def _line(
    sources: Sources,
    entity: str,
    read: Read,
    facts: FieldRecord,
    approval: Approval,
    accepted: tuple[tuple[str, ...], int],
) -> LossLine:
    mapping = read.fields[facts.field]
    described = sources.run.migration.destination.entities[entity].fields[facts.field]
    agreed = tuple(dict.fromkeys(each for each in (approval.decision, approval.value_map) if each))
    found = (
        *_by_mapping(facts, described, mapping, agreed),
        *_emptied(sources, entity, facts),
        *_encoding(sources, read.source, facts, agreed),
        *_unreadable(facts, described, *accepted),
    )
    order = tuple(LossSort)
    return LossLine(
        entity=entity,
        field=facts.field,
        source=read.source,
        part=read.part,
        headers=headers_of(mapping),
        rows=facts.rows,
        distinct_before=facts.distinct_before,
        distinct_after=facts.distinct_after,
        losses=tuple(sorted(found, key=lambda loss: order.index(loss.sort))),
    )


def _by_mapping(
    facts: FieldRecord, described: Field, mapping: FieldMapping, agreed: tuple[str, ...]
) -> Iterator[Loss]:
    """Yield what rule, value map and type did; whoever approved the mapping was shown them."""
    before, after = facts.distinct_before or 0, facts.distinct_after or 0
    counted = facts.losses or {}
    numbers = {
        LossSort.COLLAPSED: before - after,
        LossSort.CLEARED: facts.cleared,
        **{sort: rows for sort, rows in counted.items() if sort is not LossSort.ENCODING},
    }
    for sort, number in numbers.items():
        if number > 0:
            says = (
                f"{before:,} different texts became {_counted(after, 'value', 'values')}."
                if sort is LossSort.COLLAPSED
                else _said(sort, number, described, mapping)
            )
            yield Loss(sort=sort, number=number, says=says, covered_by=agreed)


def _said(sort: LossSort, number: int, described: Field, mapping: FieldMapping) -> str:
    rows = _in_rows(number)
    match sort:
        case LossSort.CLEARED:
            words = "the file's own word for nothing" if mapping.is_direct() else NOTHING_LEFT
            return f"{rows} the field is blank because what was delivered is {words}."
        case LossSort.PRECISION if described.type in (FieldType.INTEGER, FieldType.DECIMAL):
            return f"{rows} the number lost decimals."
        case LossSort.PRECISION:
            return f"{rows} the time of day or its seconds are left out."
        case LossSort.CUT:
            return f"{rows} only a part of the text is kept."
        case LossSort.ZEROS:
            return f"{rows} the leading zeros went."
        case LossSort.DATE_DECIDED:
            how = mapping.cast.date.describe() if mapping.cast.date else "read by a formula"
            return f"{rows} a date that could be several days was {how}."
    raise ValueError(f"a mapping does not count {sort} by itself")


def _emptied(sources: Sources, entity: str, facts: FieldRecord) -> Iterator[Loss]:
    """Yield the rows that decisions made blank; the decisions are about exactly these."""
    if facts.emptied:
        record = sources.records[MAPPED, entity]
        by = tuple(
            entry.id
            for entry in sources.standing()
            if isinstance(entry, ValueCorrected | ValuesReplaced)
            and (entry.covers.subject, entry.field) == (entity, facts.field)
            and entry.id in record.decisions
            and "" in ((entry.value,) if isinstance(entry, ValueCorrected) else entry.replacements.values())
        )
        says = f"{_in_rows(facts.emptied)} a decision made the value blank."
        yield Loss(sort=LossSort.CLEARED, number=facts.emptied, says=says, covered_by=by)


def _encoding(sources: Sources, source: str, facts: FieldRecord, agreed: tuple[str, ...]) -> Iterator[Loss]:
    """Yield texts with misread signs: those that the mapping repaired, and those that are still there."""
    still = (facts.losses or {}).get(LossSort.ENCODING, 0) - facts.repaired
    if facts.repaired:
        says = f"{_in_rows(facts.repaired)} signs that had been read in a wrong encoding were repaired."
        yield Loss(sort=LossSort.ENCODING, number=facts.repaired, says=says, covered_by=agreed)
    if still:
        answers = intake_answers(sources.run.migration, source)
        says = f"{_in_rows(still)} the text holds signs that were lost or read in a wrong encoding before it was sent."
        by = tuple(answer.id for answer in answers if answer.format.encoding)
        yield Loss(sort=LossSort.ENCODING, number=still, says=says, covered_by=by)


def _unreadable(
    facts: FieldRecord, described: Field, accepted: tuple[str, ...], number: int
) -> Iterator[Loss]:
    """Yield the texts that are no values: the `number` that decisions accept, and the others."""
    what = "the product's list" if described.allowed else READ_AS[described.type]
    parts = (
        (number, accepted, "and somebody agreed to that"),
        (facts.unreadable - number, (), "and nobody has agreed to that"),
    )
    for rows, by, how in parts:
        if rows > 0:
            says = f"{_in_rows(rows)} the text does not fit {what} and the field is blank, {how}."
            yield Loss(sort=LossSort.UNREADABLE, number=rows, says=says, covered_by=by)


def _accepted(sources: Sources) -> Accepted:
    """Return the decisions that accept unreadable texts, and how many rows they cover, by read and field."""
    entities = sources.run.migration.destination.entities
    rules = [
        f"{entity}.{name}.{check}"
        for entity in sources.run.migration.entities()
        for name in entities[entity].fields
        for check in ABOUT_UNREADABLE
    ]
    rows = sources.query(
        "select f.subject, split_part(f.rule, '.', 2), l.source, l.part, list_sort(list(distinct f.accepted_by)),"
        " count(distinct f.row_id) from {findings} f join {ledger} l on l.entity = f.subject and l.row_id = f.row_id"
        " where f.stage = ? and f.subject = split_part(f.rule, '.', 1) and list_contains(?, f.rule)"
        " and f.accepted_by is not null group by all",
        [MAPPED, rules],
    )
    return {
        (entity, name, source, part): (tuple(by), number) for entity, name, source, part, by, number in rows
    }


def _in_rows(number: int) -> str:
    return f"In {_counted(number, 'row', 'rows')}"


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
