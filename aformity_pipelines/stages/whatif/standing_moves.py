"""Which approvals and decisions would come to stand otherwise."""

from collections.abc import Iterator

from aformity_pipelines.domain.decision_state import DecisionState, Fit
from aformity_pipelines.domain.decisions import AboutOthers, AboutTheWhole, standing
from aformity_pipelines.domain.effect import ApprovalMove, DecisionMove
from aformity_pipelines.review.approvals import approvals
from aformity_pipelines.stages.decision_states import decision_states
from aformity_pipelines.stages.outputs import StageMissing
from aformity_pipelines.stages.run import Run
from aformity_pipelines.stages.whatif.played import Played

ABSENT = "not there"
ENDED = "ended"
NEW = "not recorded yet"
APPLIES = "applies"
UNTOLD = "cannot be told, since its files are not read"


def approval_moves(before: Run, after: Run) -> tuple[ApprovalMove, ...]:
    """Return the field mappings whose approval would be another one, new ones and removed ones among them."""
    return tuple(_approval_moves(before, after))


def _approval_moves(before: Run, after: Run) -> Iterator[ApprovalMove]:
    were, are = _approvals(before), _approvals(after)
    for entity, name in dict.fromkeys((*were, *are)):
        old, new = were.get((entity, name), ABSENT), are.get((entity, name), ABSENT)
        if old != new:
            yield ApprovalMove(entity=entity, name=name, before=old, after=new)


def _approvals(run: Run) -> dict[tuple[str, str], str]:
    return {
        (entity, each.name): each.words
        for entity in run.migration.entities()
        for each in approvals(run.migration, entity)
    }


def decision_moves(before: Played, after: Played, recorded: int) -> tuple[DecisionMove, ...]:
    """Return the decisions that would hold otherwise; of the last `recorded` entries, those that would not simply apply."""
    log = after.run.migration.log
    new = frozenset(entry.id for entry in log[len(log) - recorded :])
    were, are = _states(before), _states(after)
    found = []
    for decision in dict.fromkeys((*were, *are)):
        old, then = were.get(decision, NEW), are.get(decision, ENDED)
        if old != then and not (decision in new and then == APPLIES):
            found.append(DecisionMove(decision=decision, before=old, after=then))
    return tuple(found)


def _states(side: Played) -> dict[str, str]:
    """Return standing decision -> how it fits the side's files; those that are about unread files cannot be told."""
    try:
        told = {each.decision: _words(each) for each in decision_states(side.run)}
    except StageMissing:
        told = {}
    return {
        entry.id: told.get(entry.id, APPLIES if isinstance(entry, AboutTheWhole) else UNTOLD)
        for entry in standing(side.run.migration.log)
        if entry.id in told or not isinstance(entry, AboutOthers)
    }


def _words(state: DecisionState) -> str:
    return APPLIES if state.fit is Fit.APPLIES else state.says
