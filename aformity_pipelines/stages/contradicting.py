"""A draft that says the opposite of a decision in force about the same row is refused, with the way out."""

from collections.abc import Iterator, Sequence

from aformity_pipelines.domain.approval import in_force, without_effect
from aformity_pipelines.domain.contradictions import contradicts
from aformity_pipelines.domain.decisions import (
    Entry,
    FollowUpOpened,
    QuestionAsked,
    RowDecision,
    RuleWaived,
    links_of,
)
from aformity_pipelines.review.covered import COVERED
from aformity_pipelines.stages.covering import WANTED
from aformity_pipelines.stages.gating import cover
from aformity_pipelines.stages.graph import sources_behind
from aformity_pipelines.stages.refusing import DraftRefused, Fault
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.sources import open_all


def refuse_contradicting(run: Run, entry: Entry) -> None:
    """Raise DraftRefused with every decision that an entry about to be recorded contradicts.

    Those in force count, and those that wait for somebody else and may come into force; what the entry itself ends
    does not.  Needs the table `wanted_rows` of the entry's rows.
    """
    ended = {link.target for link in links_of(entry) if link.ends}
    waiting = [idle.entry for idle in without_effect(run.migration) if idle.waits]
    standing = [each for each in (*in_force(run.migration), *waiting) if each.id not in ended]
    others = [each for each in standing if contradicts(each, entry)]
    if faults := tuple(_faults(run, entry, others)):
        raise DraftRefused(faults)


def _faults(run: Run, entry: Entry, others: Sequence[Entry]) -> Iterator[Fault]:
    for each in others:
        if isinstance(each, RuleWaived):
            says = (
                f"{each.id} waives {each.covers.rule!r} for every row, so nothing is left to decide about it"
            )
            yield Fault(says=says, do=_way_out(each, entry), at=("covers", "rule"))
    about_rows = [each for each in others if isinstance(each, RowDecision)]
    if not about_rows or not isinstance(entry, RowDecision):
        return
    shared = _shared(run, about_rows)
    for each in about_rows:
        number, example = shared.get(each.id, (0, ""))
        if number and contradicts(each, entry, shared=number):
            rows = f"{number} rows, for example {example!r}, are" if number > 1 else f"row {example!r} is"
            says = f"{entry.kind} on {entry.covers.subject}: {rows} decided otherwise in {each.id}, a {each.kind}"
            yield Fault(says=says, do=_way_out(each, entry), at=("covers",))


def _shared(run: Run, others: Sequence[RowDecision]) -> dict[str, tuple[int, str]]:
    """Return how many of the wanted rows each decision still covers, and one of them."""
    subject = others[0].covers.subject
    sources = sources_behind(run.migration, subject) if subject in run.migration.mappings else (subject,)
    cover(run, open_all(run, sources), others)
    rows = run.connection.execute(
        f"select decision, count(distinct row_id), min(row_id) from {COVERED}"
        f" where matches and row_id in (select row_id from {WANTED}) group by decision"
    ).fetchall()
    return {decision: (number, example) for decision, number, example in rows}


def _way_out(earlier: Entry, entry: Entry) -> str:
    """Say what to write where the draft is right and the earlier decision is not."""
    if isinstance(earlier, FollowUpOpened | QuestionAsked) and isinstance(
        entry, FollowUpOpened | QuestionAsked
    ):
        return (
            f"to give the work to somebody else, use a follow_up_reassigned with `follow_up: {earlier.id}`;"
            f" to ask something else, name `supersedes: {earlier.id}` and why"
        )
    return (
        f"leave these rows out; or, where {earlier.id} no longer holds, name `supersedes: {earlier.id}` and why in"
        " `supersedes_because`, or take it back first with a decision_withdrawn"
    )
