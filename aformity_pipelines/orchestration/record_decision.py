"""The job that records one decision from the launchpad, shows what it moves, and observes it on its assets.

A refused decision fails with every fault at once and is never tried again: the same form fails the same way.
"""

import getpass
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date

import dagster as dg
import duckdb
from dagster_duckdb import DuckDBResource

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.domain.effect import Effect
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.sql_faults import without_values
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.orchestration.decision_form import (
    DecisionForm,
    draft_of,
    faults_in_words,
    form_of,
    template_of,
)
from aformity_pipelines.orchestration.effect_shown import of_effect
from aformity_pipelines.orchestration.jobs import job_name
from aformity_pipelines.orchestration.observations import observe_new
from aformity_pipelines.orchestration.packed import Described, cut
from aformity_pipelines.orchestration.resources import Place, as_of
from aformity_pipelines.orchestration.step import EXPECTED
from aformity_pipelines.orchestration.waiting_lock import waited_lock
from aformity_pipelines.stages.refusing import DraftRefused
from aformity_pipelines.stages.run import Run, secure

RECORD_DECISION = "record_decision"
DECISION = "decision"
"""The job's one step, whose config is the form; a job and a step cannot have one name."""
PATIENCE = 60.0
"""Seconds that the job waits for a run of its customer before it says who holds the lock."""


def build_record_decision(migration: Migration) -> dg.JobDefinition:
    """Define the job, with a form in which this customer's people, entities and waves can be chosen."""
    slug, name = migration.slug, job_name(migration.slug, RECORD_DECISION)

    def fill_in(
        context: dg.OpExecutionContext, config: DecisionForm, place: Place, database: DuckDBResource
    ) -> None:
        record_form(Desk(context=context, place=place, database=database, slug=slug), config)

    # The form is this customer's own type: Dagster reads it from here.
    fill_in.__annotations__["config"] = form_of(migration)
    says = f"Record one decision about {slug}: it binds exactly what it is shown."
    filled = dg.op(name=job_name(slug, DECISION), description=says, tags={"customer": slug})(fill_in)

    template = {"ops": {filled.name: {"config": template_of(migration)}}}

    @dg.job(name=name, description=says, tags={"customer": slug}, config=template)
    def record_decision() -> None:
        filled()

    return record_decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What Dagster gave the job, and whose decision it is."""

    context: dg.OpExecutionContext
    place: Place
    database: DuckDBResource
    slug: str


def record_form(desk: Desk, form: DecisionForm) -> None:
    """Record what a form says under the customer's lock, or only show what it would move.

    dg.Failure carries every fault; nothing is recorded then.
    """
    workspace, effect = desk.place.workspace(), None
    entries: tuple[Entry, ...] = ()
    try:
        with _opened(desk, form) as run:
            draft = draft_of(form, run.migration)
            effect = _effect_of(run, draft)
            if not form.dry_run:
                entries = _record(run, draft)
    except DraftRefused as refusal:
        raise _failure(f"Nothing was recorded:\n{faults_in_words(refusal)}") from None
    except EXPECTED as refusal:
        raise _failure(str(refusal)) from refusal
    except duckdb.Error as fault:
        # Dagster would keep the database's words, and a traceback with them; they may quote values.
        raise _failure(f"Nothing was recorded: {without_values(str(fault))}") from None
    described = of_effect(effect)
    _tell(desk, workspace, entries, described)


def _tell(desk: Desk, workspace: Workspace, entries: tuple[Entry, ...], described: Described) -> None:
    """Show the effect on the run, and on the assets once it is recorded."""
    context = desk.context
    said = f"Recorded {entries[0].id}." if entries else "Dry run: nothing was recorded."
    if entries:
        try:
            observe_new(
                context.instance,
                workspace,
                load_migration(workspace.root, desk.slug),
                report=context.log_event,
                effects={entry.id: described for entry in entries},
            )
        except EXPECTED:
            # The decision stands: a failed job would ask for it a second time.
            said = f"Recorded {entries[0].id}; the sensor will show it."
    context.log.info(said)
    context.add_output_metadata({"recorded": dg.MetadataValue.text(said), **described})


def _record(run: Run, draft: Draft) -> tuple[Entry, ...]:
    from aformity_pipelines.stages.deciding import record_all  # noqa: PLC0415 - imports the engine

    return record_all(run, (draft,))


def _effect_of(run: Run, draft: Draft) -> Effect:
    from aformity_pipelines.stages.whatif.what_if import Change, what_if  # noqa: PLC0415 - imports the engine

    return what_if(run, Change(drafts=(draft,)))


@contextmanager
def _opened(desk: Desk, form: DecisionForm) -> Iterator[Run]:
    """Yield the run in which the decision is seen: the customer as it is on disk, under its lock."""
    workspace, context = desk.place.workspace(), desk.context
    holder = f"Dagster run {context.run.run_id[:8]}, {RECORD_DECISION}"
    with waited_lock(workspace.lock(desk.slug), holder, seconds=PATIENCE):
        migration = load_migration(workspace.root, desk.slug)
        with desk.database.get_connection() as connection, closing(connection):
            yield _run(migration, workspace, connection, form, as_of(context), _who(context))


def _run(
    migration: Migration,
    workspace: Workspace,
    connection: duckdb.DuckDBPyConnection,
    form: DecisionForm,
    day: date,
    by: str,
) -> Run:
    secure(connection, workspace, migration.slug)
    named = getattr(form, "wave", None)
    return Run(
        migration=migration,
        workspace=workspace,
        connection=connection,
        wave=named.value if named else migration.customer.waves[0].name,
        as_of=day,
        by=by,
    )


def _who(context: dg.OpExecutionContext) -> str:
    return context.run.tags.get("by") or getpass.getuser()


def _failure(says: str) -> dg.Failure:
    return dg.Failure(description=cut(says, 8_000), allow_retries=False)
