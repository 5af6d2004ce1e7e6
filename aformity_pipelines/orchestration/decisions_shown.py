"""Decisions of a stage that hold no more, and those that nobody has taken, as Dagster metadata."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.responsible import responsible
from aformity_pipelines.domain.stage_record import RuleRecord, VerdictRecord
from aformity_pipelines.orchestration.packed import Cell, Described, cut, table_of, within

CHANGED = "what it was shown has changed"
DECISIONS_LIMIT = 3 * 1024
"""Bytes for the table of stale decisions, and as many for that of missing ones."""


def of_decisions(verdict: VerdictRecord, subject: str, migration: Migration) -> Described:
    """Return the decisions that hold no more, and those that nobody has taken: rule, rows and who is to decide."""
    stale: list[dict[str, Cell]] = [
        {"decision": each, "rule": rule.rule, "because": cut(rule.stale_because.get(each, CHANGED), 300)}
        for rule in verdict.rules
        for each in rule.stale
    ]
    missing: list[dict[str, Cell]] = [
        {
            "rule": rule.rule,
            "standing": rule.standing.value,
            "undecided": _undecided(rule),
            "owner": responsible(migration, subject, rule.fields, {}).person.name,
        }
        for rule in sorted(verdict.rules, key=urgency)
        if rule.standing is Standing.BLOCKED or (rule.standing is Standing.HELD and _undecided(rule))
    ]
    idle: list[dict[str, Cell]] = [
        {"says": cut(says, 300), "rule": rule.rule} for rule in verdict.rules for says in rule.idle
    ]
    named = {"decisions_stale": stale, "decisions_without_effect": idle, "decisions_missing": missing}
    return {name: _listed(rows) for name, rows in named.items() if rows}


def urgency(rule: RuleRecord) -> tuple[int, str]:
    """Return what sorts rules: those that keep the gate closed first."""
    order = (Standing.BLOCKED, Standing.NOTHING_CHECKED, Standing.HELD, Standing.REPORTED, Standing.DECIDED)
    return (order.index(rule.standing) if rule.standing in order else len(order), rule.rule)


def _undecided(rule: RuleRecord) -> int:
    return rule.failing - rule.accepted - rule.followed


def _listed(rows: Sequence[dict[str, Cell]]) -> dg.MetadataValue[Any]:
    """Return a table that is short enough; its last line says how many more there are."""
    kept = within(rows, DECISIONS_LIMIT)
    if len(kept) < len(rows):
        first = next(iter(rows[0]))
        blank: dict[str, Cell] = {
            name: 0 if isinstance(value, int) else "" for name, value in rows[0].items()
        }
        kept = [*kept, blank | {first: f"and {len(rows) - len(kept)} more"}]
    return table_of(kept)
