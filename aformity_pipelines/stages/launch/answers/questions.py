"""What the customer is likely to ask first, and the sentence to say: made of the answers, the most visible first.

The order of the moments in destination.yaml is their visibility: what decides whether people get in stands before what only
a report shows.  Of one moment, what concerns the larger share of the live records comes first, then the larger number.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from aformity_pipelines.domain.destination import Entity
from aformity_pipelines.domain.launch.answers import AskedAbout, LikelyQuestion, OpenQuestion
from aformity_pipelines.stages.launch.answers.group import Group, Owed
from aformity_pipelines.stages.launch.answers.sayings import says_of
from aformity_pipelines.tracing.words import field_words

MOST = 12
"""Questions of each list."""
MANY = 0.2
"""The share of live records from which a field is asked about although the product holds just what was delivered."""
ASKED = (
    AskedAbout.BLANK,
    AskedAbout.ROLE,
    AskedAbout.MERGED,
    AskedAbout.EXCLUDED,
    AskedAbout.DEFERRED,
    AskedAbout.HELD,
    AskedAbout.UPDATE_HELD,
    AskedAbout.UNREADABLE,
)
"""What a customer can see for themselves; the rest they only ask about when they look closer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What questions are put together with: how the product describes records, and how many of each are live."""

    entities: dict[str, Entity]
    moments: tuple[str, ...]
    of_record: dict[str, str]  # entity -> the moment that suffers first where a record of it is not there
    live: dict[str, int]

    def moment(self, groups: Sequence[Group]) -> str:
        """Return the product moment in which somebody sees it."""
        first = groups[0]
        return first.moment if first.is_live else self.of_record.get(first.entity, first.moment)

    def rank(self, groups: Sequence[Group]) -> int:
        """Return the place of that moment, the most visible first."""
        moment = self.moment(groups)
        return self.moments.index(moment) if moment in self.moments else len(self.moments)

    def share(self, groups: Sequence[Group]) -> float:
        """Return what part of an entity's live records groups are about; records that are not live count beside them."""
        number, live = sum(group.count for group in groups), self.live.get(groups[0].entity, 0)
        return number / max(1, live if groups[0].is_live else live + number)

    def counted(self, entity: str, number: int) -> str:
        """Return a number of records in words."""
        described = self.entities.get(entity)
        if described is None:
            return f"{number:,} {'row' if number == 1 else 'rows'} of {entity}"
        return f"{number:,} {(described.label if number == 1 else described.plural).lower()}"


def questions(asking: Asking, groups: Iterable[Group]) -> tuple[LikelyQuestion, ...]:
    """Return what is likely to be asked and is settled, the most visible first; `MOST` at most."""
    settled = _together(asking, (each for each in groups if each.owed is None), lambda _: None)
    return tuple(
        LikelyQuestion(
            about=each[0].about,
            asks=_asks(asking, each),
            says=says_of(each),
            moment=asking.moment(each),
            entity=each[0].entity,
            field=each[0].field,
            records=_records(each),
            evidence=_evidence(each),
        )
        for each in settled[:MOST]
    )


def open_questions(asking: Asking, groups: Iterable[Group]) -> tuple[OpenQuestion, ...]:
    """Return what is likely to be asked and waits for somebody, the most visible first; `MOST` at most."""
    waiting = _together(
        asking, (each for each in groups if each.owed), lambda owed: owed and (owed.owner, owed.due)
    )
    return tuple(_open(asking, each, owed) for each in waiting[:MOST] if (owed := each[0].owed))


def _open(asking: Asking, groups: Sequence[Group], owed: Owed) -> OpenQuestion:
    return OpenQuestion(
        about=groups[0].about,
        asks=_asks(asking, groups),
        says=says_of(groups),
        moment=asking.moment(groups),
        entity=groups[0].entity,
        field=groups[0].field,
        records=_records(groups),
        owner=owed.owner,
        due=owed.due,
        is_overdue=owed.is_overdue,
        evidence=_evidence(groups),
    )


def _together(
    asking: Asking, groups: Iterable[Group], settled_by: Callable[[Owed | None], object]
) -> list[tuple[Group, ...]]:
    """Return the groups that one question is about, in the order of the questions."""
    found: dict[tuple[object, ...], list[Group]] = {}
    for each in groups:
        if each.about in ASKED and each.count:
            value = each.says if each.about is AskedAbout.ROLE else ""
            # A record that is not there is one question, whatever field its rule is about.
            field = each.field if each.is_live else None
            key = (each.about, each.entity, field, value, settled_by(each.owed))
            found.setdefault(key, []).append(each)
    asked = [part for each in found.values() for part in _apart(each)]
    visible = [each for each in asked if _is_visible(asking, each)]
    return sorted(visible, key=lambda each: _order(asking, each))


def _apart(groups: Sequence[Group]) -> tuple[tuple[Group, ...], ...]:
    """Return the groups as one question, the largest first; as several where a row would be counted twice."""
    ordered = tuple(sorted(groups, key=lambda group: (-group.count, group.says)))
    named = [row for group in ordered for row in group.rows]
    return (ordered,) if len(set(named)) == len(named) else tuple((group,) for group in ordered)


def _order(asking: Asking, groups: Sequence[Group]) -> tuple[object, ...]:
    first = groups[0]
    number = sum(group.count for group in groups)
    is_expected = all(group.is_expected for group in groups)
    return (
        is_expected,
        asking.rank(groups),
        -asking.share(groups),
        -number,
        first.entity,
        first.field or "",
        first.says,
    )


def _is_visible(asking: Asking, groups: Sequence[Group]) -> bool:
    """Whether somebody would ask: not of what the product holds just as it was delivered, unless that is much of it."""
    if groups[0].about is AskedAbout.ROLE:
        return not groups[0].is_expected
    if not all(group.is_expected for group in groups):
        return True
    is_prominent = asking.rank(groups) < len(asking.moments) / 2
    return is_prominent and asking.share(groups) >= MANY


def _records(groups: Sequence[Group]) -> int:
    return sum(group.count for group in groups)


def _asks(asking: Asking, groups: Sequence[Group]) -> str:
    """Return the question in the customer's words."""
    first, number = groups[0], _records(groups)
    records = asking.counted(first.entity, number)
    do, are = ("does", "is") if number == 1 else ("do", "are")
    field = field_words(first.field) if first.field else ""
    match first.about:
        case AskedAbout.BLANK if field.startswith(("is ", "has ")):
            return f'Why is "{field}" blank for {records}?'
        case AskedAbout.BLANK:
            if number == asking.live.get(first.entity) and number > 1:
                return f"Why does no {asking.entities[first.entity].label.lower()} have {_a(field)}?"
            return f"Why {do} {records} have no {field}?"
        case AskedAbout.ROLE:
            value = first.says.partition(" is ")[2].partition(", because")[0]
            return f"Why {do} {records} have the {field} {value}?"
        case AskedAbout.MERGED:
            return f"Why did {records} become one?" if len(groups) == 1 else f"Why were {records} merged?"
        case AskedAbout.UPDATE_HELD:
            return f"Why {do} {records} not show what changed yet?"
        case AskedAbout.EXCLUDED:
            return f"Where did {records} go?"
        case AskedAbout.UNREADABLE:
            return f"Where {are} {records}?"
        case _:
            return f"Why {are} {records} not there yet?"


def _a(field: str) -> str:
    return f"{'an' if field[0] in 'aeiou' else 'a'} {field}"


def _evidence(groups: Sequence[Group]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for group in groups for name in group.evidence))
