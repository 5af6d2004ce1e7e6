"""Why a field says this and not what was delivered: closed lists and value maps; and every role, changed or not."""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass

from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.domain.mapping import FieldMapping, Read, ValueMapEntry
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.mapping.compile import field_texts, row_reference
from aformity_pipelines.mapping.facts import before_of
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.corrected import CORRECTED
from aformity_pipelines.stages.launch.answers.group import Group
from aformity_pipelines.stages.launch.answers.quotes import in_quotes
from aformity_pipelines.stages.launch.masking import is_blank
from aformity_pipelines.stages.launch.source import SHOWN_ROWS
from aformity_pipelines.tracing.words import sentence, the_field

PAIRS = "answer_pairs"
"""Temp table (before, after, n, ids, line) of one field of one read: what was delivered for live records, their value, and the
line of the value map that made it, from 1."""
_EXAMPLES = "unmasked_examples"
"""Temp table (row_id, c0001 ...): a delivered row of each pair; no section may read it."""
PERMISSIONS = "permissions"
"""The product moment of roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """What was delivered for some live records, and what it became."""

    entity: str
    field: str
    read: Read
    before: str
    after: str
    number: int
    rows: tuple[str, ...]
    entry: ValueMapEntry | None

    @property
    def mapping(self) -> FieldMapping:
        """How the field is mapped."""
        return self.read.fields[self.field]


def value_groups(basis: Basis) -> Iterator[Group]:
    """Yield an answer for each value that a list or value map made of another text, and for each role."""
    destination, migration = basis.sources.run.migration.destination, basis.sources.run.migration
    for entity in basis.entities():
        if basis.sources.exported(entity) is None:
            continue
        for read in migration.reads_of(entity):
            for name, mapping in read.fields.items():
                field = destination.entities[entity].fields[name]
                if (mapping.values or field.allowed) and mapping.constant is None:
                    for pair in _pairs(basis, entity, read, name):
                        if pair.before != pair.after or field.moment == PERMISSIONS:
                            yield _group(basis, pair)


def _pairs(basis: Basis, entity: str, read: Read, field: str) -> Iterator[_Pair]:
    raw, mapping = basis.raw(read.source), read.fields[field]
    if raw is None:
        return
    ledger, mapped = basis.sources.masked.tables["ledger"], basis.sources.mapped(entity)
    before = basis.sources.masked.shown_sql(entity, field, before_of(raw, mapping))
    after = f"cast(m.{identifier(field)} as varchar)"
    row_id = row_reference("r.row_id", read.part)
    corrected = f"select row_id from {CORRECTED} where entity = $1 and field = $2"
    basis.measure(
        f"create or replace temp table {PAIRS} as select {before} as before, {after} as after, count(*) as n,"
        f" min(m.row_id, {SHOWN_ROWS}) as ids, cast(null as bigint) as line"
        f" from {raw.relation} r join {mapped} m on m.row_id = {row_id}"
        f" join {ledger} l on l.row_id = m.row_id"
        f" where l.entity = $1 and l.fate = '{Fate.EXPORTED}' and l.record = l.row_id and m.source = $3"
        f" and l.reason in ('{Reason.READY}', '{Reason.UPDATE}')"
        f" and not {is_blank(field, 'm')} and m.row_id not in ({corrected}) group by 1, 2",
        [entity, field, read.source],
    )
    _find_lines(basis, entity, read, field)
    values = basis.sources.run.migration.value_map_of(mapping)
    for text, value, number, ids, line in basis.query(
        f"select * from {PAIRS} order by n desc, before, after"
    ):
        entry = values.entries[line - 1] if values and line else None
        yield _Pair(
            entity=entity, field=field, read=read, before=text or "", after=value, number=number,
            rows=tuple(ids), entry=entry,
        )  # fmt: skip


def _find_lines(basis: Basis, entity: str, read: Read, field: str) -> None:
    """Fill in the line of the value map behind each pair: that of one row holds for all that were delivered alike."""
    values = basis.sources.run.migration.value_map_of(read.fields[field])
    raw = basis.raw(read.source)
    if raw is None or values is None or not values.entries:
        return
    basis.measure(
        f"create or replace temp table {_EXAMPLES} as select r.* from {raw.relation} r"
        f" join {PAIRS} p on p.ids[1] = {row_reference('r.row_id', read.part)}"
    )
    lookups = {step.lookup.source for step in read.fields[field].rule if step.lookup}
    relations = {name: other for name in lookups if (other := basis.raw(name))}
    examples = dataclasses.replace(raw, relation=_EXAMPLES)
    texts = field_texts(basis.sources.run.migration, entity, relations | {read.source: examples}, field)
    entries = ", ".join(literal(each.source) for each in values.entries)
    basis.measure(
        f"update {PAIRS} set line = list_position([{entries}], t.text) from ({texts}) t where t.row_id = ids[1]"
    )


def _group(basis: Basis, pair: _Pair) -> Group:
    because, evidence = _because(basis, pair)
    field = basis.sources.run.migration.destination.entities[pair.entity].fields[pair.field]
    known = next((each for each in field.allowed if each.value == pair.after), None)
    return Group(
        about=AskedAbout.ROLE if field.moment == PERMISSIONS else AskedAbout.VALUE,
        entity=pair.entity,
        field=pair.field,
        says=f"{the_field(pair.field)} is {in_quotes(pair.after)}, because {because}.",
        because=because,
        detail=known.says if known and known.says else "",
        count=pair.number,
        evidence=evidence,
        rows=pair.rows,
        moment=field.moment,
        is_live=True,
        is_expected=pair.before.casefold() == pair.after.replace("_", " ").casefold(),
    )


def _because(basis: Basis, pair: _Pair) -> tuple[str, tuple[str, ...]]:
    """Return the clause behind "because", in the words of `aformity why`, and what it rests on."""
    agreed, approvals = _agreed(basis, pair)
    mapping = f"mapping/{pair.entity}.yaml"
    shown = not basis.hides_delivered(pair.entity, pair.field)
    delivered = f"{in_quotes(pair.before) if shown else 'something else'} was delivered"
    if pair.entry:
        file = f"values/{pair.mapping.values}.csv"
        text, value = in_quotes(pair.entry.source) if shown else "it", in_quotes(pair.after)
        becomes = f"{delivered}, and {text} becomes {value}"
        if pair.entry.decision:
            told = basis.told(pair.entry.decision)
            return f"{becomes}, as decided: {told}", (pair.entry.decision, file, "values")
        note = f" (noted: {in_quotes(sentence(pair.entry.note))})" if pair.entry.note else ""
        return f"{becomes}{note}{agreed}", (file, *approvals, "values")
    if pair.before == pair.after:
        return f"that is what was delivered; nothing was changed{agreed}", (mapping, *approvals, "values")
    field = basis.sources.run.migration.destination.entities[pair.entity].fields[pair.field]
    if field.allowed:
        known = f"which the product knows as {in_quotes(pair.after)}"
        return f"{delivered}, {known}{agreed}", (mapping, *approvals, "values")
    return f"{delivered}, and its rule makes {in_quotes(pair.after)} of it{agreed}", (
        mapping,
        *approvals,
        "values",
    )


def _agreed(basis: Basis, pair: _Pair) -> tuple[str, tuple[str, ...]]:
    """Say who approved the mapping and its value map; nothing where nobody did."""
    line = basis.line(pair.entity, pair.field, pair.read)
    return basis.agreed((line.approved_by, line.values_approved_by) if line else ())
