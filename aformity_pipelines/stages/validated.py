"""validated: the intake gate on the raw text.  It judges and never repairs: the table is the raw one."""

from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.stage_record import StageRecord, verdict_record
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.stages.gating import (
    Beside,
    Judging,
    cover,
    decisions_about,
    decisions_digest,
    decisions_used,
    judge_table,
)
from aformity_pipelines.stages.live import judged_sql, judged_waves
from aformity_pipelines.stages.outputs import (
    CARRIED,
    FINDINGS,
    REJECTS,
    count,
    folder_of,
    require,
    reuse_or,
    write_record,
)
from aformity_pipelines.stages.rejected import (
    exclusions,
    readable_result,
    rejected_ids,
    settle_excluded,
)
from aformity_pipelines.stages.routing import routing_digest
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.sources import open_raw
from aformity_pipelines.stages.suites import intake_suite
from aformity_pipelines.stages.unambiguous import unambiguous_columns
from aformity_pipelines.stages.vanished import delivered_results, settle_vanished

STAGE = "validated"
IN_SCOPE = "in_scope"


def inputs_of(run: Run, source: str) -> dict[str, str]:
    """Return the fingerprints of all that the intake gate of a source depends on."""
    declared, raw = run.migration.customer.sources[source], require(run, "raw_file", source)
    inputs = {
        "raw_file": raw.output,
        "suite": digest_of(intake_suite(run.workspace, run.migration, source)),
        "source": digest_of(declared.model_dump(mode="json", exclude={"format", "says", "columns"})),
        "waves": waves_digest(run),
        "decisions": decisions_digest(run, (source,)),
        "routing": routing_digest(run, (source,)),
    }
    if rejects := raw.beside.get(REJECTS):
        excluding = [each.model_dump(mode="json") for each in exclusions(run.migration, source)]
        inputs["rejected"] = digest_of([rejects, excluding])
    if carried := raw.beside.get(CARRIED):
        inputs["carried"] = carried
        inputs["excluding"] = digest_of(
            [each.model_dump(mode="json") for each in exclusions(run.migration, source)]
        )
    return inputs


def waves_digest(run: Run) -> str:
    """Return the fingerprint of the waves whose rows are judged, and of how rows are told apart."""
    waves = [wave.model_dump(mode="json", include={"name", "where"}) for wave in run.migration.customer.waves]
    return digest_of([run.wave, judged_waves(run), waves])


def run_validated(run: Run, source: str) -> tuple[StageRecord, bool]:
    """Judge the source's delivery for this wave.  Raises GateClosed, its evidence stored."""
    inputs = inputs_of(run, source)
    return reuse_or(run, STAGE, source, inputs, lambda: _judge(run, source, inputs))


def _judge(run: Run, source: str, inputs: dict[str, str]) -> StageRecord:
    raw, before = open_raw(run, source), require(run, "raw_file", source)
    assert before.delivery is not None
    run.connection.execute(f"create or replace temp view {IN_SCOPE} as {_scope(run, raw)}")
    excluding = exclusions(run.migration, source) if raw.rejected or raw.carried else ()
    cover(run, {source: raw}, (*decisions_about(run, (source,)), *excluding))
    settle_excluded(run.connection, run.migration, raw)
    settle_vanished(run.connection, run.migration, raw)
    suite = intake_suite(run.workspace, run.migration, source)
    verdict = judge_table(
        run,
        Judging(
            gate=Gate.INTAKE,
            subject=source,
            table=IN_SCOPE,
            row_column="row_id",
            suite=suite,
            columns=raw.internal,
            delivered=raw.relation,
            beside=(
                Beside(result=readable_result(source, before), rows=rejected_ids(raw)),
                *(Beside(result=result, rows=rows) for result, rows in delivered_results(run, raw, before)),
            ),
        ),
        findings_into=folder_of(run, STAGE, source) / FINDINGS,
        more=(unambiguous_columns(source, before.delivery.headers, suite),),
    )
    return write_record(
        run,
        StageRecord(
            stage=STAGE,
            name=source,
            wave=run.wave,
            inputs=inputs,
            output=before.output,
            rows_in=before.rows_out,
            rows_out=count(run.connection, raw.relation),
            columns=before.columns,
            verdict=verdict_record(verdict),
            decisions=decisions_used(verdict),
        ),
    )


def _scope(run: Run, raw: RawRelation) -> str:
    """Return the rows that the gate judges: of this wave, of those before, of those that launched; blank text as NULL stays so."""
    return f"select * from {raw.relation} where wave in {judged_sql(run)}"
