"""The launch record: what a migration did, in a form that machines and people can check.

`handoff.html` is only a rendering of it.  Every statement names its evidence: decision ids, rule ids,
row ids or the table that a count comes from.  Accepted risk and unresolved work are different types
in different lists; nothing turns one into the other.
"""

from datetime import date
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field as Setting
from pydantic import model_validator

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.delivery_line import DeliveryLine
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.launch_work import Handover, WorkSort
from aformity_pipelines.domain.waiting_file import WaitingFile


class Statement(Document):
    """One sentence that a reader may rely on, and what it rests on."""

    says: str
    evidence: tuple[str, ...] = Setting(min_length=1)
    """Ids of decisions and rules, row ids, or `ledger` / `manifest` for counts."""


class GateState(Document):
    """One gate of this wave."""

    gate: str
    subject: str
    is_open: bool
    rules: int
    failing_rules: int
    reasons: tuple[str, ...] = ()
    """Why it is closed, one line a rule."""


class EntityOutcome(Document):
    """What became of an entity's source rows."""

    entity: str
    label: str
    plural: str
    delivered: int
    fates: dict[Fate, int]
    records: int
    """Records in this wave's export files; fewer than exported rows where an earlier wave had some."""

    @model_validator(mode="after")
    def _fates_add_up(self) -> Self:
        total = sum(self.fates.values())
        if total != self.delivered:
            raise ValueError(f"{self.entity}: fates add up to {total}, delivered were {self.delivered}")
        return self


class FateRow(Document):
    """Rows of one source and entity that ended in one place for one reason."""

    entity: str
    source: str
    fate: Fate
    reason: Reason
    rows: int


class MomentState(Document):
    """How ready one product moment is."""

    moment: str
    label: str
    says: str
    accepted: int
    """Records that live with an accepted risk here."""
    unresolved: int
    """Rows that are not live because of open work that touches it; each counted once."""
    records: int = 0
    """Live records of the entities that have a mapped field with this moment."""
    absent: tuple[str, ...] = ()
    """Those of these entities that have no live record, in the plural."""


class MappingKind(StrEnum):
    """How a field got its values, in the report's words."""

    DIRECT = "direct"
    TRANSFORMED = "transformed"
    COMBINED = "combined"
    CONSTANT = "constant"
    NOT_MAPPED = "not_mapped"


class Example(Document):
    """A value before and after, and how many rows share it."""

    before: str
    after: str
    rows: int


class MappedField(Document):
    """One line of the field map."""

    entity: str
    field: str
    says: str
    moment: str
    kind: MappingKind
    source: str = ""
    part: str = ""
    headers: tuple[str, ...] = ()
    rule: str = ""
    formula: str = ""
    """The SQL behind the rule, where it has any."""
    approved_by: str | None = None
    """Id of the standing decision that approved exactly this mapping."""
    values_approved_by: str | None = None
    """Id of the decision that approved its value map, where that is another one."""
    approval: str = "not approved"
    """`approved`, `approval is stale` or `not approved`."""
    rows: int = 0
    filled: int = 0
    changed: int = 0
    """Rows whose value differs from the delivered text by the mapping's doing."""
    corrected: int = 0
    """Rows whose value decisions corrected; not among the changed, nor among the examples."""
    corrected_by: tuple[str, ...] = ()
    """Ids of these decisions."""
    unreadable: int = 0
    """Rows whose text fits neither type nor value map; left blank and listed as findings."""
    examples: tuple[Example, ...] = ()
    upstream: tuple[str, ...] = ()
    """Column lineage from the SQL: `source.header`."""


class ColumnLine(Document):
    """A source column that no field reads."""

    source: str
    header: str
    fate: Literal["archived", "excluded"]
    why: str


class AcceptedRisk(Document):
    """Decided and explainable: nobody has to act."""

    decision: str
    says: str
    why: str
    approver: Person
    accepted_on: date
    evidence: tuple[str, ...] = Setting(min_length=1)
    rule: str
    rule_says: str
    moment: str
    rows: tuple[str, ...] = Setting(min_length=1)
    """Row ids covered by it in this wave's data, the first 200."""
    row_count: int = Setting(ge=1)
    is_for_every_row: bool = False
    """Whether the rule itself is waived: rows to come are accepted as well."""


class UnresolvedWork(Document):
    """Somebody must act: always with an owner and a date."""

    id: str
    """The decision id of the follow-up or question, or the rule's id where nobody opened one."""
    sort: WorkSort = WorkSort.FINDING
    says: str
    entity: str
    owner: Person
    due: date
    is_overdue: bool
    handover: Handover | None = None
    """The last one; None where the work is still with whom it was given to."""
    rule: str
    moment: str
    rows: tuple[str, ...] = Setting(min_length=1)
    """Row ids, the first 200."""
    row_count: int = Setting(ge=1)
    next_step: str
    why: str = ""
    """Why the follow-up was opened or the question asked; empty where it was not."""
    holds: int = 0
    """Rows that are not live because of it; 0 where the rule only reports."""


class ReportedFinding(Document):
    """What a rule found and only lists: it holds nothing back, and nobody decided anything about it."""

    rule: str
    says: str
    entity: str
    moment: str
    rows: tuple[str, ...]
    """Row ids, the first 200."""
    row_count: int = Setting(ge=0)
    """0 where the finding is about the table or the mapping as a whole."""
    detail: str = ""


class Deferral(Document):
    """Rows that launch with a later wave."""

    wave: str
    launches_on: date
    entity: str
    says: str
    evidence: tuple[str, ...] = Setting(min_length=1)
    rows: int
    examples: tuple[str, ...] = ()


class Exclusion(Document):
    """Rows that will not be brought over."""

    entity: str
    says: str
    why: str
    evidence: tuple[str, ...] = Setting(min_length=1)
    rows: int
    examples: tuple[str, ...] = ()


class MergedPart(Document):
    """One row of a merged record and what it contributed."""

    row: str
    file: str
    row_number: int
    is_survivor: bool
    contributed: tuple[str, ...]
    """Fields whose value in the record is this row's."""


class Merge(Document):
    """Several rows that became one record, by approval."""

    decision: str
    entity: str
    record: str
    """Key of the surviving record."""
    says: str
    why: str
    approver: Person
    approved_on: date
    parts: tuple[MergedPart, ...] = Setting(min_length=2)


class KeptApart(Document):
    """Rows that look like one record and that somebody said are several."""

    decision: str
    entity: str
    says: str
    why: str
    decided_by: Person
    decided_on: date
    rule: str = ""
    """The rule that took them for one; empty where none was named."""
    rows: tuple[str, ...] = Setting(min_length=2)
    """Row ids, the first 200."""
    row_count: int = Setting(ge=2)


class HistoryLine(Document):
    """One entry of the decision log."""

    seq: int
    id: str
    kind: str
    on: date
    by: Person
    says: str
    why: str
    stands: bool
    about: str = ""
    """What was settled, where `says` may leave it out: how a file is read, what the answer was, who has the work now."""
    concerns: str | None = None
    """The earlier entry that it answers, closes, moves, seconds or withdraws."""
    supersedes: str | None = None
    """The earlier entry that it takes the place of."""
    supersedes_because: str = ""
    ended_by: str | None = None
    """The entry that ended it."""
    idle: str = ""
    """Why it has no effect though nothing ended it: somebody else has to stand by it, or it was not allowed."""


class ExportFile(Document):
    """One file of the export."""

    path: str
    entity: str
    format: str
    rows: int
    size: int
    sha256: str


class Export(Document):
    """What was published for the wave."""

    version: str
    manifest_sha256: str
    load_order: tuple[str, ...]
    files: tuple[ExportFile, ...]
    left_out: tuple[Statement, ...] = ()
    """Entities that are not in it, and why."""


class GraphNode(Document):
    """One asset of the migration's graph."""

    stage: str
    name: str
    state: Literal["done", "closed", "waits", "missing"]
    rows: int | None = None


class Graph(Document):
    """The asset graph, stage by stage."""

    nodes: tuple[GraphNode, ...]
    edges: tuple[tuple[str, str], ...]
    """Pairs of `stage/name`."""


class LogEnd(Document):
    """The head of the decision log at the time of the record."""

    seq: int
    sha256: str


class LaunchRecord(Document):
    """The machine-readable handoff of one customer's wave."""

    schema_version: Literal["1"] = "1"
    customer: str
    label: str
    replaces: str
    replaces_why: str
    wave: str
    wave_says: str
    launches_on: date
    as_of: date
    destination: str
    destination_version: str
    log: LogEnd
    glance: tuple[Statement, ...] = Setting(min_length=1)
    """The launch state in a few sentences; the first is the headline."""
    outcomes: tuple[EntityOutcome, ...]
    fates: tuple[FateRow, ...]
    gates: tuple[GateState, ...]
    moments: tuple[MomentState, ...]
    mapping: tuple[MappedField, ...]
    columns: tuple[ColumnLine, ...]
    accepted_risks: tuple[AcceptedRisk, ...]
    unresolved: tuple[UnresolvedWork, ...]
    reported: tuple[ReportedFinding, ...] = ()
    """Known and listed: neither accepted risk nor unresolved work."""
    waiting: tuple[WaitingFile, ...] = ()
    """Files that came and were not taken in; their rows are in no count."""
    deferred: tuple[Deferral, ...]
    excluded: tuple[Exclusion, ...]
    merged: tuple[Merge, ...]
    kept_apart: tuple[KeptApart, ...] = ()
    history: tuple[HistoryLine, ...]
    deliveries: tuple[DeliveryLine, ...]
    export: Export | None
    """None while no entity's gates are open."""
    graph: Graph
    row_labels: dict[str, str] = Setting(default_factory=dict)
    """Row id -> how people find the row: its key, unless that is personal, with file and row number."""
    notices: tuple[Statement, ...] = ()
    """What a reader should know that has no section of its own, such as a limit that was reached."""

    @model_validator(mode="after")
    def _counts_agree(self) -> Self:
        for outcome in self.outcomes:
            for fate, rows in outcome.fates.items():
                listed = sum(f.rows for f in self.fates if (f.entity, f.fate) == (outcome.entity, fate))
                if listed != rows:
                    raise ValueError(
                        f"{outcome.entity}: {rows} rows {fate} in total, but {listed} listed by reason"
                    )
        return self
