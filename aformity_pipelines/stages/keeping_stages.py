"""Keeping the stages that an export is made from: `stages.json`, written when it is packed.

Keep out: the comparison, and anything that would differ between two runs of the same inputs.
"""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.kept_stages import (
    KeptDelivery,
    KeptFunction,
    KeptRule,
    KeptStage,
    KeptStages,
)
from aformity_pipelines.domain.mapping import digest_of_mapping, digest_of_values
from aformity_pipelines.domain.stage_record import RuleRecord, StageRecord
from aformity_pipelines.export.manifest import FileEntry, file_entry
from aformity_pipelines.files.fingerprint import fingerprint
from aformity_pipelines.intake.register import all_deliveries
from aformity_pipelines.stages.graph import EXPORT, MAPPED, TRANSFORMED
from aformity_pipelines.stages.kept_stages import STAGES_FILE
from aformity_pipelines.stages.outputs import columns_of, parquet, read_record
from aformity_pipelines.stages.redelivered import comparison_of
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.transform.project import Project, load_project

LEDGER_FILE = "ledger.parquet"
LOCKED, QUEUED, ON_HOLD = "locked", "queued", "on hold"
LEAVES = f"('{Fate.EXPORTED}', '{Fate.MERGED}')"
WAITS = f"('{Fate.DEFERRED}', '{Fate.UNRESOLVED}')"


def write_kept_stages(run: Run, records: Iterable[StageRecord], folder: Path) -> FileEntry:
    """Write `stages.json` beside the ledger that lies in `folder`; return its line of the manifest.

    `records` are those of every stage before, and of the export's own gates.
    """
    kept = kept_stages(run, records, folder / LEDGER_FILE)
    path = folder / STAGES_FILE
    path.write_bytes(kept.model_dump_json(indent=1).encode() + b"\n")
    return file_entry(path, entity=None, rows=len(kept.stages))


def export_gates(run: Run, ungated: Collection[str]) -> tuple[StageRecord, ...]:
    """Return what the export's own gate said of each entity but the `ungated`, which never came to it."""
    asked = (read_record(run, EXPORT, entity) for entity in run.migration.entities() if entity not in ungated)
    return tuple(record for record in asked if record is not None)


def kept_stages(run: Run, records: Iterable[StageRecord], ledger: Path | None) -> KeptStages:
    """Return the stages of a wave in the form that is kept; without a `ledger` nothing is said of fates."""
    fates, exports = counted_fates(run, ledger) if ledger else ({}, {})
    return KeptStages(
        stages=tuple(_kept(run, record) for record in records),
        functions=tuple(functions_of(run)),
        config=config_of(run),
        fates=fates,
        exports=exports,
    )


def counted_fates(run: Run, ledger: Path) -> tuple[dict[str, dict[str, int]], dict[str, dict[str, int]]]:
    """Return entity -> fate -> rows of a ledger, and entity -> what of its rows is locked, queued and on hold."""
    relation = parquet(ledger)
    is_new = f"reason <> '{Reason.LIVE}'"
    if "change" in columns_of(run.connection, relation):
        is_new = f"coalesce(change in ('created', 'updated'), live_since is null and {is_new})"
    rows = run.connection.execute(
        f"select entity, fate, case when fate in {WAITS} then '{ON_HOLD}' when fate not in {LEAVES} then ''"
        f" when {is_new} then '{QUEUED}' else '{LOCKED}' end as place, count(*) from {relation}"
        " group by all order by all"
    ).fetchall()
    fates: dict[str, dict[str, int]] = {entity: {} for entity in run.migration.entities()}
    exports: dict[str, dict[str, int]] = {
        entity: dict.fromkeys((LOCKED, QUEUED, ON_HOLD), 0) for entity in fates
    }
    for entity, fate, place, number in rows:
        fates.setdefault(entity, {})
        fates[entity][fate] = fates[entity].get(fate, 0) + number
        if place:
            exports.setdefault(entity, {})
            exports[entity][place] = exports[entity].get(place, 0) + number
    return fates, exports


def functions_of(run: Run) -> Iterator[KeptFunction]:
    """Yield everything that turns rows into records: field mappings, value maps and SQL models, by entity."""
    project = load_project(run.workspace.transforms)
    for entity in run.migration.entities():
        for name, digest in _mapping_digests(run, entity).items():
            yield KeptFunction(stage=MAPPED, subject=entity, name=name, digest=digest)
        for name, digest in _model_digests(project, entity).items():
            yield KeptFunction(stage=TRANSFORMED, subject=entity, name=name, digest=digest)


def config_of(run: Run) -> dict[str, str]:
    """Return part of defs.yaml that an export depends on -> fingerprint."""
    customer = run.migration.customer
    sources = {name: source.model_dump(mode="json") for name, source in customer.sources.items()}
    return {
        **{f"source {name}": digest_of(source) for name, source in sources.items()},
        "waves": digest_of([wave.model_dump(mode="json") for wave in customer.waves]),
        "policies": digest_of(customer.policies.model_dump(mode="json")),
        "approvals": digest_of([rule.model_dump(mode="json") for rule in customer.approvals]),
        "destination": digest_of(run.migration.destination.model_dump(mode="json")),
    }


def _mapping_digests(run: Run, entity: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for read in run.migration.reads_of(entity):
        if read.only:
            found[f"{read.source}/{read.part} only"] = fingerprint(read.only.where)
        for field, mapping in read.fields.items():
            found[f"{read.source}/{read.part}/{field}"] = digest_of_mapping(mapping)
            if values := run.migration.value_map_of(mapping):
                found[f"value map {values.name}"] = digest_of_values(values)
    return found


def _model_digests(project: Project, entity: str) -> dict[str, str]:
    models = (*project.ancestors(entity), project.model(entity))
    return {f"model {model.name}": fingerprint(model.sql) for model in models}


def _kept(run: Run, record: StageRecord) -> KeptStage:
    verdict = record.verdict
    has_table = record.stage != EXPORT and record.waits is None
    return KeptStage(
        stage=record.stage,
        name=record.name,
        rows_in=record.rows_in,
        rows_out=record.rows_out,
        output=record.output if has_table else "",
        columns=record.columns,
        gate=str(verdict.gate) if verdict else "",
        is_open=verdict is None or verdict.is_open,
        rules=tuple(_rule(each) for each in verdict.rules) if verdict else (),
        registered=_registered(run, record),
        delivery=_delivery(record),
        redelivery=comparison_of(run, record.name) if record.delivery else None,
        waits=record.waits is not None,
    )


def _rule(rule: RuleRecord) -> KeptRule:
    return KeptRule(
        rule=rule.rule,
        policy=rule.policy,
        standing=rule.standing,
        failing=rule.failing,
        accepted=rule.accepted,
        followed=rule.followed,
    )


def _delivery(record: StageRecord) -> KeptDelivery | None:
    delivery = record.delivery
    if delivery is None:
        return None
    return KeptDelivery(file_name=delivery.file_name, sha256=delivery.sha256, rejected=delivery.rejected)


def _registered(run: Run, record: StageRecord) -> int:
    """Return the place of a raw file's delivery among those of its source; one that came again has the last of them."""
    read = record.delivery or record.waits
    if read is None:
        return 0
    own = [each for each in all_deliveries(run.workspace.deliveries(run.slug)) if each.source == record.name]
    places = {each.sha256: number for number, each in enumerate(own, start=1)}
    return places.get(read.sha256, len(own))
