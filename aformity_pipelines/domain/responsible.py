"""Who settles open work and by when: one rule for the status, the launch record and every answer to "why".

A follow-up names its own owner and date; this is for the work that no decision speaks of yet.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from aformity_pipelines.domain.customer import Owner, Person
from aformity_pipelines.domain.findings import Severity
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.domain.touched import fields_behind, moment_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Responsible:
    """The owner of open work and the days that they have, counted from a delivery."""

    person: Person
    due_days: int
    since: (
        date | None
    )  # the delivery's day; None where nothing was delivered that the days could be counted from

    @property
    def due(self) -> date | None:
        """The last day; None where nothing was delivered yet."""
        return self.since + timedelta(days=self.due_days) if self.since else None


def responsible(
    migration: Migration,
    subject: str,
    fields: tuple[str, ...],
    received: Mapping[str, date],
    *,
    moment: str = "",
    risk: Severity | None = None,
) -> Responsible:
    """Return who settles a broken rule of an entity or source, and by when.

    `fields`, `moment` and `risk` are the rule's; `received` says for each delivered source when it came.  The days
    count from the last delivery that feeds the subject.
    """
    customer = migration.customer
    owner = _owner(migration, subject, fields, moment=moment, risk=risk)
    names = [subject] if subject in customer.sources else []
    if subject in migration.mappings:
        names = [read.source for read in migration.reads_of(subject)]
    return Responsible(
        person=customer.people[owner.person],
        due_days=owner.due_days,
        since=max((received[name] for name in names if name in received), default=None),
    )


def _owner(
    migration: Migration, subject: str, fields: tuple[str, ...], *, moment: str, risk: Severity | None
) -> Owner:
    """Return the owner; a source's headers are also looked up as the fields that are made of them."""
    customer = migration.customer
    if subject in migration.mappings:
        mapped = {name for read in migration.reads_of(subject) for name in read.fields}
        # A rule that reads every field is about the record, not about one of them.
        own = () if len(mapped) > 1 and mapped <= set(fields) else fields
        return customer.owner_of(subject, own, moment=moment, risk=risk)
    made = fields_behind(migration, subject, fields)
    groups = tuple(group for name in made for group in customer.groups_with(name))
    moments = [moment, *(moment_of(migration, name) for name in made)]
    first = next((each for each in moments if f"moment.{each}" in customer.owners), "")
    return customer.owner_of(subject, fields, groups=groups, moment=first, risk=risk)
