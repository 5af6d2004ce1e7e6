"""Keyed digests of what a decision was shown: SHA-256 over key, length and delivered cells, worked out in SQL.

A plain hash of an e-mail address can be guessed; the key is the customer's and lies outside its folder.
The key, in hex, fills SHA-256's first block.  A hash chained on from a secret first block is a pseudorandom function
of texts of which none is the beginning of another (Bellare, Canetti and Krawczyk, "Pseudorandom functions revisited:
the cascade construction", 1996), and the length in front sees to that.  HMAC would hash everything twice.
"""

from collections.abc import Sequence

import duckdb

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.tokens import first_block
from aformity_pipelines.mapping.columns import RawRelation


def create_digest_macro(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Define `keyed_digest(text)` on a connection: lower-case hex of 64 characters; NULL of NULL.

    SHA-256 of `key` in lower-case hex, filled up with zeros to a block, of the text's length in bytes, a colon, and the
    text in UTF-8.
    """
    block = first_block(key)
    connection.execute(
        f"create or replace temp macro keyed_digest(t) as sha256('{block}' || strlen(t) || ':' || t)"
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
