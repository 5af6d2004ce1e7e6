"""Where evidence leads: each id that a statement names, the place in the report that shows it, and its short words.

Ids that the record does not explain stay words without a link; nothing here judges whether they should be there.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.report_words import phrase

TABLES = ("ledger", "findings", "merges", "blanked", "values", "updates", "manifest")
"""Files beside the export that evidence names with or without its ending."""

LISTS = {
    "unresolved": "unresolved", "waiting": "unresolved", "accepted_risks": "accepted", "reported": "reported",
    "deferred": "deferred", "excluded": "excluded", "merged": "merged", "history": "history",
    "vanished": "changes", "revalidations": "waves",
}  # fmt: skip
"""Lists of the record that evidence names as a whole -> the section that shows them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """One piece of evidence as the report shows it; `anchor` is the id of an element of the page."""

    id: str
    anchor: str
    shown: str


def references(record: LaunchRecord) -> dict[str, Reference]:
    """Return what the report can lead to, by the id that evidence names it with."""
    found = {name: Reference(id=name, anchor="files", shown=name) for name in _files(record)}
    found |= {name: Reference(id=name, anchor=anchor, shown="this list") for name, anchor in LISTS.items()}
    found |= {name: Reference(id=name, anchor=anchor, shown=shown) for name, anchor, shown in _config(record)}
    for place, rule in enumerate(record.rules, 1):
        found[rule.rule] = Reference(id=rule.rule, anchor=f"rule-{place}", shown=rule.rule)
    for place, count in enumerate(record.counts, 1):
        found[count.name] = Reference(
            id=count.name, anchor=f"count-{place}", shown=f"count of {count.value:,}"
        )
    for line in record.history:
        found[line.id] = Reference(id=line.id, anchor=line.id, shown=line.id)
    return found


def _config(record: LaunchRecord) -> Iterator[tuple[str, str, str]]:
    """Yield name, place and words of what evidence names by its place: field maps, value maps, waves and deliveries."""
    for outcome in record.outcomes:
        yield f"mapping/{outcome.entity}.yaml", "mapping", f"field map of {outcome.plural.lower()}"
    for source in sorted({line.source for line in record.deliveries}):
        yield f"raw_file/{source}", "files", "delivery"
    for name in sorted(_named(record)):
        if name.startswith("values/"):
            map = name.removeprefix("values/").removesuffix(".csv")
            yield name, "mapping", f"value map {map.replace('_', ' ')}"
        if name.startswith("waves."):
            yield name, "deferred", phrase(name.removeprefix("waves.")).lower()


def _named(record: LaunchRecord) -> set[str]:
    """Return what the answers and the questions name as evidence."""
    named = [each.evidence for each in record.answers]
    named += [each.evidence for each in record.questions]
    named += [each.evidence for each in record.open_answers]
    named += [each.evidence for each in record.open_questions]
    return {name for evidence in named for name in evidence}


def _files(record: LaunchRecord) -> tuple[str, ...]:
    tables = (name for table in TABLES for name in (table, f"{table}.parquet", f"{table}.json"))
    return (*tables, *(file.path for file in record.export.files)) if record.export else tuple(tables)
