"""Which steps of a customer's graph a decision concerns: where people look for it, and where it shows.

Names only.  Which stages a decision makes stale is not asked here: their inputs say that.
"""

from collections.abc import Iterable

from aformity_pipelines.domain.decisions import (
    AboutOthers,
    AboutTheWhole,
    Entry,
    IntakeAnswered,
    MappingApproved,
    MergeApproved,
    MergeRefused,
    links_of,
)
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.quality.suites import rules_of
from aformity_pipelines.stages.graph import (
    EXPORT,
    MAPPED,
    PACKAGE,
    RAW_FILE,
    TRANSFORMED,
    VALIDATED,
    Step,
    steps,
)
from aformity_pipelines.stages.suites import entity_suite
from aformity_pipelines.stages.vanished import source_beside


def concerned(
    workspace: Workspace, migration: Migration, entries: Iterable[Entry]
) -> dict[str, tuple[Step, ...]]:
    """Return the id of each entry -> the steps that it concerns, by itself or as it names an earlier entry.

    Empty where the source or entity is no longer part of the migration.
    """
    wanted = tuple(entries)
    earlier = {entry.id: entry for entry in migration.log}
    rules: dict[str, dict[str, Step]] = {}
    there = frozenset(steps(migration))

    def own(entry: Entry) -> Step:
        if isinstance(entry, AboutOthers):
            return own(earlier[next(link.target for link in links_of(entry) if link.key != "supersedes")])
        if isinstance(entry, MappingApproved):
            return MAPPED, entry.covers.entity
        if isinstance(entry, AboutTheWhole):
            return EXPORT, PACKAGE
        if isinstance(entry, IntakeAnswered):
            return RAW_FILE, entry.covers.source
        subject, rule = entry.covers.subject, entry.covers.rule or ""
        if source := source_beside(rule):
            return VALIDATED, source
        if subject not in migration.mappings:
            return VALIDATED, subject
        if isinstance(entry, MergeApproved | MergeRefused):
            return TRANSFORMED, subject
        if subject not in rules:
            rules[subject] = _judged_later(workspace, migration, subject)
        return rules[subject].get(rule, (MAPPED, subject))

    found = {}
    for entry in wanted:
        named = (own(entry), *(own(earlier[link.target]) for link in links_of(entry)))
        found[entry.id] = tuple(step for step in dict.fromkeys(named) if step in there)
    return found


def _judged_later(workspace: Workspace, migration: Migration, entity: str) -> dict[str, Step]:
    """Return rule -> the step whose gate judges it, for the rules that are not the mapped gate's."""
    places = ((Gate.EXPORT, (EXPORT, PACKAGE)), (Gate.TRANSFORMED, (TRANSFORMED, entity)))
    return {
        rule.id: step
        for gate, step in places
        for rule in rules_of(entity_suite(workspace, migration, entity, gate), gate, entity)
    }
