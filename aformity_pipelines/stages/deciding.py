"""Deciding: a draft becomes an entry of the log, with exactly what it was shown as its coverage."""

from typing import Any

from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.decisions import CoveredRow, Entry
from aformity_pipelines.domain.drafts import Draft, DraftCoverage
from aformity_pipelines.domain.findings import Gate
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.quality.suites import rules_of
from aformity_pipelines.review.approvals import mapping_digests
from aformity_pipelines.review.coverage import shown_rows
from aformity_pipelines.review.digest import create_digest_macro
from aformity_pipelines.review.record import append, covered_rows
from aformity_pipelines.stages.graph import sources_behind
from aformity_pipelines.stages.outputs import FINDINGS, TABLE, folder_of, parquet
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all
from aformity_pipelines.stages.suites import entity_suite, intake_suite

ALL = ("all",)


class DraftRefused(ValueError):
    """A draft that cannot be recorded: it names nobody, nothing, or rows that are not there."""


def record(run: Run, draft: Draft) -> Entry:
    """Append one decision to the customer's log and return it.

    The caller holds the customer's lock and reloads the migration before the next draft.  Raises
    DraftRefused before anything is written.
    """
    fields: dict[str, Any] = {
        "kind": draft.kind,
        "on": (draft.on or run.as_of).isoformat(),
        "by": _person(run, draft.by).model_dump(mode="json"),
        "how_known": draft.how_known,
        "says": draft.says,
        "why": draft.why,
        "evidence": list(draft.evidence),
    }
    if draft.supersedes:
        fields["supersedes"] = draft.supersedes
    if draft.covers:
        fields["covers"] = _coverage(run, draft, draft.covers)
    for name in ("until_wave", "field", "value", "survivor", "closes"):
        if (value := getattr(draft, name)) is not None:
            fields[name] = value
    if draft.owner:
        fields["owner"] = _person(run, draft.owner).model_dump(mode="json")
    if draft.due:
        fields["due"] = draft.due.isoformat()
    return append(run.workspace.log(run.slug), fields)


def _person(run: Run, name: str) -> Person:
    people = run.migration.customer.people
    if name not in people:
        raise DraftRefused(
            f"{name!r} is not one of the customer's people ({', '.join(people)}); add them to defs.yaml"
        )
    return people[name]


def _coverage(run: Run, draft: Draft, covers: DraftCoverage) -> dict[str, Any]:
    if covers.entity is not None:
        return _mapping_coverage(run, covers.entity, covers.fields)
    assert covers.subject is not None
    rows, fields = _rows(run, draft, covers, covers.subject)
    found: dict[str, Any] = {
        "subject": covers.subject,
        "fields": list(fields),
        "rows": [row.model_dump() for row in rows],
    }
    return found | ({"rule": covers.rule} if covers.rule else {})


def _mapping_coverage(run: Run, entity: str, fields: tuple[str, ...]) -> dict[str, Any]:
    if entity not in run.migration.mappings:
        raise DraftRefused(f"{entity!r} is not a mapped entity ({', '.join(run.migration.mappings)})")
    digests = mapping_digests(run.migration, entity)
    chosen = tuple(digests) if fields == ALL else fields
    if unknown := [name for name in chosen if name not in digests]:
        raise DraftRefused(f"{entity}: no field mapping {unknown[0]!r}; there are {', '.join(digests)}")
    return {"entity": entity, "fields": {name: digests[name] for name in chosen}}


def _rows(
    run: Run, draft: Draft, covers: DraftCoverage, subject: str
) -> tuple[tuple[CoveredRow, ...], tuple[str, ...]]:
    is_entity = subject in run.migration.mappings
    if not is_entity and subject not in run.migration.customer.sources:
        raise DraftRefused(f"{subject!r} is neither a mapped entity nor a source")
    gate, rule_fields = _rule(run, subject, covers.rule) if covers.rule else (None, ())
    fields = covers.fields or rule_fields
    if not fields:
        raise DraftRefused(f"{draft.kind} on {subject}: say in `fields` what was shown, or name a `rule`")
    raw = open_all(run, sources_behind(run.migration, subject) if is_entity else (subject,))
    create_digest_macro(run.connection, run.digest_key())
    rows = covered_rows(
        run.connection,
        run.migration,
        raw,
        subject=subject,
        fields=fields,
        chosen=_chosen(run, covers, subject, gate),
    )
    if missing := set(covers.rows) - {row.key for row in rows} - set(ALL):
        raise DraftRefused(
            f"{draft.kind} on {subject}: {len(missing)} row keys are not in today's deliveries, for example"
            f" {sorted(missing)[0]!r}; a row key reads `source:key`"
        )
    if not rows:
        raise DraftRefused(f"{draft.kind} on {subject}: no row is in question; nothing to decide")
    return rows, fields


def _rule(run: Run, subject: str, rule: str) -> tuple[Gate, tuple[str, ...]]:
    """Return the gate of a rule and the fields it reads that were delivered."""
    if subject in run.migration.mappings:
        gates = (Gate.MAPPED, Gate.TRANSFORMED, Gate.EXPORT)
        suites = [(gate, entity_suite(run.workspace, run.migration, subject, gate)) for gate in gates]
    else:
        suites = [(Gate.INTAKE, intake_suite(run.workspace, run.migration, subject))]
    for gate, suite in suites:
        for each in rules_of(suite, gate, subject):
            if each.id == rule:
                return gate, each.fields
    raise DraftRefused(f"{subject}: no rule {rule!r}; `aformity suite` lists them")


def _chosen(run: Run, covers: DraftCoverage, subject: str, gate: Gate | None) -> str:
    """Return a SELECT of the row ids in question, after creating `wanted_rows` from it."""
    if covers.where is not None:
        mapped = parquet(folder_of(run, "mapped", subject) / TABLE)
        chosen = f"select row_id from {mapped} where set_aside is null and ({covers.where})"
    elif covers.rows == ALL:
        assert gate is not None
        stage = {Gate.INTAKE: "validated", Gate.MAPPED: "mapped"}.get(gate, gate.value)
        findings = parquet(folder_of(run, stage, subject) / FINDINGS)
        chosen = (
            f"select row_id from {findings} where rule = {literal(covers.rule or '')} and accepted_by is null"
            " and followed_by is null"
        )
    else:
        keys = ", ".join(literal(key) for key in covers.rows)
        chosen = f"select row_id from ({_keyed_rows(run, subject)}) where row_key in ({keys})"
    run.connection.execute(f"create or replace temp table wanted_rows as {chosen}")
    return "select row_id from wanted_rows"


def _keyed_rows(run: Run, subject: str) -> str:
    is_entity = subject in run.migration.mappings
    raw = open_all(run, sources_behind(run.migration, subject) if is_entity else (subject,))
    return shown_rows(run.migration, raw, subject, ())
