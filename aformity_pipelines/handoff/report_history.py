"""The decision log as a story: day by day, with the files that came and the launch itself, and links both ways.

Pure, and no markup: each entry keeps its own line, and later entries that end, answer or replace it are named there.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date

from aformity_pipelines.domain.delivery_line import DeliveryLine
from aformity_pipelines.domain.launch.review import HistoryLine
from aformity_pipelines.domain.launch_record import LaunchRecord

LATER_WORDS = {
    "follow_up_closed": "Closed by",
    "follow_up_reassigned": "Handed over in",
    "question_answered": "Answered in",
    "decision_withdrawn": "Taken back in",
    "decision_seconded": "Seconded in",
}
"""Kind of a later entry -> what it did to the entry that it is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A later entry that did something to this one."""

    words: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One entry of the log, with what became of it."""

    line: HistoryLine
    later: tuple[Later, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the story; `is_launch` marks the wave's own day, `is_today` the day that the report is of."""

    on: date
    files: tuple[DeliveryLine, ...]
    entries: tuple[Told, ...]
    is_launch: bool
    is_today: bool

    @property
    def people(self) -> tuple[str, ...]:
        """Who decided something on this day, in the order of the log."""
        return tuple(dict.fromkeys(told.line.by.name for told in self.entries))


def story(record: LaunchRecord) -> tuple[Day, ...]:
    """Return the days on which something happened, the earliest first; an empty log has none."""
    if not record.history:
        return ()
    later = _later(record)
    days = {line.on for line in record.history} | {file.received_on for file in record.deliveries}
    return tuple(
        Day(
            on=on,
            files=tuple(file for file in record.deliveries if file.received_on == on),
            entries=tuple(
                Told(line=line, later=tuple(later[line.id])) for line in record.history if line.on == on
            ),
            is_launch=on == record.launches_on,
            is_today=on == record.as_of,
        )
        for on in sorted(days | {record.launches_on, record.as_of})
    )


def _later(record: LaunchRecord) -> dict[str, list[Later]]:
    found: dict[str, list[Later]] = defaultdict(list)
    for line in record.history:
        if line.concerns:
            found[line.concerns].append(Later(words=LATER_WORDS.get(line.kind, "See also"), id=line.id))
        if line.supersedes and line.supersedes != line.concerns:
            found[line.supersedes].append(Later(words="Replaced by", id=line.id))
    for line in record.history:
        if line.ended_by and all(each.id != line.ended_by for each in found[line.id]):
            found[line.id].append(Later(words="Ended by", id=line.ended_by))
    return found
