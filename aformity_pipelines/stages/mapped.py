"""mapped: source columns become the destination's fields; what does not fit is a finding, not a guess."""

import json
from collections.abc import Callable, Mapping

import duckdb

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import RowsDeferred, RowsExcluded, ValueCorrected, ValuesReplaced
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.stage_record import StageRecord, verdict_record
from aformity_pipelines.fates.conserve import check_each_once, check_same_rows
from aformity_pipelines.files.atomic import write_bytes
from aformity_pipelines.files.fingerprint import canonical_json
from aformity_pipelines.mapping.casts import MACROS
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.mapping.compile import Effects, compile_entity, row_reference
from aformity_pipelines.mapping.facts import FieldFacts, field_facts, value_counts
from aformity_pipelines.mapping.loss_facts import loss_facts
from aformity_pipelines.quality.suites import BAD_SUFFIX
from aformity_pipelines.review.approvals import cited_in_vain, mapping_digests, value_map_digests
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.review.effects import CORRECTIONS, create_effects
from aformity_pipelines.stages.approving import approval_rule
from aformity_pipelines.stages.expressions import failing_in_mapping, failing_somewhere
from aformity_pipelines.stages.field_records import field_records
from aformity_pipelines.stages.gating import (
    Judging,
    cover,
    decisions_about,
    decisions_digest,
    decisions_used,
    judge_table,
)
from aformity_pipelines.stages.graph import sources_behind
from aformity_pipelines.stages.live import judged_sql
from aformity_pipelines.stages.outputs import (
    FINDINGS,
    TABLE,
    columns_of,
    count,
    folder_of,
    parquet,
    require,
    reuse_or,
    write_parquet,
    write_record,
)
from aformity_pipelines.stages.routing import routing_digest
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.suites import entity_suite
from aformity_pipelines.stages.validated import waves_digest
from aformity_pipelines.stages.vanished import carried_digests
from aformity_pipelines.transform.lineage import lineage_of_sql

STAGE = "mapped"
EXAMPLES = "examples.json"
VALUES = "values.parquet"
COUNTED = "losses"
"""What the facts of a field count since they last changed: a record that counts less is made again."""


def inputs_of(run: Run, entity: str) -> dict[str, str]:
    """Return the fingerprints of all that the mapped table of an entity and its gate depend on."""
    migration = run.migration
    approved = [
        each.model_dump(mode="json")
        for each in in_force(migration)
        if each.kind == "mapping_approved" and each.covers.entity == entity
    ]
    sources = {source: migration.customer.sources[source] for source in sources_behind(run.migration, entity)}
    carried = {"carried": digest_of(found)} if (found := carried_digests(run, sources)) else {}
    return {
        "counted": COUNTED,
        **carried,
        **{f"validated/{source}": require(run, "validated", source).output for source in sources},
        "sources": digest_of([[s.key, s.blanks] for s in sources.values()]),
        "mapping": mapping_digest(run, entity),
        "destination": digest_of(migration.destination.entities[entity].model_dump(mode="json")),
        "suite": digest_of(entity_suite(run.workspace, migration, entity, Gate.MAPPED)),
        "waves": waves_digest(run),
        "decisions": decisions_digest(run, (entity,)),
        "routing": routing_digest(run, (entity,)),
        "approvals": digest_of(
            [approved, cited_in_vain(migration, entity), migration.customer.policies.unapproved_mapping.value]
        ),
    }


def mapping_digest(run: Run, entity: str) -> str:
    """Return the fingerprint of an entity's field map, its value maps included."""
    migration = run.migration
    reads = [read.model_dump(mode="json", exclude={"columns"}) for read in migration.reads_of(entity)]
    return digest_of([reads, mapping_digests(migration, entity), value_map_digests(migration, entity)])


def run_mapped(run: Run, entity: str) -> tuple[StageRecord, bool]:
    """Map an entity and judge the result.  Raises GateClosed, its evidence stored."""
    inputs = inputs_of(run, entity)
    return reuse_or(run, STAGE, entity, inputs, lambda: _map(run, entity, inputs))


def mapping_sql(run: Run, entity: str, raw: Mapping[str, RawRelation], effects: Effects | None = None) -> str:
    """Return the SELECT that maps an entity, rows in order, with a legend of the delivered columns."""
    legend = "".join(
        f"-- {each.relation}: {', '.join(f'{name} {json.dumps(h, ensure_ascii=False)}' for h, name in each.internal.items())}\n"
        for each in raw.values()
    )
    return f"{legend}{compile_entity(run.migration, entity, raw, effects)}\norder by row_id"


def _map(run: Run, entity: str, inputs: dict[str, str]) -> StageRecord:
    connection = run.connection
    for macro in MACROS:
        connection.execute(macro)
    raw = open_all(run, sources_behind(run.migration, entity))
    decisions = decisions_about(run, (entity,))
    cover(run, raw, decisions)
    effects = create_effects(connection, run.migration, entity, raw, decisions)
    sql = mapping_sql(run, entity, raw, effects)
    folder = folder_of(run, STAGE, entity)
    mapped, output = _write_mapped(run, entity, raw, sql)
    facts = field_facts(connection, run.migration, entity, raw, mapped, corrections=effects.corrections)
    losses = loss_facts(
        connection, run.migration, entity, raw, mapped, facts, corrections=effects.corrections
    )
    _store_examples(run, entity, facts)
    write_parquet(connection, value_counts(run.migration, entity, raw, mapped), folder / VALUES)
    connection.execute(
        f"create or replace temp view judged as select * from {mapped}"
        f" where set_aside is null and wave in {judged_sql(run)}"
    )
    verdict = judge_table(
        run,
        Judging(
            gate=Gate.MAPPED,
            subject=entity,
            table="judged",
            row_column="row_id",
            suite=entity_suite(run.workspace, run.migration, entity, Gate.MAPPED),
            delivered=mapped,
        ),
        findings_into=folder / FINDINGS,
        more=(approval_rule(run, entity),),
    )
    rows = count(connection, mapped)
    return write_record(
        run,
        StageRecord(
            stage=STAGE,
            name=entity,
            wave=run.wave,
            inputs=inputs,
            output=output,
            rows_in=rows,
            rows_out=rows,
            columns=columns_of(connection, mapped),
            sql=sql,
            lineage=_lineage(run, entity, sql, raw, effects),
            verdict=verdict_record(verdict),
            fields=field_records(facts, losses),
            decisions=decisions_used(verdict, _decisions_with_effect(run, entity)),
        ),
    )


def _write_mapped(run: Run, entity: str, raw: Mapping[str, RawRelation], sql: str) -> tuple[str, str]:
    """Write the mapped table, every expected row once; return the view on it and the table's SHA-256."""
    connection, table = run.connection, folder_of(run, STAGE, entity) / TABLE
    try:
        output = write_parquet(connection, sql, table)
    except duckdb.Error as error:
        raise failing_in_mapping(run, entity, raw) or failing_somewhere(run, entity, error) from None
    mapped, expected, where = f"mapped_{entity}", expected_rows(run, entity, raw), f"mapped {entity}"
    connection.execute(f"create or replace temp view {mapped} as select * from {parquet(table)}")
    check_each_once(connection, expected, where=where)
    check_same_rows(connection, expected=expected, found=f"select row_id from {mapped}", where=where)
    return mapped, output


def expected_rows(run: Run, entity: str, raw: Mapping[str, RawRelation]) -> str:
    """Return the SELECT of every row reference that the entity's mapping must yield, from the raw tables that are there."""
    return _references(run, entity, raw, lambda source: source.relation)


def all_rows(run: Run, entity: str, raw: Mapping[str, RawRelation]) -> str:
    """Return the SELECT of every row reference that must have a fate: also of the records that could not be read."""
    unread = _references(run, entity, raw, lambda source: source.rejected)
    return f"{expected_rows(run, entity, raw)} union all {unread}"


def _references(
    run: Run,
    entity: str,
    raw: Mapping[str, RawRelation],
    relation_of: Callable[[RawRelation], str | None],
) -> str:
    selects = [
        f"select {row_reference('r.row_id', read.part)} as row_id from {relation} r"
        for read in run.migration.reads_of(entity)
        if read.source in raw and (relation := relation_of(raw[read.source]))
    ]
    return " union all ".join(selects) or "select '' as row_id where false"


def _lineage(
    run: Run, entity: str, sql: str, raw: Mapping[str, RawRelation], effects: Effects
) -> dict[str, tuple[str, ...]]:
    """Return field -> the `source.header`s that it is made of, as the SQL says.

    A translated value is chosen by a join; what it was chosen by is the text that `<field>__bad` would keep.
    """
    joined = [each for each in (effects.corrections, effects.set_aside, effects.deferred) if each]
    joined += [each.carried for each in raw.values() if each.carried]
    relations = [*(each.relation for each in raw.values()), *joined]
    found = lineage_of_sql(sql, {name: columns_of(run.connection, name) for name in relations})
    headers = {
        (each.relation, internal): f"{each.source}.{header}"
        for each in raw.values()
        for header, internal in each.internal.items()
    }
    return {
        name: tuple(
            dict.fromkeys(
                headers[upstream.relation, upstream.column]
                for column in (name, f"{name}{BAD_SUFFIX}")
                for upstream in found.get(column, ())
                if (upstream.relation, upstream.column) in headers
            )
        )
        for name in run.migration.destination.entities[entity].fields
    }


def _store_examples(run: Run, entity: str, facts: tuple[FieldFacts, ...]) -> None:
    examples = {f"{each.source}/{each.part}/{each.field}": each.examples for each in facts}
    path = folder_of(run, STAGE, entity) / EXAMPLES
    write_bytes(path, (canonical_json(examples) + "\n").encode())


def _decisions_with_effect(run: Run, entity: str) -> list[str]:
    kinds = (RowsExcluded, RowsDeferred, ValueCorrected, ValuesReplaced)
    ids = [each.id for each in decisions_about(run, (entity,)) if isinstance(each, kinds)]
    # A row may be covered and hold none of the texts any more that its decision replaces.
    found = run.connection.execute(
        f"select decision from {COVERED} where matches and kind <> 'values_replaced'"
        f" union select decision from {CORRECTIONS}"
    ).fetchall()
    return [each for each in ids if (each,) in found]
