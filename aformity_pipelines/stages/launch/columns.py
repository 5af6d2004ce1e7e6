"""What became of every delivered column: none is lost without a line (promise P1)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aformity_pipelines.config.headers import headers_in_waves
from aformity_pipelines.domain.fates import ConservationBreach
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.launch.field_map import ColumnFate, ColumnLine
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.mapping.columns import internal_names
from aformity_pipelines.mapping.facts import headers_of
from aformity_pipelines.mapping.sql import headers_in
from aformity_pipelines.stages.graph import RAW_FILE, VALIDATED
from aformity_pipelines.stages.launch.source import Sources

ARCHIVED_STILL = "no field is made of it, and it stays in the archive copy of the delivery."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Uses:
    """The `entity.field`s that are made of a source's headers, and how."""

    alone: Mapping[str, tuple[str, ...]]
    combined: Mapping[str, tuple[str, ...]]
    looked_up: Mapping[str, tuple[str, ...]]

    def fields(self, names: frozenset[str]) -> tuple[str, ...]:
        """Return every field that is made of any of these headers."""
        uses = (self.alone, self.combined, self.looked_up)
        return tuple(sorted({field for use in uses for name in names for field in use.get(name, ())}))

    def fate(self, names: frozenset[str]) -> ColumnFate | None:
        """Return how these headers are used; None where no field is made of them."""
        ways = (
            (ColumnFate.MAPPED, self.alone),
            (ColumnFate.COMBINED, self.combined),
            (ColumnFate.LOOKED_UP, self.looked_up),
        )
        return next((fate for fate, use in ways if not names.isdisjoint(use)), None)


def column_lines(sources: Sources) -> tuple[ColumnLine, ...]:
    """Return one line per column of every delivery that was taken in, in the order of sources and columns.

    ConservationBreach names a column that nothing accounts for though the gate of its source let it through.
    """
    return tuple(
        line for name in sources.run.migration.customer.sources for line in _of_source(sources, name)
    )


def _of_source(sources: Sources, source: str) -> Iterator[ColumnLine]:
    record = sources.records.get((RAW_FILE, source))
    if record is None or record.delivery is None:
        return
    columns: dict[str, list[str]] = {}
    for name, column in internal_names(record.delivery.headers).items():
        columns.setdefault(column, []).append(name)
    declared, uses = sources.run.migration.customer.sources[source], _uses(sources.run.migration, source)
    for spellings in columns.values():
        names = frozenset(spellings)
        fate, why = uses.fate(names), ""
        if fate is None:
            fate, why = _unused(sources, source, names)
        yield ColumnLine(
            source=source,
            header=spellings[-1],  # the one that means this column alone
            says=next((text for name, text in declared.columns.items() if name in names), ""),
            fate=fate,
            fields=uses.fields(names),
            why=why,
        )


def _uses(migration: Migration, source: str) -> _Uses:
    alone: dict[str, tuple[str, ...]] = {}
    combined: dict[str, tuple[str, ...]] = {}
    looked_up: dict[str, tuple[str, ...]] = {}
    for entity, mapping in migration.mappings.items():
        for read in mapping.reads:
            for field, each in read.fields.items():
                headers = headers_of(each) if read.source == source else ()
                sought = [step.lookup for step in each.rule if step.lookup]
                taken = [name for one in sought if one.source == source for name in (one.key, one.take)]
                for use, names in ((alone if len(headers) == 1 else combined, headers), (looked_up, taken)):
                    for name in names:
                        use[name] = (*use.get(name, ()), f"{entity}.{field}")
    return _Uses(alone=alone, combined=combined, looked_up=looked_up)


def _unused(sources: Sources, source: str, names: frozenset[str]) -> tuple[ColumnFate, str]:
    """Return what becomes of a column that no field is made of, and why."""
    migration = sources.run.migration
    reads = [
        read for mapping in migration.mappings.values() for read in mapping.reads if read.source == source
    ]
    for read in reads:
        for header, listed in read.columns.items():
            if header in names:
                return ColumnFate(listed.fate.value), listed.why
    declared = migration.customer.sources[source]
    conditions = {header for read in reads if read.only for header in headers_in(read.only.where)}
    if not names.isdisjoint(declared.key):
        return ColumnFate.ARCHIVED, f"It tells the rows of the file apart; {ARCHIVED_STILL}"
    if not names.isdisjoint(conditions):
        return ColumnFate.ARCHIVED, f"It decides which rows are brought over; {ARCHIVED_STILL}"
    if not names.isdisjoint(headers_in_waves(migration, source)):
        return ColumnFate.ARCHIVED, f"It decides with which launch a row goes live; {ARCHIVED_STILL}"
    if declared.lookup_only:
        return ColumnFate.ARCHIVED, f"Other columns of this file are looked up; {ARCHIVED_STILL}"
    return _unknown(sources, source, names)


def _unknown(sources: Sources, source: str, names: frozenset[str]) -> tuple[ColumnFate, str]:
    """Return what becomes of a column that the config does not name: somebody decided, or still has to."""
    rule = sources.rules().get((VALIDATED, source, f"{source}.columns.known"))
    if rule is None or rule.standing is not Standing.PASSED:
        decided = rule.decisions if rule and rule.standing is Standing.DECIDED else ()
        if decided:
            return ColumnFate.ARCHIVED, sources.decision(decided[-1]).says
        return ColumnFate.UNRESOLVED, "Nobody has said yet what becomes of it."
    listed = " or ".join(sorted(names))
    raise ConservationBreach(
        f"column {listed!r} of {source} has no line: no field reads it, and it is neither archived nor excluded;"
        f" list it under `columns:` in a mapping of {source}, with a why"
    )
