"""A customer's migration as a person declares it: `customers/<slug>/defs.yaml`.

Sources, waves, people, owners, policies.  What becomes of each column is the mapping's.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import BeforeValidator, model_validator
from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document, Sentence, Slug
from aformity_pipelines.domain.decision_kinds import Kinds
from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.destination import Version
from aformity_pipelines.domain.findings import Severity
from aformity_pipelines.domain.locks import Unlocked
from aformity_pipelines.domain.mapping import Names
from aformity_pipelines.domain.overrides import Override
from aformity_pipelines.domain.schedule import Schedule

GROUP, MOMENT, RISK = "group.", "moment.", "risk."
"""What stands before the name of a field group, a product moment or a severity in `owners`."""


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


def _one_or_more(value: object) -> object:
    return (value,) if isinstance(value, str) else value


class PinnedDestination(Document):
    """The destination and the version of it that this migration is built for."""

    name: Slug
    version: Version


class Replaced(Document):
    """Intake context: what the product replaces here, and why that matters."""

    what: Sentence
    why: Sentence


class Vanished(StrEnum):
    """What becomes of a row that a later delivery of its source no longer holds: closed, or a sheet that was filtered."""

    ASK = "ask"
    """It is unresolved until somebody decides."""
    KEEP = "keep"
    """It goes on as it was delivered last; the handoff counts it."""
    EXCLUDE = "exclude"
    """It is left out, with that as the reason."""


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
    vanished: Vanished = Vanished.ASK
    """What becomes of rows that a later delivery no longer holds; for sources with a `key`."""
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


class ApprovalRule(Document):
    """Who decides about something, and how many people it takes.

    Each of `kinds`, `fields`, `moments` and `risks` that is given narrows what the rule is about.  It is met when
    `persons` different people stand by the decision, by making or by seconding it, and one of them is among
    `people`, `roles` or `sides`; the others may be anybody, or on the sides `seconded_by`.
    """

    says: Sentence
    """The rule in one sentence; people whose decision it stops are told it."""
    kinds: Kinds = ()
    """Kinds of decisions; left out, every kind that settles something or takes that back."""
    fields: Names = ()
    """Entities, `entity.field`s or names of `field_groups`; left out, all of them."""
    moments: Names = ()
    """Product moments that a field of the decision serves; left out, all of them."""
    risks: Annotated[tuple[Severity, ...], BeforeValidator(_one_or_more)] = ()
    """Severities of the rule that a decision names; left out, all of them, and decisions that name no rule."""
    people: Names = ()
    """Who decides: any of `people`."""
    roles: Names = ()
    """Who decides: anybody with one of these roles, as `people` write them.  A decision keeps the role of its day."""
    sides: Annotated[tuple[Side, ...], BeforeValidator(_one_or_more)] = ()
    """Who decides: anybody on one of these sides."""
    persons: int = Setting(default=1, ge=1, le=5)
    """How many different people must stand by the decision."""
    seconded_by: Annotated[tuple[Side, ...], BeforeValidator(_one_or_more)] = ()
    """The sides that the others must be on; left out, any."""

    @model_validator(mode="after")
    def _asks_for_something(self) -> Self:
        if self.persons == 1 and self.seconded_by:
            raise ValueError("`seconded_by` is about further people; add `persons: 2`, or drop it")
        if self.persons == 1 and not (self.people or self.roles or self.sides):
            raise ValueError("this rule asks for nobody; add `people`, `roles` or `sides`, or `persons: 2`")
        return self


class UnapprovedMapping(StrEnum):
    """What a field mapping that nobody approved does."""

    BLOCK = "block"
    REPORT = "report"


class OnDelivery(StrEnum):
    """What a new delivery starts, where Dagster's daemon runs."""

    RUN = "run"
    """The first wave of which no export was loaded; once all were, nothing: what changed goes out when somebody says so."""
    WAIT = "wait"
    """Nothing: it is registered, and a person runs the wave."""


class Intake(Document):
    """Where files arrive besides the customer's `intake/`."""

    url: str
    """A folder of an object store or a server, as fsspec names it: `s3://bucket/folder`, `sftp://host/folder`.

    Credentials come from the environment, never from here.
    """

    @model_validator(mode="after")
    def _holds_no_secret(self) -> Self:
        beginning, found, rest = self.url.partition("://")
        if not found or not beginning.isidentifier():
            raise ValueError("`url` names no place; write it as s3://bucket/folder")
        if "@" in rest.partition("/")[0] or "?" in rest:
            raise ValueError("`url` holds a name or a secret; credentials come from the environment")
        if "::" in self.url:
            raise ValueError("`url` names a chain of places; name one")
        return self


class Policies(Document):
    """Choices that hold for the whole migration."""

    unapproved_mapping: UnapprovedMapping = UnapprovedMapping.BLOCK
    show_personal_values: bool | Names = False
    """Whether the CSM's copy may show names, e-mail addresses and phone numbers: all, none, or only these `entity.field`s."""
    human_copy_rows: int = Setting(default=100_000, ge=0)
    """Rows per entity up to which the export has an XLSX copy for people."""
    on_delivery: OnDelivery = OnDelivery.RUN
    """What a new delivery starts by itself."""


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
    intake: Intake | None = None
    """Where files arrive besides `intake/`."""
    waves: tuple[Wave, ...] = Setting(min_length=1)
    owners: dict[str, Owner]
    """`entity.field`, `group.<field group>`, `moment.<product moment>`, `risk.<critical, warning or info>`, an entity
    or a source, `default`: the first of these that fits the broken rule wins."""
    field_groups: dict[Slug, Names] = Setting(default_factory=dict)
    """Name -> `entity.field`s that belong together, for `owners` and `approvals`."""
    approvals: tuple[ApprovalRule, ...] = ()
    """Who decides what, and how many it takes; asked again whenever a decision is used."""
    policies: Policies = Policies()
    schedule: Schedule | None = None
    overrides: dict[str, Override] = Setting(default_factory=dict)
    """`entity.field`, or `moments.` and the name of one -> where the destination is another one for this customer."""
    unlocked: tuple[Unlocked, ...] = ()
    """Locked parts of the destination that were opened for this customer."""

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
        for number, opened in enumerate(self.unlocked):
            if opened.by not in self.people:
                yield f"unlocked[{number}].by: {opened.by!r} is not one of `people`"
        for wave_name in set(self.schedule.waves if self.schedule else ()) - set(names):
            yield f"schedule.waves: {wave_name!r} is not one of `waves`"
        for person in sorted(set(self.schedule.addressees() if self.schedule else ()) - self.people.keys()):
            yield f"schedule.notify.email.to: {person!r} is not one of `people`"

    def wave(self, name: str) -> Wave:
        """Return the wave called `name`; KeyError where there is none."""
        for wave in self.waves:
            if wave.name == name:
                return wave
        raise KeyError(name)

    def rank(self, wave: str) -> int:
        """Return the place of a wave in launch order, from 0."""
        return [each.name for each in self.waves].index(wave)

    def owner_of(
        self,
        subject: str,
        fields: Iterable[str] = (),
        *,
        groups: Iterable[str] = (),
        moment: str = "",
        risk: Severity | None = None,
    ) -> Owner:
        """Return who owns unresolved work of an entity (or source), from what its rule says: exactly one.

        Closest first: field, field group, product moment, risk, entity, default; of several fields (or `groups`,
        those that the fields alone do not tell) the first that has an owner.
        """
        named = [f"{subject}.{field}" for field in fields]
        within = [*(group for name in named for group in self.groups_with(name)), *groups]
        keys = (
            *named,
            *(f"{GROUP}{group}" for group in within),
            f"{MOMENT}{moment}",
            *((f"{RISK}{risk.value}",) if risk else ()),
            subject,
        )
        return next((self.owners[key] for key in keys if key in self.owners), self.owners["default"])

    def groups_with(self, field: str) -> tuple[str, ...]:
        """Return the field groups that an `entity.field` belongs to, in the order of the file."""
        return tuple(name for name, fields in self.field_groups.items() if field in fields)
