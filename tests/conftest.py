"""What holds for all tests: the quick ones run first, so that a slip shows in seconds."""

from pathlib import Path

import pytest

PUBLISHED = frozenset({"_published_once"})
"""Fixtures behind which Great Expectations has judged a whole project: whoever asks for one is slow."""


ALL_SLOW = "\npytestmark = pytest.mark.slow\n"
"""What stands in a file whose tests are all slow: the quick run does not even import it."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--update-golden` rewrite what the samples' stories are compared with, and `--rounds` try longer."""
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/<customer>/<wave>/")
    parser.addoption(
        "--rounds", type=int, default=4, help="how many orders of events the waves of a customer go through"
    )


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out what `-m "not slow"` would deselect to the last test; a file that is named is always read."""
    is_named = any(Path(name.partition("::")[0]).name == collection_path.name for name in config.args)
    if config.getoption("markexpr") != "not slow" or is_named or collection_path.suffix != ".py":
        return None
    return True if ALL_SLOW in collection_path.read_text(encoding="utf-8") else None


@pytest.hookimpl(tryfirst=True)  # before `-m` looks for the mark
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each file whose tests are all quick before the files that start something slow."""
    for item in items:
        # Hypothesis marks its tests: each tries a hundred inputs or so.
        if PUBLISHED.intersection(getattr(item, "fixturenames", ())) or item.get_closest_marker("hypothesis"):
            item.add_marker(pytest.mark.slow)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path in slow)
