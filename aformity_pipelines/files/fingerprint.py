"""Fingerprints: same inputs, same text; any difference shows.

Keep out: what is fingerprinted.  Nothing here depends on time, chance or the order of a dictionary.
"""

import hashlib
import json
from pathlib import Path


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, 64 hexadecimal digits."""
    with path.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def fingerprint(*parts: str | bytes) -> str:
    """Return the SHA-256 of `parts` in order; each part's length counts, so ("ab", "c") is not ("a", "bc").

    A text and its UTF-8 bytes are the same part.
    """
    digest = hashlib.sha256()
    for part in parts:
        encoded = part.encode() if isinstance(part, str) else part
        digest.update(len(encoded).to_bytes(8, "big"))
        digest.update(encoded)
    return digest.hexdigest()


def canonical_json(value: object) -> str:
    """Return the one JSON text of `value`: sorted keys, no spaces, no escapes that are not needed.

    Raises ValueError for NaN and infinities, TypeError for what JSON does not know.
    """
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
