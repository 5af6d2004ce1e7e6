"""Who may decide what, and how many it takes: rules over the log, declared in defs.yaml.

Asked when a decision is recorded and again whenever it is used: a decision that a rule does not allow, or that
waits for a second person, stands in the log and has no effect.
"""

from collections.abc import Iterator

from aformity_pipelines.domain.decisions import Entry, IntakeAnswered, RowDecision, standing
from aformity_pipelines.domain.migration import Migration


def in_force(migration: Migration) -> tuple[Entry, ...]:
    """Return the entries of a customer's log that have an effect, in log order."""
    return standing(migration.log)


def row_decisions(migration: Migration) -> Iterator[RowDecision]:
    """Yield the decisions in force that cover rows, in log order."""
    for entry in in_force(migration):
        if isinstance(entry, RowDecision):
            yield entry


def intake_answers(migration: Migration, source: str) -> tuple[IntakeAnswered, ...]:
    """Return the answers in force about how a source's files are read, in log order: of two, the later one holds."""
    return tuple(
        e for e in in_force(migration) if isinstance(e, IntakeAnswered) and e.covers.source == source
    )
