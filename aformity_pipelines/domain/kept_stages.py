"""What a published version keeps of the stages that it was made from: `stages.json`, so that two can be compared.

Counts, names and fingerprints; no value of a customer, no person and no date stands in it.
"""

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document
from aformity_pipelines.domain.destination import Policy
from aformity_pipelines.domain.gate import Standing
from aformity_pipelines.domain.redelivery import Redelivery

Place = tuple[str, str]
"""A stage, and the source or entity that it was about."""


class KeptRule(Document):
    """One rule of a gate as it stood."""

    rule: str
    policy: Policy
    standing: Standing
    failing: int
    accepted: int
    followed: int


class KeptDelivery(Document):
    """The delivery that a raw table was read from."""

    file_name: str
    sha256: str
    rejected: int


class KeptStage(Document):
    """One stage of one source or entity."""

    stage: str
    name: str
    rows_in: int
    rows_out: int
    output: str
    """SHA-256 of its table; empty where it has none."""
    columns: dict[str, str] = Setting(default_factory=dict)
    """Column -> type."""
    gate: str = ""
    is_open: bool = True
    rules: tuple[KeptRule, ...] = ()
    registered: int = 0
    """Of a raw file: how many deliveries of the source were registered then, the one that counted the last of them."""
    delivery: KeptDelivery | None = None
    redelivery: Redelivery | None = None
    """Of a raw file: what differs from the delivery that counted before it."""
    waits: bool = False
    """Whether its delivery waited for an answer or for another file."""

    @property
    def place(self) -> Place:
        """The stage and what it was about."""
        return self.stage, self.name

    @property
    def blockers(self) -> int:
        """Rules that close the gate, or the delivery that waits."""
        return sum(each.standing is Standing.BLOCKED for each in self.rules) + self.waits


class KeptFunction(Document):
    """A field mapping, a value map or a SQL model, by what it does."""

    stage: str
    subject: str
    name: str
    """`source/part/field`, `value map role`, `model account`."""
    digest: str


class KeptStages(Document):
    """`stages.json`: every stage, in running order, and where the rows ended."""

    schema_version: str = "1"
    stages: tuple[KeptStage, ...] = ()
    functions: tuple[KeptFunction, ...] = ()
    config: dict[str, str] = Setting(default_factory=dict)
    """Part of defs.yaml that an export depends on -> its fingerprint."""
    fates: dict[str, dict[str, int]] = Setting(default_factory=dict)
    """Entity -> fate -> rows."""
    exports: dict[str, dict[str, int]] = Setting(default_factory=dict)
    """Entity -> `locked`, `queued` or `on hold` -> rows."""

    def by_place(self) -> dict[Place, KeptStage]:
        """Return the stages by what they were about."""
        return {each.place: each for each in self.stages}
