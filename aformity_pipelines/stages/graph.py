"""Which stage of which source or entity comes after which: the shape of one customer's graph.

Names only, no Dagster: the command and the assets ask the same functions.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from aformity_pipelines.domain.destination import RelationshipKind
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.transform.project import Project, load_project

RAW_FILE = "raw_file"
VALIDATED = "validated"
MAPPED = "mapped"
TRANSFORMED = "transformed"
EXPORT = "export"
HANDOFF_REPORT = "handoff_report"
STAGES = (RAW_FILE, VALIDATED, MAPPED, TRANSFORMED, EXPORT, HANDOFF_REPORT)
PACKAGE = "package"
REPORT = "report"

Step = tuple[str, str]
"""A stage and the source, entity or (at the end) the one thing that it makes."""


def steps(migration: Migration) -> tuple[Step, ...]:
    """Return every step of a customer's migration, stage by stage."""
    sources, entities = tuple(migration.customer.sources), migration.entities()
    return (
        *((stage, source) for stage in (RAW_FILE, VALIDATED) for source in sources),
        *((stage, entity) for stage in (MAPPED, TRANSFORMED) for entity in entities),
        (EXPORT, PACKAGE),
        (HANDOFF_REPORT, REPORT),
    )


def up_to(migration: Migration, stage: str) -> tuple[Step, ...]:
    """Return the steps of every stage up to `stage`; ValueError for a word that is no stage."""
    wanted = STAGES[: STAGES.index(stage) + 1]
    return tuple(step for step in steps(migration) if step[0] in wanted)


def before(migration: Migration, project: Project, step: Step) -> tuple[Step, ...]:
    """Return the steps whose output `step` reads."""
    stage, name = step
    if stage == VALIDATED:
        return ((RAW_FILE, name),)
    if stage == MAPPED:
        return tuple((VALIDATED, source) for source in sources_behind(migration, name))
    if stage == TRANSFORMED:
        return _before_transformed(migration, project, name)
    if stage == EXPORT:
        return tuple((TRANSFORMED, entity) for entity in migration.entities())
    return ((EXPORT, PACKAGE),) if stage == HANDOFF_REPORT else ()


def behind_stops(migration: Migration, project: Project, stopped: Mapping[Step, str]) -> dict[Step, str]:
    """Return the steps that a closed gate or a waiting delivery keeps from running, each with the first of these.

    `stopped` says of each step that is closed or waits what it is called.
    """
    found: dict[Step, str] = {}
    for step in steps(migration):
        upstream = before(migration, project, step)
        if names := [name for each in upstream if (name := found.get(each) or stopped.get(each))]:
            found[step] = names[0]
    return found


def sources_behind(migration: Migration, entity: str) -> tuple[str, ...]:
    """Return the sources that the entity's mapping reads or looks something up in."""
    found: list[str] = []
    for read in migration.reads_of(entity):
        found.append(read.source)
        rules = (step for mapping in read.fields.values() for step in mapping.rule)
        found += [step.lookup.source for step in rules if step.lookup]
    return tuple(dict.fromkeys(found))


def _before_transformed(migration: Migration, project: Project, entity: str) -> tuple[Step, ...]:
    mapped = {table for schema, table in project.sources_of(entity) if schema == MAPPED} | {entity}
    parents = migration.destination.parents_of(entity)
    lookups = {
        field.relationship.entity
        for field in migration.destination.entities[entity].fields.values()
        if field.relationship and field.relationship.kind is RelationshipKind.LOOKUP
    }
    known = migration.entities()
    return (
        *((MAPPED, name) for name in known if name in mapped or name in lookups - parents - {entity}),
        *((TRANSFORMED, name) for name in known if name in parents),
    )


@lru_cache(maxsize=4)
def project_in(folder: Path) -> Project:
    """Return the SQL models, read once for all customers."""
    return load_project(folder)
