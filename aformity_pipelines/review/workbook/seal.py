"""Seals: keyed digests by which a workbook that comes back is known to be ours, entry by entry and cell by cell.

HMAC-SHA-256 under the customer's digest key, so nobody without it can write an entry, move it to another finding or
pass off other values as the shown ones.  Keep out: what is sealed for.
"""

import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass

_CELL = 16
"""Hex digits of a cell's seal: 64 bits under a secret key, of which there are several in one row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealer:
    """Seals under one customer's key."""

    key: bytes

    def seal(self, *parts: str) -> str:
        """Return the seal of some texts; no two lists of texts are taken for each other."""
        told = json.dumps(parts, ensure_ascii=True, separators=(",", ":"))
        return hmac.new(self.key, told.encode(), hashlib.sha256).hexdigest()

    def cells(self, code: str, shown: Sequence[str]) -> str:
        """Return the seals of the cells that an entry shows, so that a changed one can be named."""
        return " ".join(self.seal("cell", code, str(n), text)[:_CELL] for n, text in enumerate(shown))

    def changed(self, code: str, sealed: str, shown: Sequence[str]) -> tuple[int, ...]:
        """Return the places of the cells whose text is not the sealed one."""
        expected, now = sealed.split(" "), self.cells(code, shown).split(" ")
        if len(expected) != len(now):
            return tuple(range(len(now)))
        return tuple(
            n
            for n, (then, today) in enumerate(zip(expected, now, strict=True))
            if not hmac.compare_digest(then, today)
        )

    def holds(self, sealed: str, *parts: str) -> bool:
        """Whether a seal is the one of these texts."""
        return hmac.compare_digest(sealed.encode(), self.seal(*parts).encode())
