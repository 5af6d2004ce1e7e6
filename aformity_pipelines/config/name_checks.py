"""Names across files: entities, fields, sources, value maps and what they point to.

Owners and approvals, SQL and headers are checked beside this module.
"""

from collections.abc import Iterator

from aformity_pipelines.config.cron import cron_fault, is_time_zone
from aformity_pipelines.config.documents import Defs, Written
from aformity_pipelines.config.folder import Folder, MappedField
from aformity_pipelines.config.problems import Problem, did_you_mean
from aformity_pipelines.config.routing_checks import check_routing
from aformity_pipelines.config.value_map_files import WrittenMap
from aformity_pipelines.domain.customer import Vanished
from aformity_pipelines.domain.destination import Destination, Entity, Field, FieldType

CASTS = {
    "date": frozenset({FieldType.DATE}),
    "number": frozenset({FieldType.INTEGER, FieldType.DECIMAL}),
    "boolean": frozenset({FieldType.BOOLEAN}),
}


def check_names(folder: Folder) -> Iterator[Problem]:
    """Yield every name that does not resolve, each at the key that holds it."""
    yield from _check_defs(folder)
    yield from check_routing(folder)
    yield from _check_sources(folder)
    if folder.destination:
        yield from _check_entities(folder, folder.destination)
    for field in folder.fields():
        yield from _check_field(folder, field)
    yield from _check_value_maps(folder)


def _check_defs(folder: Folder) -> Iterator[Problem]:
    if folder.defs is None:
        return
    customer, destination = folder.defs.value.attributes, folder.destination
    if customer.schedule:
        fault = cron_fault(customer.schedule.cron)
        if fault:
            place = ("attributes", "schedule", "cron")
            yield folder.defs.problem(place, fault, 'write it like "0 6 * * 1" (Mondays at six)')
        if not is_time_zone(customer.schedule.timezone):
            place = ("attributes", "schedule", "timezone")
            says = f"{customer.schedule.timezone!r} is no time zone"
            yield folder.defs.problem(place, says, 'write it like "Europe/Berlin", or leave it out for UTC')
    yield from _check_shown_fields(folder.defs, destination)


def _check_shown_fields(defs: Written[Defs], destination: Destination | None) -> Iterator[Problem]:
    """Yield names of fields whose values may be shown, and which the destination lacks."""
    shown = defs.value.attributes.policies.show_personal_values
    if destination is None or isinstance(shown, bool):
        return
    known = destination.field_names()
    for number, name in enumerate(shown):
        if name not in known:
            says = f"show_personal_values names {name!r}, which is no `entity.field`"
            place = ("attributes", "policies", "show_personal_values", number)
            yield defs.problem(place, says, did_you_mean(name, known))


def _check_sources(folder: Folder) -> Iterator[Problem]:
    """Yield sources that are read wrongly, and those that are not read at all."""
    if folder.defs is None:
        return
    sources = folder.defs.value.attributes.sources
    for document, index, read in folder.reads():
        place = ("reads", index, "source")
        if read.source not in sources:
            says = f"there is no source {read.source!r}"
            yield document.problem(place, says, did_you_mean(read.source, sources))
        elif sources[read.source].lookup_only:
            says = f"source {read.source!r} is `lookup_only`, and this makes records of it"
            yield document.problem(place, says, "use it in a `lookup`, or drop `lookup_only` in defs.yaml")
    used = {read.source for _, _, read in folder.reads()}
    for name, source in sources.items():
        if source.vanished is not Vanished.ASK and not source.key:
            says = f"source {name!r} says what becomes of rows that vanished, and has no `key` by which one could"
            at = ("attributes", "sources", name, "vanished")
            yield folder.defs.problem(at, says, "name the `key`, or leave `vanished` out")
        if folder.is_mapping_complete and name not in used and not source.lookup_only:
            says = f"no mapping reads source {name!r}"
            yield folder.defs.problem(
                ("attributes", "sources", name),
                says,
                "map it, or set `lookup_only: true` if it is only looked up",
            )


def _check_entities(folder: Folder, destination: Destination) -> Iterator[Problem]:
    """Yield entities and fields that the destination lacks, and required fields that nothing fills."""
    for document in folder.mappings:
        name = document.value.entity
        entity = destination.entities.get(name)
        if entity is None:
            says = f"{destination.destination} has no entity {name!r}"
            yield document.problem(("entity",), says, did_you_mean(name, destination.entities))
            continue
        for index, read in enumerate(document.value.reads):
            missing = [f for f, field in entity.fields.items() if field.required and f not in read.fields]
            for required in missing:
                says = f"{read.source} does not fill {name}.{required}, which the destination requires"
                do = f"map `{required}:` from a column, or give a `constant`"
                yield document.problem(("reads", index, "fields"), says, do)
            for field in read.fields.keys() - entity.fields.keys():
                says = f"{name} has no field {field!r}"
                advice = did_you_mean(field, entity.fields)
                yield document.problem(("reads", index, "fields", field), says, advice)


def _check_field(folder: Folder, field: MappedField) -> Iterator[Problem]:
    mapping, document = field.mapping, field.document
    target = _target_of(folder, field)
    for cast in mapping.cast.model_fields_set if target else ():
        if getattr(mapping.cast, cast) is not None and target and target.type not in CASTS[cast]:
            says = (
                f"`{cast}` is a cast for other fields; {document.value.entity}.{field.name} is {target.type}"
            )
            yield document.problem((*field.loc, "cast", cast), says, "drop it")
    sources = folder.defs.value.attributes.sources if folder.defs else {}
    for number, step in enumerate(mapping.rule):
        if folder.defs and step.lookup and step.lookup.source not in sources:
            says = f"there is no source {step.lookup.source!r} to look up"
            place = (*field.loc, "rule", number, "lookup", "source")
            yield document.problem(place, says, did_you_mean(step.lookup.source, sources))
    names = folder.value_maps.keys() | folder.broken_value_maps
    if mapping.values and mapping.values not in names:
        says = f"there is no value map values/{mapping.values}.csv"
        do = did_you_mean(mapping.values, names, "write it, with the header source,target,decision,note")
        yield document.problem((*field.loc, "values"), says, do)
    for value_map in [folder.value_maps[mapping.values]] if mapping.values in folder.value_maps else []:
        yield from _check_targets(value_map, target, f"{document.value.entity}.{field.name}")


def _check_targets(value_map: WrittenMap, target: Field | None, name: str) -> Iterator[Problem]:
    """Yield entries whose target is none of the field's allowed values."""
    allowed = [each.value for each in target.allowed] if target else []
    by_alias = (
        {alias.casefold(): each.value for each in target.allowed for alias in each.aliases} if target else {}
    )
    for number, entry in enumerate(value_map.value.entries):
        if allowed and entry.target and entry.target not in allowed:
            exact = by_alias.get(entry.target.strip().casefold())
            says = f"{entry.target!r} is not a value of {name}"
            yield value_map.problem(
                number, says, f"write {exact!r}" if exact else did_you_mean(entry.target, allowed)
            )


def _check_value_maps(folder: Folder) -> Iterator[Problem]:
    """Yield value maps that nothing uses.

    A decision that a line cites and the log lacks is the mapped gate's to report: it may be recorded later.
    """
    used = {field.mapping.values for field in folder.fields()}
    for name, value_map in folder.value_maps.items():
        if folder.is_mapping_complete and name not in used:
            yield value_map.problem(
                None, f"no field uses value map {name!r}", "name it in a mapping, or delete it"
            )


def _target_of(folder: Folder, field: MappedField) -> Field | None:
    entities: dict[str, Entity] = folder.destination.entities if folder.destination else {}
    entity = entities.get(field.document.value.entity)
    return entity.fields.get(field.name) if entity else None
