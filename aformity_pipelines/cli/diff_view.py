"""How a difference looks to the people who run a migration: one line a number, most of it in 100 columns.

Cells and values stand in the rows, so these go to a terminal and nowhere else.
"""

from collections import Counter

from aformity_pipelines.cli.output import put_table, say
from aformity_pipelines.domain.decision_state import Fit
from aformity_pipelines.domain.difference import Difference, DifferenceLine, Measure
from aformity_pipelines.domain.redelivery import Redelivery
from aformity_pipelines.domain.row_difference import RowDifference, RowDifferences

NOT_RUN = "-"
"""Stands for a number of a stage that was not reached."""
WHAT = {Measure.FINDINGS: "rule"}
"""What stands before the name of what is counted, where the measure is not it."""
LONGEST = 60
"""Signs of a cell that are printed."""


def put_difference(difference: Difference, *, everything: bool = False) -> None:
    """Print what differs, and with `everything` what does not, too."""
    for note in difference.notes:
        say(f"Note: {note}", style="yellow")
    before = difference.previous or "nothing: this wave was never published"
    say(f"{difference.customer}, {difference.wave}: {difference.current}, compared with {before}")
    lines = [line for line in difference.lines if everything or line.is_different]
    if lines:
        put_table("", ("stage", "of", "what", "previous", "current", "diff"), map(_line, lines))
    if difference.names:
        rows = [(each.stage, each.subject, each.measure, each.name, each.change) for each in difference.names]
        put_table("Columns, functions and rules", ("stage", "of", "", "name", ""), rows)
    _put_deliveries(difference.deliveries)
    _put_decisions(difference)
    if not (lines or difference.names or difference.deliveries):
        is_told = difference.previous and all(line.is_known for line in difference.lines)
        say("Nothing differs." if is_told else "What differs cannot be told yet.")


def _line(line: DifferenceLine) -> tuple[object, ...]:
    what = f"{WHAT.get(line.measure, f'{line.measure}:')} {line.what}" if line.what else str(line.measure)
    diff = f"{line.diff:+,}" if line.diff else ""
    return (line.stage, line.subject, what, _number(line.previous), _number(line.current), diff)


def _number(number: int | None) -> str:
    return NOT_RUN if number is None else f"{number:,}"


def _put_deliveries(deliveries: tuple[Redelivery, ...]) -> None:
    if not deliveries:
        return
    rows = [
        (
            each.source,
            f"{each.before_file} -> {each.now_file}",
            each.added,
            each.removed,
            each.changed,
            each.unchanged,
        )
        for each in deliveries
    ]
    put_table("Deliveries, row by key", ("source", "file", "added", "removed", "changed", "unchanged"), rows)
    for each in deliveries:
        if each.changed_by_column:
            cells = ", ".join(f"{header} {number:,}" for header, number in each.changed_by_column.items())
            say(f"  {each.source}, cells changed: {cells}")


def _put_decisions(difference: Difference) -> None:
    states = [each for each in difference.decisions if each.fit is not Fit.APPLIES]
    applies = len(difference.decisions) - len(states)
    if states:
        rows = [(each.decision, each.kind.replace("_", " "), each.says) for each in states]
        put_table("Decisions that somebody has to see to", ("id", "decision", "how it fits"), rows)
    if applies:
        say(f"{applies} standing decision{' applies as it is' if applies == 1 else 's apply as they are'}.")
    for what, ids in (
        ("Recorded", difference.decisions_added if difference.previous else ()),
        ("No longer in force", difference.decisions_ended),
    ):
        if ids:
            say(f"{what} since: {', '.join(ids)}.")


def put_rows(found: RowDifferences, limit: int) -> None:
    """Print the rows that differ, each with its fates, cells and values before and now."""
    if not found.total:
        say("No row differs.")
        return
    counts = Counter(found.counts)
    words = ", ".join(
        f"{counts[change]:,} {change}" for change in ("added", "removed", "changed") if counts[change]
    )
    say(f"Rows: {words}. Each line: before -> now.", style="bold")
    for row in found.rows:
        _put_row(row)
    if found.total > len(found.rows):
        say(f"{found.total - len(found.rows):,} more rows differ; --limit {limit * 10 or 20} lists more.")


def _put_row(row: RowDifference) -> None:
    ids = f"{row.row_before} -> {row.row}" if row.row_before else row.row
    say(f"{row.change} {row.entity} {f'{row.key} ({ids})' if row.key else ids}")
    if row.fate_before != row.fate_after:
        say(f"    fate: {row.fate_before or '(none)'} -> {row.fate_after or '(none)'}")
    elif row.fate_after:
        say(f"    fate: {row.fate_after}", style="dim")
    for text in row.texts:
        say(f"    {text.of} {text.name}: {_text(text.before)} -> {_text(text.after)}")


def _text(text: str | None) -> str:
    if text is None or text == "":
        return "(empty)"
    return repr(text if len(text) <= LONGEST else f"{text[:LONGEST]}…")
