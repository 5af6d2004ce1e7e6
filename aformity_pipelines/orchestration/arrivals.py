"""Which files are complete: two looks at a file agree, and it was not taken in as it is.  No Dagster, no file is read.

A look is a mark of each file by name.  What a sensor remembers is only what spares work: without it nothing happens
twice, since what is registered is known by its bytes.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

Marks = Mapping[str, str]
"""File name -> what changes when the file does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """The last look at one place, and the marks under which files were taken in."""

    seen: Marks = field(default_factory=dict)
    taken: Marks = field(default_factory=dict)

    def complete(self, now: Marks) -> tuple[str, ...]:
        """Return the files that look as they did the last time and were not taken in so, by name."""
        return tuple(
            name
            for name, mark in sorted(now.items())
            if self.seen.get(name) == mark and self.taken.get(name) != mark
        )

    def after(self, now: Marks, taken: tuple[str, ...] = ()) -> "Looks":
        """Return what to remember after a look at which some files were taken in; files that are gone are forgotten."""
        kept = {name: mark for name, mark in self.taken.items() if name in now}
        return Looks(seen=dict(now), taken={**kept, **{name: now[name] for name in taken}})


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the sensor of a customer's deliveries keeps from one look to the next."""

    folder: Looks = Looks()
    remote: Looks = Looks()
    register: str = ""
    """Mark of the register of deliveries when it was last asked what is due."""

    def text(self) -> str:
        """Return it as the text that `remembered` reads."""
        return json.dumps(asdict(self), sort_keys=True)


def remembered(cursor: str | None) -> Memory:
    """Return what a cursor says; nothing for one that is empty or was written in another form."""
    try:
        told = json.loads(cursor or "{}")
        return Memory(
            folder=Looks(**told.get("folder", {})),
            remote=Looks(**told.get("remote", {})),
            register=str(told.get("register", "")),
        )
    except (ValueError, TypeError, AttributeError):
        return Memory()


def mark_of(path: Path) -> str:
    """Return what changes when a file does; empty where there is none."""
    try:
        seen = path.lstat()
    except FileNotFoundError:
        return ""
    return f"{seen.st_size}:{seen.st_mtime_ns}:{seen.st_ctime_ns}:{seen.st_ino}"
