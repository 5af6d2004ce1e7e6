"""Which decisions can be about records that could not be read: to leave them out, or to see to them by a date.

There is no value that could be accepted, corrected or merged, and nothing that a later wave could take.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from aformity_pipelines.domain.drafts import Draft
from aformity_pipelines.mapping.columns import RawRelation
from aformity_pipelines.stages.refusing import DraftRefused, Fault
from aformity_pipelines.stages.rejected import is_about_reading, readable_rule_id, rejected_ids
from aformity_pipelines.stages.run import Run

FOLLOW_UP = frozenset({"follow_up_opened", "question_asked"})
SENSELESS = {
    "risk_accepted": "accept",
    "rows_deferred": "bring with a later wave",
    "value_corrected": "correct",
    "values_replaced": "replace",
    "merge_approved": "merge",
    "merge_refused": "keep apart",
}
"""Kinds of decisions that need what such a record does not have, and what they would do."""
WHAT_TO_DO = (
    "exclude it (`rows_excluded` with the entity as `subject`), open a follow-up (with the source as `subject`), or"
    " ask for the file again"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """Of the rows that a draft is about, those that could not be read."""

    rows: int
    example: str | None
    source: str
    others: int  # rows that were read
    other_example: str | None

    @property
    def is_all(self) -> bool:
        """Whether the draft is about such records only, of which the raw text was shown."""
        return self.rows > 0 and not self.others


def unread_among(run: Run, raw: Mapping[str, RawRelation], wanted: str) -> Unread:
    """Return which rows of the table `wanted` (row_id) are records of `raw` that could not be read."""
    rejected = " union all ".join(rejected_ids(each) for each in raw.values())
    (found,) = run.connection.execute(
        "select count(r.row_id), min(w.row_id) filter (r.row_id is not null), count(*) - count(r.row_id),"
        f" min(w.row_id) filter (r.row_id is null) from {wanted} w left join ({rejected}) r(row_id)"
        " on r.row_id = split_part(w.row_id, '/', 1)"
    ).fetchall()
    source = (found[1] or "").partition("@")[0]
    return Unread(rows=found[0], example=found[1], source=source, others=found[2], other_example=found[3])


def refuse_about_unread(draft: Draft, subject: str, unread: Unread) -> None:
    """Raise DraftRefused with every reason why a decision of this kind cannot be about these rows."""
    if faults := tuple(_faults(draft, subject, unread)):
        raise DraftRefused(faults)


def _faults(draft: Draft, subject: str, unread: Unread) -> Iterator[Fault]:
    rule = draft.covers.rule if draft.covers else None
    about = f"{draft.kind} on {subject}:"
    if rule is not None and is_about_reading(rule) and unread.others:
        says = f"{about} row {unread.other_example!r} could be read"
        yield Fault(says=says, do="name the rule that it breaks", at=("covers", "rows"))
    if not unread.rows:
        return
    what = f"{about} row {unread.example!r} could not be read"
    own_rule = readable_rule_id(unread.source)
    if draft.kind in SENSELESS:
        says = f"{what}, so there is nothing to {SENSELESS[draft.kind]}"
        yield Fault(says=says, do=WHAT_TO_DO, at=("covers", "rows"))
    elif rule not in (None, own_rule):
        says = f"{what}, so the rule {rule!r} does not speak of it"
        yield Fault(says=says, do=f"name the rule `{own_rule}`", at=("covers", "rule"))
    elif draft.kind in FOLLOW_UP and subject != unread.source:
        says = f"{what}: that is followed up for its whole source"
        yield Fault(says=says, do=f"name `{unread.source}` as `subject`", at=("covers", "subject"))
