"""A wave's standing as tables for people."""

from collections.abc import Mapping

from aformity_pipelines.cli.output import put_table, say
from aformity_pipelines.cli.standing import GateLine, Standing
from aformity_pipelines.cli.waiting import put_waiting
from aformity_pipelines.domain.fates import Fate


def put_standing(standing: Standing) -> None:
    """Print what waits, gates, fates that add up, unresolved work by date and owner, and where the files are."""
    say(f"{standing.customer}, {standing.wave}, launches on {standing.launches_on}", style="bold")
    put_waiting(standing.customer, standing.waiting)
    if not standing.gates and not standing.waiting:
        say(f"Nothing has run. `aformity run {standing.customer} --wave {standing.wave}` starts it.")
        return
    rows = [(g.gate, g.subject, _stands(g)) for g in standing.gates]
    if rows:
        put_table("Gates", ("gate", "of", "stands"), rows)
    for gate in standing.closed:
        say(gate.explanation, style="yellow")
    if standing.fates:
        put_table("Where every source row went", ("entity", *Fate, "rows"), _fate_rows(standing.fates))
    if standing.unresolved:
        work = [
            (str(w.due), w.owner.name, w.row_count, w.rule, w.rows[0], w.says) for w in standing.unresolved
        ]
        put_table("Unresolved work", ("due", "owner", "rows", "rule", "for example", "what"), work)
    if standing.package:
        say(f"Export:  {standing.package}")
    if standing.report:
        say(f"Handoff: {standing.report}")


def _stands(gate: GateLine) -> str:
    if not gate.is_open:
        return "CLOSED"
    return f"waits for {gate.waits_for}" if gate.waits_for else "open"


def _fate_rows(fates: Mapping[str, Mapping[str, int]]) -> list[tuple[object, ...]]:
    return [
        (entity, *(counts.get(fate, 0) for fate in Fate), sum(counts.values()))
        for entity, counts in fates.items()
    ]
