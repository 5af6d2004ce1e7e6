"""A re-validation as tables for people and as a document for programs."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aformity_pipelines.cli.output import put_table, say
from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.revalidation import Counted, Revalidation, RowState, StateLine

if TYPE_CHECKING:
    from aformity_pipelines.stages.revalidation.sending import Sending

WORDS = {
    RowState.OVERDUE: "OVERDUE",
    RowState.NEWLY_BLOCKED: "newly blocked",
    RowState.STILL_BLOCKED: "still blocked",
    RowState.NOW_READY: "now ready",
}


FIRST = {RowState.NEWLY_BLOCKED: "blocked"}
"""Words of a first test: what it holds may have been held for long."""


class RetestedLine(Document):
    """The last re-validation of a wave in one line."""

    number: int
    as_of: str
    ready: int
    still_blocked: int
    newly_blocked: int
    overdue: int
    is_first: bool = False
    """Whether the wave was never tested before: nothing can be said to be new."""
    ready_by_entity: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retested:
    """One wave that was tested again, with its rows and who was told."""

    record: Revalidation
    is_new: bool  # False where the same was tested on the same day before
    lines: tuple[StateLine, ...]
    digests: tuple[Path, ...]
    sent: "tuple[Sending, ...]"

    def document(self, *, with_rows: bool) -> dict[str, Any]:
        """Return it for programs, the rows only where they are asked for."""
        found: dict[str, Any] = {
            **self.record.model_dump(mode="json"),
            "is_new": self.is_new,
            "digests": [str(path) for path in self.digests],
            "sent": [each.model_dump(mode="json") for each in self.sent],
        }
        return found | ({"rows": [asdict(line) for line in self.lines]} if with_rows else {})


def line_of(record: Revalidation | None) -> RetestedLine | None:
    """Return what a status says of a re-validation; None where there was none."""
    if record is None:
        return None
    ready = [each for each in record.lines if each.state is RowState.NOW_READY]
    entities = dict.fromkeys(each.entity for each in ready)
    return RetestedLine(
        number=record.number,
        as_of=record.as_of.isoformat(),
        ready=record.ready,
        still_blocked=record.still_blocked,
        newly_blocked=record.newly_blocked,
        overdue=record.overdue,
        is_first=record.previous is None,
        ready_by_entity={name: sum(each.rows for each in ready if each.entity == name) for name in entities},
    )


def put_line(line: RetestedLine) -> None:
    """Print the line of a status."""
    ready = ", ".join(f"{rows:,} {entity}" for entity, rows in line.ready_by_entity.items())
    tested = "Tested for the first time" if line.is_first else "Tested again"
    held = _held(line.still_blocked, line.newly_blocked, is_first=line.is_first)
    say(
        f"{tested} as of {line.as_of}: {line.ready:,} ready{f' ({ready})' if ready else ''},"
        f" {held}, {line.overdue:,} overdue",
        style="yellow" if line.overdue else None,
    )


def _held(still: int, newly: int, *, is_first: bool) -> str:
    if is_first:
        return f"{newly:,} blocked"
    return f"{still:,} still blocked, {newly:,} newly blocked"


def put_retested(found: Retested, *, with_rows: bool) -> None:
    """Print what is ready and what is held, what changed since the last time, and who was told."""
    record = found.record
    is_first = record.previous is None
    tested = "first test of this wave," if is_first else "tested again"
    say(f"{record.customer}, {record.wave}, {tested} as of {record.as_of}", style="bold")
    if not found.is_new:
        say("Nothing has changed since it was tested today; this is that result.")
    _put_counts(record)
    for gate in record.gates_closed:
        say(f"Closed or waiting: {gate}", style="yellow")
    if record.previous_as_of:
        say(f"Since {record.previous_as_of}:")
        for sentence in record.changed or ("Nothing that this wave depends on was changed.",):
            say(f"- {sentence}")
        if record.left:
            say(f"- {record.left:,} rows are not tested any more: launched, excluded or vanished.")
    columns = ("state", "", "entity", "rows", "owner", "due", "what holds them")
    put_table(
        "Rows that have not launched", columns, [_counted(each, is_first=is_first) for each in record.lines]
    )
    if with_rows:
        put_table(
            "Every row",
            ("state", "entity", "row", "key", "held by", "owner", "due", "before"),
            _rows(found.lines, is_first=is_first),
        )
    for path in found.digests:
        say(f"Digest: {path}")
    for sending in found.sent:
        say(f"{sending.hook} to {sending.owner}: {sending.outcome}", style=None if sending.is_sent else "red")


def _put_counts(record: Revalidation) -> None:
    exported = f" ({record.in_export:,} of them lie in its current export)" if record.in_export else ""
    held = _held(record.still_blocked, record.newly_blocked, is_first=record.previous is None)
    say(f"{record.ready:,} ready{exported}, {held}, {record.overdue:,} overdue")


def _counted(each: Counted, *, is_first: bool) -> tuple[object, ...]:
    mark = "new" if each.is_new and not is_first else ""
    return (
        _word(each.state, is_first=is_first),
        mark,
        each.entity,
        each.rows,
        each.owner,
        str(each.due or ""),
        each.says or each.because,
    )


def _word(state: RowState, *, is_first: bool) -> str:
    return (FIRST if is_first else {}).get(state, WORDS[state])


def _rows(lines: Iterable[StateLine], *, is_first: bool) -> list[tuple[object, ...]]:
    return [
        (
            _word(line.state, is_first=is_first),
            line.entity,
            line.row,
            line.key,
            line.because,
            line.owner,
            str(line.due or ""),
            WORDS[line.before] if line.before else "",
        )
        for line in lines
    ]
