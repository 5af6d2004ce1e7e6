"""What a decision would move, as Dagster metadata: counts and names, never a value or a row of the customer."""

from collections.abc import Sequence
from typing import Any

import dagster as dg

from aformity_pipelines.domain.effect import Effect, FateMove
from aformity_pipelines.orchestration.packed import Cell, Described, cut, table_of, within

TABLE_LIMIT = 4 * 1024
NOTHING = "nothing moves"


def of_effect(effect: Effect) -> Described:
    """Return each kind of move as a table of counts; one sentence where nothing moves or could not be told."""
    tables: dict[str, list[dict[str, Cell]]] = {
        "gates_moved": [
            {"gate": move.gate, "of": move.subject, "now": "opens" if move.opens else "closes"}
            for move in effect.gates
        ],
        "rules_moved": [
            {
                "rule": move.rule,
                "of": move.subject,
                "undecided_before": move.undecided_before,
                "undecided_after": move.undecided_after,
                "failing_before": move.failing_before,
                "failing_after": move.failing_after,
            }
            for move in effect.rules
        ],
        "fates_moved": [_fates(move) for move in effect.fates],
        "waves_moved": [
            {"entity": move.entity, "before": move.before, "after": move.after, "rows": move.rows}
            for move in effect.waves
        ],
        "values_moved": [
            {"entity": move.entity, "field": move.field, "rows": move.rows} for move in effect.cells
        ],
        "approvals_moved": [
            {"entity": move.entity, "mapping": move.name, "before": move.before, "after": move.after}
            for move in effect.approvals
        ],
        "decisions_moved": [
            {"decision": move.decision, "before": move.before, "after": move.after}
            for move in effect.decisions
        ],
    }
    described: Described = {name: _table(rows) for name, rows in tables.items() if rows}
    if effect.is_nothing:
        described["effect"] = dg.MetadataValue.text(NOTHING)
    if effect.notes:
        described["effect_notes"] = dg.MetadataValue.text(cut("; ".join(effect.notes)))
    return described


def _fates(move: FateMove) -> dict[str, Cell]:
    return {
        "entity": move.entity,
        "before": _fate(move.before, move.before_reason),
        "after": _fate(move.after, move.after_reason),
        "rows": move.rows,
    }


def _fate(fate: str | None, reason: str | None) -> str:
    return " ".join((fate or "none", f"({reason})" if reason else "")).strip()


def _table(rows: Sequence[dict[str, Cell]]) -> dg.MetadataValue[Any]:
    return table_of(within(rows, TABLE_LIMIT))
