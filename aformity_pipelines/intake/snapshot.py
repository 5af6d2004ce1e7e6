"""A file that somebody names on the spot, copied under a name of ours before anything reads it.

Readers take `*`, `?` and a leading `-` in a name for something else, and a file may change while it is read.
Keep out: deliveries, which are registered.
"""

import os
import shutil
import stat
from pathlib import Path

from aformity_pipelines.intake.refusal import DeliveryRefused

SNAPSHOT = "snapshot"
"""The copy's name."""


def snapshot(path: Path, into: Path) -> Path:
    """Copy the plain file at `path`, links followed, into the folder `into`, and return the copy.

    Raises DeliveryRefused where there is no such file or it is no plain one.
    """
    copy = into / SNAPSHOT
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise DeliveryRefused(
            f"cannot be opened ({error.strerror}); check the path and its permissions"
        ) from error
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise DeliveryRefused("is no plain file; name one file")
        with open(descriptor, "rb", closefd=False) as opened, copy.open("xb") as written:
            shutil.copyfileobj(opened, written, 1 << 20)
    finally:
        os.close(descriptor)
    return copy


def shown(path: Path | str) -> str:
    r"""Return a path or name as text; bytes that are none show as `\xNN`."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")
