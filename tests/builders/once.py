"""Folders that are dear to make, made once for a whole test run: all workers of pytest-xdist share them."""

import fcntl
from collections.abc import Callable
from pathlib import Path

import pytest

DONE = "done"


def made_once(factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """Return the folder that `make` filled, in this process or in another one; nobody may change it.

    Whoever comes while another one makes it waits.  Where `make` fails, the next one tries again in an empty folder.
    """
    base = factory.getbasetemp()
    shared = base.parent if base.name.startswith("popen-") else base
    home = shared / "made_once" / name
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / DONE).exists():
            attempt = len(list(home.glob("folder_*")))
            make(home / f"folder_{attempt}")
            (home / DONE).write_text(f"folder_{attempt}", encoding="utf-8")
    return home / (home / DONE).read_text(encoding="utf-8")
