"""A later wave tested again under today's rules, destination, deliveries and decisions, without exporting.

Pure: what was found today, what was said the last time and a date in, one state for each row out.  What a row waits
for is named as the ledger names it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.fates import Fate, Reason


class RowState(StrEnum):
    """Where a row that has not launched stands; of several, the first of these is said."""

    OVERDUE = "overdue"
    """Something holds it, and somebody should have settled that before today."""
    NEWLY_BLOCKED = "newly_blocked"
    """Something holds it now; nothing did the last time, or it was not there."""
    STILL_BLOCKED = "still_blocked"
    """Something holds it now, and something, be it another thing, held it the last time."""
    NOW_READY = "now_ready"
    """Nothing holds it: it goes out when the wave is run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One row as a re-validation found it, before it is compared with the last time."""

    entity: str
    row: str  # row id today
    key: str  # business key, or the row id where a row has none: names the row from one time to the next
    fate: Fate  # where it would end if the wave ran now
    reason: Reason
    because: str = ""  # the rule, gate, record or decision that holds it; empty where nothing does
    owner: str = ""  # name of who has to settle it; empty where nothing holds it
    due: date | None = None  # the last day that a follow-up or a question gives; None where none speaks of it
    due_days: int | None = None  # else how many days the owner has from the day on which it was first held
    told: date | None = (
        None  # the day from which it has been open, as far as that is known; None where nothing holds it
    )

    @property
    def is_ready(self) -> bool:
        """Whether nothing holds it."""
        return self.fate in (Fate.EXPORTED, Fate.MERGED)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateLine:
    """One row's state, and what changed for it since the last time."""

    entity: str
    row: str
    key: str
    state: RowState
    reason: Reason
    because: str = ""
    owner: str = ""
    since: date | None = (
        None  # the day from which it has been held without a pause; None where nothing holds it
    )
    due: date | None = None  # the last day on which it is not overdue
    before: RowState | None = None  # None where it was not tested the last time
    before_because: str = ""
    before_owner: str = ""

    @property
    def is_new(self) -> bool:
        """Whether its state, or what holds it, is another one than the last time; time alone makes nothing still blocked new."""
        is_as_before = (self.before, self.state) == (RowState.NEWLY_BLOCKED, RowState.STILL_BLOCKED)
        return self.because != self.before_because or not (is_as_before or self.state is self.before)

    @property
    def cause(self) -> str:
        """What holds it, the same for all rows that wait for records of one entity: `account` for `account x@1#7`."""
        return self.because.partition(" ")[0] if self.reason is Reason.PARENT else self.because


class Counted(Document):
    """How many rows of an entity are in one state for one reason, under one owner."""

    entity: str
    state: RowState
    because: str = ""
    """The rule, the closed gate or the entity of the records that they wait for; empty where nothing holds them."""
    says: str = ""
    """The same in the customer's words."""
    owner: str = ""
    due: date | None = None
    rows: int = Setting(ge=1)
    is_new: bool = False
    """Whether some of them were in another state, or under another reason, the last time."""


class Revalidation(Document):
    """The result of one re-validation of one wave; counts only, the rows lie beside it."""

    schema_version: str = "1"
    customer: str
    wave: str
    number: int = Setting(ge=1)
    """From 1, in the order in which they were made."""
    as_of: date
    previous: int | None = None
    """The number of the one that it is compared with."""
    previous_as_of: date | None = None
    ready: int = 0
    still_blocked: int = 0
    newly_blocked: int = 0
    overdue: int = 0
    in_export: int = 0
    """Of the ready rows, those that the wave's own current export holds already."""
    lines: tuple[Counted, ...] = ()
    gates_closed: tuple[str, ...] = ()
    """`transformed user` and the like; `delivery kontakte` where a file waits."""
    changed: tuple[str, ...] = ()
    """What changed since the last time, in sentences without values: deliveries, decisions, rules, destination."""
    decisions_added: tuple[str, ...] = ()
    """Ids of what was decided since the last time, in log order."""
    decisions_ended: tuple[str, ...] = ()
    """Ids of what those took back, closed or replaced."""
    left: int = 0
    """Rows tested the last time that are not any more: they launched, were excluded or vanished."""
    log_seq: int = 0
    """How many lines the decision log had."""
    inputs: dict[str, str] = Setting(default_factory=dict)
    """What it was made from -> fingerprint: the same inputs on the same day are the same re-validation."""

    @property
    def blocked(self) -> int:
        """Rows that something holds, however long."""
        return self.still_blocked + self.newly_blocked + self.overdue

    @property
    def tested(self) -> int:
        """All rows that were tested."""
        return self.ready + self.blocked


def evaluate(tested: Iterable[Tested], before: Iterable[StateLine], as_of: date) -> tuple[StateLine, ...]:
    """Return the state of each tested row, compared with the lines of the last time, by entity, key and row.

    Without `due`, the days of an owner count from the day on which the row was first held, and that day stays as long
    as it is held: the one that its owner was `told` of, else the day on which a test first found it.
    """
    today = tuple(sorted(tested, key=lambda row: (row.entity, row.key, row.row)))
    then = _partners(today, before)
    return tuple(_line(row, then.get(place), as_of) for place, row in enumerate(today))


def left_since(lines: Iterable[StateLine], before: Iterable[StateLine]) -> int:
    """Return how many rows of the last time have no line any more."""
    return sum(1 for _ in before) - sum(1 for line in lines if line.before is not None)


def counted(lines: Iterable[StateLine], says: Callable[[StateLine], str]) -> tuple[Counted, ...]:
    """Return the lines counted, the most urgent state first; `says` puts what holds a row into the customer's words."""
    groups: dict[tuple[str, ...], list[StateLine]] = defaultdict(list)
    for line in lines:
        groups[(line.entity, line.state, line.cause, says(line), line.owner, str(line.due or ""))].append(
            line
        )
    found = (
        Counted(
            entity=first.entity,
            state=first.state,
            because=first.cause,
            says=words,
            owner=first.owner,
            due=first.due,
            rows=len(group),
            is_new=any(line.is_new for line in group),
        )
        for (_, _, _, words, _, _), group in groups.items()
        for first in group[:1]
    )
    states = tuple(RowState)
    return tuple(
        sorted(
            found,
            key=lambda c: (states.index(c.state), str(c.due or ""), c.owner, c.entity, c.because, c.says),
        )
    )


def _partners(today: tuple[Tested, ...], before: Iterable[StateLine]) -> Mapping[int, StateLine]:
    """Return the place of each row of today -> its line of the last time, each line once: by row id, then by key.

    Rows that share a key and were delivered anew are paired in their order.
    """
    lines = sorted(before, key=lambda line: (line.entity, line.key, line.row))
    by_row = {(line.entity, line.row): line for line in lines}
    found = {
        place: line
        for place, row in enumerate(today)
        if (line := by_row.pop((row.entity, row.row), None)) is not None
    }
    by_key: dict[tuple[str, str], list[StateLine]] = defaultdict(list)
    for line in reversed(by_row.values()):
        by_key[line.entity, line.key].append(line)
    for place, row in enumerate(today):
        if place not in found and (waiting := by_key.get((row.entity, row.key))):
            found[place] = waiting.pop()
    return found


def _line(row: Tested, before: StateLine | None, as_of: date) -> StateLine:
    since = None if row.is_ready else _since(row, before, as_of)
    due = row.due
    if due is None and since is not None and row.due_days is not None:
        due = since + timedelta(days=row.due_days)
    due = None if row.is_ready else due
    return StateLine(
        entity=row.entity,
        row=row.row,
        key=row.key,
        state=_state(row, before, due, as_of),
        reason=row.reason,
        because="" if row.is_ready else row.because,
        owner="" if row.is_ready else row.owner,
        since=since,
        due=due,
        before=before.state if before else None,
        before_because=before.because if before else "",
        before_owner=before.owner if before else "",
    )


def _since(row: Tested, before: StateLine | None, as_of: date) -> date:
    held = before.since if before else None
    return min(row.told or as_of, held or as_of, as_of)


def _state(row: Tested, before: StateLine | None, due: date | None, as_of: date) -> RowState:
    if row.is_ready:
        return RowState.NOW_READY
    if due is not None and due < as_of:
        return RowState.OVERDUE
    if before is None or before.state is RowState.NOW_READY:
        return RowState.NEWLY_BLOCKED
    return RowState.STILL_BLOCKED
