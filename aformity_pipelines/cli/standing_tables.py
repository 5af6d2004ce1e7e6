"""A wave's standing as tables for people."""

import textwrap
from collections.abc import Mapping

from aformity_pipelines.cli.log_notice import put_notices
from aformity_pipelines.cli.output import OUT, put_table, say
from aformity_pipelines.cli.revalidate_view import put_line
from aformity_pipelines.cli.standing import GateLine, Standing, WorkLine
from aformity_pipelines.cli.waiting import put_waiting
from aformity_pipelines.domain.decision_state import ChangedValue, DecisionState
from aformity_pipelines.domain.fates import Fate

DETAIL = 120
"""Characters of a finding's detail that a table shows; a closed gate says it whole."""
SHOWN = 40
"""Characters of a changed value that a table shows."""
INDENT = "    "
WIDE = 150
"""Columns from which on a table of open work holds rule ids and sentences without breaking them up."""


def put_standing(standing: Standing) -> None:
    """Print what waits, gates, fates that add up, unresolved work by owner and date, and where the files are."""
    say(f"{standing.customer}, {standing.wave}, launches on {standing.launches_on}", style="bold")
    put_notices(standing.notices)
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
        _put_work(standing.unresolved)
    if standing.attention:
        asking = ("decision", "kind", "fits today", "row", "what changed")
        rows_of = (_attention_row(each) for each in standing.attention)
        put_table("Decisions that ask for attention", asking, rows_of)
    if standing.retested:
        put_line(standing.retested)
    if standing.to_export:
        number = f"{standing.to_export:,} ready row{' is' if standing.to_export == 1 else 's are'}"
        say(f"{number} in no export yet: aformity run {standing.customer} --wave {standing.wave}")
    leaving = [
        (entity, number, standing.updated.get(entity, 0)) for entity, number in standing.created.items()
    ]
    if any(new or changed for _, new, changed in leaving):
        put_table("What the export brings to the product", ("entity", "created", "updated"), leaving)
    if standing.package:
        say(f"Export:  {standing.package}")
    for note in standing.export_notes:
        say(note, style="yellow")
    if standing.report:
        say(f"Handoff: {standing.report} ({standing.freshness})")


def _put_work(unresolved: tuple[WorkLine, ...]) -> None:
    """Print open work as a table; on a narrow terminal, what it is and an example stand on lines of their own."""
    if OUT.width >= WIDE:
        columns = ("owner", "due", "", "days open", "rows", "rule", "for example", "what")
        put_table("Unresolved work", columns, [_work_row(each) for each in unresolved])
        return
    say("Unresolved work", style="italic")
    for each in unresolved:
        owner, due, marks, age, number, rule, example, what = _work_row(each)
        days = f"{age} day{'' if age == 1 else 's'} open"
        rows = f"{number} row{'' if number == 1 else 's'}" if number else ""
        say("  ".join(str(part) for part in (owner, due, marks, days, rows, rule) if part))
        for text in (what, f"for example {example}" if example else ""):
            for line in textwrap.wrap(str(text), OUT.width - len(INDENT), break_long_words=False):
                say(f"{INDENT}{line}")


def _work_row(work: WorkLine) -> tuple[object, ...]:
    marks = [word for word, holds in (("OVERDUE", work.is_overdue), ("blocks", work.is_blocking)) if holds]
    example = work.rows[0] if work.rows else ""
    detail = textwrap.shorten(work.detail, DETAIL, placeholder=" ...")
    what = f"{work.says} {detail}".strip()
    return (
        *(work.owner.name, str(work.due), " ".join(marks), work.age_days),
        *(work.row_count, work.rule, example, what),
    )


def _attention_row(state: DecisionState) -> tuple[object, ...]:
    """Return one decision; of the rows that are others now, the first stands for all: `--json` has the others."""
    if not state.changed:
        return (state.decision, state.kind, state.says, state.new[0] if state.new else "", "")
    first, *more = state.changed
    what = "; ".join(_change(each) for each in first.changes) or first.because
    others = f" (and {len(more)} more)" if more else ""
    return (state.decision, state.kind, state.says, first.row or first.key, f"{what}{others}")


def _change(value: ChangedValue) -> str:
    before, after = (
        "nothing" if text is None else f'"{textwrap.shorten(text, SHOWN, placeholder=" ...")}"'
        for text in (value.before, value.after)
    )
    return f"{value.header}: {before} -> {after}"


def _stands(gate: GateLine) -> str:
    if not gate.is_open:
        return "CLOSED"
    return f"waits for {gate.waits_for}" if gate.waits_for else "open"


def _fate_rows(fates: Mapping[str, Mapping[str, int]]) -> list[tuple[object, ...]]:
    return [
        (entity, *(counts.get(fate, 0) for fate in Fate), sum(counts.values()))
        for entity, counts in fates.items()
    ]
