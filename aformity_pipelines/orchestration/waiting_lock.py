"""A lock that is waited for, and kept until the end: runs of one customer queue up, and never write at once."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from aformity_pipelines.files.lock import LockHeld, customer_lock

PAUSE = 0.25

Tell = Callable[[str], None]
"""Told once who is waited for."""


@contextmanager
def waited_lock(path: Path, holder: str, *, seconds: float, tell: Tell = lambda who: None) -> Iterator[None]:
    """Hold the lock file at `path` during the block; LockHeld says who has it after waiting for `seconds`."""
    deadline = time.monotonic() + seconds
    is_told = False
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(customer_lock(path, holder))
                break
            except LockHeld as refused:
                if time.monotonic() >= deadline:
                    raise
                if not is_told:
                    tell(str(refused))
                    is_told = True
                time.sleep(PAUSE)
        yield


class KeptLock:
    """A lock that a run takes at its first step and keeps until it ends; of several customers, one at a time."""

    def __init__(self) -> None:
        self._held = ExitStack()
        self._path: Path | None = None

    def take(self, path: Path, holder: str, *, seconds: float, tell: Tell = lambda who: None) -> None:
        """Hold the lock file at `path` from now on, and no other; LockHeld as `waited_lock` raises it."""
        if path == self._path:
            return
        # One that waits for a second lock while it holds a first could wait for ever.
        self.release()
        self._held.enter_context(waited_lock(path, holder, seconds=seconds, tell=tell))
        self._path = path

    def release(self) -> None:
        """Hold nothing any more."""
        self._path = None
        self._held.close()
