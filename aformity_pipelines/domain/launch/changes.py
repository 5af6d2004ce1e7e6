"""What changed since the handoff before: fates moved, decisions added and ended, work settled, rows released."""

from datetime import date

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.fates import Fate
from aformity_pipelines.domain.launch.statements import Statement
from aformity_pipelines.domain.redelivery import Redelivery


class FateMove(Document):
    """Rows of an entity that ended in another place than before."""

    entity: str
    before: Fate | None
    """None where the rows were in none of the files read before."""
    after: Fate | None
    """None where they are in none of the files read now: gone, or their file waits."""
    is_live: bool = False
    """Whether their records were in the product before: then only what changed about them moved."""
    number: int = Setting(ge=1)
    rows: tuple[str, ...] = ()
    """Row ids of now (of then where they are gone), the first 200."""

    @property
    def is_release(self) -> bool:
        """Whether the rows waited before and are in the product now."""
        return self.before in (Fate.DEFERRED, Fate.UNRESOLVED) and self.after in (Fate.EXPORTED, Fate.MERGED)


class Released(Document):
    """Rows that waited, and went into the product since: what they waited for is told by its last step."""

    entity: str
    fate: Fate
    """Where they were before."""
    is_update: bool = False
    """Whether only what changed about them waited: their records were in the product."""
    says: str
    """Why they waited, behind "they": `were put off to wave 2 on 12 January 2027: ...`."""
    evidence: tuple[str, ...] = Setting(min_length=1)
    number: int = Setting(ge=1)
    rows: tuple[str, ...] = ()
    """Row ids of now, the first 200."""


class Changes(Document):
    """The difference to the version of the export that was published before this one."""

    since_wave: str
    since_version: str
    since_log_seq: int
    since_as_of: date | None = None
    """The date of the last handoff of that version; None where there is none any more."""
    moves: tuple[FateMove, ...] = ()
    released: tuple[Released, ...] = ()
    """The same rows as the moves that release some, by why they waited."""
    decisions_added: tuple[str, ...] = ()
    """Ids of the entries since, in log order."""
    decisions_ended: tuple[str, ...] = ()
    """Ids of decisions that stood then and do not now."""
    decisions_stale: tuple[str, ...] = ()
    """Ids of decisions that cover fewer rows than they were shown, and did not then."""
    work_settled: tuple[str, ...] = ()
    """Ids of follow-ups and questions that were open then and are not now."""
    work_opened: tuple[str, ...] = ()
    deliveries: tuple[str, ...] = ()
    """Sources that were delivered anew."""
    compared: tuple[Redelivery, ...] = ()
    """Of these, what differs from the files read then: in counts and headers, where both can still be read."""
    says: tuple[Statement, ...] = ()
    """The same in sentences, the most visible first."""
