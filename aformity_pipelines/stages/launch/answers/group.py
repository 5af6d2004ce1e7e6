"""Rows that share one answer, before the answer is written down: what is said, of which rows, and who settles it."""

import dataclasses
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.launch.answers import Answer, AskedAbout, OpenAnswer
from aformity_pipelines.domain.launch.limits import LISTED_ROWS
from aformity_pipelines.stages.launch.source import SHOWN_ROWS

FEW_ROWS = 5
"""Row ids that an answer lists at least, once that number is reached."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Who settles open work, by when, and the words for it."""

    owner: Person
    due: date
    is_overdue: bool
    says: str  # `Hanna Vogt settles it by 7 November 2026`
    evidence: tuple[str, ...] = ()
    asks: str = ""  # the follow-up's own sentence, where somebody has taken it up
    by: str = ""  # the end of a sentence to say: `Hanna Vogt settles it by 7 November 2026`


@dataclass(frozen=True, slots=True, kw_only=True)
class Brief:
    """Why records wait, as a question says it of all of them at once: `They wait with their account until ...: why`."""

    why: str  # a clause without its full stop
    parent: str = ""  # what they follow: `account`
    until: str = ""  # `wave 2 on 12 January 2027`
    pointed_from: str = ""  # `a contact` where only what a link points to waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One answer and the rows that share it; with `owed` it is open, without it nobody has to act."""

    about: AskedAbout
    entity: str
    says: str
    count: int  # rows; 0 where the answer is about the field itself
    evidence: tuple[str, ...]
    rows: tuple[str, ...] = ()  # row ids in order, `LISTED_ROWS` at most
    field: str | None = None
    because: str = ""  # the clause behind "because", where `says` has one
    brief: Brief | None = None
    detail: str = ""
    moment: str = ""
    owed: Owed | None = None
    is_own: bool = False  # whether each row has a finding of its own, so that all of them are listed
    is_live: bool = False  # whether its rows are records of the product
    is_expected: bool = False  # whether the product holds just what was delivered

    @property
    def wanted(self) -> int:
        """How many row ids the answer should list."""
        return len(self.rows) if self.is_own else min(len(self.rows), SHOWN_ROWS)


def stand_once(groups: Iterable[Group]) -> tuple[Group, ...]:
    """Return the groups with those that say the same of the same field made one: a shared answer stands once."""
    found: dict[tuple[object, ...], Group] = {}
    for each in groups:
        shares = (each.owed.due, each.owed.owner) if each.owed else None
        # Two merges may say the same of different records.
        own = each.rows if each.about in (AskedAbout.MERGED, AskedAbout.KEPT_APART) else ()
        key = (each.about, each.entity, each.field, each.says, each.detail, shares, own)
        found[key] = _joined(found[key], each) if key in found else each
    return tuple(found.values())


def _joined(first: Group, other: Group) -> Group:
    return dataclasses.replace(
        first,
        count=first.count + other.count,
        rows=tuple(sorted({*first.rows, *other.rows}))[:LISTED_ROWS],
        evidence=tuple(dict.fromkeys((*first.evidence, *other.evidence))),
        is_own=first.is_own or other.is_own,
    )


def within_budget(groups: tuple[Group, ...]) -> tuple[tuple[int, ...], bool]:
    """Return how many row ids each group lists, and whether that is fewer than it should.

    Rows with a finding of their own come first, then the rarest answers: what few rows share is asked for by name.
    """
    order = sorted(range(len(groups)), key=lambda n: (not groups[n].is_own, groups[n].count, n))
    left, listed = LISTED_ROWS, [0] * len(groups)
    for place in order:
        wanted = groups[place].wanted
        listed[place] = wanted if wanted <= left else min(FEW_ROWS, wanted)
        left = max(0, left - listed[place])
    is_cut = any(listed[n] < group.wanted for n, group in enumerate(groups))
    return tuple(listed), is_cut


def settled_answer(group: Group, listed: int) -> Answer:
    """Return a group that nobody has to act on as an answer."""
    return Answer(
        about=group.about,
        entity=group.entity,
        field=group.field,
        says=group.says,
        detail=group.detail,
        moment=group.moment,
        evidence=group.evidence,
        rows=group.rows[:listed],
        row_count=group.count,
    )


def open_answer(group: Group, owed: Owed, listed: int) -> OpenAnswer:
    """Return a group that somebody settles by a date as an open answer."""
    return OpenAnswer(
        about=group.about,
        entity=group.entity,
        field=group.field,
        says=group.says,
        detail=group.detail,
        moment=group.moment,
        owner=owed.owner,
        due=owed.due,
        is_overdue=owed.is_overdue,
        evidence=group.evidence,
        rows=group.rows[:listed],
        row_count=max(1, group.count),
    )
