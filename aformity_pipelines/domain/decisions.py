"""Decisions: what was settled about a customer's data, by whom, when and why.

The log only grows: a decision is never edited; a later one supersedes or withdraws it by id.  Accepted risk and
unresolved work are different types; neither can be written down without what makes it so.  What a decision was
shown, so that it holds for nothing else, is `domain.coverage`'s; whether enough people decided, `domain.approval`'s.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field as Setting
from pydantic import TypeAdapter, field_serializer, model_validator

from aformity_pipelines.domain.base import Document, Sentence, Slug
from aformity_pipelines.domain.coverage import IntakeCoverage, MappingCoverage, RowCoverage, RuleCoverage
from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.delivery import FormatHints

DECISION_ID = r"^D-\d{3,}$"
DecisionId = Annotated[str, Setting(pattern=DECISION_ID)]


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
    """The earlier decision that this one takes the place of."""
    supersedes_because: Sentence | None = None

    @model_validator(mode="after")
    def _says_why_it_supersedes(self) -> Self:
        if (self.supersedes is None) != (self.supersedes_because is None):
            raise ValueError(
                "`supersedes` and `supersedes_because` go together: name the decision, and say why"
            )
        return self


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


class ValuesReplaced(Decision):
    """One rule for many rows: texts of a field that become other texts."""

    kind: Literal["values_replaced"] = "values_replaced"
    covers: RowCoverage
    field: Slug
    replacements: dict[str, str] = Setting(min_length=1)
    """Text of the field before value map and cast -> the text in its place; blank clears the field."""


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


class MergeRefused(Decision):
    """Rows that look like one record and are several: nobody is to merge them."""

    kind: Literal["merge_refused"] = "merge_refused"
    covers: RowCoverage

    @model_validator(mode="after")
    def _covers_several(self) -> Self:
        if self.covers.size < 2:
            raise ValueError("a refused merge covers at least two rows")
        return self


class FollowUpOpened(Decision):
    """Unresolved work: without an owner and a date it cannot even be written down."""

    kind: Literal["follow_up_opened"] = "follow_up_opened"
    covers: RowCoverage
    owner: Person
    due: date


class FollowUpReassigned(Decision):
    """The work of a follow-up, or a question, goes to somebody else, or gets another date."""

    kind: Literal["follow_up_reassigned"] = "follow_up_reassigned"
    follow_up: DecisionId
    owner: Person
    due: date


class FollowUpClosed(Decision):
    """The work of a follow-up is done; what it covered is judged by the rules again."""

    kind: Literal["follow_up_closed"] = "follow_up_closed"
    closes: DecisionId


class QuestionAsked(Decision):
    """A question to a person, unresolved until it is answered.  `says` is the question."""

    kind: Literal["question_asked"] = "question_asked"
    owner: Person
    """Who is to answer."""
    due: date
    covers: RowCoverage
    """The rows that the question is about: they wait for the answer."""


class QuestionAnswered(Decision):
    """What the answer to a question was; what follows from it is decided by other entries."""

    kind: Literal["question_answered"] = "question_answered"
    answers: DecisionId
    answer: Sentence


class RuleWaived(Decision):
    """A rule, or what the destination demands, is not asked of this customer: accepted for rows to come as well."""

    kind: Literal["rule_waived"] = "rule_waived"
    covers: RuleCoverage
    evidence: tuple[str, ...] = Setting(min_length=1)


class DecisionWithdrawn(Decision):
    """A decision holds no more and nothing takes its place; `why` is the reason."""

    kind: Literal["decision_withdrawn"] = "decision_withdrawn"
    withdraws: DecisionId


class DecisionSeconded(Decision):
    """Another person stands by a decision that needs more than one."""

    kind: Literal["decision_seconded"] = "decision_seconded"
    seconds: DecisionId


class IntakeAnswered(Decision):
    """How the files of a source are to be read, where only a person can know: replayed on every later delivery."""

    kind: Literal["intake_answered"] = "intake_answered"
    format: FormatHints
    """Only what was answered; it goes before `format` in defs.yaml."""
    covers: IntakeCoverage

    @field_serializer("format")
    def _only_what_was_answered(self, hints: FormatHints) -> dict[str, object]:
        return hints.model_dump(mode="json", exclude_defaults=True)


class ExportLoaded(Decision):
    """A published export was loaded into the product: from then on its wave only adds to it, and never replaces it."""

    kind: Literal["export_loaded"] = "export_loaded"
    wave: Slug
    version: str
    """The folder of the published version, such as `v0008-4a873acd`."""

    @model_validator(mode="after")
    def _names_a_version(self) -> Self:
        if not re.fullmatch(r"v\d{4,}-[0-9a-f]{8}", self.version):
            raise ValueError(f"{self.version!r} is no published version; write it as v0008-4a873acd")
        return self


class DestinationUpgraded(Decision):
    """The migration moves from one version of its destination to another, after the people saw what that moves."""

    kind: Literal["destination_upgraded"] = "destination_upgraded"
    from_version: str
    to_version: str


Entry = Annotated[
    MappingApproved
    | RiskAccepted
    | RowsDeferred
    | RowsExcluded
    | ValueCorrected
    | ValuesReplaced
    | MergeApproved
    | MergeRefused
    | FollowUpOpened
    | FollowUpReassigned
    | FollowUpClosed
    | QuestionAsked
    | QuestionAnswered
    | RuleWaived
    | DecisionWithdrawn
    | DecisionSeconded
    | IntakeAnswered
    | ExportLoaded
    | DestinationUpgraded,
    Setting(discriminator="kind"),
]
RowDecision = (
    RiskAccepted
    | RowsDeferred
    | RowsExcluded
    | ValueCorrected
    | ValuesReplaced
    | MergeApproved
    | MergeRefused
    | FollowUpOpened
    | QuestionAsked
)
"""Kinds that cover rows."""
AboutTheWhole = ExportLoaded | DestinationUpgraded
"""Kinds that are about the migration as a whole: no subject, no rows."""
AboutOthers = FollowUpReassigned | FollowUpClosed | QuestionAnswered | DecisionWithdrawn | DecisionSeconded
"""Kinds that say something about an earlier entry and stand for nothing alone."""
ENTRY: TypeAdapter[Entry] = TypeAdapter(Entry)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An earlier entry that an entry names, and what it does to it."""

    key: str  # the key that names it
    target: str
    ends: bool  # whether the earlier entry holds no more from then on


def links_of(entry: Entry) -> tuple[Link, ...]:
    """Return the earlier entries that an entry names."""
    named = {
        "supersedes": (entry.supersedes, True),
        "closes": (entry.closes if isinstance(entry, FollowUpClosed) else None, True),
        "answers": (entry.answers if isinstance(entry, QuestionAnswered) else None, True),
        "withdraws": (entry.withdraws if isinstance(entry, DecisionWithdrawn) else None, True),
        "follow_up": (entry.follow_up if isinstance(entry, FollowUpReassigned) else None, False),
        "seconds": (entry.seconds if isinstance(entry, DecisionSeconded) else None, False),
    }
    return tuple(Link(key=key, target=id_, ends=ends) for key, (id_, ends) in named.items() if id_)


def standing(log: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the entries that no later one ended, in log order.

    Which of them have an effect is `approval.in_force`: a decision may lack a second person.
    """
    entries = tuple(log)
    ended = {link.target for entry in entries for link in links_of(entry) if link.ends}
    return tuple(entry for entry in entries if entry.id not in ended)


def assigned(log: Iterable[Entry], work: FollowUpOpened | QuestionAsked) -> tuple[Person, date]:
    """Return who has a follow-up or a question now, and until when: the last reassignment counts."""
    moved = [e for e in log if isinstance(e, FollowUpReassigned) and e.follow_up == work.id]
    last = moved[-1] if moved else work
    return last.owner, last.due
