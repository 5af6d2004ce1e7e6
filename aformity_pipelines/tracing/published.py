"""What a published version says about one record: its values, findings, merges and links left blank."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aformity_pipelines.domain.approval import in_force
from aformity_pipelines.domain.decisions import ValueCorrected, ValuesReplaced
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.sql_text import identifier, literal
from aformity_pipelines.domain.stage_record import RuleRecord
from aformity_pipelines.mapping.facts import headers_of
from aformity_pipelines.tracing.find import Found, LedgerRow, ledger_rows, own_key_rows
from aformity_pipelines.tracing.parts import replay_parts
from aformity_pipelines.tracing.replay import read_of
from aformity_pipelines.tracing.sources import Exported, Sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One rule broken by one of the record's rows."""

    rule: str
    subject: str  # the entity, or at intake the source
    row_id: str
    accepted_by: str | None
    followed_by: str | None
    is_held: bool
    record: RuleRecord | None  # None where today's suites have no such rule

    @property
    def is_open(self) -> bool:
        """Whether somebody has to act: a follow-up says so, or the rule holds rows or closes its gate."""
        if self.accepted_by:
            return False
        acts = self.record.policy in (Policy.HOLD, Policy.BLOCK) if self.record else self.is_held
        return acts or self.is_held or self.followed_by is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A record as a published file holds it."""

    values: Mapping[str, Any]
    export: Exported
    path: Path
    is_own: bool  # whether the version that is asked about brings it; else it was in the product before


def stored_record(sources: Sources, entity: str, main: LedgerRow) -> Stored | None:
    """Return the record as the product holds it once the version is loaded; None where it does not.

    The newest file that brings it counts, of the version itself or of one that it builds on.
    """
    if main.record_key is None:
        return None
    for export in reversed(sources.every_export):
        is_own = export.folder == sources.folder
        for path in reversed(export.files.get(entity, ())):
            values = _values_in(sources, entity, path, main, is_own=is_own)
            if values is not None:
                return Stored(values=values, export=export, path=path, is_own=is_own)
    return None


def exported_values(sources: Sources, entity: str, main: LedgerRow) -> Mapping[str, Any] | None:
    """Return the record as the product holds it; None where it does not."""
    stored = stored_record(sources, entity, main)
    return stored.values if stored else None


def _values_in(
    sources: Sources, entity: str, path: Path, main: LedgerRow, *, is_own: bool
) -> Mapping[str, Any] | None:
    key = identifier(sources.migration.destination.entities[entity].key)
    # The key is compared first: it has statistics by which Parquet skips what cannot match.
    mine = " and row_ids[1] = ?" if is_own else ""
    result = sources.connection.execute(
        f"select * from read_parquet({literal(str(path))}) where cast({key} as varchar) = ?{mine}",
        [main.record_key, *([main.record] if is_own else [])],
    )
    names = [column[0] for column in result.description]
    row = result.fetchone()
    return dict(zip(names, row, strict=True)) if row else None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    """One field of a live record that a later export changed."""

    export: Exported
    field: str
    before: str | None
    after: str | None


def changes_of(
    sources: Sources, entity: str, main: LedgerRow, field: str | None = None
) -> tuple[FieldChange, ...]:
    """Return what updates changed in a record (or in one field of it), the oldest first."""
    found = []
    for export in sources.every_export:
        if export.updates is None or main.record_key is None:
            continue
        rows = sources.query(
            f"select field, before, after from {export.updates} where entity = ? and record_key = ? order by all",
            [entity, main.record_key],
        )
        found += [
            FieldChange(export=export, field=name, before=before, after=after)
            for name, before, after in rows
            if field in (None, name)
        ]
    return tuple(found)


def findings_of(sources: Sources, entity: str, found: Found) -> tuple[Finding, ...]:
    """Return every finding of the record's rows, at intake and later, each rule and row once."""
    ids = [row.row_id for row in found.parts]
    delivered = [row.source_row for row in found.parts]
    fed = list(dict.fromkeys(row.source for row in found.parts))
    rows = sources.query(
        "select stage, subject, rule, row_id, accepted_by, followed_by, held from {findings}"
        " where (subject = ? and list_contains(?, row_id))"
        " or (stage = 'validated' and list_contains(?, subject) and list_contains(?, row_id))"
        " order by held desc, stage, rule, row_id",
        [entity, ids, fed, delivered],
    )
    once: dict[tuple[str, str], Finding] = {}
    for stage, subject, rule, row_id, accepted, followed, held in rows:
        finding = Finding(
            rule=rule,
            subject=subject,
            row_id=row_id,
            accepted_by=accepted,
            followed_by=followed,
            is_held=held,
            record=sources.rules.get((stage, subject, rule)),
        )
        once.setdefault((rule, row_id), finding)
    return tuple(once.values())


def concerns(sources: Sources, entity: str, finding: Finding, field: str, parts: Sequence[LedgerRow]) -> bool:
    """Whether a finding is about a field, or at intake about a column that the field is made of."""
    if finding.rule.startswith(f"{entity}.{field}."):
        return True
    fields = finding.record.fields if finding.record else ()
    if finding.rule.startswith(f"{entity}."):
        return field in fields
    reads = (read_of(sources.migration, entity, part.source, part.part) for part in parts)
    return any(
        header in fields
        for read in reads
        if field in read.fields
        for header in headers_of(read.fields[field])
    )


def links_left_blank(sources: Sources, entity: str, record: str | None) -> tuple[str, ...]:
    """Return the links of a record that were left blank because what they point to is not exported yet."""
    rows = sources.query(
        "select distinct field from {blanked} where entity = ? and record = ? order by field",
        [entity, record],
    )
    return tuple(field for (field,) in rows)


def holders_of(sources: Sources, entity: str, key: str) -> list[LedgerRow]:
    """Return the ledger's lines of the record of an entity that bears a key; none where nobody does."""
    rows = ledger_rows(sources, entity, "record_key = ?", [key])
    return [row for row in rows if row.row_id == row.record] or rows


def taken_over(sources: Sources, entity: str, key: str) -> LedgerRow | None:
    """Return the merged row whose own key this was; its `record_key` is the key that took over.

    None where nobody bore it, or where it went two ways: such links are left alone.
    """
    merged = sources.query("select row_id from {merges} where entity = ? and row_id <> survivor", [entity])
    gone = {row[0] for row in merged}
    # A corrected key stands in no delivered cell; then every merged row is mapped again.
    bearing = (
        gone if _corrects_keys(sources, entity) else gone.intersection(own_key_rows(sources, entity, key))
    )
    rows = ledger_rows(sources, entity, "list_contains(?, row_id)", [sorted(bearing)]) if bearing else []
    name = sources.migration.destination.entities[entity].key
    again = replay_parts(sources, entity, rows, name)
    bore = [row for row in rows if row.row_id in again and str(again[row.row_id].values[name]) == key]
    return bore[0] if len({row.record_key for row in bore}) == 1 else None


def _corrects_keys(sources: Sources, entity: str) -> bool:
    name = sources.migration.destination.entities[entity].key
    corrections = [e for e in in_force(sources.migration) if isinstance(e, ValueCorrected | ValuesReplaced)]
    return any((each.covers.subject, each.field) == (entity, name) for each in corrections)


def shared_by(sources: Sources, entity: str, row: LedgerRow, field: str, before: str) -> int:
    """Return how many rows of the same source were delivered with the same text in a field with a closed list."""
    found = sources.query(
        "select sum(rows) from {values} where entity = ? and field = ? and source = ? and part = ? and before = ?",
        [entity, field, row.source, row.part, before],
    )
    return int(found[0][0] or 0)
