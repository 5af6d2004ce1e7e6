"""Drafts of decisions: what a person writes before coverage and chain are worked out."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, model_validator
from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document, Sentence, Slug
from aformity_pipelines.domain.decision_kinds import DecisionKind
from aformity_pipelines.domain.decisions import DecisionId
from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.mapping import Names

MAPPING_APPROVED = "mapping_approved"
INTAKE_ANSWERED = "intake_answered"
RULE_WAIVED = "rule_waived"
VALUES_REPLACED = "values_replaced"
MERGE_REFUSED = "merge_refused"
EXPORT_LOADED = "export_loaded"
DESTINATION_UPGRADED = "destination_upgraded"
ALL = ("all",)
"""Instead of names: every one that there is."""
WITHOUT_COVERAGE = frozenset(
    {
        "follow_up_reassigned",
        "follow_up_closed",
        "question_answered",
        "decision_withdrawn",
        "decision_seconded",
        INTAKE_ANSWERED,
        EXPORT_LOADED,
        DESTINATION_UPGRADED,
    }
)
"""Kinds whose drafts do not say what they cover: another key says it."""
NEEDED: dict[str, frozenset[str]] = {
    MAPPING_APPROVED: frozenset(),
    "risk_accepted": frozenset({"evidence"}),
    "rows_deferred": frozenset({"until_wave"}),
    "rows_excluded": frozenset(),
    "value_corrected": frozenset({"field", "value"}),
    VALUES_REPLACED: frozenset({"field", "replace"}),
    "merge_approved": frozenset({"survivor"}),
    "merge_refused": frozenset(),
    "follow_up_opened": frozenset({"owner", "due"}),
    "follow_up_reassigned": frozenset({"follow_up", "owner", "due"}),
    "follow_up_closed": frozenset({"closes"}),
    "question_asked": frozenset({"owner", "due"}),
    "question_answered": frozenset({"answers", "answer"}),
    RULE_WAIVED: frozenset({"evidence"}),
    "decision_withdrawn": frozenset({"withdraws"}),
    "decision_seconded": frozenset({"seconds"}),
    INTAKE_ANSWERED: frozenset({"source"}),
    EXPORT_LOADED: frozenset({"wave"}),
    DESTINATION_UPGRADED: frozenset({"from_version", "to_version"}),
}
"""Kind -> the keys that it needs beside `by`, its words and `covers`."""
ALLOWED = {EXPORT_LOADED: frozenset({"version"})}
"""Kind -> the keys that it may have beside those that it needs."""
OWN_KEYS = (
    *("until_wave", "field", "value", "replace", "survivor", "owner", "due"),
    *("follow_up", "closes", "answers", "answer", "withdraws", "seconds", "source"),
    *("wave", "version", "from_version", "to_version"),
)
"""Keys that only some kinds have."""
NEEDS_RULE = frozenset({"risk_accepted", "follow_up_opened", "question_asked", RULE_WAIVED})
"""Kinds that are about the breaches of a rule."""


GAP = "…"
"""Stands in a file that somebody has to fill in."""
TO_FILL_IN = f"{GAP} fill in"
"""What a text begins with that somebody still has to write."""


def _is_written(text: str) -> str:
    if text.strip() == GAP or text.startswith(TO_FILL_IN):
        raise ValueError(f"this is still to be filled in; write it in place of the {GAP}")
    return text


def _are_written(texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        _is_written(text)
    return texts


Filled = Annotated[Sentence, AfterValidator(_is_written)]
"""Words that somebody wrote."""


class DraftCoverage(Document):
    """What a decision is about: an entity's field map, or rows chosen by rule, key or condition."""

    entity: Slug | None = None
    """The entity whose field map is approved."""
    fields: Names = ()
    """Field mappings (`source/part/field`) or `all`; for rows: the fields that were shown."""
    value_maps: Names = ()
    """mapping_approved: value maps that are approved by themselves; those of approved fields always are."""
    subject: Slug | None = None
    """The entity that the rows are about; for a rule of the intake gate, the source."""
    rule: str | None = None
    """The rule that the rows break; `aformity suite` lists them."""
    rows: Names = ()
    """Row keys (`source:key`) or row ids, or `all`: every row that fails the rule and that no decision covers yet,
    but the one that this one supersedes."""
    where: str | None = None
    """A condition over the mapped table, instead of `rows`."""

    @model_validator(mode="after")
    def _is_about_something(self) -> Self:
        if (self.entity is None) == (self.subject is None):
            raise ValueError("give `entity` (a field map) or `subject` (rows), not both")
        if self.rows and self.where:
            raise ValueError("choose rows by `rows` or by `where`, not both")
        if self.rows == ALL and self.rule is None:
            raise ValueError("`rows: all` means the failing rows of a rule; name the `rule`")
        return self


class Draft(Document):
    """One decision to be recorded."""

    kind: DecisionKind
    by: Slug
    """One of the customer's `people`."""
    on: date | None = None
    """The day it was decided; left out, the day of the command."""
    how_known: Filled
    """How we know who decided: `signed field map of 3 November`, `call with Ina`, ..."""
    says: Filled
    """One sentence for the customer; the handoff prints it as it is."""
    why: Filled
    evidence: Annotated[Names, AfterValidator(_are_written)] = ()
    """What shows it: mails, minutes, documents, by name."""
    supersedes: DecisionId | None = None
    """The earlier decision that this one takes the place of."""
    supersedes_because: Filled | None = None
    """Why it takes its place."""
    covers: DraftCoverage | None = None
    """What the decision is about; not for kinds that name an earlier decision or a source."""
    until_wave: Slug | None = None
    """rows_deferred: the wave that will carry the rows."""
    field: Slug | None = None
    """value_corrected, values_replaced: the field that gets the value."""
    value: str | None = None
    """value_corrected: the value as text, before value map and cast; `""` clears the field."""
    replace: dict[str, str] | None = None
    """values_replaced: text of the field before value map and cast -> the text in its place; `""` clears the field."""
    survivor: str | None = None
    """merge_approved: key of the row whose values win; one of `rows`."""
    owner: Slug | None = None
    """follow_up_opened, follow_up_reassigned: who does it; question_asked: who answers.  One of the customer's `people`."""
    due: date | None = None
    """follow_up_opened, follow_up_reassigned, question_asked: by when."""
    follow_up: DecisionId | None = None
    """follow_up_reassigned: the follow-up, or the question, that goes to `owner`."""
    closes: DecisionId | None = None
    """follow_up_closed: the follow-up whose work is done."""
    answers: DecisionId | None = None
    """question_answered: the question."""
    answer: Filled | None = None
    """question_answered: what the answer was."""
    withdraws: DecisionId | None = None
    """decision_withdrawn: the decision that holds no more; `why` says the reason."""
    seconds: DecisionId | None = None
    """decision_seconded: the decision that another person stands by."""
    source: Slug | None = None
    """intake_answered: the source whose delivery waits."""
    format: FormatHints | None = None
    """intake_answered: how its files are read; only what is asked."""
    wave: Slug | None = None
    """export_loaded: the wave whose export was loaded."""
    version: str | None = None
    """export_loaded: the published version, such as `v0008-4a873acd`; left out, the wave's current one."""
    from_version: str | None = None
    """destination_upgraded: the destination's version until now."""
    to_version: str | None = None
    """destination_upgraded: the destination's version from now on."""
    accept_proposal: Literal[True] | None = None
    """intake_answered: what is asked and `format` does not say is as `aformity status` proposes."""

    @model_validator(mode="after")
    def _fits_its_kind(self) -> Self:
        if faults := tuple(self._faults()):
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> Iterator[str]:
        """Yield `key: what is wrong; what to do` for each key that the kind does not have, or lacks."""
        needed = NEEDED[self.kind]
        for name in OWN_KEYS:
            if getattr(self, name) is not None and name not in needed | ALLOWED.get(self.kind, frozenset()):
                yield f"{name}: a {self.kind} has no `{name}`; remove it"
            if getattr(self, name) is None and name in needed:
                yield f"kind: a {self.kind} needs `{name}`; add `{name}:`"
        if (self.supersedes is None) != (self.supersedes_because is None):
            yield "supersedes: `supersedes` and `supersedes_because` go together; name the decision, and say why"
        if "evidence" in needed and not self.evidence:
            yield f"kind: a {self.kind} needs `evidence`; name the mail, minutes or document that shows it"
        yield from self._faults_of_answer()
        if self.covers is None and self.kind not in WITHOUT_COVERAGE:
            yield f"kind: a {self.kind} needs `covers`; say in it what the decision is about"
        elif self.covers is not None:
            yield from self._faults_of_coverage(self.covers)

    def _faults_of_answer(self) -> Iterator[str]:
        says_how = self.format not in (None, FormatHints()) or self.accept_proposal
        if self.kind == INTAKE_ANSWERED and not says_how:
            yield "kind: an intake_answered needs `format` or `accept_proposal`; add `format: {header_row: 3}` or the like"
        elif self.kind != INTAKE_ANSWERED:
            for name in ("format", "accept_proposal"):
                if getattr(self, name) is not None:
                    yield f"{name}: a {self.kind} has no `{name}`; remove it"

    def _faults_of_coverage(self, covers: DraftCoverage) -> Iterator[str]:
        if self.kind == INTAKE_ANSWERED:
            yield "covers: an intake_answered has no `covers`; remove it and name the `source`"
        elif self.kind in WITHOUT_COVERAGE:
            yield f"covers: a {self.kind} has no `covers`; remove it, the decision that it names has them"
        elif self.kind == MAPPING_APPROVED:
            yield from self._faults_of_field_map(covers)
        elif covers.subject is None:
            yield f"covers: a {self.kind} is about rows; give `subject` and `rows` in it"
        else:
            yield from self._faults_of_rows(covers)

    def _faults_of_field_map(self, covers: DraftCoverage) -> Iterator[str]:
        if covers.entity is None:
            yield "covers: a mapping_approved is about a field map; give `entity` and `fields` in it"
        elif not covers.fields and not covers.value_maps:
            yield "covers: no field mapping is named; add `fields: all`, or a list of `source/part/field`"

    def _faults_of_rows(self, covers: DraftCoverage) -> Iterator[str]:
        chooses = bool(covers.rows or covers.where)
        if self.kind == RULE_WAIVED and chooses:
            yield "covers: a rule_waived is about every row; remove `rows` and `where`"
        elif not chooses and self.kind not in {RULE_WAIVED, VALUES_REPLACED}:
            yield f"covers: a {self.kind} is about rows; choose them by `rows` or by `where`"
        if self.kind in NEEDS_RULE and covers.rule is None:
            yield f"covers: a {self.kind} is about rows that break a rule; add its `rule`"
        if covers.value_maps:
            yield "covers: only a mapping_approved names `value_maps`; remove them"


class Expected(Document):
    """Which gates a step of a story leaves closed and open (`stage/name`), and which deliveries wait."""

    closed: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    waiting: tuple[Slug, ...] = ()
    """Sources whose delivery waits."""


class StoryStep(Document):
    """One step of a sample customer's story: what arrives, what is decided, and what is run."""

    says: Sentence
    as_of: date
    deliver: tuple[str, ...] = ()
    """Files of `intake/` that arrive with this step; until then they are not there."""
    answered: tuple[str, ...] = ()
    """Exception workbooks of `story/` that come back answered: they are imported before anything else is decided."""
    decide: tuple[Draft, ...] = ()
    run: Slug | None = None
    """The wave that is run."""
    revalidate: Slug | None = None
    """The later wave that is validated again, without exporting; after `run` where a step has both."""
    expect: Expected = Setting(default_factory=Expected)

    @property
    def wave(self) -> str | None:
        """The wave that the step is about; None where it neither runs nor re-validates one."""
        return self.run or self.revalidate


class DraftFile(Document):
    """Decisions that somebody wrote down to be recorded."""

    decide: tuple[Draft, ...] = Setting(min_length=1)
