"""The answers that a finding allows, in plain words, and the kinds of decisions that they stand for.

Keep out: which kinds settle a finding; that the open finding says.
"""

from collections.abc import Iterator, Mapping, Sequence

from aformity_pipelines.review.workbook.shape import Choice

ACCEPT, LEAVE_OUT = "Accept as it is", "Leave out"
LOOK_INTO, ASK = "Look into it (follow-up)", "Ask a question"
MERGE, KEEP_APART = "Merge into …", "Keep apart"
WAIVE, CLOSE = "Do not ask this of us", "It is done"
GIVE, REPLY = "Give it to somebody else", "Answer the question"
APPROVE, QUESTION = "Approve", "Question"

APPROVAL = (
    Choice(words=APPROVE, kind="mapping_approved"),
    Choice(words=QUESTION, kind=""),
)
"""The answers of the field map."""
_PLAIN = {
    "risk_accepted": ACCEPT,
    "rows_excluded": LEAVE_OUT,
    "follow_up_opened": LOOK_INTO,
    "question_asked": ASK,
    "merge_approved": MERGE,
    "merge_refused": KEEP_APART,
}
_WHOLE = {"rule_waived": WAIVE}
_ABOUT_EARLIER = {"follow_up_closed": CLOSE, "follow_up_reassigned": GIVE, "question_answered": REPLY}
ABOUT_EARLIER = frozenset(_ABOUT_EARLIER)
"""Kinds that say something about an earlier decision and cover no rows."""
NEEDS_OWNER = frozenset({"follow_up_opened", "follow_up_reassigned", "question_asked"})
"""Kinds that need somebody and a date."""
NEEDS_NEW_VALUE = frozenset({"value_corrected", "merge_approved"})
"""Kinds that need what stands in the cell of the new value."""
CLEAR = "(clear)"
"""What stands in the cell of the new value where a correction clears the field: a blank cell may be a slip."""


def choices_of(
    answers: Sequence[str], *, fields: Mapping[str, str], later_waves: Sequence[str], follow_up: str | None
) -> tuple[Choice, ...]:
    """Return the answers of a finding's drop-down.

    `answers` are the kinds that settle it, `fields` the ones that can be corrected with their labels, `follow_up` the
    decision that holds its rows.  Kinds that a drop-down cannot say are left out.
    """
    return tuple(_choices(answers, fields=fields, later_waves=later_waves, follow_up=follow_up))


def _choices(
    answers: Sequence[str], *, fields: Mapping[str, str], later_waves: Sequence[str], follow_up: str | None
) -> Iterator[Choice]:
    for kind in dict.fromkeys(answers):
        if kind in _PLAIN:
            yield Choice(words=_PLAIN[kind], kind=kind, single=kind == "merge_approved")
        elif kind in _WHOLE:
            yield Choice(words=_WHOLE[kind], kind=kind, whole=True)
        elif kind in _ABOUT_EARLIER and follow_up is not None:
            yield Choice(words=_ABOUT_EARLIER[kind], kind=kind, target=follow_up, whole=True)
        elif kind == "value_corrected":
            for field, label in fields.items():
                yield Choice(words=f"Correct {label} to …", kind=kind, field=field)
        elif kind == "rows_deferred":
            for wave in later_waves:
                yield Choice(words=f"Launch with {wave}", kind=kind, wave=wave)
