"""transformed: SQL models reshape and merge; rules that look across records and entities are judged here."""

from collections.abc import Iterable, Mapping

import duckdb

from aformity_pipelines.domain.destination import RelationshipKind
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.gate import Verdict
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.domain.sql_types import DUCKDB_TYPES
from aformity_pipelines.domain.stage_record import StageRecord, verdict_record
from aformity_pipelines.fates.assign import links
from aformity_pipelines.fates.claims import create_claims
from aformity_pipelines.fates.conserve import check_same_rows
from aformity_pipelines.files.fingerprint import fingerprint, sha256_of
from aformity_pipelines.quality.suites import all_waves
from aformity_pipelines.review.effects import MERGES, create_merges
from aformity_pipelines.stages.gating import (
    Beside,
    Judging,
    cover,
    decisions_about,
    decisions_digest,
    decisions_used,
    judge_table,
)
from aformity_pipelines.stages.graph import sources_behind
from aformity_pipelines.stages.kept_keys import kept_key_result
from aformity_pipelines.stages.live import (
    LIVE_KEYS,
    goes_out,
    judged_sql,
    keep_live,
    live_names_of,
    open_live,
    open_live_values,
)
from aformity_pipelines.stages.outputs import (
    FINDINGS,
    REJECTS,
    TABLE,
    columns_of,
    count,
    folder_of,
    parquet,
    read_record,
    require,
    reuse_or,
    write_parquet,
    write_record,
)
from aformity_pipelines.stages.routing import routing_digest
from aformity_pipelines.stages.run import Run, digest_of
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.suites import entity_suite, for_no_rows
from aformity_pipelines.stages.validated import waves_digest
from aformity_pipelines.transform.lineage import column_lineage
from aformity_pipelines.transform.project import Project, load_project
from aformity_pipelines.transform.run_models import (
    compiled_sql,
    does_not_run,
    empty_mapped,
    run_model,
    widened,
)

STAGE = "transformed"
JUDGED_ONLY = frozenset({"live", "unread", "suite"})
"""Inputs that the gate depends on and the table does not."""


def entities_behind(run: Run, project: Project, entity: str) -> tuple[str, ...]:
    """Return the mapped entities whose tables the entity's model reads, itself first."""
    read = {table for schema, table in project.sources_of(entity) if schema == "mapped"}
    return tuple(dict.fromkeys((entity, *(e for e in run.migration.entities() if e in read))))


def neighbours(run: Run, entity: str) -> dict[str, str]:
    """Return related entity -> stage whose table its keys are read from.

    Parents have been transformed before; a lookup may point back, so the mapped table has to do.
    """
    found: dict[str, str] = {}
    for _, target in links(run.migration.destination, entity):
        if target.entity != entity and target.entity in run.migration.mappings:
            is_parent = target.kind is RelationshipKind.PARENT
            found[target.entity] = STAGE if is_parent else found.get(target.entity, "mapped")
    return found


def inputs_of(run: Run, entity: str) -> dict[str, str]:
    """Return the fingerprints of all that the transformed table of an entity and its gate depend on."""
    project = load_project(run.workspace.transforms)
    behind = entities_behind(run, project, entity)
    models = [model.sql for model in (*project.ancestors(entity), project.model(entity))]
    tables = {f"mapped/{each}": require(run, "mapped", each).output for each in behind}
    tables |= {f"{stage}/{e}": require(run, stage, e).output for e, stage in neighbours(run, entity).items()}
    return {
        **tables,
        **_parents_shown(run, entity),
        # Equal tables may come of other keys and headers; what a merge was shown is read by both.
        "shown": digest_of([_shown(run, each) for each in behind]),
        "models": fingerprint(*models),
        "destination": digest_of(run.migration.destination.entities[entity].model_dump(mode="json")),
        "suite": digest_of(entity_suite(run.workspace, run.migration, entity, Gate.TRANSFORMED)),
        "waves": waves_digest(run),
        "decisions": decisions_digest(run, behind),
        "routing": routing_digest(run, behind),
        **_live_inputs(run, behind),
    }


def _live_inputs(run: Run, behind: Iterable[str]) -> dict[str, str]:
    """Return what is live, and the records that could not be read: each of them may be a live one."""
    names = live_names_of(run)
    if not names:
        return {"live": digest_of(names)}
    sources = dict.fromkeys(source for each in behind for source in sources_behind(run.migration, each))
    records = {source: read_record(run, "raw_file", source) for source in sources}
    unread = {source: record.beside.get(REJECTS) for source, record in records.items() if record}
    return {"live": digest_of(names), "unread": digest_of(unread)}


def _parents_shown(run: Run, entity: str) -> dict[str, str]:
    """Return the tables with the parents that decisions were shown: those that are set aside are in no later one."""
    members = [each for decision in decisions_about(run, (entity,)) for each in decision.covers.members]
    parents = sorted({each.subject for each in members if each.subject in run.migration.mappings})
    return {f"shown/{each}": require(run, "mapped", each).output for each in parents}


def _shown(run: Run, entity: str) -> list[str]:
    inputs = require(run, "mapped", entity).inputs
    return [inputs["sources"], inputs["mapping"]]


def run_transformed(run: Run, entity: str) -> tuple[StageRecord, bool]:
    """Run the entity's models and judge the result.  Raises GateClosed, its evidence stored."""
    inputs = inputs_of(run, entity)
    return reuse_or(run, STAGE, entity, inputs, lambda: _transform(run, entity, inputs))


def model_sources(run: Run, project: Project, entity: str) -> dict[tuple[str, str], str]:
    """Return the SQL relation behind each source of the entity's models."""
    found = {}
    for schema, table in project.sources_of(entity):
        if schema == "review":
            found[schema, table] = MERGES
        elif table in run.migration.mappings:
            relation = parquet(folder_of(run, "mapped", table) / TABLE)
            found[schema, table] = widened(relation, run.migration.fields_elsewhere(table))
        else:
            found[schema, table] = f"({empty_mapped(run.migration.described(table))})"
    return found


def _same_table(run: Run, entity: str, inputs: dict[str, str]) -> str | None:
    """Return the SHA-256 of the stored table where it was made of the same and is untouched, else None."""
    stored = read_record(run, STAGE, entity)
    if stored is None or _of_table(stored.inputs) != _of_table(inputs):
        return None
    table = folder_of(run, STAGE, entity) / TABLE
    return stored.output if table.is_file() and sha256_of(table) == stored.output else None


def _of_table(inputs: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in inputs.items() if name not in JUDGED_ONLY}


def _write_transformed(run: Run, project: Project, entity: str) -> str:
    """Write the rows of an entity's model; return the table's SHA-256.  ModelError where it fails on them."""
    run_model(run.connection, project, entity, sources=model_sources(run, project, entity))
    table = folder_of(run, STAGE, entity) / TABLE
    try:
        return write_parquet(run.connection, f"select * from {identifier(entity)} order by row_ids[1]", table)
    except duckdb.Error as error:
        raise does_not_run(project.model(entity), error) from None


def _transform(run: Run, entity: str, inputs: dict[str, str]) -> StageRecord:
    connection = run.connection
    project = load_project(run.workspace.transforms)
    behind = entities_behind(run, project, entity)
    decisions = decisions_about(run, behind)
    near = neighbours(run, entity)
    raw = open_all(run, [s for each in (*behind, *near) for s in sources_behind(run.migration, each)])
    cover(run, raw, decisions)
    create_merges(connection, decisions)
    folder = folder_of(run, STAGE, entity)
    output = _same_table(run, entity, inputs) or _write_transformed(run, project, entity)
    own = "delivered_records"
    connection.execute(
        f"create or replace temp view {own} as select row_ids[1] as row_id, * from {parquet(folder / TABLE)}"
    )
    mapped = parquet(folder_of(run, "mapped", entity) / TABLE)
    check_same_rows(
        connection,
        expected=f"select row_id from {mapped} where set_aside is null",
        found=f"select unnest(row_ids) from {own}",
        where=f"transformed {entity}",
    )
    open_live(run, raw, (entity,), beside=near)
    _open_neighbours(run, entity)
    verdict = _judge(run, entity, own)
    keep_live(run, entity, f"claims_{entity}", folder)
    return write_record(
        run,
        StageRecord(
            stage=STAGE,
            name=entity,
            wave=run.wave,
            inputs=inputs,
            output=output,
            rows_in=count(connection, mapped, "set_aside is null"),
            rows_out=count(connection, own),
            columns=columns_of(connection, own),
            sql=compiled_sql(project, entity, _readable_sources(project, entity)),
            lineage=_lineage(run, project, entity),
            verdict=verdict_record(verdict),
            decisions=decisions_used(verdict, _merges_used(run, entity)),
        ),
    )


def _judge(run: Run, entity: str, own: str) -> Verdict:
    """Judge the records that are new, or in the product and others now; `own` has those of today."""
    claims = _open_judged(run, entity, own)
    suite = entity_suite(run.workspace, run.migration, entity, Gate.TRANSFORMED)
    is_more = count(run.connection, claims) > 0
    disputed = f"select record as row_id from {claims} where is_disputed"
    return judge_table(
        run,
        Judging(
            gate=Gate.TRANSFORMED,
            subject=entity,
            table="judged_records",
            row_column="row_id",
            # Beside what is live, a column of the few that are new or changed may be empty.
            suite=for_no_rows(suite) if is_more else suite,
            delivered=own,
            beside=(Beside(result=kept_key_result(run, entity), rows=disputed),) if is_more else (),
        ),
        findings_into=folder_of(run, STAGE, entity) / FINDINGS,
    )


def _open_judged(run: Run, entity: str, own: str) -> str:
    """Create `judged_records`: the judged waves' records that are new, or in the product and others now.

    Also what they are held against: all records of today, and those of the product that nothing is delivered for.
    Returns the table of the records that are live ones.
    """
    connection, described = run.connection, run.migration.destination.entities[entity]
    claims, live = (
        create_claims(connection, entity, described.key, own),
        open_live_values(run, entity),
    )
    gone = f"select * exclude (record_key) from {live} anti join {claims} using (record_key)"
    connection.execute(
        f"create or replace temp view {all_waves(entity)} as select * from {own} union all by name {gone}"
    )
    differs = " or ".join(f"t.{identifier(f)} is distinct from l.{identifier(f)}" for f in described.fields)
    # Kept as a table: each rule would compare the records again.
    connection.execute(
        f"create or replace temp table judged_records as select t.* from {own} t"
        f" left join {claims} c on c.record = t.row_id left join {live} l on l.record_key = c.record_key"
        f" where case when c.record is null then t.wave in {judged_sql(run)}"
        f" else ({differs}) and {goes_out(run, entity, record='t.row_id', wave='t.wave')} end"
    )
    return claims


def _readable_sources(project: Project, entity: str) -> dict[tuple[str, str], str]:
    return {source: ".".join(source) for source in project.sources_of(entity)}


def _lineage(run: Run, project: Project, entity: str) -> dict[str, tuple[str, ...]]:
    schema = {"review.merges": dict.fromkeys(("entity", "row_id", "survivor", "decision"), "VARCHAR")}
    for _, table in (s for s in project.sources_of(entity) if s[0] == "mapped"):
        relation = model_sources(run, project, entity)["mapped", table]
        schema[f"mapped.{table}"] = columns_of(run.connection, relation)
    found = column_lineage(project, entity, schema)
    return {
        column: tuple(f"{each.relation.removeprefix('mapped.')}.{each.column}" for each in upstream)
        for column, upstream in found.items()
    }


def _merges_used(run: Run, entity: str) -> list[str]:
    rows = run.connection.execute(
        f"select distinct decision from {MERGES} where entity = ?", [entity]
    ).fetchall()
    return [row[0] for row in rows]


def _open_neighbours(run: Run, entity: str) -> None:
    """Create `<entity>__all` for every entity that this one's links point to, what is live already among them."""
    for other, stage in neighbours(run, entity).items():
        table = parquet(folder_of(run, stage, other) / TABLE)
        where = "" if stage == STAGE else " where set_aside is null"
        described = run.migration.destination.entities[other]
        key = f"cast(record_key as {DUCKDB_TYPES[described.fields[described.key].type]})"
        run.connection.execute(
            f"create or replace temp view {all_waves(other)} as select * from {table}{where} union all by name"
            f" select {key} as {identifier(described.key)} from {LIVE_KEYS} where entity = {literal(other)}"
        )
    for _, target in links(run.migration.destination, entity):
        if target.entity not in run.migration.mappings:
            nobody = empty_mapped(run.migration.destination.entities[target.entity])
            run.connection.execute(f"create or replace temp view {all_waves(target.entity)} as {nobody}")
