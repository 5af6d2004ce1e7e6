"""Open work as people settle it: one broken rule of one subject, its rows, its owner and what may be answered.

What holds work up and is not about rows (an approval, a waiting delivery) is open work too, with no rows.
"""

from datetime import date

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.customer import Person
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.findings import Severity


class OpenFinding(Document):
    """One entry of the work list.  Exactly one owner; the same finding never stands twice."""

    id: str
    """`gate/subject/rule`, and behind it `/decision` where a follow-up or a question holds the rows."""
    gate: str
    subject: str
    rule: str
    policy: Policy
    severity: Severity
    says: str
    detail: str = ""
    moment: str
    fields: tuple[str, ...]
    owner: Person
    since: date
    """The day from which its age counts: of the delivery that brought it, or of the follow-up."""
    due: date
    is_overdue: bool
    follow_up: str | None = None
    """The follow-up or question that holds the rows."""
    stale: tuple[str, ...] = ()
    """Decisions that covered rows of it and no longer match."""
    is_blocking: bool
    """Whether a gate stays closed because of it."""
    answers: tuple[str, ...]
    """Kinds of decisions that settle it."""
    settle: str
    """The command that settles it."""
    rows: tuple[str, ...] = ()
    """Ids of the rows in question; all of them."""

    def age(self, today: date) -> int:
        """Return how many days it has been open."""
        return max(0, (today - self.since).days)
