"""What is said of a record, before it is known how the record is called."""

from dataclasses import dataclass

from aformity_pipelines.tracing.answer import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A predicate that a record's name can stand before, and what it rests on."""

    says: str
    steps: tuple[Step, ...] = ()
