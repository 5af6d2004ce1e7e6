"""The sensor of deliveries: a complete new file is registered once, shown, and starts what the customer's policy says.

It may be killed, restarted or robbed of its memory at any time: what is registered is known by its bytes, and what is
due by what the raw stage has read.  A file counts as complete when two looks at it agree.
"""

import getpass
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import dagster as dg
import duckdb

from aformity_pipelines.config.load import load_migration
from aformity_pipelines.config.problems import ConfigInvalid
from aformity_pipelines.domain.delivery import Delivery
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.files.lock import LockHeld, customer_lock
from aformity_pipelines.files.workspace import Workspace
from aformity_pipelines.intake.register import REGISTER, is_match
from aformity_pipelines.intake.remote import RemoteFile, Unreachable, fetched, files_at, put_into
from aformity_pipelines.orchestration.arrivals import Memory, mark_of, remembered
from aformity_pipelines.orchestration.deliveries_shown import observe_deliveries
from aformity_pipelines.orchestration.intake_folder import plain_files
from aformity_pipelines.orchestration.jobs import REVALIDATE, RUN_WAVE, Job, job_name
from aformity_pipelines.orchestration.resources import REGISTERED, TAKES_IN, Place
from aformity_pipelines.stages.arriving import Due, due, register_arrived
from aformity_pipelines.stages.run import Run, secure

NEW_DELIVERY = "new_delivery"
SECONDS = 30


def build_new_delivery(migration: Migration, run_wave: Job, revalidate: Job) -> dg.SensorDefinition:
    """Define the sensor of one customer's intake: its folder here, and the place that `intake.url` names."""
    slug = migration.slug

    @dg.sensor(
        name=job_name(slug, NEW_DELIVERY),
        jobs=[run_wave, revalidate],
        minimum_interval_seconds=SECONDS,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description=f"Registers each new file of {slug} once it is complete, and starts what `policies.on_delivery` says.",
    )
    def new_delivery(context: dg.SensorEvaluationContext, place: Place) -> dg.SensorResult:
        look = _Look(migration=migration, workspace=place.workspace(), instance=context.instance)
        try:
            return look.take_in(remembered(context.cursor))
        except LockHeld as held:
            return dg.SensorResult(skip_reason=f"the next look tries again: {held}")
        except ConfigInvalid as fault:
            return dg.SensorResult(skip_reason=fault.problems[0].headline())

    return new_delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class _Came:
    """What became of files that lay elsewhere."""

    new: tuple[Delivery, ...] = ()
    taken: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One look at a customer's intake."""

    migration: Migration
    workspace: Workspace
    instance: dg.DagsterInstance

    def take_in(self, before: Memory) -> dg.SensorResult:
        """Register what is complete, show it, and ask for what is due."""
        slug = self.migration.slug
        here = {path.name: mark_of(path) for path in plain_files(self.workspace.intake(slug), self._patterns)}
        there, unreachable = self._remote()
        marks = {file.name: file.mark for file in there}
        complete, to_fetch = before.folder.complete(here), before.remote.complete(marks)
        asked, came, said = Due(), _Came(), [unreachable] if unreachable else []
        if complete or to_fetch or self._register() != before.register:
            with self._opened() as run:
                new = register_arrived(run, self.workspace.intake(slug), complete)
                came = self._fetch(run, [file for file in there if file.name in to_fetch])
                observe_deliveries(self.instance, run)
                asked = due(run)
            said += [f"{each.source}: {each.file_name} was registered" for each in (*new, *came.new)]
            said += [*came.faults, *((asked.because,) if asked.because else ())]
        seen = replace(before, folder=before.folder.after(here, complete), register=self._register())
        if not unreachable:
            seen = replace(seen, remote=before.remote.after(marks, came.taken))
        if not said and (dict(before.folder.seen), dict(before.remote.seen)) != (here, marks):
            said = ["files have changed; the next look tells whether they are complete"]
        requests = list(self._requests(asked))
        reason = None if requests else "; ".join(said) or "nothing new"
        return dg.SensorResult(run_requests=requests, skip_reason=reason, cursor=seen.text())

    @property
    def _patterns(self) -> tuple[str, ...]:
        return tuple(source.file for source in self.migration.customer.sources.values())

    def _register(self) -> str:
        return mark_of(self.workspace.deliveries(self.migration.slug) / REGISTER)

    def _remote(self) -> tuple[tuple[RemoteFile, ...], str]:
        """Return the files of our sources at `intake.url`, and why it cannot be reached."""
        place = self.migration.customer.intake
        if place is None:
            return (), ""
        try:
            found = files_at(place.url)
        except Unreachable as fault:
            return (), str(fault)
        return tuple(each for each in found if any(is_match(each.name, p) for p in self._patterns)), ""

    def _fetch(self, run: Run, files: Sequence[RemoteFile]) -> "_Came":
        """Register files of the remote place under their own names, and put them among the others here."""
        place, intake = run.migration.customer.intake, self.workspace.intake(run.slug)
        came = _Came()
        for file in files:
            if place is None:
                break
            try:
                with fetched(place.url, file, intake) as copy:
                    new = register_arrived(run, copy.parent, (copy.name,))
                    put_into(intake, copy)
            except Unreachable as fault:
                came = replace(came, faults=(*came.faults, str(fault)))
            else:
                came = replace(came, new=(*came.new, *new), taken=(*came.taken, file.name))
        return came

    @contextmanager
    def _opened(self) -> Iterator[Run]:
        """Yield the customer as it is on disk now, under its lock; LockHeld where somebody works on it."""
        slug = self.migration.slug
        with customer_lock(self.workspace.lock(slug), "the sensor of deliveries"):
            current = load_migration(self.workspace.root, slug)
            with duckdb.connect(":memory:") as connection:
                secure(connection, self.workspace, slug)
                yield Run(
                    migration=current,
                    workspace=self.workspace,
                    connection=connection,
                    wave=current.customer.waves[0].name,
                    as_of=datetime.now(UTC).astimezone().date(),
                    by=getpass.getuser(),
                    takes_in=False,
                )

    def _requests(self, asked: Due) -> Iterator[dg.RunRequest]:
        """Yield the run of the wave that is due, and the tests of the ones after it."""
        wanted = [(RUN_WAVE, asked.run)] if asked.run else []
        for what, wave in (*wanted, *((REVALIDATE, wave) for wave in asked.test)):
            yield dg.RunRequest(
                run_key=f"{self.migration.slug}/{what}/{wave}/{asked.basis}",
                job_name=job_name(self.migration.slug, what),
                partition_key=wave,
                tags={"customer": self.migration.slug, TAKES_IN: REGISTERED},
            )
