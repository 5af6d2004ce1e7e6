"""How an Effect looks to the people who run a migration: what would open, move, change, in short tables.

Values stand in the examples of cells, so this goes to a terminal and nowhere else.
"""

from aformity_pipelines.cli.output import put_table, say
from aformity_pipelines.domain.effect import Effect, FateMove

NOTHING = "Nothing would move."


def put_effect(effect: Effect) -> None:
    """Print everything that a change would move, three examples each; one line where it is nothing."""
    for note in effect.notes:
        say(f"Note: {note}", style="yellow")
    if effect.is_nothing:
        say(NOTHING)
        return
    _put_gates(effect)
    _put_rules(effect)
    _put_fates(effect)
    _put_cells(effect)
    _put_standing(effect)


def _put_gates(effect: Effect) -> None:
    if not effect.gates:
        return
    rows = [
        (move.gate, move.subject, "would open" if move.opens else "would close", move.because)
        for move in effect.gates
    ]
    put_table("Gates", ("gate", "of", "", "because"), rows)


def _put_rules(effect: Effect) -> None:
    if not effect.rules:
        return
    rows = [
        (
            move.rule,
            _change(move.failing_before, move.failing_after),
            _change(move.undecided_before, move.undecided_after),
            _change(move.standing_before, move.standing_after),
            _some(move.released),
        )
        for move in effect.rules
    ]
    put_table("Rules", ("rule", "rows failing", "undecided", "stands", "rows released"), rows)


def _put_fates(effect: Effect) -> None:
    if effect.fates:
        rows = [
            (move.entity, _fate(move, is_before=True), _fate(move, is_before=False), move.rows, ", ".join(move.examples))
            for move in effect.fates
        ]  # fmt: skip
        put_table("Rows that would end elsewhere", ("entity", "now", "then", "rows", "for example"), rows)
    if effect.waves:
        waves = [(move.entity, move.before, move.after, move.rows) for move in effect.waves]
        put_table("Rows that would launch with another wave", ("entity", "now", "then", "rows"), waves)


def _put_cells(effect: Effect) -> None:
    if not effect.cells:
        return
    rows = []
    for move in effect.cells:
        for place, example in enumerate(move.examples):
            named: tuple[object, ...] = (
                (f"{move.entity}.{move.field}", str(move.rows)) if not place else ("", "")
            )
            rows.append((*named, example.row, _value(example.before), _value(example.after)))
    put_table("Values that would change", ("field", "rows", "for example", "now", "then"), rows)


def _put_standing(effect: Effect) -> None:
    if effect.approvals:
        rows = [(move.entity, move.name, move.before, move.after) for move in effect.approvals]
        put_table("Approvals", ("entity", "field mapping", "now", "then"), rows)
    if effect.decisions:
        moves = [(move.decision, move.before, move.after) for move in effect.decisions]
        put_table("Decisions", ("id", "now", "then"), moves)


def _change(before: object, after: object) -> str:
    return str(after) if before == after else f"{_told(before)} -> {_told(after)}"


def _told(standing: object) -> object:
    """Return how a rule stands; it has no word before its gate is reached."""
    return "not judged" if standing == "" else standing


def _some(rows: tuple[str, ...]) -> str:
    more = f" and {len(rows) - 3} more" if len(rows) > 3 else ""
    return ", ".join(rows[:3]) + more


def _fate(move: FateMove, *, is_before: bool) -> str:
    fate, reason = (move.before, move.before_reason) if is_before else (move.after, move.after_reason)
    return f"{fate} ({reason})" if fate else "no row"


def _value(value: str | None) -> str:
    return "(empty)" if value is None else value
