"""The information-loss account: what of a delivered column the product does not hold any more, and who agreed."""

from enum import StrEnum

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document


class LossSort(StrEnum):
    """The ways in which a value says less than it did; each is zero or covered by a decision."""

    COLLAPSED = "collapsed"
    """Different delivered texts became one value: distinct texts minus distinct values."""
    CLEARED = "cleared"
    """A text became blank: by a rule, a value map or a word for nothing."""
    PRECISION = "precision"
    """A number or time lost digits: decimals, seconds, a time of day."""
    CUT = "cut"
    """A text was shortened other than by outer blanks."""
    DATE_DECIDED = "date_decided"
    """A date that can be read two ways (02/03/04) was read as decided."""
    ENCODING = "encoding"
    """A text holds signs that stand for bytes which were repaired or could not be read."""
    ZEROS = "zeros"
    """Leading zeros went."""
    UNREADABLE = "unreadable"
    """A text fits neither type nor value map, and the field is blank."""


class Loss(Document):
    """One way in which one field mapping says less than what was delivered."""

    sort: LossSort
    number: int = Setting(ge=1)
    """Distinct texts for `collapsed`; rows for all others."""
    says: str
    covered_by: tuple[str, ...] = ()
    """Decisions that were shown it: the mapping's approval, its value map's, an intake answer.  Empty where none was."""


class LossLine(Document):
    """One field mapping's account; without `losses` everything that was delivered is still there."""

    entity: str
    field: str
    source: str
    part: str
    headers: tuple[str, ...]
    rows: int
    distinct_before: int | None = None
    """Different delivered texts; None where nothing was changed, so that none can have become one."""
    distinct_after: int | None = None
    losses: tuple[Loss, ...] = ()

    @property
    def is_covered(self) -> bool:
        """Whether every loss was decided."""
        return all(loss.covered_by for loss in self.losses)
