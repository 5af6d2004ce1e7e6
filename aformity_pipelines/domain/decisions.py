"""Decisions: what was settled about a customer's data, by whom, when and why.

The log only grows: a decision is never edited, a later one supersedes it by id.  Accepted risk and
unresolved work are different types; neither can be written down without what makes it so.
"""

from collections.abc import Iterable
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field as Setting
from pydantic import TypeAdapter, field_serializer, model_validator

from aformity_pipelines.domain.base import Document, Sentence, Slug
from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.delivery import FormatHints

DECISION_ID = r"^D-\d{3,}$"
DecisionId = Annotated[str, Setting(pattern=DECISION_ID)]


class CoveredRow(Document):
    """One row that a decision was shown: its business key and the keyed digest of the shown values."""

    key: str
    digest: Annotated[str, Setting(pattern=r"^[0-9a-f]{64}$")]


class RowCoverage(Document):
    """Exactly the rows and values that a decision was shown."""

    subject: Slug
    """The entity, or at intake the source, that the rows are about."""
    rule: str | None = None
    """The rule whose findings were shown; None where rows were chosen without one."""
    fields: tuple[str, ...]
    """The fields (at intake: headers) whose delivered values the digests are made of."""
    rows: tuple[CoveredRow, ...] = Setting(min_length=1)


class MappingCoverage(Document):
    """Exactly the field mappings that an approver was shown, by digest of rule and value map."""

    entity: Slug
    fields: dict[str, str] = Setting(min_length=1)
    """`source/part/field` -> digest of the mapping."""


class IntakeCoverage(Document):
    """Exactly the delivery and the questions that an answer about a file's format was shown."""

    source: Slug
    delivery: Annotated[str, Setting(pattern=r"^[0-9a-f]{64}$")]
    """SHA-256 of the file that was shown."""
    file_name: str
    questions: str
    """Digest of the questions that stood then; of none, where nothing was asked."""
    headers: tuple[str, ...]
    """The columns that the answer leads to; a delivery that lacks one of them is asked about again."""


class Decision(Document):
    """What every entry of the log says, whatever its kind."""

    seq: int = Setting(ge=1)
    prev: str
    """SHA-256 of the line before; 64 zeros for the first."""
    id: DecisionId
    on: date
    by: Person
    how_known: Sentence
    """How we know who decided: `signed field map of 3 November`, `OS user`, ..."""
    says: Sentence
    """One sentence for the customer; the handoff prints it as it is."""
    why: Sentence
    evidence: tuple[str, ...] = ()
    supersedes: DecisionId | None = None


class MappingApproved(Decision):
    """Source fields and values go where the customer agreed that they should go."""

    kind: Literal["mapping_approved"] = "mapping_approved"
    covers: MappingCoverage


class RiskAccepted(Decision):
    """The customer knows and agreed: explain it, nobody has to act."""

    kind: Literal["risk_accepted"] = "risk_accepted"
    covers: RowCoverage
    evidence: tuple[str, ...] = Setting(min_length=1)

    @model_validator(mode="after")
    def _names_a_rule(self) -> Self:
        if self.covers.rule is None:
            raise ValueError("an accepted risk names the rule that it accepts breaches of; set `covers.rule`")
        return self


class RowsDeferred(Decision):
    """Rows left out of this launch on purpose, and the wave that will carry them."""

    kind: Literal["rows_deferred"] = "rows_deferred"
    covers: RowCoverage
    until_wave: Slug


class RowsExcluded(Decision):
    """Rows that will not be brought over at all."""

    kind: Literal["rows_excluded"] = "rows_excluded"
    covers: RowCoverage


class ValueCorrected(Decision):
    """One field of some rows gets a value that the delivery did not hold."""

    kind: Literal["value_corrected"] = "value_corrected"
    covers: RowCoverage
    field: Slug
    value: str
    """The corrected value as text, before value map and cast.  Blank clears the field."""


class MergeApproved(Decision):
    """Several rows are one record: the survivor's values win, the others fill its blanks."""

    kind: Literal["merge_approved"] = "merge_approved"
    covers: RowCoverage
    survivor: str
    """`row_key` of the surviving row; one of the covered rows."""

    @model_validator(mode="after")
    def _survivor_is_covered(self) -> Self:
        keys = [row.key for row in self.covers.rows]
        if self.survivor not in keys:
            raise ValueError(f"survivor {self.survivor!r} is not one of the covered rows {keys}")
        if len(set(keys)) < 2:
            raise ValueError("a merge covers at least two different rows")
        return self


class FollowUpOpened(Decision):
    """Unresolved work: without an owner and a date it cannot even be written down."""

    kind: Literal["follow_up_opened"] = "follow_up_opened"
    covers: RowCoverage
    owner: Person
    due: date


class FollowUpClosed(Decision):
    """The work of a follow-up is done; what it covered is judged by the rules again."""

    kind: Literal["follow_up_closed"] = "follow_up_closed"
    closes: DecisionId


class IntakeAnswered(Decision):
    """How the files of a source are to be read, where only a person can know: replayed on every later delivery."""

    kind: Literal["intake_answered"] = "intake_answered"
    format: FormatHints
    """Only what was answered; it goes before `format` in defs.yaml."""
    covers: IntakeCoverage

    @field_serializer("format")
    def _only_what_was_answered(self, hints: FormatHints) -> dict[str, object]:
        return hints.model_dump(mode="json", exclude_defaults=True)


Entry = Annotated[
    MappingApproved
    | RiskAccepted
    | RowsDeferred
    | RowsExcluded
    | ValueCorrected
    | MergeApproved
    | FollowUpOpened
    | FollowUpClosed
    | IntakeAnswered,
    Setting(discriminator="kind"),
]
RowDecision = RiskAccepted | RowsDeferred | RowsExcluded | ValueCorrected | MergeApproved | FollowUpOpened
ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


def standing(log: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the decisions still in force, in log order."""
    entries = tuple(log)
    ended = {entry.supersedes for entry in entries}
    ended |= {entry.closes for entry in entries if isinstance(entry, FollowUpClosed)}
    return tuple(entry for entry in entries if entry.id not in ended)


def intake_answers(log: Iterable[Entry], source: str) -> tuple[IntakeAnswered, ...]:
    """Return the standing answers about how a source's files are read, in log order: of two, the later one holds."""
    return tuple(e for e in standing(log) if isinstance(e, IntakeAnswered) and e.covers.source == source)


def row_decisions(log: Iterable[Entry]) -> tuple[RowDecision, ...]:
    """Return the standing decisions that cover rows, in log order."""
    return tuple(e for e in standing(log) if isinstance(e, RowDecision))
