"""What holds for all tests: the quick ones run first, so that a slip shows in seconds."""

import pytest

PUBLISHED = frozenset({"_published_once"})
"""Fixtures behind which Great Expectations has judged a whole project: whoever asks for one is slow."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--update-golden` rewrite what the samples' stories are compared with."""
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/<customer>/")


@pytest.hookimpl(tryfirst=True)  # before `-m` looks for the mark
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each file whose tests are all quick before the files that start something slow."""
    for item in items:
        # Hypothesis marks its tests: each tries a hundred inputs or so.
        if PUBLISHED.intersection(getattr(item, "fixturenames", ())) or item.get_closest_marker("hypothesis"):
            item.add_marker(pytest.mark.slow)
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path in slow)
