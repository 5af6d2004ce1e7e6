"""What an approval of a field map covers, and what the approver was shown: names, meaning, rule, values before and after.

It goes into the log as it is; values of personal fields stay out of it unless the customer's policy shows them.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from aformity_pipelines.config.problems import did_you_mean
from aformity_pipelines.domain.coverage import ShownExample, ShownField
from aformity_pipelines.domain.drafts import ALL, DraftCoverage
from aformity_pipelines.domain.mapping import FieldMapping
from aformity_pipelines.mapping.facts import headers_of
from aformity_pipelines.review.approvals import mapping_digests, value_map_digests, value_maps_of
from aformity_pipelines.stages.graph import MAPPED
from aformity_pipelines.stages.mapped import EXAMPLES, mapping_digest
from aformity_pipelines.stages.outputs import folder_of, read_record
from aformity_pipelines.stages.personal import Personal, personal
from aformity_pipelines.stages.refusing import DraftRefused, Fault, refused
from aformity_pipelines.stages.run import Run


def mapping_coverage(run: Run, entity: str, covers: DraftCoverage) -> dict[str, Any]:
    """Return the `covers` of an approval: field mappings, their value maps, and value maps named by themselves.

    DraftRefused names every mapping and value map that is not there.
    """
    mapped = run.migration.mappings
    if entity not in mapped:
        raise refused(
            f"{entity!r} is not a mapped entity", did_you_mean(entity, mapped), ("covers", "entity")
        )
    digests = mapping_digests(run.migration, entity)
    chosen = tuple(digests) if covers.fields == ALL else covers.fields
    map_digests = value_map_digests(run.migration, entity)
    used = {name: values.name for name, values in value_maps_of(run.migration, entity).items()}
    maps = tuple(dict.fromkeys((*(used[name] for name in chosen if name in used), *covers.value_maps)))
    faults = [
        Fault(says=f"{entity}: no {what} {name!r}", do=did_you_mean(name, known), at=("covers", key))
        for what, key, names, known in (
            ("field mapping", "fields", chosen, digests),
            ("value map", "value_maps", maps, map_digests),
        )
        for name in names
        if name not in known
    ]
    if faults:
        raise DraftRefused(faults)
    shown = dict.fromkeys((*chosen, *(name for name in used if used[name] in maps)))
    return {
        "entity": entity,
        "fields": {name: digests[name] for name in chosen},
        "value_maps": {name: map_digests[name] for name in maps},
        "shown": [each.model_dump(mode="json") for each in _shown_fields(run, entity, shown)],
    }


def _shown_fields(run: Run, entity: str, names: Iterable[str]) -> tuple[ShownField, ...]:
    """Return the lines of the field map for some `source/part/field`, in the order of the names.

    Examples are those of the last run, of fields that have not changed since.
    """
    mappings = {
        f"{read.source}/{read.part}/{name}": mapping
        for read in run.migration.reads_of(entity)
        for name, mapping in read.fields.items()
    }
    examples, hidden = _examples(run, entity), personal(run.migration)
    return tuple(_shown(run, entity, name, mappings[name], examples, hidden) for name in names)


def _shown(
    run: Run,
    entity: str,
    name: str,
    mapping: FieldMapping,
    examples: Mapping[str, list[list[Any]]],
    hidden: Personal,
) -> ShownField:
    field_name = name.rpartition("/")[2]
    field = run.migration.destination.entities[entity].fields[field_name]
    return ShownField(
        field=name,
        headers=headers_of(mapping),
        means=mapping.says or field.says,
        rule=mapping.describe_rule(),
        examples=()
        if hidden.hides_delivered(entity, field_name)
        else tuple(
            ShownExample(before=before, after=after, rows=rows)
            for before, after, rows in examples.get(name, ())
        ),
    )


def _examples(run: Run, entity: str) -> Mapping[str, list[list[Any]]]:
    """Return the examples of the last run; none where the field map is another one now."""
    record, path = read_record(run, MAPPED, entity), folder_of(run, MAPPED, entity) / EXAMPLES
    if record is None or not path.is_file() or record.inputs.get("mapping") != mapping_digest(run, entity):
        return {}
    found: dict[str, list[list[Any]]] = json.loads(path.read_text(encoding="utf-8"))
    return found
