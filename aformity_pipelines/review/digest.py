"""Keyed digests of what a decision was shown: HMAC-SHA-256 over the delivered cells, worked out in SQL.

A plain hash of an e-mail address can be guessed; the key is the customer's and lies outside its folder.
The formula is RFC 2104's; DuckDB has SHA-256 only, so the two passes are written as a macro.
"""

from collections.abc import Sequence

import duckdb

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.mapping.columns import RawRelation

BLOCK = 64
"""SHA-256's block size in bytes."""


def create_digest_macro(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Define `keyed_digest(text)` on a connection: lower-case hex of HMAC-SHA-256 under `key`."""
    padded = key.ljust(BLOCK, b"\0")
    if len(padded) > BLOCK:
        raise ValueError(f"the digest key has {len(key)} bytes; use at most {BLOCK}")
    inner, outer = (bytes(byte ^ pad for byte in padded).hex() for pad in (0x36, 0x5C))
    connection.execute(
        "create or replace temp macro keyed_digest(t) as "
        f"sha256(unhex('{outer}') || unhex(sha256(unhex('{inner}') || encode(t))))"
    )


def shown_text(raw: RawRelation, headers: Sequence[str]) -> str:
    """Return the SQL of one unambiguous text of the cells under `headers`: header, length, value; `-` if absent."""
    cells = [
        f"{literal(header)} || coalesce('=' || length({raw.exact(header)}) || ':' || {raw.exact(header)}, '-')"
        for header in sorted(headers)
        if header in raw.internal
    ]
    return " || chr(30) || ".join(cells) or "''"


def shown_reject() -> str:
    """Return the SQL of one unambiguous text of a record that could not be read: why not, and what stands there."""
    return "'!' || length(r.reason) || ':' || r.reason || chr(30) || coalesce('=' || r.raw, '-')"
