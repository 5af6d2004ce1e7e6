"""A run killed right before one of its renames: what lies on the disk at that instant is what the next run finds.

Nothing that runs while a process is torn down (a `finally`, a temporary folder that is removed) runs for a killed one,
so the folder is put back to what it was at the instant.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


class Killed(BaseException):
    """The run is dead; nothing of the product's may catch it."""


def renames(act: Callable[[], object]) -> int:
    """Return how many renames an undisturbed run makes."""
    counted = 0

    def count() -> None:
        nonlocal counted
        counted += 1

    with _before_each_rename(count):
        act()
    return counted


def killed_before(act: Callable[[], object], rename: int, *, folder: Path) -> bool:
    """Run until right before the n-th rename (from 1), and leave `folder` as it was then; whether it came that far."""
    left = rename
    instant = folder.with_name(f"{folder.name}.instant")

    def strike() -> None:
        nonlocal left
        left -= 1
        if not left:
            shutil.copytree(folder, instant)
            raise Killed

    try:
        with _before_each_rename(strike):
            act()
    except Killed:
        shutil.rmtree(folder)
        instant.rename(folder)
        return True
    return False


@contextmanager
def _before_each_rename(say: Callable[[], None]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in ("rename", "replace"):
            patch.setattr(os, name, _announced(getattr(os, name), say))
        yield


def _announced(rename: Callable[..., None], say: Callable[[], None]) -> Callable[..., None]:
    def announced(*names: Any, **more: Any) -> None:
        say()
        rename(*names, **more)

    return announced
