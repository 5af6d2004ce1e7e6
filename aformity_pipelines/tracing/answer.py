"""An answer to "why": a sentence for the customer, then the evidence, in the order in which it happened."""

from enum import StrEnum

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.fate_history import Way


class Outcome(StrEnum):
    """What the question turned out to be about."""

    NOT_FOUND = "not_found"

    EXPORTED = "exported"
    MERGED = "merged"
    EXCLUDED = "excluded"
    DEFERRED = "deferred"
    UNRESOLVED = "unresolved"

    VALUE = "value"
    """The field has a value in the product."""
    NOT_MAPPED = "not_mapped"
    """No source feeds the field."""
    NEVER_DELIVERED = "never_delivered"
    """Another source feeds the field; the one that this record comes from has nothing for it."""
    DELIVERED_BLANK = "delivered_blank"
    BLANK_WORD = "blank_word"
    """The cell holds a word by which the source says that nothing was entered."""
    CLEARED_BY_RULE = "cleared_by_rule"
    CLEARED_BY_VALUE_MAP = "cleared_by_value_map"
    CLEARED_BY_CORRECTION = "cleared_by_correction"
    UNREADABLE = "unreadable"
    """What was delivered is no value of the field; nothing was guessed."""
    LINK_WAITS = "link_waits"
    """The record that the link points to is not in the product yet."""
    LINK_MERGED = "link_merged"
    """The record was merged with the one that it pointed to."""
    HELD = "held"
    """There is a value, and its record is unresolved."""
    NOT_EXPORTED = "not_exported"
    """There is a value, and its record is merged, excluded or deferred."""
    UPDATE_HELD = "update_held"
    """The product shows what it was given before; a new value waits."""
    STAYS = "stays"
    """The product shows what it was given before; somebody decided that nothing new goes out."""
    FAULT = "fault"
    """The replay and the published file disagree."""


class StepKind(StrEnum):
    """What a piece of evidence is."""

    DELIVERED = "delivered"
    MAPPING = "mapping"
    APPROVAL = "approval"
    RULE = "rule"
    CORRECTION = "correction"
    VALUE_MAP = "value_map"
    CAST = "cast"
    MERGE = "merge"
    LINK = "link"
    FINDING = "finding"
    """A rule that the row breaks; listed, and it holds nothing back."""
    ACCEPTED_RISK = "accepted_risk"
    """A rule that the row breaks, known and agreed to: nobody has to act."""
    UNRESOLVED_WORK = "unresolved_work"
    """A rule that the row breaks and that somebody settles by a date."""
    DECISION = "decision"
    FATE = "fate"
    EXPORT = "export"
    UPDATE = "update"
    """A field of a live record that a later export changed, with both values."""
    WAY = "way"
    """A turn in the way of a row: delivered again, another fate, tested again."""
    FAULT = "fault"


class Step(Document):
    """One piece of evidence."""

    kind: StepKind
    says: str
    where: str = ""
    """File, sheet, row and column, or the published file."""
    before: str | None = None
    after: str | None = None
    refs: tuple[str, ...] = ()
    """Ids of decisions, rules and rows that the sentence rests on."""


class Answer(Document):
    """What is known about one record, or one field of it, in one published wave."""

    customer: str
    wave: str
    version: str
    entity: str
    asked: str
    """The key as it was asked for."""
    field: str | None
    outcome: Outcome
    headline: str
    """What to tell the customer, in a sentence or two."""
    value: str | None = None
    """The field's value as the import file spells it; None where it is blank or no field was asked for."""
    waiting: str | None = None
    """The value that does not go out yet, where the product shows another one."""
    key: str | None = None
    """The record's key in the product."""
    rows: tuple[str, ...] = ()
    """The source rows that the record is made of, the surviving one first."""
    fate: str | None = None
    reason: str | None = None
    live_since: str | None = None
    """The published version that created the record, such as `wave_1/v0008-4a873acd`."""
    way: Way = ()
    """Every fate that a published version gave the row, and every re-validation between, the oldest first."""
    steps: tuple[Step, ...] = ()
    decisions: tuple[str, ...] = ()
    """Ids of the decisions that the evidence cites, in its order."""
    near: tuple[str, ...] = ()
    """What could have been meant, where nothing was found."""
    notices: tuple[str, ...] = ()
    """What a reader should know beside the answer: newer decisions, other records of that name."""
    faults: tuple[str, ...] = ()
    """Where replay and published output disagree; always empty unless the software is wrong."""

    @property
    def is_found(self) -> bool:
        """Whether the question named a record."""
        return self.outcome is not Outcome.NOT_FOUND
