"""The way of a row: the fate that each published version gave it, and what each re-validation found in between.

Names of rules, decisions and rows only, no value of the customer's: what is said of a step is worked out elsewhere.
"""

from collections.abc import Sequence
from datetime import date

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.revalidation import RowState


class FateStep(Document):
    """The fate that one published version gave a row."""

    wave: str
    version: str
    """The folder of the published version, such as `v0008-4a873acd`."""
    as_of: date | None = None
    """The date of the version's first handoff; None where none is kept."""
    row: str
    """Row id as it was then: of the delivery that held the row last."""
    fate: Fate
    reason: Reason
    because: str = ""
    """The rule, gate, record or decision, as the ledger names it."""
    change: str = ""
    """`created`, `updated` or `unchanged`; empty where no record of the row was in the product."""
    live_since: str = ""
    """The version that created its record, such as `wave_1/v0008-4a873acd`; empty where none had before."""
    until: str = ""
    """The wave that the row launches with, as its ledger has it."""

    @property
    def is_live(self) -> bool:
        """Whether the row's record was in the product once this version was loaded."""
        return bool(self.live_since) or self.fate in (Fate.EXPORTED, Fate.MERGED)


class TestedStep(Document):
    """What one re-validation of a later wave found, without exporting anything."""

    wave: str
    number: int
    as_of: date
    row: str
    state: RowState
    because: str = ""
    owner: str = ""
    due: date | None = None


Way = tuple[FateStep | TestedStep, ...]
"""The steps of one row, in the order in which they happened."""


def current(way: Way) -> FateStep | None:
    """Return the fate that a row has now: that of the last version; None where no version ever held the row."""
    return next((step for step in reversed(way) if isinstance(step, FateStep)), None)


def phases(way: Way) -> tuple[FateStep | TestedStep, ...]:
    """Return the steps at which something became of a row that had not been so just before."""
    found: list[FateStep | TestedStep] = []
    told: FateStep | TestedStep | None = None
    for step in way:
        if told is None or _state(step) != _state(told):
            found.append(step)
        told = step
    return tuple(found)


def waited(way: Sequence[FateStep | TestedStep]) -> tuple[FateStep, ...]:
    """Return the fates in which a row waited before it went into the product; none where it is not there."""
    last = current(tuple(way))
    if last is None or not last.is_live:
        return ()
    before = [step for step in way if isinstance(step, FateStep)]
    launch = next(place for place, step in enumerate(before) if step.is_live)
    return tuple(before[:launch])


def _state(step: FateStep | TestedStep) -> tuple[object, ...]:
    if isinstance(step, FateStep):
        return (step.fate, step.reason, step.because, step.change, bool(step.live_since), step.row)
    return (step.state, step.because, step.owner, step.due)
