"""What a change would move, before anything is written: gates, rows, fates, cells, waves and approvals.

Rows are named by id.  Values stand only in the examples of cells, which are for the people who run the migration:
they go to a terminal or a review workbook and never into a record, a log or Dagster.
"""

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.fates import Fate, Reason


class GateMove(Document):
    """A gate that would open or close."""

    gate: str
    subject: str
    opens: bool
    because: str = ""
    """Why it would be closed; empty where it would open."""


class RuleMove(Document):
    """A rule whose failing or undecided rows would change."""

    gate: str
    subject: str
    rule: str
    failing_before: int
    failing_after: int
    undecided_before: int
    undecided_after: int
    standing_before: str = ""
    """Where the rule stands (`blocked`, `decided`, ...); empty where its gate is not reached."""
    standing_after: str = ""
    released: tuple[str, ...] = ()
    """Row ids that nothing would keep back here any more, the first 20."""


class FateMove(Document):
    """Rows that would end elsewhere; `None` where the row has no fate yet, or would have none."""

    entity: str
    before: Fate | None
    before_reason: Reason | None
    after: Fate | None
    after_reason: Reason | None
    rows: int
    examples: tuple[str, ...]
    """Row ids, the first 3."""


class WaveMove(Document):
    """Rows that would launch with another wave."""

    entity: str
    before: str
    after: str
    rows: int


class CellExample(Document):
    """One value that would change."""

    row: str
    """Row id."""
    before: str | None
    after: str | None


class CellMove(Document):
    """Values of a field that would change."""

    entity: str
    field: str
    rows: int
    examples: tuple[CellExample, ...]
    """The first 3."""


class ApprovalMove(Document):
    """A field mapping whose approval would change: `approved`, `approval is stale`, `not approved`."""

    entity: str
    name: str
    before: str
    after: str


class DecisionMove(Document):
    """A decision that would come to hold for more or fewer rows, or stop or start to hold."""

    decision: str
    before: str
    after: str


class Effect(Document):
    """Everything that a change would move in one wave."""

    customer: str
    wave: str
    gates: tuple[GateMove, ...] = ()
    rules: tuple[RuleMove, ...] = ()
    fates: tuple[FateMove, ...] = ()
    waves: tuple[WaveMove, ...] = ()
    cells: tuple[CellMove, ...] = ()
    approvals: tuple[ApprovalMove, ...] = ()
    decisions: tuple[DecisionMove, ...] = ()
    notes: tuple[str, ...] = ()
    """What could not be worked out, and why: a delivery that waits, a stage that has not run; and what only seems to
    move, since records are in the product."""

    @property
    def is_nothing(self) -> bool:
        """Whether nothing would move."""
        moves = (
            *(self.gates, self.rules, self.fates, self.waves, self.cells),
            *(self.approvals, self.decisions),
        )
        return not any(moves)
