"""Which published versions a new export builds on, whatever the order in which waves are run and loaded."""

import pytest

from aformity_pipelines.domain.live import BuildsOn, is_superseded, live_names, settled

FIRST, REPLACED, ADDED = "wave_1/v0001", "wave_1/v0002", "wave_1/v0003"
SECOND = "wave_2/v0001"


def built(**chains: tuple[str, ...]) -> BuildsOn:
    names = {"first": FIRST, "replaced": REPLACED, "added": ADDED, "second": SECOND}
    return {names[each]: chain for each, chain in chains.items()}


@pytest.mark.parametrize(
    ("wave", "current", "loaded", "live"),
    [
        ("wave_1", {}, [], ()),
        ("wave_1", {"wave_1": FIRST}, [], ()),
        ("wave_2", {"wave_1": FIRST}, [], (FIRST,)),
        ("wave_1", {"wave_1": FIRST}, [FIRST], (FIRST,)),
        ("wave_2", {"wave_1": FIRST, "wave_2": SECOND}, [], (FIRST,)),
        ("wave_1", {"wave_1": FIRST, "wave_2": SECOND}, [], (FIRST, SECOND)),
        ("wave_2", {"wave_1": ADDED, "wave_2": SECOND}, [], (FIRST, SECOND, ADDED)),
        ("wave_1", {"wave_1": ADDED, "wave_2": SECOND}, [FIRST], (FIRST, SECOND)),
        ("wave_1", {"wave_1": ADDED, "wave_2": SECOND}, [ADDED], (FIRST, SECOND, ADDED)),
        # What was loaded is another version than the current one: the current one is of no account any more.
        ("wave_2", {"wave_1": REPLACED}, [FIRST], (FIRST,)),
        ("wave_1", {"wave_1": REPLACED}, [FIRST], (FIRST,)),
    ],
)
def test_an_export_builds_on_what_was_loaded_and_on_the_other_waves(
    wave: str, current: dict[str, str], loaded: list[str], live: tuple[str, ...]
) -> None:
    chain = built(first=(), replaced=(), second=(FIRST,), added=(FIRST, SECOND))

    assert live_names(wave, current=current, loaded=loaded, builds_on=chain) == live


def test_a_version_that_was_made_without_what_was_loaded_is_superseded() -> None:
    chain = built(first=(), replaced=(), second=(REPLACED,))
    kept = settled([FIRST], chain)

    assert [name for name in chain if is_superseded(name, kept, chain)] == [REPLACED, SECOND]


def test_what_a_loaded_version_builds_on_is_settled_with_it() -> None:
    assert settled([SECOND], built(first=(), second=(FIRST,))) == {FIRST, SECOND}
