"""Tokens worked out in SQL, set-wise: the same ones that `domain.tokens` makes one at a time."""

import duckdb

from aformity_pipelines.domain.sql_text import literal
from aformity_pipelines.domain.tokens import BETWEEN, BITS, LENGTH, SIGNS, Token
from aformity_pipelines.review.digest import create_digest_macro

DIGITS = 13
"""Of the digest in hex, the fewest that hold all the bits of a token."""


def create_token_macros(connection: duckdb.DuckDBPyConnection, key: bytes) -> None:
    """Define `keyed_digest(text)` and `token_signs(text)` on a connection; NULL of NULL."""
    create_digest_macro(connection, key)
    spare = DIGITS * 4 - LENGTH * BITS
    places = range((LENGTH - 1) * BITS + spare, -1, -BITS)
    signs = " || ".join(f"substr('{SIGNS}', 1 + cast((n >> {place}) & 31 as bigint), 1)" for place in places)
    connection.execute(f"create or replace temp macro signs_of(n) as {signs}")
    connection.execute(
        "create or replace temp macro token_signs(t) as"
        f" signs_of(cast('0x' || left(keyed_digest(t), {DIGITS}) as ubigint))"
    )


def token_sql(subject: str, value: str) -> str:
    """Return the SQL of the token of a value (an expression of text), NULL of NULL; needs the macros."""
    name = subject.rpartition(".")[2]
    return f"{literal(f'{name}-')} || token_signs({literal(subject + BETWEEN)} || {value})"


def has_token(subject: str, value: str, token: Token) -> str:
    """Return the SQL condition that a value has a token; cheaper than to make every value's."""
    first, last = token.beginning()
    beginning = f"left(keyed_digest({literal(subject + BETWEEN)} || {value}), {len(first)})"
    return f"{beginning} between {literal(first)} and {literal(last)}"
