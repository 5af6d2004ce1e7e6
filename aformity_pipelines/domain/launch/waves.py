"""What is in the product from exports before, what this export updates, and what vanished from the files.

Values stand here only as the CSM may see them: themselves, or their tokens.
"""

from datetime import date

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.customer import Person, Vanished


class Loaded(Document):
    """Somebody's word that an export was loaded into the product."""

    decision: str
    by: Person
    on: date


class BuiltFrom(Document):
    """The delivery that a version took a source from."""

    source: str
    file: str
    received_on: date
    sha256: str


class LiveExport(Document):
    """A published version that is in the product, or goes there before this one."""

    wave: str
    version: str
    """The folder of the published version, such as `v0008-4a873acd`."""
    as_of: date | None = None
    """The date of its first handoff; None where none is kept any more."""
    created: dict[str, int] = Setting(default_factory=dict)
    """Entity -> records that it brought."""
    updated: dict[str, int] = Setting(default_factory=dict)
    """Entity -> records that it changed."""
    built_from: tuple[BuiltFrom, ...] = ()
    loaded: Loaded | None = None
    """None where nobody has said so: this export builds on it all the same."""


class UpdateExample(Document):
    """One record in which a field changes."""

    row: str
    before: str | None
    """What the product shows until then; a token where it is personal, None where it is blank."""
    after: str | None


class FieldUpdate(Document):
    """A field that this export changes in records that are in the product."""

    entity: str
    field: str
    records: int = Setting(ge=1)
    filled: int = 0
    """Of these records, those in which it was blank before."""
    cleared: int = 0
    """Those in which it becomes blank."""
    examples: tuple[UpdateExample, ...] = ()


class VanishedRows(Document):
    """Rows of a source that an earlier delivery held and the one that counts does not."""

    source: str
    policy: Vanished
    file: str
    """The delivery that does not hold them."""
    received_on: date
    rows: int = Setting(ge=1)
    open: int = 0
    """Those that nobody has decided about: unresolved work."""
    kept: int = 0
    """Those that go on as they were delivered last: by the policy, or since somebody said so."""
    left_out: int = 0
    """Those that are left out: by the policy, or by a decision."""
    evidence: tuple[str, ...] = Setting(min_length=1)
    examples: tuple[str, ...] = ()
    """Row ids, the first 30."""
