"""Locks: parts of a destination that customers share as they are, and who opened one for a customer.

A part is a way into the destination, `account.name.required`: whatever lies below it belongs to it, and `*` stands
for any name.  What a customer changes there is `overrides`'.
"""

from datetime import date
from typing import Annotated

from pydantic import Field as Setting

from aformity_pipelines.domain.base import Document, Sentence, Slug
from aformity_pipelines.domain.mapping import Names

ANY = "*"


class Lock(Document):
    """Parts of a destination that no customer changes, until somebody with the named role opens them."""

    parts: Annotated[Names, Setting(min_length=1)]
    """`account`, `account.external_id`, `account.*.required`, `user.role.allowed`, `moments` ...; `*` is any name."""
    unlock: Sentence
    """The role, as `people` write it, of who may open these parts for a customer."""
    says: Sentence
    """Why they are locked."""

    def holds(self, part: str) -> bool:
        """Whether a part lies within what is locked."""
        return any(is_within(part, locked) for locked in self.parts)


class Unlocked(Document):
    """A locked part, opened for one customer."""

    part: str
    """The part as the lock names it, or one within it."""
    by: Slug
    """One of `people`, with the role that the lock asks for."""
    on: date
    why: Sentence


def is_within(part: str, whole: str) -> bool:
    """Whether `part` is `whole` or lies below it; a `*` in `whole` is any name, one in `part` only matches a `*`."""
    steps, wanted = part.split("."), whole.split(".")
    return len(steps) >= len(wanted) and all(
        want in (ANY, step) for step, want in zip(steps, wanted, strict=False)
    )
