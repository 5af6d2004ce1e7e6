"""The kinds of decisions by name, for those who speak of kinds without looking into a decision."""

from typing import Annotated, Literal, get_args

from pydantic import BeforeValidator

DecisionKind = Literal[
    "mapping_approved",
    "risk_accepted",
    "rows_deferred",
    "rows_excluded",
    "value_corrected",
    "values_replaced",
    "merge_approved",
    "merge_refused",
    "follow_up_opened",
    "follow_up_reassigned",
    "follow_up_closed",
    "question_asked",
    "question_answered",
    "rule_waived",
    "decision_withdrawn",
    "decision_seconded",
    "intake_answered",
    "export_loaded",
    "destination_upgraded",
]
KINDS: tuple[DecisionKind, ...] = get_args(DecisionKind)
SETTLING: frozenset[DecisionKind] = frozenset(KINDS) - {
    *("follow_up_opened", "follow_up_reassigned", "follow_up_closed"),
    *("question_asked", "question_answered", "decision_seconded"),
}
"""Kinds after which rows, values or files go another way.  Taking such a decision back is one of them."""

Kinds = Annotated[
    tuple[DecisionKind, ...], BeforeValidator(lambda value: (value,) if isinstance(value, str) else value)
]
"""One kind, or several."""


def in_words(kind: str) -> str:
    """Return a kind as people say it: `risk accepted`."""
    return kind.replace("_", " ")
