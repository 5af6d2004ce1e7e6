"""Mappings and value maps of one customer as suggestions for another: only what that one lacks, without its people.

Sentences that name somebody are left out; a value map that does, or of personal values, is with every field that needs
it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from aformity_pipelines.domain.mapping import FieldMapping, Mapping, Read, UnmappedColumn, ValueMap
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.promotion import LeftBehind
from aformity_pipelines.stages.personal import Personal
from aformity_pipelines.stages.promoted_names import NAMES_SOMEBODY, Private
from aformity_pipelines.stages.promoted_texts import mapping_text, value_map_text

WHY_HERE = "Suggested: say here why this column goes nowhere."
ONLY_HERE = "Suggested: say here why other rows are no record."
PERSONAL_VALUES = "it holds texts that may be personal"
LEFT_BLANK = "a decision there leaves them blank; what becomes of them is decided here"
UNUSED = "no mapping would use it"
ONLY_NAMES_SOMEBODY = "the condition of its rows names somebody, or holds texts that may be personal"


@dataclass(slots=True, kw_only=True)
class PromotedFiles:
    """Files that `end` lacks and those that it has, with what could not be carried over."""

    files: dict[str, str] = field(default_factory=dict)
    same: list[str] = field(default_factory=list)
    differ: list[str] = field(default_factory=list)
    left: list[LeftBehind] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    entities: set[str] = field(default_factory=set)  # that are mapped then


def promoted_mappings(start: Migration, end: Migration, hidden: Personal) -> PromotedFiles:
    """Return what `end` would get; `hidden` is what may be personal at `start`, whatever its policy shows."""
    found = PromotedFiles(entities=set(end.mappings))
    personal_maps = _personal_maps(start, hidden)
    kept = Private.of(start, end)
    for name, values in start.value_maps.items():
        is_personal = name in personal_maps and start.slug != end.slug
        _value_map(found, end, name, values, kept, is_personal=is_personal)
    known = frozenset(end.value_maps) | {path[7:-4] for path in found.files}
    used = {name for mapping in end.mappings.values() for name in _maps_in(mapping)}
    for entity, mapping in start.mappings.items():
        path = f"mapping/{entity}.yaml"
        if entity in end.mappings:
            (found.same if _bare(mapping) == _bare(end.mappings[entity]) else found.differ).append(path)
        elif entity not in end.destination.entities:
            found.missing.append(f"entity {entity} (destination {end.destination.destination})")
        else:
            reads = tuple(_reads(found, end, mapping, kept, hidden, known))
            if reads:
                suggested = Mapping(entity=entity, reads=reads)
                found.files[path] = mapping_text(suggested, start.slug)
                found.entities.add(entity)
                used |= _maps_in(suggested)
    _leave_unused(found, used)
    found.missing = list(dict.fromkeys(found.missing))
    return found


def _personal_maps(start: Migration, hidden: Personal) -> frozenset[str]:
    """Return the value maps by which a field is translated whose texts may be personal."""
    return frozenset(
        mapping.values
        for entity in start.entities()
        for read in start.reads_of(entity)
        for name, mapping in read.fields.items()
        if mapping.values and hidden.hides_delivered(entity, name)
    )


def _value_map(
    found: PromotedFiles, end: Migration, name: str, values: ValueMap, kept: Private, *, is_personal: bool
) -> None:
    path = f"values/{name}.csv"
    if name in end.value_maps:
        pairs = [[(e.source, e.target) for e in each.entries] for each in (values, end.value_maps[name])]
        (found.same if pairs[0] == pairs[1] else found.differ).append(path)
    elif is_personal:
        found.left.append(LeftBehind(what=path, number=1, why=PERSONAL_VALUES))
    elif any(kept.is_named_in(text) for entry in values.entries for text in (entry.source, entry.target)):
        # Whose name is in one line may be in the others too: people who stand nowhere in `people`.
        found.left.append(LeftBehind(what=path, number=1, why=NAMES_SOMEBODY))
    else:
        found.files[path] = value_map_text(values)
        if blank := sum(not entry.target for entry in values.entries):
            found.left.append(LeftBehind(what=f"values of {path}", number=blank, why=LEFT_BLANK))


def _maps_in(mapping: Mapping) -> set[str]:
    return {each.values for read in mapping.reads for each in read.fields.values() if each.values}


def _leave_unused(found: PromotedFiles, used: set[str]) -> None:
    """Take out the value maps that no mapping would name: nobody could approve them."""
    unused = [path for path in found.files if path.startswith("values/") and path[7:-4] not in used]
    for path in unused:
        del found.files[path]
        found.left = [each for each in found.left if path not in each.what]
        found.left.append(LeftBehind(what=path, number=1, why=UNUSED))


def _bare(mapping: Mapping) -> dict[str, object]:
    """Return what a mapping does, without its sentences and without who suggested it."""
    return mapping.model_dump(
        mode="json",
        exclude={
            "reads": {
                "__all__": {"fields": {"__all__": {"says", "suggested"}}, "columns": {"__all__": {"why"}}}
            }
        },
    )


def _reads(
    found: PromotedFiles,
    end: Migration,
    mapping: Mapping,
    kept: Private,
    hidden: Personal,
    known: frozenset[str],
) -> Iterator[Read]:
    """Yield the reads of the sources that `end` has, with the fields that can be carried over."""
    for read in mapping.reads:
        if read.source not in end.customer.sources:
            found.missing.append(f"source {read.source}")
            continue
        if read.only and (
            kept.is_named_in(read.only.where) or kept.quotes_personal(mapping.entity, read, hidden)
        ):
            # Without its condition it would make records of rows that are none: then rather not at all.
            where = f"{mapping.entity} from {read.source}"
            found.left.append(LeftBehind(what=where, number=1, why=ONLY_NAMES_SOMEBODY))
            continue
        fields = {}
        for name, each in read.fields.items():
            where = f"{mapping.entity}.{name} from {read.source}"
            why = _why_left(end, mapping.entity, name, each, kept, known)
            if why:
                found.left.append(LeftBehind(what=where, number=1, why=why))
            else:
                says = each.says if each.says and not kept.is_named_in(each.says) else None
                fields[name] = each.model_copy(update={"says": says, "suggested": True})
        if fields:
            yield read.model_copy(update={"fields": fields, **_words(read, kept)})


def _why_left(
    end: Migration, entity: str, name: str, mapping: FieldMapping, kept: Private, known: frozenset[str]
) -> str:
    if name not in end.destination.entities[entity].fields:
        return f"the destination's {entity} has no such field"
    sources = [step.lookup.source for step in mapping.rule if step.lookup]
    if lost := [source for source in sources if source not in end.customer.sources]:
        return f"it is looked up in source {lost[0]!r}, which is not there"
    if mapping.values and mapping.values not in known:
        return f"it needs the value map {mapping.values!r}, which is not carried over"
    # Headers are the file's own; what else a rule or a constant says was written for that customer.
    written = mapping.model_dump_json(exclude={"says", "columns"})
    return NAMES_SOMEBODY if kept.is_named_in(written) else ""


def _words(read: Read, kept: Private) -> dict[str, object]:
    """Return the sentences of a read without those that name somebody."""
    columns = {
        header: column if not kept.is_named_in(column.why) else UnmappedColumn(fate=column.fate, why=WHY_HERE)
        for header, column in read.columns.items()
    }
    only = read.only
    if only and kept.is_named_in(only.why):
        only = only.model_copy(update={"why": ONLY_HERE})
    return {"columns": columns, "only": only}
