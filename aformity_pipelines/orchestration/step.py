"""One stage's work inside one Dagster step: lock, fresh config, connection, verdict, evidence.

The gate is the stage function: it raises, and its evidence is stored before.  Here that becomes a check that
everybody sees and a failure that is not retried.
"""

import getpass
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.fates import ConservationBreach
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.sql_faults import without_values
from aformity_pipelines.domain.stage_record import StageRecord
from aformity_pipelines.files.lock import LockHeld
from aformity_pipelines.intake.contained.line import ReaderUnavailable
from aformity_pipelines.intake.refusal import DeliveryRefused, ReadersDisagree
from aformity_pipelines.orchestration import metadata
from aformity_pipelines.orchestration.keys import check_name
from aformity_pipelines.orchestration.observations import observe_new
from aformity_pipelines.orchestration.packed import Described, cut, joined
from aformity_pipelines.orchestration.resources import REGISTERED, TAKES_IN, Place, as_of
from aformity_pipelines.quality.errors import GateBroken
from aformity_pipelines.stages.graph import Step
from aformity_pipelines.stages.outputs import (
    DeliveryWaits,
    StageMissing,
    Stopped,
    read_record,
    refuse_stopped,
)
from aformity_pipelines.stages.pinned import refuse_unagreed_pin
from aformity_pipelines.stages.run import Run, secure
from aformity_pipelines.transform.project import ProjectError
from aformity_pipelines.transform.run_models import ModelError

PATIENCE = 1800.0
"""Seconds that a run waits for another run of its customer before it says who holds the lock."""

REASON = "reason"
GATE_CLOSED = "gate_closed"
DELIVERY_WAITS = "delivery_waits"
REFUSED = "refused"
A_PERSON_DECIDES = frozenset({GATE_CLOSED, DELIVERY_WAITS})
"""Reasons after which the rest of the wave, and the report of what waits, still goes out."""


class StageFault(Exception):
    """A fault of ours: the database refuses what a stage asks of it."""


Work = Callable[[Run], tuple[StageRecord, bool]]
Event = dg.MaterializeResult[None] | dg.AssetCheckResult

EXPECTED = (
    Stopped,
    DeliveryRefused,
    ReadersDisagree,
    ReaderUnavailable,
    StageMissing,
    ConservationBreach,
    GateBroken,
    LockHeld,
    ConfigInvalid,
    ProjectError,
    ModelError,
    FileNotFoundError,
)
"""What a stage says when it refuses: shown as it is, without a stack trace, and never retried."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepContext:
    """What Dagster gave the step, and which step it is."""

    context: dg.AssetExecutionContext
    place: Place
    database: DuckDBResource
    slug: str
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What a stage shows beside its record: checks of its own, a few paths, a profile, what it says."""

    checks: tuple[dg.AssetCheckResult, ...] = ()
    paths: Described = field(default_factory=dict)
    leads: bool = False
    """Whether people look for this first; then it stands above the record."""

    def around(self, record: Described) -> Described:
        """Return a record's metadata with what stands beside it, as far as both fit."""
        both = joined(record, self.paths)
        order = (*self.paths, *both) if self.leads else both
        return {name: both[name] for name in order if name in both}


def carry_out(
    asked: StepContext, work: Work, beside: Callable[[Run], Beside] = lambda run: Beside()
) -> Iterator[Event]:
    """Do one stage's work; yield its checks and its materialization, or fail with the reason."""
    refusal: Exception | None = None
    record: StageRecord | None = None
    migration: Migration | None = None
    was_made, more = False, Beside()
    try:
        with opened_run(asked) as run:
            migration = run.migration
            try:
                record, was_made = work(run)
                more = beside(run)
            except Stopped as why:
                refusal, record = why, _own_record(run, asked.step, why)
    except EXPECTED as refused:
        refusal, record = refused, None
    except duckdb.Error as fault:
        # Dagster would keep the database's words, and a traceback with them; they may quote values.
        refusal, record = StageFault(f"{'/'.join(asked.step)}: {without_values(str(fault))}"), None
    if record is None or migration is None:
        raise failure(refusal, {}) from refusal
    described = more.around(metadata.of_record(record, migration, was_made=was_made))
    if record.verdict:
        yield check_result(record)
    yield from more.checks
    if refusal:
        raise failure(refusal, described) from refusal
    yield dg.MaterializeResult(metadata=described, data_version=dg.DataVersion(record.output))


def check_result(record: StageRecord, name: str | None = None) -> dg.AssetCheckResult:
    """Return a gate's verdict as Dagster shows it; raises ValueError where the stage has no gate."""
    if record.verdict is None:
        raise ValueError(f"{record.stage} {record.name} has no verdict to show")
    return dg.AssetCheckResult(
        check_name=name or check_name(record.verdict.gate),
        passed=record.verdict.is_open,
        severity=metadata.severity_of(record.verdict),
        description=cut(record.verdict.explanation),
        metadata=metadata.of_verdict(record.verdict) | metadata.mark_of(record),
    )


@contextmanager
def opened_run(asked: StepContext) -> Iterator[Run]:
    """Yield the run of this step: config as it is on disk now, one locked-in connection, one date.

    The customer's lock is taken by the first step and kept until the run ends.
    """
    workspace = asked.place.workspace()
    tags = asked.context.run.tags
    holder = f"Dagster run {asked.context.run.run_id[:8]}"
    asked.place.hold(asked.slug, holder, seconds=PATIENCE, tell=asked.context.log.info)
    migration = load_migration(workspace.root, asked.slug)
    refuse_unagreed_pin(workspace, migration)
    observe_new(asked.context.instance, workspace, migration)
    with asked.database.get_connection() as connection, closing(connection):
        secure(connection, workspace, asked.slug)
        yield Run(
            migration=migration,
            workspace=workspace,
            connection=connection,
            wave=_wave(asked.context, migration.customer.waves[0].name),
            as_of=as_of(asked.context),
            by=tags.get("by") or getpass.getuser(),
            takes_in=tags.get(TAKES_IN) != REGISTERED,
        )


def _wave(context: dg.AssetExecutionContext, first: str) -> str:
    return context.partition_key if context.has_partition_key else first


def _own_record(run: Run, step: Step, why: Stopped) -> StageRecord | None:
    """Return this stage's record where it is this stage's gate or delivery that stops, not one before it."""
    record = read_record(run, *step)
    try:
        if record is not None:
            refuse_stopped(record)
    except Stopped as own:
        return record if str(own) == str(why) else None
    return None


def failure(refusal: Exception | None, described: dict[str, dg.MetadataValue]) -> dg.Failure:
    """Return what Dagster shows of a refusal: its words, and the reason that the sensors ask for."""
    reason = REFUSED
    if isinstance(refusal, Stopped):
        reason = DELIVERY_WAITS if isinstance(refusal, DeliveryWaits) else GATE_CLOSED
    return dg.Failure(
        description=cut(str(refusal)),
        metadata={REASON: dg.MetadataValue.text(reason), **described},
        allow_retries=False,
    )
