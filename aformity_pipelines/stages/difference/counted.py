"""Two kept states compared in numbers and names.  Pure: what both kept goes in, lines come out."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from aformity_pipelines.domain.difference import ChangedName, DifferenceLine, Measure
from aformity_pipelines.domain.kept_stages import KeptStage, KeptStages, Place
from aformity_pipelines.stages.graph import EXPORT, RAW_FILE, STAGES

ADDED, REMOVED, CHANGED = "added", "removed", "changed"
REJECTED = "rejected"
"""What of a raw file's rows could not be read."""


def lines(
    then: KeptStages, now: KeptStages, *, not_run: frozenset[Place] = frozenset()
) -> tuple[DifferenceLine, ...]:
    """Return every number of both states, stage by stage; a stage that only one of them reached has no other number.

    Where one kept only where its rows ended, nothing else can be compared.  Of what is still to run (`not_run`) the
    current number is not known, which is no difference.
    """
    return tuple(
        line.model_copy(update={"is_known": False})
        if line.current is None and (line.stage, line.subject) in not_run
        else line
        for line in _lines(then, now)
    )


def _lines(then: KeptStages, now: KeptStages) -> Iterator[DifferenceLine]:
    were, are = then.by_place(), now.by_place()
    has_stages = not any(side.fates and not side.stages for side in (then, now))
    for place in _in_order((*were, *are)) if has_stages else ():
        yield from _of_stage(place, were.get(place), are.get(place))
        yield from _functions(place, then, now)
    yield from _ended(then, now)


def names(then: KeptStages, now: KeptStages) -> tuple[ChangedName, ...]:
    """Return the columns, functions and rules that only one state has, or that are others now.

    A stage that only one of them reached is told by its lines alone.
    """
    were, are = then.by_place(), now.by_place()
    found: list[ChangedName] = []
    for place in _in_order((*were, *are)):
        if place in were and place in are:
            old, new = were[place], are[place]
            found += _changed(place, Measure.COLUMNS, old.columns, new.columns)
            rules = ({rule.rule: "" for rule in side.rules} for side in (old, new))
            found += _changed(place, Measure.FINDINGS, *rules)
        digests = [_digests(place, side) for side in (then, now)]
        if all(digests):
            found += _changed(place, Measure.FUNCTIONS, *digests)
    return tuple(found)


def _in_order(places: Sequence[Place]) -> list[Place]:
    """Return each place once, stage by stage, within a stage as they come."""
    return sorted(dict.fromkeys(places), key=lambda place: STAGES.index(place[0]))


def _of_stage(place: Place, old: KeptStage | None, new: KeptStage | None) -> Iterator[DifferenceLine]:
    yield _line(place, Measure.ROWS, "", *_both(old, new, lambda side: side.rows_out))
    if place[0] == RAW_FILE:
        yield _line(place, Measure.ROWS, REJECTED, _rejected(old), _rejected(new))
    if (old and old.columns) or (new and new.columns):
        yield _line(place, Measure.COLUMNS, "", *_both(old, new, lambda side: len(side.columns)))
    failing = [{rule.rule: rule.failing for rule in side.rules} if side else None for side in (old, new)]
    for rule in dict.fromkeys(rule for side in failing for rule in side or ()):
        before, after = (side.get(rule, 0) if side is not None else None for side in failing)
        if before or after:
            yield _line(place, Measure.FINDINGS, rule, before, after)
    if any(side and (side.gate or side.waits) for side in (old, new)):
        yield _line(place, Measure.BLOCKERS, "", *_both(old, new, lambda side: side.blockers))


def _both(
    old: KeptStage | None, new: KeptStage | None, number: Callable[[KeptStage], int]
) -> tuple[int | None, int | None]:
    """Return a number of both sides; None where one did not reach the stage."""
    before, after = (number(side) if side else None for side in (old, new))
    return before, after


def _rejected(stage: KeptStage | None) -> int | None:
    return stage.delivery.rejected if stage and stage.delivery else None


def _functions(place: Place, then: KeptStages, now: KeptStages) -> Iterator[DifferenceLine]:
    before, after = (_digests(place, side) for side in (then, now))
    if before or after:
        yield _line(place, Measure.FUNCTIONS, "", len(before) or None, len(after) or None)


def _digests(place: Place, side: KeptStages) -> dict[str, str]:
    return {each.name: each.digest for each in side.functions if (each.stage, each.subject) == place}


def _ended(then: KeptStages, now: KeptStages) -> Iterator[DifferenceLine]:
    """Yield where the rows of each entity ended, and what of them goes out."""
    for measure, were, are in (
        (Measure.FATES, then.fates, now.fates),
        (Measure.EXPORTS, then.exports, now.exports),
    ):
        for entity in dict.fromkeys((*were, *are)):
            old, new = were.get(entity), are.get(entity)
            for what in dict.fromkeys((*(old or ()), *(new or ()))):
                before, after = (
                    side.get(what, 0) if side is not None and whole else None
                    for side, whole in ((old, were), (new, are))
                )
                yield _line((EXPORT, entity), measure, what, before, after)


def _changed(
    place: Place, measure: Measure, old: Mapping[str, str], new: Mapping[str, str]
) -> Iterator[ChangedName]:
    for name in dict.fromkeys((*old, *new)):
        change = ADDED if name not in old else REMOVED if name not in new else CHANGED
        if change != CHANGED or old[name] != new[name]:
            yield ChangedName(stage=place[0], subject=place[1], measure=measure, name=name, change=change)


def _line(
    place: Place, measure: Measure, what: str, previous: int | None, current: int | None
) -> DifferenceLine:
    return DifferenceLine(
        stage=place[0], subject=place[1], measure=measure, what=what, previous=previous, current=current
    )
