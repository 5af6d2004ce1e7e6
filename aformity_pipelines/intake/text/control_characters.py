"""Characters that no screen shows, counted in the cells that hold them.  They are kept: keep out any repair."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from aformity_pipelines.intake.reading import RawWarning, WarningKind
from aformity_pipelines.intake.text.stretch import Flags, Indexes, Stretch

_FIRST_SHOWN = ord(" ")
_DELETE = 0x7F
_ORDINARY = b"\t\r\n" + bytes(range(_FIRST_SHOWN, 256))
_LONGER = {b"\xe2\x80\xa8": 0x2028, b"\xe2\x80\xa9": 0x2029, b"\xef\xbb\xbf": 0xFEFF}
"""Line and paragraph separator, and the byte order mark inside a text."""
_NAMES = {0x00: "NUL", 0x1A: "Ctrl-Z", 0xFEFF: "byte order mark"}


@dataclass(slots=True, kw_only=True)
class Controls:
    """Counts control characters by code; `structural` ones, tabs and line ends are none."""

    structural: bytes
    _counts: dict[int, int] = field(default_factory=dict)
    _rows: dict[int, int] = field(default_factory=dict)

    def take(self, stretch: Stretch, kept: Flags) -> None:
        """Count those in the kept records of a stretch."""
        for code, positions in self._found(stretch):
            index = np.searchsorted(stretch.starts, positions, side="right") - 1
            inside = kept[index] & (positions < stretch.ends[index])
            if inside.any():
                self._counts[code] = self._counts.get(code, 0) + int(np.count_nonzero(inside))
                self._rows.setdefault(code, stretch.first_row + int(index[np.argmax(inside)]))

    def warnings(self) -> Iterator[RawWarning]:
        """Yield one warning that names every character found, or none."""
        if self._counts:
            shown = ", ".join(
                f"{count} {_NAMES.get(code, f'U+{code:04X}')}, first in row {self._rows[code]}"
                for code, count in sorted(self._counts.items())
            )
            yield RawWarning(
                kind=WarningKind.CONTROL_CHARACTER, count=sum(self._counts.values()), example=shown
            )

    def _found(self, stretch: Stretch) -> Iterator[tuple[int, Indexes]]:
        used = stretch.block[: stretch.used]
        bytes_ = np.frombuffer(used, dtype=np.uint8)
        # Nearly all blocks hold no other than line ends; the cheap look comes first.
        if np.any((bytes_ < _FIRST_SHOWN) & (bytes_ != ord("\n"))):
            for code in set(used.translate(None, delete=_ORDINARY + self.structural)):
                yield code, np.flatnonzero(bytes_ == code)
        if bytes((_DELETE,)) in used:
            yield _DELETE, np.flatnonzero(bytes_ == _DELETE)
        if not used.isascii():
            for sequence, code in _LONGER.items():
                if sequence in used:
                    yield code, np.array([m.start() for m in re.finditer(sequence, used)], dtype=np.int64)
