"""A folder that is rebuilt as a whole: a reader sees the old one or the new one, and builders take turns.

Keep out: what the folder holds.  Not for records, which are published once and never replaced.
"""

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

AT_FDCWD = -100
RENAME_EXCHANGE = 2
NOT_HERE = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})
"""What a system or a file system says that cannot exchange two folders."""


@contextmanager
def rebuilt(final: Path) -> Iterator[Path]:
    """Yield an empty folder beside `final`; on success it takes `final`'s place in one step, on error it is removed.

    Builders of one folder wait for each other.  What a killed one left is removed by the next.  Nothing is flushed to
    the disk: after a power cut, build it again.
    """
    final.parent.mkdir(parents=True, exist_ok=True)
    with _turn(final.with_name(f".{final.name}.lock")):
        building = final.with_name(f".{final.name}.building")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir()
        try:
            yield building
            _replace(building, final)
        finally:
            shutil.rmtree(building, ignore_errors=True)


@contextmanager
def _turn(path: Path) -> Iterator[None]:
    """Hold the lock file at `path` during the block, waiting for it; it ends with its owner."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _replace(building: Path, final: Path) -> None:
    if not final.exists():
        building.rename(final)
    elif not _exchange(building, final):
        # Two steps: between them there is no folder, and the old one lies beside its place.
        old = final.with_name(f".{final.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        final.rename(old)
        building.rename(final)
        shutil.rmtree(old)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places in one step; False where this system cannot."""
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:
        return False
    if rename(AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other), RENAME_EXCHANGE) == 0:
        return True
    code = ctypes.get_errno()
    if code in NOT_HERE:
        return False
    raise OSError(code, os.strerror(code), str(other))
