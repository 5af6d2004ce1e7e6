"""What a crafted file is: a name, and a function that writes it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Crafted:
    """One crafted file; `write` puts it at a path."""

    name: str  # as a customer would call it
    harm: str  # what it tries to do
    write: Callable[[Path], object]
    is_big: bool = False  # takes seconds to write or to read

    def at(self, folder: Path) -> Path:
        """Write the file into `folder` and return where it lies."""
        path = folder / self.name
        self.write(path)
        return path


MIB = 1 << 20
