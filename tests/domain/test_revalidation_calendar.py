"""The evaluator of re-validations: single cases as literal rows, and a calendar of a year against an oracle of its own."""

import random
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from aformity_pipelines.domain.fates import Fate, Reason
from aformity_pipelines.domain.revalidation import (
    RowState,
    StateLine,
    counted,
    evaluate,
    left_since,
)
from aformity_pipelines.domain.revalidation import (
    Tested as Row,
)

MONDAY = date(2027, 1, 4)
NEXT = MONDAY + timedelta(days=7)


def ready(key: str = "k1", *, row: str = "") -> Row:
    return Row(entity="account", row=row or f"s@1#{key}", key=key, fate=Fate.EXPORTED, reason=Reason.READY)


def blocked(
    key: str = "k1",
    *,
    row: str = "",
    because: str = "account.name.required",
    owner: str = "Ina",
    due: date | None = None,
    due_days: int | None = 10,
    told: date | None = None,
) -> Row:
    return Row(
        entity="account", row=row or f"s@1#{key}", key=key, fate=Fate.UNRESOLVED, reason=Reason.RULE,
        because=because, owner=owner, due=due, due_days=due_days, told=told,
    )  # fmt: skip


def states(*weeks: Row | None) -> list[RowState]:
    """Return the state of one row in each week from MONDAY; None where it is not there."""
    before: tuple[StateLine, ...] = ()
    found = []
    for week, row in enumerate(weeks):
        day = MONDAY + timedelta(days=7 * week)
        before = evaluate([row] if row else [], before, day)
        found += [line.state for line in before]
    return found


def test_a_row_that_nothing_holds_is_ready_and_owes_nobody_anything() -> None:
    (line,) = evaluate([replace(ready(), because="D-007", owner="Ina", due=MONDAY)], (), MONDAY)

    assert (line.state, line.because, line.owner, line.since, line.due) == (
        RowState.NOW_READY,
        "",
        "",
        None,
        None,
    )


def test_a_row_is_newly_blocked_the_first_time_and_still_blocked_after_that() -> None:
    held = blocked(due_days=100)

    assert states(held, held) == [RowState.NEWLY_BLOCKED, RowState.STILL_BLOCKED]


def test_a_row_that_was_ready_and_is_held_again_is_newly_blocked() -> None:
    held = blocked(due_days=100)

    assert states(held, ready(), held) == [RowState.NEWLY_BLOCKED, RowState.NOW_READY, RowState.NEWLY_BLOCKED]


def test_a_row_that_was_away_and_comes_back_is_newly_blocked() -> None:
    held = blocked(due_days=100)

    assert states(held, None, held) == [RowState.NEWLY_BLOCKED, RowState.NEWLY_BLOCKED]


def test_another_reason_does_not_make_a_blocked_row_new_but_its_line_says_so() -> None:
    before = evaluate([blocked(because="account.name.required")], (), MONDAY)

    (line,) = evaluate([blocked(because="account.owner.known")], before, NEXT)

    assert line.state is RowState.STILL_BLOCKED
    assert (line.because, line.before_because, line.is_new) == (
        "account.owner.known",
        "account.name.required",
        True,
    )


def test_the_last_day_itself_is_not_overdue_and_the_day_after_it_is() -> None:
    held = blocked(due=NEXT, due_days=None)

    assert evaluate([held], (), NEXT)[0].state is RowState.NEWLY_BLOCKED
    assert evaluate([held], (), NEXT + timedelta(days=1))[0].state is RowState.OVERDUE


def test_a_row_that_was_overdue_and_is_settled_is_ready() -> None:
    held = blocked(due=MONDAY - timedelta(days=1), due_days=None)

    assert states(held, ready()) == [RowState.OVERDUE, RowState.NOW_READY]


def test_a_follow_up_with_a_later_date_takes_a_row_out_of_what_is_overdue() -> None:
    late, moved = (blocked(due=day, due_days=None) for day in (MONDAY - timedelta(days=1), NEXT))

    assert states(late, moved) == [RowState.OVERDUE, RowState.STILL_BLOCKED]


def test_the_days_of_an_owner_count_from_the_first_time_and_do_not_start_again() -> None:
    assert states(*[blocked(due_days=10)] * 3) == [
        RowState.NEWLY_BLOCKED, RowState.STILL_BLOCKED, RowState.OVERDUE
    ]  # fmt: skip


def test_a_new_delivery_of_a_held_row_does_not_give_its_owner_more_time() -> None:
    weeks = [
        blocked(row=f"s@{week}#1", due_days=10, told=MONDAY + timedelta(days=7 * week)) for week in range(3)
    ]

    assert states(*weeks)[-1] is RowState.OVERDUE


def test_the_days_start_again_after_a_pause() -> None:
    held = blocked(due_days=10)

    assert states(held, ready(), held, held)[-1] is RowState.STILL_BLOCKED


def test_the_days_count_from_the_day_since_which_it_is_known_to_be_open_and_never_from_a_later_one() -> None:
    told = MONDAY - timedelta(days=4)
    was_ready = evaluate([ready()], (), MONDAY - timedelta(days=7))

    (first,) = evaluate([blocked(told=told)], (), MONDAY)
    (after_a_pause,) = evaluate([blocked(told=told)], was_ready, MONDAY)
    (told_later,) = evaluate([blocked(told=NEXT)], (), MONDAY)

    assert (first.since, after_a_pause.since, told_later.since) == (told, told, MONDAY)


def test_a_row_that_was_delivered_again_is_known_by_its_key() -> None:
    before = evaluate([blocked(row="s@1#1")], (), MONDAY)

    (line,) = evaluate([blocked(row="s@2#9")], before, NEXT)

    assert (line.state, line.row) == (RowState.STILL_BLOCKED, "s@2#9")


def test_rows_that_share_a_key_are_each_compared_with_their_own_line() -> None:
    before = evaluate([ready(row="s@1#1"), blocked(row="s@1#2")], (), MONDAY)

    lines = evaluate([blocked(row="s@1#1"), blocked(row="s@1#2"), blocked(row="s@1#3")], before, NEXT)

    assert [line.state for line in lines] == [
        RowState.NEWLY_BLOCKED, RowState.STILL_BLOCKED, RowState.NEWLY_BLOCKED
    ]  # fmt: skip


def test_rows_that_are_gone_are_counted_once_each() -> None:
    before = evaluate([blocked("k1"), blocked("k2"), blocked("k3")], (), MONDAY)

    assert left_since(evaluate([blocked("k2"), blocked("k9")], before, NEXT), before) == 2


def test_the_order_of_the_rows_makes_no_difference() -> None:
    rows = [blocked("k2"), ready("k1"), blocked("k1", row="s@1#z")]

    assert evaluate(rows, (), MONDAY) == evaluate(reversed(rows), (), MONDAY)


def test_rows_that_wait_for_different_records_of_one_entity_are_counted_together() -> None:
    waiting = [
        replace(blocked(f"k{n}"), reason=Reason.PARENT, because=f"account s@1#{n}", entity="contact")
        for n in (1, 2)
    ]

    (line,) = counted(evaluate(waiting, (), MONDAY), lambda line: "The account is not ready.")

    assert (line.because, line.rows, line.is_new) == ("account", 2, True)


CUSTOMERS, WAVES, WEEKS = 20, ("wave_2", "wave_3", "wave_4"), 52
START = date(2027, 1, 4)


class World:
    """One customer's wave over a year: rows that come and go, are held and let go, with dates that pass.

    What should be said of each row is written down here from the row's own story, not from the last result.
    """

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(seed)
        self.stories: dict[str, list[Row | None]] = {}
        for number in range(self.chance.randint(3, 12)):
            self.stories[f"k{number}"] = list(self._story(f"k{number}"))

    def _story(self, key: str) -> Iterable[Row | None]:
        chance = self.chance
        is_there, reason, due = chance.random() < 0.7, chance.choice(["", "r1"]), None
        for week in range(WEEKS):
            day = START + timedelta(days=7 * week)
            if chance.random() < 0.05:
                is_there = not is_there
            if chance.random() < 0.2:
                reason = chance.choice(["", "", "r1", "r2", "gate"])
                due = day + timedelta(days=chance.randint(-3, 40)) if chance.random() < 0.5 else None
            if not is_there:
                yield None
                continue
            row = f"s@{week // 9}#{key}"
            if not reason:
                yield ready(key, row=row)
                continue
            told = START + timedelta(days=63 * (week // 9) - 9) if chance.random() < 0.5 else None
            yield blocked(key, row=row, because=reason, due=due, due_days=None if due else 21, told=told)

    def on(self, week: int) -> list[Row]:
        """Return the rows of a week, in no order that means anything."""
        rows = [story[week] for story in self.stories.values()]
        found = [row for row in rows if row is not None]
        self.chance.shuffle(found)
        return found

    def truth(self, week: int) -> dict[str, RowState]:
        """Return what should be said in a week, told from the whole story up to then."""
        return {key: said for key, story in self.stories.items() if (said := _said(story, week))}


def _said(story: list[Row | None], week: int) -> RowState | None:
    row, day = story[week], START + timedelta(days=7 * week)
    if row is None:
        return None
    if row.because == "":
        return RowState.NOW_READY
    first = week
    while first and (earlier := story[first - 1]) is not None and earlier.because:
        first -= 1
    first_day = START + timedelta(days=7 * first)
    told = [found.told for found in story[first : week + 1] if found is not None and found.told]
    begins = min(first_day, *told) if told else first_day
    last_day = row.due or begins + timedelta(days=21)
    if (day - last_day).days >= 1:
        return RowState.OVERDUE
    return RowState.NEWLY_BLOCKED if first == week else RowState.STILL_BLOCKED


Evaluator = Callable[..., tuple[StateLine, ...]]


def wrong_ticks(evaluator: Evaluator) -> tuple[int, Counter[RowState]]:
    """Play the year; return the ticks whose four states are not the oracle's, and how often each state was right."""
    wrong, seen = 0, Counter[RowState]()
    for customer in range(CUSTOMERS):
        for wave in WAVES:
            world, before = World(f"{customer}/{wave}"), ()
            for week in range(WEEKS):
                day = START + timedelta(days=7 * week)
                before = evaluator(world.on(week), before, day)
                truth = world.truth(week)
                wrong += {line.key: line.state for line in before} != truth
                seen.update(truth.values())
    return wrong, seen


def test_a_year_of_every_customer_and_wave_has_every_tick_right() -> None:
    wrong, seen = wrong_ticks(evaluate)

    assert wrong == 0
    assert all(seen[state] > 500 for state in RowState), seen


def due_today_is_overdue(
    tested: Iterable[Row], before: Iterable[StateLine], day: date
) -> tuple[StateLine, ...]:
    lines = evaluate(tested, before, day)
    return tuple(replace(line, state=RowState.OVERDUE) if line.due == day else line for line in lines)


def another_reason_is_new(
    tested: Iterable[Row], before: Iterable[StateLine], day: date
) -> tuple[StateLine, ...]:
    lines = evaluate(tested, before, day)
    return tuple(
        replace(line, state=RowState.NEWLY_BLOCKED)
        if line.state is RowState.STILL_BLOCKED and line.because != line.before_because
        else line
        for line in lines
    )


def forgets_that_a_row_was_ready(
    tested: Iterable[Row], before: Iterable[StateLine], day: date
) -> tuple[StateLine, ...]:
    return tuple(
        replace(line, state=RowState.STILL_BLOCKED)
        if line.state is RowState.NEWLY_BLOCKED and line.before is RowState.NOW_READY
        else line
        for line in evaluate(tested, before, day)
    )


def counts_the_days_anew(
    tested: Iterable[Row], before: Iterable[StateLine], day: date
) -> tuple[StateLine, ...]:
    return evaluate(tested, [replace(line, since=None) for line in before], day)


def compares_by_row_id(
    tested: Iterable[Row], before: Iterable[StateLine], day: date
) -> tuple[StateLine, ...]:
    found = evaluate([replace(row, key=row.row) for row in tested], before, day)
    return tuple(replace(line, key=line.row.partition("#")[2]) for line in found)


@pytest.mark.parametrize(
    "naive",
    [
        due_today_is_overdue,
        another_reason_is_new,
        forgets_that_a_row_was_ready,
        counts_the_days_anew,
        compares_by_row_id,
    ],
)
def test_a_naive_evaluator_gets_ticks_of_the_year_wrong(naive: Evaluator) -> None:
    wrong, _ = wrong_ticks(naive)

    assert wrong > 50
