"""A customer's migration as a person declares it: `customers/<slug>/defs.yaml`.

Sources, waves, people, owners, policies.  What becomes of each column is the mapping's.
"""

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document, Sentence, Slug
from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.mapping import Names


class Side(StrEnum):
    """Whose side of the table a person sits on."""

    IMPLEMENTATION = "implementation"
    CUSTOMER = "customer"
    CSM = "csm"


class Person(Document):
    """Somebody who decides, owns work or reads the handoff."""

    name: Sentence
    role: Sentence
    side: Side


class PinnedDestination(Document):
    """The destination and the version of it that this migration is built for."""

    name: Slug
    version: str


class Replaced(Document):
    """Intake context: what the product replaces here, and why that matters."""

    what: Sentence
    why: Sentence


class Source(Document):
    """A named kind of incoming table; a delivery (or one sheet of it) is an instance."""

    file: str
    """Pattern of the file's name in `intake/` (`*` and `?`)."""
    says: Sentence
    format: FormatHints = FormatHints()
    key: Names = ()
    """Headers of the columns that name a row and survive a re-delivery."""
    blanks: Names = ()
    """Texts by which this source says that nothing was entered, such as `NULL`."""
    lookup_only: bool = False
    """Whether no record comes of it: it is only looked up, and exempt from the fates."""
    columns: dict[str, str] = Setting(default_factory=dict)
    """What a column means, in the customer's words, by header."""


class Wave(Document):
    """A set of rows that launches together.  Rows that no wave claims launch with the first."""

    name: Slug
    says: Sentence
    launches_on: date
    where: dict[Slug, str] = Setting(default_factory=dict)
    """Source -> condition over its columns, headers in double quotes."""


class Owner(Document):
    """Who gets unresolved work, and how long they have."""

    person: Slug
    due_days: int = Setting(ge=0)


class UnapprovedMapping(StrEnum):
    """What a field mapping that nobody approved does."""

    BLOCK = "block"
    REPORT = "report"


class Policies(Document):
    """Choices that hold for the whole migration."""

    unapproved_mapping: UnapprovedMapping = UnapprovedMapping.BLOCK
    show_personal_values: bool = False
    """Whether the CSM's report may show names, e-mail addresses and phone numbers."""
    human_copy_rows: int = Setting(default=100_000, ge=0)
    """Rows per entity up to which the export has an XLSX copy for people."""


class Schedule(Document):
    """When later waves are validated again, without exporting."""

    cron: str
    waves: Annotated[tuple[Slug, ...], BeforeValidator(lambda v: (v,) if isinstance(v, str) else v)]


class Status(StrEnum):
    """Whether the migration still runs."""

    ACTIVE = "active"
    ARCHIVED = "archived"


class Customer(Document):
    """The attributes of one `aformity_pipelines.CustomerMigration`."""

    customer: Sentence
    status: Status = Status.ACTIVE
    destination: PinnedDestination
    replaces: Replaced
    people: dict[Slug, Person] = Setting(min_length=1)
    sources: dict[Slug, Source] = Setting(min_length=1)
    waves: tuple[Wave, ...] = Setting(min_length=1)
    owners: dict[str, Owner]
    """`default`, an entity, or `entity.field`; the closest name wins."""
    policies: Policies = Policies()
    schedule: Schedule | None = None

    @model_validator(mode="after")
    def _names_resolve(self) -> Self:
        problems = list(self._unresolved_names())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _unresolved_names(self) -> Iterator[str]:
        if "default" not in self.owners:
            yield "`owners` needs a `default`: unresolved work always has an owner and a due date"
        for subject, owner in self.owners.items():
            if owner.person not in self.people:
                yield f"owners.{subject}: {owner.person!r} is not one of `people`"
        names = [wave.name for wave in self.waves]
        for name in sorted({n for n in names if names.count(n) > 1}):
            yield f"waves: {name!r} is declared twice"
        for wave in self.waves:
            for source in wave.where.keys() - self.sources.keys():
                yield f"waves.{wave.name}.where: {source!r} is not one of `sources`"
        if self.waves[0].where:
            yield f"waves.{self.waves[0].name}: the first wave takes every row that no later wave claims; drop `where`"
        for wave_name in set(self.schedule.waves if self.schedule else ()) - set(names):
            yield f"schedule.waves: {wave_name!r} is not one of `waves`"

    def wave(self, name: str) -> Wave:
        """Return the wave called `name`; KeyError where there is none."""
        for wave in self.waves:
            if wave.name == name:
                return wave
        raise KeyError(name)

    def rank(self, wave: str) -> int:
        """Return the place of a wave in launch order, from 0."""
        return [each.name for each in self.waves].index(wave)

    def owner_of(self, subject: str, field: str | None = None) -> Owner:
        """Return who owns unresolved work of an entity (or source) and field."""
        for name in (f"{subject}.{field}", subject, "default"):
            if name in self.owners:
                return self.owners[name]
        raise KeyError("default")
