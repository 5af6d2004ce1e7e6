"""The record of one stage's run: what went in, what came out, and what the gate said.

It is written last, so that a stage is either recorded whole or not there; later stages read the verdict
from it and refuse a table whose bytes are not the recorded ones.  No value of a customer stands in it.
"""

from datetime import date

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.delivery import FormatHints
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Gate, RuleState, Severity
from aformity_pipelines.domain.gate import Standing, Verdict
from aformity_pipelines.domain.launch.losses import LossSort


class RuleRecord(Document):
    """One rule's outcome and where it stands after decisions."""

    rule: str
    expectation: str
    policy: Policy
    severity: Severity
    says: str
    moment: str
    fields: tuple[str, ...]
    state: RuleState
    standing: Standing
    checked: int
    failing: int
    accepted: int
    followed: int
    decisions: tuple[str, ...]
    stale: tuple[str, ...]
    stale_because: dict[str, str] = Setting(default_factory=dict)
    """Stale decision -> why, in words without values."""
    idle: tuple[str, ...] = ()
    """Decisions about the rule that have no effect, each with why: a second person is missing, or is not allowed."""
    examples: tuple[str, ...]
    detail: str


class VerdictRecord(Document):
    """A gate's verdict, bound to the table that it judged by the record that holds it."""

    gate: Gate
    is_open: bool
    explanation: str
    rules: tuple[RuleRecord, ...]


class FieldRecord(Document):
    """What a field mapping did, without values; examples stay with the table."""

    source: str
    part: str
    field: str
    rows: int
    filled: int
    changed: int
    corrected: int = 0
    """Rows whose value a decision corrected; not among the changed."""
    unreadable: int
    cleared: int
    distinct_before: int | None = None
    """Different delivered texts that became values; None where nothing changed."""
    distinct_after: int | None = None
    """Different values that they became."""
    losses: dict[LossSort, int] | None = None
    """Rows whose value says less than its text, by sort; none that became blank, and none that a decision corrected.
    None where that was not counted."""
    repaired: int = 0
    """Rows with misread signs in their text and none in their value."""
    emptied: int = 0
    """Rows whose text a correction made blank."""


class CarriedRows(Document):
    """Rows that an earlier delivery of the source held last, and that go on beside those of the latest."""

    sha256: str
    file_name: str
    sheet: str | None = None
    received_on: date
    rows: int


class DeliveryRecord(Document):
    """The delivery that a raw table was read from, and how."""

    file_name: str
    sha256: str
    size: int
    received_on: date
    received_by: str
    headers: tuple[str, ...]
    header_row: int
    """As a spreadsheet shows it; 0 if the file has none."""
    sheet: str | None = None
    how_read: str
    rejected: int = 0
    """Records that could not be read; they lie beside the table."""
    rejected_because: dict[str, int] = Setting(default_factory=dict)
    """Why they could not be read -> how many."""
    skipped: dict[str, int] = Setting(default_factory=dict)
    """Kind of rows of the file that are no records, such as `blank` -> how many."""
    warnings: dict[str, int] = Setting(default_factory=dict)
    """What a reader of the values should know, such as `merged_cells` -> how often."""
    carried: tuple[CarriedRows, ...] = ()
    """Rows that this delivery no longer holds, by the delivery that held them last; they lie beside the table."""

    @property
    def carried_rows(self) -> int:
        """How many rows an earlier delivery held last."""
        return sum(each.rows for each in self.carried)

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """SHA-256 and name of every file that rows come from, the latest one first."""
        return ((self.sha256, self.file_name), *((each.sha256, each.file_name) for each in self.carried))


class WaitingQuestion(Document):
    """One thing about a delivery that only a person can settle, without any value of the file."""

    kind: str
    says: str
    proposal: FormatHints
    """The format hints that settle it as the best guess does; empty where there is no guess."""


class WaitingDelivery(Document):
    """A delivery that could not be taken in: a person must answer, or the customer must send another file."""

    file_name: str
    sha256: str
    """Empty where it was not even registered, such as a symlink."""
    received_on: date
    received_by: str
    questions: tuple[WaitingQuestion, ...] = ()
    refused: str = ""
    """Why no answer would help: broken, protected, hostile, beyond a limit.  Empty where questions stand."""

    def explanation(self, source: str) -> str:
        """Say what waits and for what; the first line stands alone."""
        what = "a new file" if self.refused else "an answer"
        reasons = [self.refused] if self.refused else [f"{each.kind}: {each.says}" for each in self.questions]
        lines = [f"delivery of {source} waits for {what} ({self.file_name}):"]
        return "\n".join([*lines, *(f"- {reason}" for reason in reasons)])


class StageRecord(Document):
    """One stage of one source or entity, for one wave where the stage knows waves."""

    stage: str
    name: str
    wave: str | None
    inputs: dict[str, str]
    """Name of an input -> fingerprint of its content."""
    output: str
    """SHA-256 of the table that the stage wrote (or, where it only judges, of the one it judged)."""
    beside: dict[str, str] = Setting(default_factory=dict)
    """Files beside the table, such as the findings -> SHA-256."""
    rows_in: int
    rows_out: int
    columns: dict[str, str] = Setting(default_factory=dict)
    """Output column -> type."""
    sql: str = ""
    lineage: dict[str, tuple[str, ...]] = Setting(default_factory=dict)
    """Output column -> `source.header` or `entity.field` of the stage before."""
    verdict: VerdictRecord | None = None
    fields: tuple[FieldRecord, ...] = ()
    delivery: DeliveryRecord | None = None
    waits: WaitingDelivery | None = None
    """Instead of `delivery`, and of a table: the delivery that could not be taken in."""
    decisions: tuple[str, ...] = ()
    """Ids of the decisions that had an effect here."""
    fates: dict[str, dict[str, int]] = Setting(default_factory=dict)
    """Entity -> fate -> rows, at export."""
    created: dict[str, int] = Setting(default_factory=dict)
    """Entity -> records that are new to the product, at export."""
    updated: dict[str, int] = Setting(default_factory=dict)
    """Entity -> records that are in the product and change, at export."""
    builds_on: tuple[str, ...] = ()
    """The published versions that an export adds to."""


def verdict_record(verdict: Verdict) -> VerdictRecord:
    """Return the verdict in the form that is stored."""
    return VerdictRecord(
        gate=verdict.gate,
        is_open=verdict.is_open,
        explanation=verdict.explanation(),
        rules=tuple(
            RuleRecord(
                rule=each.result.rule.id,
                expectation=each.result.rule.expectation,
                policy=each.result.rule.policy,
                severity=each.result.rule.severity,
                says=each.result.rule.says,
                moment=each.result.rule.moment,
                fields=each.result.rule.fields,
                state=each.result.state,
                standing=each.standing,
                checked=each.result.checked,
                failing=each.result.failing,
                accepted=each.accepted,
                followed=each.followed,
                decisions=each.decisions,
                stale=each.stale,
                stale_because=dict(each.stale_because),
                idle=each.idle,
                examples=each.uncovered_examples,
                detail=each.result.detail,
            )
            for each in verdict.judged
        ),
    )
