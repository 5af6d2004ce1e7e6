"""Who settles open work and by when: one rule for the status, the launch record and every answer to "why".

A follow-up names its own owner and date; this is for the work that no decision speaks of yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.migration import Migration


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsible:
    """The owner of open work and the days that they have, counted from a delivery."""

    person: Person
    due_days: int
    due: date | None  # None where nothing was delivered that the days could be counted from


def responsible(
    migration: Migration, subject: str, fields: tuple[str, ...], received: Mapping[str, date]
) -> Responsible:
    """Return who settles a broken rule of an entity or source, and by when.

    `fields` are the rule's; `received` says for each delivered source when it came.  The days count from the
    last delivery that feeds the subject.
    """
    customer = migration.customer
    owner = customer.owner_of(subject, fields[0] if fields else None)
    names = [subject] if subject in customer.sources else []
    if subject in migration.mappings:
        names = [read.source for read in migration.reads_of(subject)]
    start = max((received[name] for name in names if name in received), default=None)
    return Responsible(
        person=customer.people[owner.person],
        due_days=owner.due_days,
        due=start + timedelta(days=owner.due_days) if start else None,
    )
