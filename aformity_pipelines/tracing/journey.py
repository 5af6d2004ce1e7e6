"""The whole way of a row, told turn by turn: delivered, deferred, tested, gone into the product, updated, vanished.

Sentences are for customers: who, when and why.  Ids, versions and places stand beside them, as evidence.
"""

from collections.abc import Iterable, Iterator

from aformity_pipelines.domain.fate_history import FateStep, TestedStep, Way, phases, waited
from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.revalidation import RowState
from aformity_pipelines.review.covered import DELIVERED
from aformity_pipelines.tracing.answer import Step, StepKind
from aformity_pipelines.tracing.fate_words import Telling, because_words, fate_words
from aformity_pipelines.tracing.find import LedgerRow
from aformity_pipelines.tracing.live import entered
from aformity_pipelines.tracing.published import Finding
from aformity_pipelines.tracing.sources import Sources
from aformity_pipelines.tracing.words import day, told, wave_words

STATES = {
    RowState.NOW_READY: "nothing holds it",
    RowState.STILL_BLOCKED: "it is still held back",
    RowState.NEWLY_BLOCKED: "it is held back",
    RowState.OVERDUE: "it is held back, and should have been settled by now",
}


def way_steps(sources: Sources, way: Way) -> Iterator[Step]:
    """Yield each turn of a row's way, the oldest first; nothing where it took none."""
    turns = phases(way)
    if len([turn for turn in turns if isinstance(turn, FateStep)]) < 2 and len(turns) < 2:
        return
    before, delivery = None, ""
    for turn in turns:
        if turn.row.partition("#")[0] != delivery:
            yield _delivered(sources, turn, is_again=bool(delivery))
            delivery = turn.row.partition("#")[0]
        if isinstance(turn, TestedStep):
            yield _tested(sources, turn)
            continue
        if before is None or _told(before) != _told(turn):
            yield _turned(sources, turn)
        before = turn
    if before is not None and (vanished := _vanished(sources, before)):
        yield vanished


def waited_before(sources: Sources, way: Way) -> str:
    """Say why a record that is in the product was not there from the start; empty where it never waited."""
    # What was settled before anything went live is nobody's question; a decision to wait is told before any other wait.
    decided = [each for each in waited(way) if (each.fate, each.reason) == (Fate.DEFERRED, Reason.DECISION)]
    live = {each.name for each in sources.every_export}
    missed = [each for each in waited(way) if f"{each.wave}/{each.version}" in live]
    if not decided and not missed:
        return ""
    step = (decided or missed)[-1]
    return f"before that it {fate_words(_telling(sources), step)}"


def _told(step: FateStep) -> tuple[object, ...]:
    return (step.fate, step.reason, step.because.partition(" ")[0], step.change)


def _delivered(sources: Sources, step: FateStep | TestedStep, *, is_again: bool) -> Step:
    came = sources.delivery_of(step.row)
    on = f", received on {day(came.received_on)}" if came else ""
    file = came.file_name if came else sources.file(step.row.partition("@")[0])
    again = "again " if is_again else ""
    return Step(
        kind=StepKind.WAY,
        says=f"Delivered {again}in {file}{on}.",
        where=sources.place_of(step.row),
        refs=(step.row,),
    )


def _turned(sources: Sources, step: FateStep) -> Step:
    on = f"{day(step.as_of)}, " if step.as_of else ""
    cited = (step.because,) if step.because else ()
    return Step(
        kind=StepKind.WAY,
        says=f"{on}{wave_words(step.wave)}: it {fate_words(_telling(sources), step)}.",
        where=f"{step.wave}/{step.version}",
        refs=(step.row, *cited),
    )


def _tested(sources: Sources, step: TestedStep) -> Step:
    held = because_words(_telling(sources), step.because) if step.because else ""
    owner = f"; {step.owner} settles it{f' by {day(step.due)}' if step.due else ''}" if step.owner else ""
    why = f" ({held})" if held else ""
    says = f"{day(step.as_of)}: tested again for {wave_words(step.wave)}, {STATES[step.state]}{why}{owner}."
    cited = (step.because,) if step.because else ()
    return Step(
        kind=StepKind.WAY,
        says=says,
        where=f"re-validation {step.number} of {step.wave}",
        refs=(step.row, *cited),
    )


def _vanished(sources: Sources, last: FateStep) -> Step | None:
    """Say that a later delivery of its source does not hold the row, where that is so."""
    came, now = sources.delivery_of(last.row), sources.delivered.get(last.row.partition("@")[0])
    if came is None or now is None or came.sha256 == now.sha256:
        return None
    says = f"{now.file_name}, received on {day(now.received_on)}, does not hold it any more; it is known as it was delivered last."
    return Step(kind=StepKind.WAY, says=says, where=sources.place_of(last.row), refs=(last.row,))


def gone_words(sources: Sources, row: LedgerRow, findings: Iterable[Finding]) -> str:
    """Say of a record in the product that the last file lacks it, and what was decided; empty where its fate says so."""
    came, now = sources.delivery_of(row.row_id), sources.delivered.get(row.source)
    if came is None or now is None or came.sha256 == now.sha256 or row.because == Reason.VANISHED:
        return ""
    about = next((each for each in findings if each.rule.endswith(DELIVERED)), None)
    entry = sources.decision(about.accepted_by) if about and about.accepted_by else None
    if entry is not None and entry.id == row.because:
        return ""
    open_yet = " (nobody has decided yet)" if about and about.is_open else ""
    agreed = f": {told(entry)}" if entry else open_yet
    return f"the file of {day(now.received_on)} no longer holds it{agreed}"


def _telling(sources: Sources) -> Telling:
    return Telling(
        migration=sources.migration,
        rules={rule.rule: rule for rule in sources.rules.values()},
        launched={each.name: entered(each) for each in sources.every_export},
    )
