"""The launch record: what a migration did, in a form that machines and people can check.

`handoff.html` is only a rendering of it.  Every statement names its evidence: decision ids, rule ids,
row ids or the table that a count comes from.  Accepted risk and unresolved work are different types
in different lists; nothing turns one into the other.
"""

from datetime import date
from typing import Literal, Self

from pydantic import Field as Setting
from pydantic import model_validator

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.delivery_line import DeliveryLine
from aformity_pipelines.domain.destination_changes import Overridden
from aformity_pipelines.domain.launch.answers import Answer, LikelyQuestion, OpenAnswer, OpenQuestion
from aformity_pipelines.domain.launch.changes import Changes
from aformity_pipelines.domain.launch.export_files import Export, Graph
from aformity_pipelines.domain.launch.field_map import ColumnLine, MappedField
from aformity_pipelines.domain.launch.losses import LossLine
from aformity_pipelines.domain.launch.outcomes import EntityOutcome, FateRow, GateState, MomentState
from aformity_pipelines.domain.launch.review import HistoryLine, LogEnd
from aformity_pipelines.domain.launch.risks import AcceptedRisk, ReportedFinding
from aformity_pipelines.domain.launch.rows import Deferral, Exclusion, KeptApart, Merge
from aformity_pipelines.domain.launch.statements import Count, RuleLine, Statement
from aformity_pipelines.domain.launch.unresolved import UnresolvedWork
from aformity_pipelines.domain.launch.waves import FieldUpdate, LiveExport, Loaded, VanishedRows
from aformity_pipelines.domain.revalidation import Revalidation
from aformity_pipelines.domain.waiting_file import WaitingFile


class LaunchRecord(Document):
    """The machine-readable handoff of one customer's wave."""

    schema_version: Literal["3"] = "3"
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
    losses: tuple[LossLine, ...] = ()
    """The information-loss account: one line a field mapping."""
    questions: tuple[LikelyQuestion, ...] = ()
    """What the customer may ask first and is settled, the most visible first."""
    open_questions: tuple[OpenQuestion, ...] = ()
    """What the customer may ask first and somebody still settles, the most visible first."""
    answers: tuple[Answer, ...] = ()
    open_answers: tuple[OpenAnswer, ...] = ()
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
    loaded: Loaded | None = None
    """Who said that this export was loaded into the product; None until somebody does."""
    builds_on: tuple[LiveExport, ...] = ()
    """The exports that are in the product, or go there before this one, in order."""
    updates: tuple[FieldUpdate, ...] = ()
    """What this export changes in records that are in the product, field by field."""
    vanished: tuple[VanishedRows, ...] = ()
    """Rows that a file no longer holds, by source."""
    revalidations: tuple[Revalidation, ...] = ()
    """The last re-validation of the wave itself and of each later one."""
    overrides: tuple[Overridden, ...] = ()
    """Where the product is another one for this customer than for others, part by part, with the reason."""
    changes: Changes | None = None
    """What changed since the version before; None at the first."""
    counts: tuple[Count, ...] = ()
    rules: tuple[RuleLine, ...] = ()
    row_labels: dict[str, str] = Setting(default_factory=dict)
    """Row id -> how people find the row: its key (a token where that is personal), file and row number."""
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
