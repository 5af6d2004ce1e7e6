"""A lock that is waited for: runs of one customer queue up instead of failing at once."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from aformity_pipelines.files.lock import LockHeld, customer_lock


@contextmanager
def waited_lock(path: Path, holder: str, *, seconds: float) -> Iterator[None]:
    """Hold the lock file at `path` during the block; LockHeld says who has it after waiting for `seconds`."""
    deadline = time.monotonic() + seconds
    with ExitStack() as held:
        while True:
            try:
                held.enter_context(customer_lock(path, holder))
                break
            except LockHeld:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(0.25)
        yield
