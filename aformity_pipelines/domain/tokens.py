"""Tokens: what stands in place of a personal value wherever a CSM or a log reader may look.

`email-7f3ah0c2kq`: the field's name and ten signs.  One value of one field always gives one token of a customer, and
another one of another customer, so that tokens can be searched and counted but not guessed.  The signs are the first 50
bits of a keyed digest in Crockford's Base 32 (crockford.com/base32.html): no two look alike, and none depends on case.
Two different values in a million share a token with a probability of 1 in 2,000.  What is personal is not said here.
"""

import hashlib
import re
from dataclasses import dataclass

LONGEST_KEY = 32
"""Bytes of a customer's key; in hex they fill a block of SHA-256, which is 64."""
SIGNS = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 10
BITS = 5
"""Of one sign."""
BETWEEN = "\x1f"
"""Stands between what a value is of and the value; no name holds it."""
KEYS = "key"
"""The field that the keys of a source's rows are called after."""

_TYPED = re.compile(r"^(?P<field>[a-z][a-z0-9_]*)-(?P<signs>[0-9a-z]{10})$")
_LOOKALIKES = str.maketrans({"o": "0", "i": "1", "l": "1"})


class NoToken(ValueError):
    """A text that cannot be a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """The name of a value."""

    field: str
    signs: str

    def __str__(self) -> str:
        """Return it as it is printed: `email-7f3ah0c2kq`."""
        return f"{self.field}-{self.signs}"

    def beginning(self) -> tuple[str, str]:
        """Return the first and the last digest, in hex and of as many digits, that begin like this token."""
        number = 0
        for sign in self.signs:
            number = number << BITS | SIGNS.index(sign)
        spare = -LENGTH * BITS % 4
        digits = (LENGTH * BITS + spare) // 4
        first = number << spare
        return f"{first:0{digits}x}", f"{first | (1 << spare) - 1:0{digits}x}"


def typed(text: str) -> Token:
    """Return the token that somebody typed: in any case, `o` for 0, `i` or `l` for 1.  NoToken where it is none."""
    found = _TYPED.match(text.strip().lower())
    signs = found["signs"].translate(_LOOKALIKES) if found else ""
    if found is None or not set(signs) <= set(SIGNS):
        raise NoToken(
            f"{text!r} is not a token; copy it from the report, a field's name and {LENGTH} signs: email-7f3ah0c2kq"
        )
    return Token(field=found["field"], signs=signs)


def token_of(key: bytes, subject: str, value: str) -> Token:
    """Return the token of a value; `subject` is `entity.field`, or `source.key` for the key of a row."""
    number = int(keyed_digest(key, f"{subject}{BETWEEN}{value}"), 16) >> 256 - LENGTH * BITS
    places = range((LENGTH - 1) * BITS, -1, -BITS)
    signs = "".join(SIGNS[number >> place & (1 << BITS) - 1] for place in places)
    return Token(field=subject.rpartition(".")[2], signs=signs)


def keyed_digest(key: bytes, text: str) -> str:
    """Return what the SQL macro of `review.digest` returns, in Python; there stands why it is made so."""
    encoded = text.encode()
    return hashlib.sha256(f"{first_block(key)}{len(encoded)}:".encode() + encoded).hexdigest()


def first_block(key: bytes) -> str:
    """Return what a keyed digest hashes first: the key in hex, filled up with zeros.  ValueError where it is longer."""
    if len(key) > LONGEST_KEY:
        raise ValueError(f"the digest key has {len(key)} bytes; use at most {LONGEST_KEY}")
    return key.ljust(LONGEST_KEY, b"\0").hex()
