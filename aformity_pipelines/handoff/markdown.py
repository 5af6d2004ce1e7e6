"""Render a launch record as Markdown for Dagster: the state in numbers, ids and dates.

Dagster shows Markdown as markup, so nothing that a customer or a person wrote stands in it: what it says is our own
words, counts, dates, and ids with every sign but letters, digits, `.`, `_`, `-` and `/` left out.
"""

import re
from collections.abc import Iterable, Sequence

from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch_record import LaunchRecord
from aformity_pipelines.handoff.report_view import ReportView
from aformity_pipelines.handoff.report_words import FATE_WORDS, counted, day, number

MOST_LINES = 20
"""Lines of a table; it says how many more there are."""
NOT_AN_ID = re.compile(r"[^A-Za-z0-9._/-]")


def render_markdown(record: LaunchRecord) -> str:
    """Return the digest of `record`; at most about 8 KiB."""
    view = ReportView(record=record)
    parts = (
        f"**{view.state.words}.** Wave {_id(record.wave)}, as of {day(record.as_of)}, log entry {record.log.seq}.",
        _table(
            ("Entity", *FATE_WORDS.values()),
            (
                (_id(each.entity), *(number(each.fates.get(fate, 0)) for fate in Fate))
                for each in record.outcomes
            ),
        ),
        f"### Accepted risks\n\n{_accepted(record)}",
        f"### Unresolved work\n\n{_unresolved(record)}",
        _live(record),
        _tested(record),
        _changes(record),
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def _accepted(record: LaunchRecord) -> str:
    if not record.accepted_risks:
        return "None."
    return _table(
        ("Decision", "Rule", "Agreed on", "Rows"),
        (
            (_id(each.decision), _id(each.rule), day(each.accepted_on), number(each.row_count))
            for each in record.accepted_risks
        ),
    )


def _unresolved(record: LaunchRecord) -> str:
    if not record.unresolved and not record.waiting:
        return "None."
    lines = [
        (_id(f"raw_file/{each.source}"), day(each.due), "overdue" if each.is_overdue else "", "")
        for each in record.waiting
    ]
    lines += [
        (_id(each.id), day(each.due), "overdue" if each.is_overdue else "", number(each.holds))
        for each in record.unresolved
    ]
    return _table(("Work", "Due", "", "Rows held back"), lines)


def _live(record: LaunchRecord) -> str:
    """Say what the export creates and updates, what it builds on and whether it was loaded."""
    loaded = (
        f"Loaded on {day(record.loaded.on)} ({_id(record.loaded.decision)})."
        if record.loaded
        else "Not loaded yet."
    )
    before = ", ".join(_id(f"{each.wave}/{each.version}") for each in record.builds_on)
    on = f" Builds on {before}." if before else ""
    lines = [
        (_id(each.entity), number(each.records), number(each.updated), number(each.held_updates))
        for each in record.outcomes
    ]
    return f"{loaded}{on}\n\n{_table(('Entity', 'Created', 'Updated', 'Updates held back'), lines)}"


def _tested(record: LaunchRecord) -> str:
    """Say how each wave stood when it was tested last."""
    lines = [
        (
            _id(each.wave),
            day(each.as_of),
            *(number(n) for n in (each.ready, each.still_blocked, each.newly_blocked, each.overdue)),
        )
        for each in record.revalidations
    ]
    heads = ("Wave", "Tested on", "Ready", "Still held back", "Newly held back", "Overdue")
    return _table(heads, lines) if lines else ""


def _changes(record: LaunchRecord) -> str:
    changes = record.changes
    if changes is None:
        return ""
    released = sum(move.number for move in changes.moves if move.is_release)
    moved = sum(move.number for move in changes.moves)
    return (
        f"Since {_id(changes.since_version)}: {counted(moved, 'row', 'rows')} elsewhere,"
        f" {number(released)} of them released; {counted(len(changes.decisions_added), 'decision', 'decisions')}"
        f" added, {number(len(changes.decisions_stale))} stale."
    )


def _table(heads: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = [f"| {' | '.join(line)} |" for line in lines]
    more = f"\n\n{number(len(rows) - MOST_LINES)} more in the report." if len(rows) > MOST_LINES else ""
    head = f"| {' | '.join(heads)} |\n|{' --- |' * len(heads)}"
    return "\n".join((head, *rows[:MOST_LINES])) + more


def _id(text: str) -> str:
    return f"`{NOT_AN_ID.sub('', text)}`"
