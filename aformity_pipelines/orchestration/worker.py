"""The operating system's process that does a run: who it is, and whether it still lives.  No Dagster.

A number alone is not it: numbers are given again.  So the moment of its start goes with it, and the place where the
number means something: this machine since it was switched on, this container.
"""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from aformity_pipelines.files.fingerprint import fingerprint

SYSTEM = Path("/proc")
PLACE_DIGITS = 12
AFTER_NAME = 19
"""Of the fields behind a process's name in its `stat`, the start is at this place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """One process: its number, when it started, and where."""

    pid: int
    started: str
    """Ticks since the machine started; empty where the system does not tell."""
    place: str

    def __str__(self) -> str:
        """Return the text that `worker_of` reads."""
        return f"{self.pid}/{self.started}/{self.place}"

    @property
    def is_of_here(self) -> bool:
        """Whether its number means anything to this process."""
        return self.place == here()

    @property
    def is_alive(self) -> bool:
        """Whether it runs; only of one that `is_of_here`."""
        return is_running(self.pid) and started(self.pid) == self.started


def this_worker() -> Worker:
    """Return the process that asks."""
    return Worker(pid=os.getpid(), started=started(os.getpid()), place=here())


def worker_of(text: str) -> Worker | None:
    """Return the worker that a text names, or None where it names none."""
    parts = text.split("/")
    if len(parts) != len(("pid", "started", "place")) or not parts[0].isdecimal():
        return None
    return Worker(pid=int(parts[0]), started=parts[1], place=parts[2])


def is_running(pid: int) -> bool:
    """Whether a process of this number runs here; one that ended and waits to be collected does not."""
    stat = _stat(pid)
    if stat is not None:
        return bool(stat) and stat[0] not in {"Z", "X"}
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def started(pid: int) -> str:
    """Return when a process started, in the system's own ticks; empty where it is not there or the system does not tell."""
    stat = _stat(pid)
    return stat[AFTER_NAME] if stat else ""


def here() -> str:
    """Return a mark of this machine since it was switched on, and of this container on it; no name of either."""
    boot = SYSTEM / "sys/kernel/random/boot_id"
    numbers = SYSTEM / "self/ns/pid"
    since = boot.read_text(encoding="ascii").strip() if boot.is_file() else ""
    within = str(numbers.readlink()) if numbers.is_symlink() else ""
    return fingerprint(platform.node(), since, within)[:PLACE_DIGITS]


def _stat(pid: int) -> list[str] | None:
    """Return the fields behind a process's name; none of them where it is gone, None where the system keeps no such list."""
    if not (SYSTEM / "self/stat").is_file():
        return None
    try:
        text = (SYSTEM / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return []
    # The name stands in brackets and may hold anything, brackets too.
    return text.rpartition(")")[2].split()
