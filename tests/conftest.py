"""What holds for all tests: the quick ones run first, so that a slip shows in seconds."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `--update-golden` rewrite what the samples' stories are compared with."""
    parser.addoption("--update-golden", action="store_true", help="rewrite tests/golden/<customer>/")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put each file whose tests are all quick before the files that start something slow."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path in slow)
