"""A customer brought up to date in its shadow: every stage up to export, closed gates respected.

What cannot be worked out costs that step and what reads it, not the comparison.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import duckdb

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.fates import ConservationBreach
from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.quality.errors import GateBroken
from aformity_pipelines.stages.export import package_folder
from aformity_pipelines.stages.gates import closed_by
from aformity_pipelines.stages.graph import EXPORT, HANDOFF_REPORT, PACKAGE, Step, before, steps
from aformity_pipelines.stages.outputs import StageMissing, Stopped, read_record
from aformity_pipelines.stages.raw_file import NoDelivery
from aformity_pipelines.stages.run import Run, secure
from aformity_pipelines.stages.whole import GATED, run_step
from aformity_pipelines.transform.project import ProjectError, load_project

ABSENT = (NoDelivery, StageMissing)
"""What is not there yet, and nobody's fault."""
CANNOT = (*ABSENT, ConfigInvalid, ConservationBreach, GateBroken, ProjectError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """Where a wave stands once every stage has seen today's files and decisions."""

    run: Run
    records: Mapping[Step, StageRecord]
    """Of every step that was reached, in running order; of exports, one for each entity that is exported too."""
    failed: Mapping[Step, Exception]
    """Steps that could not be worked out."""
    package: Path | None
    """Where the ledger and the export files lie; None where the export could not be made."""

    def is_reached(self, stage: str, name: str) -> bool:
        """Whether a stage of a source or entity was reached."""
        return (stage, name) in self.records


@contextmanager
def shadow_run(shadow: Workspace, like: Run) -> Iterator[Run]:
    """Yield a run in a shadow, on a connection of its own; wave, date and name are those of `like`.

    ConfigInvalid carries every problem of the shadow's folder.
    """
    migration = load_migration(shadow.root, like.slug)
    with duckdb.connect(":memory:") as connection:
        secure(connection, shadow, like.slug)
        yield Run(
            migration=migration,
            workspace=shadow,
            connection=connection,
            wave=like.wave,
            as_of=like.as_of,
            by=like.by,
        )


def play(run: Run) -> Played:
    """Run every stage up to export as far as it is not current; return where the wave stands then."""
    records: dict[Step, StageRecord] = {}
    failed: dict[Step, Exception] = {}
    stopped: set[Step] = set()
    project = load_project(run.workspace.transforms)
    for step in steps(run.migration):
        if step[0] == HANDOFF_REPORT:
            continue
        if step[0] in GATED and stopped & set(before(run.migration, project, step)):
            stopped.add(step)
            continue
        try:
            records[step], _ = run_step(run, step)
        except Stopped:
            stopped.add(step)
            if record := read_record(run, *step):
                records[step] = record
        except CANNOT as why:
            stopped.add(step)
            failed[step] = why
    exported = records.get((EXPORT, PACKAGE))
    if exported:
        records |= _exports(run)
    package = package_folder(run, exported) if exported else None
    return Played(run=run, records=records, failed=failed, package=package)


def _exports(run: Run) -> dict[Step, StageRecord]:
    """Return what the export gate said of each entity that came to it."""
    reached = (entity for entity in run.migration.entities() if closed_by(run, entity) is None)
    found = {(EXPORT, entity): read_record(run, EXPORT, entity) for entity in reached}
    return {step: record for step, record in found.items() if record is not None}
