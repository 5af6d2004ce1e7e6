"""Atomic writes: a reader sees the old file or the new one, never a part, even after a power cut.

Keep out: what is written, and any name of a stage.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK, errno.EACCES})
"""What file systems say that give a file one name only, as those of memory sticks and some shares do."""


def write_bytes(path: Path, content: bytes) -> None:
    """Put `content` at `path` in one step, replacing what is there."""
    with replace_with(path) as temporary:
        temporary.write_bytes(content)


def put_new(path: Path, target: Path) -> None:
    """Move a file to `target`, on the same file system.  FileExistsError where anything lies there: it stays.

    Where a file can have one name only, what comes there within the same instant is not seen.
    """
    try:
        os.link(path, target)
    except OSError as refused:
        if refused.errno not in NO_LINKS:
            raise
        if os.path.lexists(target):
            raise FileExistsError(f"{target} is there already") from refused
        path.rename(target)
    else:
        path.unlink()


@contextmanager
def replace_with(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; on success it takes `path`'s place, on error it is removed.

    The parent folder is created.  The caller must have created the temporary file when the block ends.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.unlink(missing_ok=True)
    try:
        yield temporary
        sync(temporary)
        temporary.replace(path)
        sync(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def publish_folder(staging: Path, final: Path) -> None:
    """Move the finished folder `staging` to `final` in one step, everything in it on disk before.

    Both must lie on one file system.  Raises FileExistsError if `final` exists: what is published stays.
    """
    if final.exists():
        raise FileExistsError(f"{final} is published already; published folders never change")
    for folder, _, names in os.walk(staging, topdown=False):
        for name in names:
            sync(Path(folder, name))
        sync(Path(folder))
    final.parent.mkdir(parents=True, exist_ok=True)
    staging.rename(final)
    sync(final.parent)
    if staging.parent != final.parent:
        sync(staging.parent)


def point_to(pointer: Path, name: str) -> None:
    """Let the small file `pointer` say `name`, the name of one of its neighbours, in one step."""
    if not name or name != Path(name).name or name in {".", ".."}:
        raise ValueError(f"{pointer}: {name!r} is not the name of a neighbour; give one name without '/'")
    write_bytes(pointer, f"{name}\n".encode())


def sync(path: Path) -> None:
    """Have the file or folder written to disk before going on."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
