"""Where each field comes from and who approved that: one answer a field."""

from collections.abc import Iterator
from itertools import groupby

from aformity_pipelines.domain.launch.answers import AskedAbout
from aformity_pipelines.domain.launch.field_map import MappedField, MappingKind
from aformity_pipelines.stages.launch.answers.basis import Basis
from aformity_pipelines.stages.launch.answers.group import Group
from aformity_pipelines.tracing.words import day, field_words, listed


def mapping_groups(basis: Basis) -> Iterator[Group]:
    """Yield an answer for every field of every mapped entity, whatever feeds it."""
    for (entity, field), lines in groupby(basis.mapping, key=lambda line: (line.entity, line.field)):
        each = tuple(lines)
        yield Group(
            about=AskedAbout.MAPPING,
            entity=entity,
            field=field,
            says=" ".join(_says(basis, line, is_first=line is each[0]) for line in each),
            detail=each[0].says,
            count=0,
            evidence=tuple(dict.fromkeys(name for line in each for name in _evidence(line))),
            moment=each[0].moment,
        )


def _says(basis: Basis, line: MappedField, *, is_first: bool) -> str:
    name = field_words(line.field)
    subject = f"{name[0].upper()}{name[1:]}:" if is_first else "Also"
    if line.kind is MappingKind.NOT_MAPPED:
        return f"{subject} nothing in the delivered files is mapped to it."
    return f"{subject} {_way(basis, line)}.{_changes(line)} {_approval(basis, line)}"


def _way(basis: Basis, line: MappedField) -> str:
    place = basis.place(line.source, line.headers)
    match line.kind:
        case MappingKind.CONSTANT:
            return f"the same in every record from {basis.file(line.source)} ({line.rule})"
        case MappingKind.COMBINED:
            return f"combined from {place} ({line.rule})"
        case MappingKind.DIRECT:
            return f"taken over as it is from {place}"
        case _:
            return f"made from {place} ({line.rule})"


def _changes(line: MappedField) -> str:
    """Say how many values are not what was delivered; nothing where all are."""
    told = []
    if line.changed and line.kind is not MappingKind.CONSTANT:
        told.append(f"{line.changed:,} of {line.rows:,} values changed by that")
    if line.corrected:
        told.append(f"{line.corrected:,} corrected by {listed(line.corrected_by)}")
    if line.unreadable:
        told.append(f"{line.unreadable:,} unreadable and left blank")
    return f" {listed(tuple(told))}." if told else ""


def _approval(basis: Basis, line: MappedField) -> str:
    if not line.approved_by:
        return "Its approval is stale." if line.approval == "approval is stale" else "It is not approved yet."
    entry = basis.entry(line.approved_by)
    by = f"Approved by {entry.by.name} on {day(entry.on)} ({entry.id})"
    if not line.values_approved_by:
        return f"{by}."
    of_map = basis.entry(line.values_approved_by)
    return f"{by}, its value map by {of_map.by.name} on {day(of_map.on)} ({of_map.id})."


def _evidence(line: MappedField) -> tuple[str, ...]:
    decisions = (line.approved_by, line.values_approved_by, *line.corrected_by)
    return (f"mapping/{line.entity}.yaml", *(each for each in decisions if each))
