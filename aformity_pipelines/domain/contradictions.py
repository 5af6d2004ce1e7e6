"""Which two decisions cannot both be meant of one row: where it goes, what it holds, who sees to it.

Pure, by kind, field and rule.  Whether both cover the same rows, and still do, is the caller's question.
"""

from collections.abc import Iterator

from aformity_pipelines.domain.decisions import (
    Entry,
    FollowUpOpened,
    MergeApproved,
    MergeRefused,
    QuestionAsked,
    RiskAccepted,
    RowDecision,
    RowsDeferred,
    RowsExcluded,
    RuleWaived,
    ValueCorrected,
    ValuesReplaced,
)

PAIR = 2
"""Rows that two decisions about merges must share before they speak of the same merge."""

_Open = FollowUpOpened | QuestionAsked


def contradicts(a: Entry, b: Entry, *, shared: int = PAIR) -> bool:
    """Return whether two standing decisions cannot both be meant of a row that they share, in whatever order.

    `shared` is how many rows both cover.  Work that is open is settled by a later decision, so only work
    opened about what was settled before contradicts it.
    """
    earlier, later = sorted((a, b), key=lambda entry: entry.seq)
    if earlier.id == later.id:
        return False
    if isinstance(earlier, RuleWaived):
        return _is_waived(earlier, later)
    if not isinstance(earlier, RowDecision) or not isinstance(later, RowDecision):
        return False
    if earlier.covers.subject != later.covers.subject:
        return False
    return any(_clashes(earlier, later, shared))


def _is_waived(earlier: RuleWaived, later: Entry) -> bool:
    """Whether a later decision speaks of breaches that nobody is asked about any more."""
    if not isinstance(later, RuleWaived | FollowUpOpened | QuestionAsked):
        return False
    return (later.covers.subject, later.covers.rule) == (earlier.covers.subject, earlier.covers.rule)


def _clashes(earlier: RowDecision, later: RowDecision, shared: int) -> Iterator[bool]:
    for clash in (_goes_elsewhere, _is_left_out, _is_settled, _has_two_owners, _has_two_values):
        yield clash(earlier, later)
    yield _is_merged_otherwise(earlier, later, shared)


def _goes_elsewhere(earlier: RowDecision, later: RowDecision) -> bool:
    """A row goes one way: left out, with one later wave, or live in spite of the rule that left it out."""
    match earlier, later:
        case (RowsExcluded(), RowsDeferred()) | (RowsDeferred(), RowsExcluded()):
            return True
        case RowsDeferred(until_wave=one), RowsDeferred(until_wave=other):
            return one != other
        case RiskAccepted(), RowsExcluded() | RowsDeferred():
            return _is_same_rule(earlier, later)
        case _:
            return False


def _is_left_out(earlier: RowDecision, later: RowDecision) -> bool:
    """Of a row that was left out nothing else can be decided; it would do nothing."""
    return isinstance(earlier, RowsExcluded) and not isinstance(later, RowsExcluded)


def _is_settled(earlier: RowDecision, later: RowDecision) -> bool:
    """Nobody is asked to settle what is settled: accepted, or kept apart."""
    return (
        isinstance(earlier, RiskAccepted | MergeRefused)
        and isinstance(later, _Open)
        and _is_same_rule(earlier, later)
    )


def _has_two_owners(earlier: RowDecision, later: RowDecision) -> bool:
    return isinstance(earlier, _Open) and isinstance(later, _Open) and _is_same_rule(earlier, later)


def _has_two_values(earlier: RowDecision, later: RowDecision) -> bool:
    match earlier, later:
        case ValueCorrected(), ValueCorrected():
            return earlier.field == later.field and earlier.value != later.value
        case (ValueCorrected() as one, ValuesReplaced() as many) | (
            ValuesReplaced() as many,
            ValueCorrected() as one,
        ):
            return one.field == many.field and set(many.replacements.values()) != {one.value}
        case ValuesReplaced(), ValuesReplaced():
            return earlier.field == later.field and any(
                later.replacements.get(old, new) != new for old, new in earlier.replacements.items()
            )
        case _:
            return False


def _is_merged_otherwise(earlier: RowDecision, later: RowDecision, shared: int) -> bool:
    match earlier, later:
        case (MergeApproved(), MergeApproved()) | (MergeApproved(), RowsExcluded()):
            return True
        case (MergeApproved(), MergeRefused()) | (MergeRefused(), MergeApproved()):
            return shared >= PAIR
        case _:
            return False


def _is_same_rule(earlier: RowDecision, later: RowDecision) -> bool:
    return earlier.covers.rule is not None and earlier.covers.rule == later.covers.rule
