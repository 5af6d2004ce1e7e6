"""Two states of one wave side by side: Stage x Previous x Current x Diff.

Counts, names and row ids; the cells of single rows are only for the terminal of those who run the migration.
"""

from enum import StrEnum

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.decision_state import DecisionState
from aformity_pipelines.domain.redelivery import Redelivery


class Measure(StrEnum):
    """What a line counts."""

    ROWS = "rows"
    COLUMNS = "columns"
    FUNCTIONS = "functions"
    """Field mappings with a rule or value map, and SQL models."""
    FINDINGS = "findings"
    BLOCKERS = "blockers"
    """Rules that close a gate."""
    FATES = "fates"
    EXPORTS = "exports"
    """`locked`: in the product already; `queued`: goes out; `on hold`: neither."""


class DifferenceLine(Document):
    """One number of one stage, then and now."""

    stage: str
    subject: str
    """The source or entity."""
    measure: Measure
    what: str = ""
    """The rule, fate, column or part of the export that is counted; empty where the measure says it all."""
    previous: int | None = None
    """None where the stage had not run."""
    current: int | None = None
    is_known: bool = True
    """False where a stage has still to run before anybody can tell what the number is."""

    @property
    def diff(self) -> int | None:
        """Current less previous; None where one of them is not known."""
        return None if self.previous is None or self.current is None else self.current - self.previous

    @property
    def is_different(self) -> bool:
        """Whether both numbers are not the same; where only one side has one, whether it counts anything."""
        return self.is_known and self.previous != self.current and bool(self.previous or self.current)


class ChangedName(Document):
    """A column, function or rule that is new, gone or another one now."""

    stage: str
    subject: str
    measure: Measure
    name: str
    change: str
    """`added`, `removed` or `changed`."""


class Difference(Document):
    """Everything that differs between two states of a wave."""

    customer: str
    wave: str
    previous: str
    """What is compared with: a published version, such as `wave_1/v0008-4a873acd`; empty where nothing was before."""
    current: str
    """A published version, or `as it is now`."""
    lines: tuple[DifferenceLine, ...] = ()
    names: tuple[ChangedName, ...] = ()
    deliveries: tuple[Redelivery, ...] = ()
    """Of the sources whose delivery is another one than then."""
    decisions: tuple[DecisionState, ...] = ()
    """How every standing decision fits now, in log order."""
    decisions_added: tuple[str, ...] = ()
    decisions_ended: tuple[str, ...] = ()
    notes: tuple[str, ...] = Setting(default=())
    """What could not be compared, and why."""
