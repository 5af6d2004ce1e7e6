"""Drafts of decisions: what a person writes before coverage and chain are worked out."""

from datetime import date
from typing import Literal, Self

from pydantic import Field as Setting
from pydantic import model_validator

from aformity_pipelines.domain.base import Document, Sentence, Slug
from aformity_pipelines.domain.decisions import DecisionId
from aformity_pipelines.domain.mapping import Names

MAPPING_KINDS = frozenset({"mapping_approved"})


class DraftCoverage(Document):
    """What a decision is about: an entity's field map, or rows chosen by rule, key or condition."""

    entity: Slug | None = None
    fields: Names = ()
    """Field mappings (`source/part/field`) or `all`; for rows: the fields that were shown."""
    subject: Slug | None = None
    rule: str | None = None
    rows: Names = ()
    """Row keys, or `all`: every row that fails the rule now and that no decision covers yet."""
    where: str | None = None
    """A condition over the mapped table, instead of `rows`."""

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if (self.entity is None) == (self.subject is None):
            raise ValueError("give `entity` (a field map) or `subject` (rows), not both")
        if self.subject and bool(self.rows) == bool(self.where):
            raise ValueError("choose rows by `rows` or by `where`, not both")
        if self.rows == ("all",) and self.rule is None:
            raise ValueError("`rows: all` means the failing rows of a rule; name the `rule`")
        return self


class Draft(Document):
    """One decision to be recorded."""

    kind: Literal[
        "mapping_approved",
        "risk_accepted",
        "rows_deferred",
        "rows_excluded",
        "value_corrected",
        "merge_approved",
        "follow_up_opened",
        "follow_up_closed",
    ]
    by: Slug
    """One of the customer's `people`."""
    on: date | None = None
    how_known: Sentence
    says: Sentence
    why: Sentence
    evidence: Names = ()
    supersedes: DecisionId | None = None
    covers: DraftCoverage | None = None
    until_wave: Slug | None = None
    field: Slug | None = None
    value: str | None = None
    survivor: str | None = None
    owner: Slug | None = None
    due: date | None = None
    closes: DecisionId | None = None

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        needed = {
            "rows_deferred": {"until_wave"},
            "value_corrected": {"field", "value"},
            "merge_approved": {"survivor"},
            "follow_up_opened": {"owner", "due"},
            "follow_up_closed": {"closes"},
        }.get(self.kind, set())
        optional = {"until_wave", "field", "value", "survivor", "owner", "due", "closes"}
        given = {name for name in optional if getattr(self, name) is not None}
        if given != needed:
            wrong = sorted(given ^ needed)
            raise ValueError(f"{self.kind} needs exactly {sorted(needed)} beside its words; look at {wrong}")
        if (self.covers is None) != (self.kind == "follow_up_closed"):
            raise ValueError(f"{self.kind}: `covers` says what the decision is about")
        return self


class Expected(Document):
    """Which gates a step of a story leaves closed and open (`stage/name`)."""

    closed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()


class StoryStep(Document):
    """One step of a sample customer's story: what is decided, and what is run."""

    says: Sentence
    as_of: date
    decide: tuple[Draft, ...] = ()
    run: Slug | None = None
    expect: Expected = Setting(default_factory=Expected)


class DraftFile(Document):
    """Decisions that somebody wrote down to be recorded."""

    decide: tuple[Draft, ...] = Setting(min_length=1)
