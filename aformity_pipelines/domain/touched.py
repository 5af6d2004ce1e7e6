"""What a decision touches in the product: fields, their product moments, and how grave its rule is.

Rules about who decides, and who owns work, are declared by these words.  Pure: nothing is read here.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from aformity_pipelines.domain.coverage import IntakeCoverage, MappingCoverage, RowCoverage, RuleCoverage
from aformity_pipelines.domain.decisions import (
    AboutOthers,
    AboutTheWhole,
    Entry,
    MergeApproved,
    MergeRefused,
    RowsDeferred,
    RowsExcluded,
    ValueCorrected,
    ValuesReplaced,
    links_of,
)
from aformity_pipelines.domain.destination import Check, Policy
from aformity_pipelines.domain.findings import Severity, severity_of
from aformity_pipelines.domain.mapping import FieldMapping
from aformity_pipelines.domain.migration import Migration

WHOLE_ROWS = RowsDeferred | RowsExcluded | MergeApproved | MergeRefused
"""Decisions about rows as they are, whichever of their fields were shown and whichever rule is named."""
_QUOTED = re.compile(r'"((?:[^"]|"")+)"')
_READABLE = ".record.readable"
"""End of the id of the one rule beside the suites that is no critical one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """What one decision is about."""

    fields: frozenset[str] = frozenset()  # `entity.field`
    moments: frozenset[str] = frozenset()
    risk: Severity | None = None  # None where the decision names no rule

    @property
    def entities(self) -> frozenset[str]:
        """The entities of the fields."""
        return frozenset(name.partition(".")[0] for name in self.fields)


def touched(migration: Migration, entry: Entry, earlier: Mapping[str, Entry]) -> Touched:
    """Return what a decision touches; one about another touches what that one does (`earlier` holds them by id)."""
    if isinstance(entry, AboutOthers):
        targets = [link.target for link in links_of(entry) if link.key != "supersedes"]
        found = [touched(migration, earlier[name], earlier) for name in targets if name in earlier]
        return found[0] if found else Touched()
    if isinstance(entry, AboutTheWhole):
        return Touched()
    rule = entry.covers.rule if isinstance(entry.covers, RowCoverage | RuleCoverage) else None
    fields = frozenset(_fields(migration, entry))
    moments = {moment for name in fields if (moment := moment_of(migration, name))}
    if rule and rule in migration.written_rules:
        moments.add(migration.written_rules[rule].moment)
    return Touched(
        fields=fields,
        moments=frozenset(moments - {""}),
        risk=risk_of(migration, rule) if rule else _risk_of_map(migration, entry),
    )


def fields_behind(migration: Migration, source: str, headers: Iterable[str]) -> tuple[str, ...]:
    """Return the `entity.field`s that are made of any of a source's headers, in the order of the mappings."""
    wanted = frozenset(headers)
    found = [
        f"{entity}.{name}"
        for entity, mapping in migration.mappings.items()
        for read in mapping.reads
        for name, field in read.fields.items()
        if wanted & frozenset(_headers(field, source, is_read=read.source == source))
    ]
    return tuple(dict.fromkeys(found))


def moment_of(migration: Migration, name: str) -> str:
    """Return the product moment of an `entity.field`; empty where the destination has no such field."""
    entity, _, field = name.partition(".")
    described = migration.destination.entities.get(entity)
    return described.fields[field].moment if described and field in described.fields else ""


def risk_of(migration: Migration, rule: str) -> Severity:
    """Return how grave a rule is: as its suite says, as its field's policy implies, critical where nobody says."""
    if rule in migration.written_rules:
        return migration.written_rules[rule].severity
    entity, _, rest = rule.partition(".")
    name, _, check = rest.rpartition(".")
    described = migration.destination.entities.get(entity)
    if described and name in described.fields:
        implied = {"acyclic": Check.RELATIONSHIP, "lookup": Check.RELATIONSHIP, **{c.value: c for c in Check}}
        if check in implied:
            return severity_of(described.fields[name].policy(implied[check]))
    return Severity.WARNING if rule.endswith(_READABLE) else Severity.CRITICAL


def _risk_of_map(migration: Migration, entry: Entry) -> Severity | None:
    """Return how grave the lack of an approval is; None for a decision that names no rule."""
    if entry.kind != "mapping_approved":
        return None
    return severity_of(Policy(migration.customer.policies.unapproved_mapping.value))


def _fields(migration: Migration, entry: Entry) -> Iterator[str]:
    """Yield `entity.field` for each field that a decision about rows, mappings, rules or formats touches."""
    assert not isinstance(entry, AboutOthers | AboutTheWhole)
    covers = entry.covers
    if isinstance(covers, IntakeCoverage):
        yield from fields_behind(migration, covers.source, covers.headers)
    elif isinstance(covers, MappingCoverage):
        yield from (f"{covers.entity}.{name.rpartition('/')[2]}" for name in covers.fields)
        for name, field in _mapped(migration, covers.entity):
            if field.values in covers.value_maps:
                yield f"{covers.entity}.{name}"
    elif covers.subject in migration.mappings:
        yield from (f"{covers.subject}.{name}" for name in covers.fields)
        if isinstance(entry, ValueCorrected | ValuesReplaced):
            yield f"{covers.subject}.{entry.field}"
        if isinstance(entry, WHOLE_ROWS):
            yield from (f"{covers.subject}.{name}" for name, _ in _mapped(migration, covers.subject))
    else:
        yield from fields_behind(migration, covers.subject, covers.fields)


def _mapped(migration: Migration, entity: str) -> Iterator[tuple[str, FieldMapping]]:
    if entity in migration.mappings:
        for read in migration.reads_of(entity):
            yield from read.fields.items()


def _headers(field: FieldMapping, source: str, *, is_read: bool) -> Iterator[str]:
    """Yield the headers of a source that a field is made of; in SQL they are what stands in double quotes."""
    if is_read:
        yield from field.columns
    for step in field.rule:
        if is_read and step.sql is not None:
            yield from (found.replace('""', '"') for found in _QUOTED.findall(step.sql))
        if step.lookup and step.lookup.source == source:
            yield from (step.lookup.key, step.lookup.take)
