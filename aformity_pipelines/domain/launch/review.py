"""The review history: one line a decision."""

from datetime import date

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.customer import Person


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
    stale: str = ""
    """Why it does not hold for all that it was shown, in words without values; empty where it does, or does not stand."""


class LogEnd(Document):
    """The head of the decision log at the time of the record."""

    seq: int
    sha256: str
