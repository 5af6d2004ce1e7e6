"""Over 200 edited deliveries, exactly the decisions and rows are stale whose evidence changed (promise P3).

What should be stale is worked out in `stale_by_hand`; each naive way to tell misses some or cries wolf.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

import pytest

from tests.properties.deliveries_edited import EDITS, Delivery, edited, first_delivery
from tests.properties.redelivering import KINDS, Held, a_run, some_decisions
from tests.properties.stale_by_hand import Stands, Told, by_hand, names, row_at, shown

SEED = 20261122
WORLDS = 20
EDITED = 10  # of each


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Decisions on a delivery, and what came next."""

    told: tuple[Told, ...]
    then: Delivery
    now: Delivery
    edits: tuple[str, ...]


@cache
def cases() -> tuple[Case, ...]:
    return tuple(_drawn(Random(SEED)))


def _drawn(chance: Random) -> Iterator[Case]:
    for _ in range(WORLDS):
        then = first_delivery(chance)
        told = some_decisions(chance, then, len(KINDS))
        for _ in range(EDITED):
            now, edits = edited(chance, then)
            yield Case(told=told, then=then, now=now, edits=edits)


@pytest.mark.slow
def test_over_200_edited_deliveries_the_stale_rows_are_exactly_those_whose_evidence_changed(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    run = a_run(tmp_path_factory.mktemp("redelivered"))
    for number, case in enumerate(cases()):
        if number % EDITED == 0:
            before = Held.of(run, case.then)
            entries = tuple(before.decided(told) for told in case.told)
            keys = before.keys()
            places = {key: {place for place in keys if keys[place] == key} for key in keys.values()}
        found = Held.of(run, case.now).stands(entries, places)

        expected = by_hand(case.told, case.then, case.now)
        lost = frozenset((decision, min(places[keys[place]])) for decision, place in expected.lost)
        assert found == Stands(covered=expected.covered, lost=lost), (number, case.edits)


def test_the_edited_deliveries_are_of_every_sort() -> None:
    """Or the test above would say less than it seems to."""
    states = [by_hand(case.told, case.then, case.now) for case in cases()]
    lost = sum(len(state.lost) for state in states)
    kept = sum(len(state.covered) for state in states)

    assert len(cases()) == 200
    assert {name for case in cases() for name in case.edits} == set(EDITS)
    assert {told.kind for case in cases() for told in case.told} == set(KINDS)
    assert lost > 300
    assert kept > 3000


Naive = Callable[[Told, Delivery, Delivery], bool]


def by_row_id(told: Told, then: Delivery, now: Delivery) -> bool:
    """Row 17 is row 17."""
    return any(
        place[1] >= len(now[place[0]].rows)
        or shown(then, place, told.headers) != shown(now, place, told.headers)
        for place in told.rows
    )


def by_file(told: Told, then: Delivery, now: Delivery) -> bool:
    """A file that changed is another file."""
    return any(then[source] != now[source] for source, _ in told.rows)


def by_key_only(told: Told, then: Delivery, now: Delivery) -> bool:
    """A row that is still there is still the same."""
    then_named, now_named = names(then), set(names(now).values())
    return any(then_named[place] not in now_named for place in told.rows)


def without_members(told: Told, then: Delivery, now: Delivery) -> bool:
    """A decision is about its own rows only."""
    then_named = names(then)
    old = [(then_named[place], shown(then, place, told.headers)) for place in told.rows]
    there = [(name, shown(now, place, told.headers)) for place, name in names(now).items()]
    return any(not 0 < there.count(each) <= old.count(each) for each in old)


def by_all_cells(told: Told, then: Delivery, now: Delivery) -> bool:
    """Whatever changes in a row, the row changed."""
    now_named = {name: row_at(now, place) for place, name in names(now).items()}
    then_named = names(then)
    return any(now_named.get(then_named[place]) != row_at(then, place) for place in told.rows)


def found_by(is_stale: Naive) -> tuple[float, float]:
    """Return precision and recall of a way to tell which decisions are stale."""
    right = said = true = 0
    for case in cases():
        expected = by_hand(case.told, case.then, case.now).stale
        named = {told.id for told in case.told if is_stale(told, case.then, case.now)}
        right, said, true = right + len(named & expected), said + len(named), true + len(expected)
    return right / said, right / true


@pytest.mark.parametrize(
    ("naive", "cries_wolf", "misses"),
    [
        (by_row_id, True, True),
        (by_file, True, True),
        (by_key_only, False, True),
        (without_members, False, True),
        (by_all_cells, True, True),
    ],
)
def test_naive_ways_to_tell_what_is_stale_fail(naive: Naive, cries_wolf: bool, misses: bool) -> None:
    precision, recall = found_by(naive)

    assert (precision < 0.99, recall < 0.99) == (cries_wolf, misses)
