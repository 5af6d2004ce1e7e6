"""The review history again, from a customer's folder and storage alone: Dagster's own storage is not its home.

Decisions, exports and handoffs come in the order of the log; last, where each stage stands now.  What is there
already stays and is not doubled.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import dagster as dg

from aformity_pipelines.domain.decisions import Entry
from aformity_pipelines.orchestration import metadata
from aformity_pipelines.orchestration.assets import export, handoff_report, raw_file
from aformity_pipelines.orchestration.freshness_shown import IS_CURRENT
from aformity_pipelines.orchestration.instance import home_of
from aformity_pipelines.orchestration.kept_versions import KeptVersion, Unreadable, kept_versions
from aformity_pipelines.orchestration.keys import key_of
from aformity_pipelines.orchestration.observations import DATA_VERSION, PATIENCE, observe, unobserved
from aformity_pipelines.orchestration.packed import Described, joined
from aformity_pipelines.orchestration.rebuild_revalidations import write_revalidations
from aformity_pipelines.orchestration.step import Beside, check_result
from aformity_pipelines.orchestration.waiting_lock import waited_lock
from aformity_pipelines.stages.graph import EXPORT, HANDOFF_REPORT, PACKAGE, RAW_FILE, REPORT, Step, steps
from aformity_pipelines.stages.outputs import STAGES_WITHOUT_WAVES, StageMissing, read_record, stops
from aformity_pipelines.stages.run import Run

PAGE = 100
WAVE = "wave"
"""Metadata: the wave that a check was told of again, outside a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """How much of a customer's history was put back; what was there already is not counted."""

    customer: str
    decisions: int
    exports: int
    handoffs: int
    stages: int
    revalidations: int = 0
    unreadable: tuple[str, ...] = ()
    """Exports and handoffs whose record was written in a form that is not known here."""


def rebuild(run: Run) -> Rebuilt:
    """Put a customer's history back into the project's Dagster storage, every wave of it.

    LockHeld says who writes the same history.  The log must be whole: it was loaded with the run.
    """
    with dg.DagsterInstance.from_config(str(home_of(run.workspace.storage))) as instance:
        return rebuild_into(instance, run)


def rebuild_into(instance: dg.DagsterInstance, run: Run) -> Rebuilt:
    """Put a customer's history back into a Dagster storage, as `rebuild` does."""
    lock = run.workspace.history_lock(run.slug)
    with waited_lock(lock, "the rebuilding of the review history", seconds=PATIENCE):
        waves = [wave.name for wave in run.migration.customer.waves]
        found = [each for wave in waves for each in kept_versions(run.workspace, run.slug, wave)]
        versions = sorted((v for v in found if isinstance(v, KeptVersion)), key=lambda v: v.place)
        pen = _Pen(instance=instance, run=run)
        decisions, written = pen.write_history(versions)
        stages = sum(pen.write_stage(wave, step) for wave, step in _stages(run))
        return Rebuilt(
            customer=run.slug,
            decisions=decisions,
            exports=sum(version.step[0] == EXPORT for version in written),
            handoffs=sum(version.step[0] != EXPORT for version in written),
            stages=stages,
            revalidations=write_revalidations(instance, run),
            unreadable=tuple(
                str(each.path.relative_to(run.workspace.of_customer(run.slug)))
                for each in found
                if isinstance(each, Unreadable)
            ),
        )


def _stages(run: Run) -> Iterator[tuple[str | None, Step]]:
    """Yield every step with its wave; those that know no waves once."""
    every = steps(run.migration)
    yield from ((None, step) for step in every if step[0] in STAGES_WITHOUT_WAVES)
    for wave in run.migration.customer.waves:
        yield from ((wave.name, step) for step in every if step[0] not in STAGES_WITHOUT_WAVES)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pen:
    """Writes one customer's events.  The caller holds the history's lock."""

    instance: dg.DagsterInstance
    run: Run

    def write_history(self, versions: list[KeptVersion]) -> tuple[int, list[KeptVersion]]:
        """Write decisions, exports and handoffs in the log's order; return how many decisions, and which versions."""
        new = unobserved(self.instance, self.run.migration)
        left, written = new, []
        for version in versions:
            before = tuple(entry for entry in left if entry.seq <= version.log_seq)
            self._observe(before)
            left = left[len(before) :]
            if version.name not in self._seen(version.step, version.wave, metadata.VERSION):
                self._materialize(version.step, version.wave, *self._whole(version))
                written.append(version)
        self._observe(left)
        return len(new), written

    def write_stage(self, wave: str | None, step: Step) -> bool:
        """Write where a stage stands now: its checks, and its materialization unless it is stopped."""
        run = dataclasses.replace(self.run, wave=wave or self.run.wave)
        record = read_record(run, *step)
        if record is None:
            return False
        more = _beside(run, step)
        own = (check_result(record),) if record.verdict else ()
        for check in (*own, *more.checks):
            if check.check_name != IS_CURRENT:  # the sensor tells it anew, of all waves at once
                self._check(step, wave, check)
        (mark,) = metadata.mark_of(record).values()
        if stops(record) or mark.value in self._seen(step, wave, metadata.RECORD):
            return False
        described = more.around(metadata.of_record(record, run.migration, was_made=True))
        self._materialize(step, wave, described, record.output)
        return True

    def _whole(self, version: KeptVersion) -> tuple[Described, str | None]:
        """Return a version's metadata and content; of the current one, with all that its stage recorded."""
        run = dataclasses.replace(self.run, wave=version.wave)
        record = read_record(run, *version.step)
        shown = _beside(run, version.step).paths
        current = shown.get(metadata.VERSION)
        if record is None or current is None or current.value != version.name:
            return version.described, version.content
        whole = joined(metadata.of_record(record, run.migration, was_made=True), version.described | shown)
        return whole, record.output

    def _observe(self, entries: tuple[Entry, ...]) -> None:
        if entries:
            observe(self.instance, self.run.workspace, self.run.migration, entries)

    def _materialize(self, step: Step, wave: str | None, described: Described, content: str | None) -> None:
        event = dg.AssetMaterialization(
            asset_key=key_of(self.run.slug, step),
            partition=wave,
            metadata=described,
            tags={DATA_VERSION: content} if content else None,
        )
        self.instance.report_runless_asset_event(event)

    def _check(self, step: Step, wave: str | None, result: dg.AssetCheckResult) -> None:
        """Write what a check said, unless it is the last that was said."""
        assert result.check_name is not None
        key = dg.AssetCheckKey(key_of(self.run.slug, step), result.check_name)
        told = tuple(self._told(key, wave))
        said = (result.passed, result.description, _marks(result.metadata))
        if told and (told[0].passed, told[0].description, _marks(told[0].metadata)) == said:
            return
        # Dagster refuses a second evaluation of one partition outside a run; a later one names its wave itself.
        is_first = not any(each.is_runless for each in told)
        named = {} if is_first or wave is None else {WAVE: dg.MetadataValue.text(wave)}
        event = dg.AssetCheckEvaluation(
            asset_key=key.asset_key,
            check_name=key.name,
            passed=result.passed,
            metadata={**result.metadata, **named},
            severity=result.severity,
            description=result.description,
            partition=wave if is_first else None,
        )
        self.instance.report_runless_asset_event(event)

    def _told(self, key: dg.AssetCheckKey, wave: str | None) -> Iterator["_Told"]:
        """Yield what a check said of a wave, the latest first."""
        cursor: int | None = None
        while history := self.instance.event_log_storage.get_asset_check_execution_history(
            key, limit=PAGE, cursor=cursor
        ):
            cursor = history[-1].id
            for execution in history:
                event = execution.event.dagster_event if execution.event else None
                if event and event.event_type_value == "ASSET_CHECK_EVALUATION":
                    said = event.asset_check_evaluation_data
                    named = said.metadata.get(WAVE)
                    if wave == (named.value if named else said.partition):
                        yield _Told(
                            passed=said.passed,
                            description=said.description,
                            metadata=said.metadata,
                            is_runless=not execution.run_id,
                        )

    def _seen(self, step: Step, wave: str | None, name: str) -> frozenset[object]:
        """Return what the materializations of a step say under a name of their metadata."""
        key = key_of(self.run.slug, step)
        wanted = dg.AssetRecordsFilter(asset_key=key, asset_partitions=[wave] if wave else None)
        found: set[object] = set()
        cursor: str | None = None
        while True:
            page = self.instance.fetch_materializations(wanted, limit=PAGE, cursor=cursor)
            said = (record.asset_materialization for record in page.records)
            found |= {each.metadata[name].value for each in said if each and name in each.metadata}
            if not page.has_more:
                return frozenset(found)
            cursor = page.cursor


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """What a check said once."""

    passed: bool
    description: str | None
    metadata: Mapping[str, object]
    is_runless: bool


def _beside(run: Run, step: Step) -> Beside:
    """Return what a step shows beside its record, as far as it can still be told."""
    try:
        if step == (EXPORT, PACKAGE):
            return export.beside(run)
        if step == (HANDOFF_REPORT, REPORT):
            return handoff_report.beside(run)
        if step[0] == RAW_FILE:
            return raw_file.beside(run, step[1])
    except StageMissing:
        return Beside()  # the stages before it changed since: what it said about them is no longer known
    return Beside()


def _marks(described: Mapping[str, object]) -> object:
    mark = described.get(metadata.RECORD)
    return mark.value if isinstance(mark, dg.MetadataValue) else mark
