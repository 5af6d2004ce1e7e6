"""Which gates would open or close, and which rules would hold back more or fewer rows."""

from collections.abc import Iterator, Mapping

import duckdb

from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.effect import GateMove, RuleMove
from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.stage_record import RuleRecord, StageRecord
from aformity_pipelines.stages.gates import first_line
from aformity_pipelines.stages.graph import Step
from aformity_pipelines.stages.outputs import FINDINGS, folder_of, parquet
from aformity_pipelines.stages.whatif.played import Played
from aformity_pipelines.stages.whatif.row_moves import AFTER, PAIRS

DELIVERY = "delivery"
"""Stands in the place of a gate's name where a delivery waits."""
MOST_ROWS = 20
FINE = frozenset(map(str, (Standing.PASSED, Standing.NOTHING_CHECKED)))
SET_ASIDE = f"('{Fate.EXCLUDED}', '{Fate.DEFERRED}')"


def gate_moves(before: Played, after: Played) -> tuple[GateMove, ...]:
    """Return the gates that only one of both sides has open; one that is not reached lets nothing through."""
    return tuple(_gate_moves(before, after))


def _gate_moves(before: Played, after: Played) -> Iterator[GateMove]:
    were, are = _barriers(before), _barriers(after)
    for step in dict.fromkeys((*were, *are)):
        was_open, is_open = step in were and not were[step][1], step in are and not are[step][1]
        if was_open is is_open:
            continue
        gate = (are.get(step) or were[step])[0]
        because = are[step][1] if step in are else _why_not_reached(after, step)
        yield GateMove(gate=gate, subject=step[1], opens=is_open, because=because)


def _barriers(side: Played) -> dict[Step, tuple[str, str]]:
    """Return step -> name of its gate, and why it is closed; a delivery that does not wait is open."""
    found: dict[Step, tuple[str, str]] = {}
    for step, record in side.records.items():
        if record.verdict:
            why = "" if record.verdict.is_open else _reason(record)
            found[step] = (str(record.verdict.gate), why)
        elif record.waits or record.delivery:
            found[step] = (
                DELIVERY,
                first_line(record.waits.explanation(record.name)) if record.waits else "",
            )
    return found


def _reason(record: StageRecord) -> str:
    assert record.verdict is not None
    lines = record.verdict.explanation.splitlines()
    # What is indented says who settles it and how; here it is only weighed.
    return "; ".join(line.removeprefix("- ") for line in lines if line.startswith("- ")) or lines[0]


def _why_not_reached(after: Played, step: Step) -> str:
    failed = after.failed.get(step)
    return str(failed) if failed else "a gate or a delivery before it would stop it"


def rule_moves(connection: duckdb.DuckDBPyConnection, before: Played, after: Played) -> tuple[RuleMove, ...]:
    """Return the rules that would stand elsewhere or have more or fewer rows, failing or undecided.

    Needs the ledgers of `row_moves`.  A gate that would not be reached any more is told by the gates alone.
    """
    return tuple(_rule_moves(connection, before, after))


def _rule_moves(connection: duckdb.DuckDBPyConnection, before: Played, after: Played) -> Iterator[RuleMove]:
    for step, record in after.records.items():
        were, are = _rules(before.records.get(step)), _rules(record)
        for rule in dict.fromkeys((*were, *are)):
            old, new = were.get(rule), are.get(rule)
            released = _released(connection, before, after, step, old) if old else ()
            move = RuleMove(
                gate=str(record.verdict.gate) if record.verdict else DELIVERY,
                subject=step[1],
                rule=rule,
                failing_before=old.failing if old else 0,
                failing_after=new.failing if new else 0,
                undecided_before=_undecided(old),
                undecided_after=_undecided(new),
                standing_before=str(old.standing) if old else "",
                standing_after=str(new.standing) if new else "",
                released=released,
            )
            if _moves(move):
                yield move


def _moves(move: RuleMove) -> bool:
    """Whether anything is to be said of a rule; of one that is judged for the first time, where it does not pass."""
    figures = (move.failing_before, move.undecided_before) != (move.failing_after, move.undecided_after)
    elsewhere = move.standing_before != move.standing_after
    is_new_and_fine = not move.standing_before and move.standing_after in FINE
    is_gone_and_fine = not move.standing_after and move.standing_before in FINE
    return figures or bool(move.released) or (elsewhere and not is_new_and_fine and not is_gone_and_fine)


def _rules(record: StageRecord | None) -> Mapping[str, RuleRecord]:
    return {each.rule: each for each in record.verdict.rules} if record and record.verdict else {}


def _undecided(rule: RuleRecord | None) -> int:
    return rule.failing - rule.accepted - rule.followed if rule else 0


def _released(
    connection: duckdb.DuckDBPyConnection, before: Played, after: Played, step: Step, rule: RuleRecord
) -> tuple[str, ...]:
    """Return the rows that a rule kept back and would not, and that no decision sets aside instead."""
    kept = _kept(before, step, rule.rule)
    if rule.policy is Policy.REPORT or kept is None:
        return ()
    still = _kept(after, step, rule.rule) or "select null where false"
    same_row = "k.row_id in (p.before_id, split_part(p.before_id, '/', 1))"
    rows = connection.execute(
        f"select distinct case when k.row_id = p.before_id then p.after_id else split_part(p.after_id, '/', 1) end as id"
        f" from ({kept}) k join {PAIRS} p on {same_row} join {AFTER} a on a.entity = p.entity and a.row_id = p.after_id"
        f" where a.fate not in {SET_ASIDE} and id not in ({still}) order by id limit {MOST_ROWS}"
    ).fetchall()
    return tuple(row for (row,) in rows)


def _kept(side: Played, step: Step, rule: str) -> str | None:
    """Return a SELECT of the rows that break a rule and that nothing accepts; None where nobody wrote them down."""
    path = folder_of(side.run, *step) / FINDINGS
    if step not in side.records or not path.is_file():
        return None
    return f"select row_id from {parquet(path)} where rule = {literal(rule)} and accepted_by is null"
