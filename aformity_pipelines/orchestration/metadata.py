"""A stage's record as Dagster metadata: the review history of an asset, at most 32 KiB of it.

Counts, names and our own SQL; customer text is never Markdown or a link.  What does not fit says where it is.
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from aformity_pipelines.domain.findings import RuleState, Severity
from aformity_pipelines.domain.format_words import in_words
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.stage_record import (
    FieldRecord,
    RuleRecord,
    StageRecord,
    VerdictRecord,
    WaitingDelivery,
)
from aformity_pipelines.files.fingerprint import fingerprint
from aformity_pipelines.orchestration.decisions_shown import of_decisions, urgency
from aformity_pipelines.orchestration.keys import key_of
from aformity_pipelines.orchestration.packed import LIMIT, Cell, Described, cut, size_of, table_of, within
from aformity_pipelines.stages.graph import EXPORT, MAPPED, TRANSFORMED, VALIDATED

RESERVE = 1024
"""Room for paths and the reason of a failure, which are added later."""
RULES_LIMIT = 12 * 1024
VERSION = "version"
"""Name of what was published: the folder of an export or of a handoff."""
RECORD = "record"
"""Fingerprint of the stage record that an event shows: by it an event is found again."""
UPSTREAM = {MAPPED: VALIDATED, TRANSFORMED: MAPPED, EXPORT: TRANSFORMED}
"""Whose columns a stage's lineage names."""


def of_record(record: StageRecord, migration: Migration, *, was_made: bool) -> Described:
    """Return everything about a stage's run that fits, most important first."""
    slug = migration.slug
    parts: Described = {
        "dagster/row_count" if record.wave is None else "dagster/partition_row_count": dg.MetadataValue.int(
            record.rows_out
        ),
        "rows_in": dg.MetadataValue.int(record.rows_in),
        "rows_out": dg.MetadataValue.int(record.rows_out),
    }
    if record.decisions:
        parts["decisions_applied"] = dg.MetadataValue.text(cut(", ".join(record.decisions)))
    if record.waits:
        parts |= of_waiting(record.waits, record.name)
    if record.verdict:
        parts |= of_decisions(record.verdict, record.name, migration) | of_verdict(record.verdict)
    if record.delivery:
        parts["delivery"] = dg.MetadataValue.json(
            record.delivery.model_dump(mode="json", exclude={"headers"})
        )
    if record.fates:
        parts["fates"] = table_of(_fate_rows(record))
    if record.created or record.updated:
        parts["changes"] = table_of(change_rows(record.created, record.updated))
    parts |= {
        "output": dg.MetadataValue.text(record.output),
        "redone": dg.MetadataValue.bool(was_made),
        **mark_of(record),
        "inputs": table_of([{"input": name, "fingerprint": mark} for name, mark in record.inputs.items()]),
    }
    if record.columns:
        columns = [dg.TableColumn(name=name, type=type_) for name, type_ in record.columns.items()]
        parts["dagster/column_schema"] = dg.MetadataValue.table_schema(dg.TableSchema(columns=columns))
    if record.fields:
        parts["fields"] = table_of([_field_row(each) for each in record.fields])
    if record.lineage and record.stage in UPSTREAM:
        parts["dagster/column_lineage"] = dg.MetadataValue.column_lineage(_lineage(record, slug))
    return _fitted(parts, record)


def of_verdict(verdict: VerdictRecord) -> Described:
    """Return a gate's verdict: the answer, the reason, and a table of its rules (counts only)."""
    rules = sorted(verdict.rules, key=urgency)
    rows = within((_rule_row(rule) for rule in rules), RULES_LIMIT)
    parts: Described = {
        "gate": dg.MetadataValue.text(f"{verdict.gate.value}: {'open' if verdict.is_open else 'closed'}"),
        "explanation": dg.MetadataValue.text(cut(verdict.explanation)),
        "rules": table_of(rows),
    }
    if len(rows) < len(rules):
        parts["rules_not_listed"] = dg.MetadataValue.int(len(rules) - len(rows))
    return parts


def mark_of(record: StageRecord) -> Described:
    """Return the fingerprint by which an event says which record it shows."""
    return {RECORD: dg.MetadataValue.text(fingerprint(record.model_dump_json()))}


def of_waiting(waits: WaitingDelivery, source: str) -> Described:
    """Return what a delivery waits for: the questions without any value of the file, or why it was refused."""
    rows: list[dict[str, Cell]] = [
        {"kind": q.kind, "asked": q.says, "proposal": in_words(q.proposal) or "none"} for q in waits.questions
    ]
    parts: Described = {
        "waits": dg.MetadataValue.text(cut(waits.explanation(source))),
        "file": dg.MetadataValue.text(cut(waits.file_name, 200)),
        "received_on": dg.MetadataValue.text(waits.received_on.isoformat()),
        "questions": dg.MetadataValue.int(len(rows)),
    }
    return parts | ({"asked": table_of(rows)} if rows else {})


def change_rows(created: Mapping[str, int], updated: Mapping[str, int]) -> list[dict[str, Cell]]:
    """Return what an export brings to the product, an entity a row: new records and changed ones apart."""
    return [
        {"entity": entity, "created": created.get(entity, 0), "updated": updated.get(entity, 0)}
        for entity in dict.fromkeys((*created, *updated))
    ]


def severity_of(verdict: VerdictRecord) -> dg.AssetCheckSeverity:
    """Return ERROR where a critical rule keeps failing rows or the gate closed, else WARN."""
    failing = [rule for rule in verdict.rules if rule.state is not RuleState.PASSED]
    is_critical = any(rule.severity is Severity.CRITICAL for rule in failing)
    return dg.AssetCheckSeverity.ERROR if is_critical else dg.AssetCheckSeverity.WARN


def _fitted(parts: Described, record: StageRecord) -> Described:
    kept: Described = {}
    left, room = [], LIMIT - RESERVE
    for name, value in parts.items():
        size = size_of({name: value})
        if size <= room:
            kept[name] = value
            room -= size
        else:
            left.append(name)
    if record.sql:
        kept["sql"] = _sql(record, room)
    if left:
        kept["left_out"] = dg.MetadataValue.text(f"{', '.join(left)}: too long for an event; see the report")
    return kept


def _sql(record: StageRecord, room: int) -> dg.MetadataValue[Any]:
    whole = dg.MetadataValue.text(record.sql)
    if size_of({"sql": whole}) <= room:
        return whole
    # A character can take six bytes once it is escaped.
    beginning = record.sql[: max(0, room // 6 - 64)].rstrip()
    rest = f"-- ... the rest: aformity explain <customer> {record.name} --stage {record.stage}"
    return dg.MetadataValue.text(f"{beginning}\n{rest}" if beginning else rest)


def _lineage(record: StageRecord, slug: str) -> dg.TableColumnLineage:
    def upstream(reference: str) -> dg.TableColumnDep:
        name, column = reference.split(".", 1)
        return dg.TableColumnDep(asset_key=key_of(slug, (UPSTREAM[record.stage], name)), column_name=column)

    return dg.TableColumnLineage(
        deps_by_column={
            column: [upstream(each) for each in names] for column, names in record.lineage.items()
        }
    )


def _field_row(field: FieldRecord) -> dict[str, Cell]:
    """Return a field's figures; its losses in one cell."""
    row: dict[str, Cell] = field.model_dump(mode="json", exclude={"losses"})
    row["losses"] = ", ".join(f"{sort.value} {number:,}" for sort, number in (field.losses or {}).items())
    return row


def _rule_row(rule: RuleRecord) -> dict[str, Cell]:
    return {
        "rule": rule.rule,
        "standing": rule.standing.value,
        "severity": rule.severity.value,
        "policy": rule.policy.value,
        "checked": rule.checked,
        "failing": rule.failing,
        "accepted": rule.accepted,
        "followed": rule.followed,
        "decisions": cut(", ".join(rule.decisions), 200),
        "says": cut(rule.says, 200),
        "detail": cut(rule.detail, 200),
    }


def _fate_rows(record: StageRecord) -> list[dict[str, Cell]]:
    return [
        {"entity": entity, "fate": fate, "rows": rows}
        for entity, fates in record.fates.items()
        for fate, rows in fates.items()
    ]
