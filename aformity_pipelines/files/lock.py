"""The lock that keeps two runs from working on one customer at the same time.

The operating system holds it: it dies with its owner, so it is never stale.  Keep out: what it guards.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class LockHeld(Exception):
    """Somebody else is working on this customer; the message says who and what to do."""


@contextmanager
def customer_lock(path: Path, holder: str) -> Iterator[None]:
    """Hold the lock file at `path` during the block, in the name of `holder`, such as `run of wave 1`.

    Raises LockHeld at once, without waiting, if another run holds it.  The file stays; only the lock goes.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as refused:
            raise LockHeld(_who_holds(path, descriptor)) from refused
        note = json.dumps({"holder": holder, "pid": os.getpid()}, ensure_ascii=False)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, note.encode(), 0)
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether somebody holds the lock file at `path` now.  Nothing is written, and nobody is kept waiting."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _who_holds(path: Path, descriptor: int) -> str:
    try:
        note = json.loads(os.pread(descriptor, 65536, 0))
        who = f"{note['holder']!r}, process {note['pid']},"
    except (ValueError, KeyError, TypeError):
        who = "another run"  # it has the lock but has not yet written its name
    return (
        f"{path}: {who} is working on this customer; wait until it is done, or end it: the lock ends with it"
    )
