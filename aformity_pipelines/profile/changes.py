"""What differs between the columns of two deliveries of one source.  Keep out: what to do about it."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from difflib import SequenceMatcher

from aformity_pipelines.domain.profile import ColumnChanges, Renamed
from aformity_pipelines.profile.words import folded

SIMILAR = 0.6
"""How alike two names at one place must be to be called a renaming."""

_Column = tuple[str, int]


def column_changes(
    before: Iterable[str], now: Iterable[str], *, same_values: Iterable[tuple[str, str]] = ()
) -> ColumnChanges:
    """Return what changed from the headers of the delivery before to those of this one, each in file order.

    Headers of one name are told apart by their order.  `same_values` are pairs (before, now) of columns that hold the
    same values: where one is gone and the other is new, it was likely renamed, wherever it stands.
    """
    old, new = _columns(before), _columns(now)
    gone = [column for column in old if column not in set(new)]
    come = [column for column in new if column not in set(old)]
    respelled = _respelled(gone, come)
    by_values = _of_same_values(gone, come, same_values)
    renamed = (*by_values, *_renamed(old, new, gone, come))
    stayed = set(new) & set(old)
    return ColumnChanges(
        added=tuple(header for header, _ in come),
        removed=tuple(header for header, _ in gone),
        renamed=renamed,
        respelled=respelled,
        moved=_moved([each for each in old if each in stayed], [each for each in new if each in stayed]),
    )


def _columns(headers: Iterable[str]) -> list[_Column]:
    """Return each header with how many of its name came before it."""
    seen: Counter[str] = Counter()
    columns = []
    for header in headers:
        columns.append((header, seen[header]))
        seen[header] += 1
    return columns


def _respelled(gone: list[_Column], come: list[_Column]) -> tuple[Renamed, ...]:
    """Pair headers that differ in capitals or blanks only, and take them out of both lists."""
    by_text: dict[str, list[_Column]] = {}
    for column in come:
        by_text.setdefault(folded(column[0]), []).append(column)
    pairs = []
    for column in tuple(gone):
        if same := by_text.get(folded(column[0])):
            pairs.append((column, same.pop(0)))
    return _taken_out(pairs, gone, come)


def _of_same_values(
    gone: list[_Column], come: list[_Column], same: Iterable[tuple[str, str]]
) -> tuple[Renamed, ...]:
    """Pair headers whose columns hold the same values, and take them out of both lists."""
    pairs = [((before, 0), (now, 0)) for before, now in same]
    return _taken_out([pair for pair in pairs if pair[0] in gone and pair[1] in come], gone, come)


def _renamed(
    old: list[_Column], new: list[_Column], gone: list[_Column], come: list[_Column]
) -> tuple[Renamed, ...]:
    """Pair headers at one place whose names are alike, and take them out of both lists."""
    fresh = set(come)
    after = {
        (new[place - 1] if place else None): column for place, column in enumerate(new) if column in fresh
    }
    at = dict(enumerate(new))
    lost = set(gone)
    pairs: list[tuple[_Column, _Column]] = []
    for place, column in enumerate(old):
        if column not in lost:
            continue
        beside = after.get(old[place - 1] if place else None) or at.get(place)
        if beside in fresh and beside is not None and _alike(column[0], beside[0]) >= SIMILAR:
            pairs.append((column, beside))
            fresh.discard(beside)
    return _taken_out(pairs, gone, come)


def _taken_out(
    pairs: list[tuple[_Column, _Column]], gone: list[_Column], come: list[_Column]
) -> tuple[Renamed, ...]:
    left, right = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    gone[:] = [column for column in gone if column not in left]
    come[:] = [column for column in come if column not in right]
    return tuple(Renamed(before=before[0], now=now[0]) for before, now in pairs)


def _alike(before: str, now: str) -> float:
    return SequenceMatcher(a=folded(before), b=folded(now), autojunk=False).ratio()


def _moved(old: list[_Column], new: list[_Column]) -> tuple[str, ...]:
    """Return the fewest columns that must have moved: all but the longest part that kept its order."""
    place = {column: number for number, column in enumerate(old)}
    ends: list[int] = []
    length_at: list[int] = []
    for column in new:
        length = bisect_left(ends, place[column])
        ends[length : length + 1] = [place[column]]
        length_at.append(length)
    moved, wanted = [], len(ends) - 1
    for column, length in zip(reversed(new), reversed(length_at), strict=True):
        if length == wanted:
            wanted -= 1
        else:
            moved.append(column[0])
    return tuple(reversed(moved))
