"""Names that must not leave one customer with what is suggested to another: its own, and those of its people.

Only looking: what becomes of a text that names somebody is settled where it would be written.
"""

import re
from dataclasses import dataclass

from aformity_pipelines.domain.mapping import Read
from aformity_pipelines.domain.migration import Migration
from aformity_pipelines.stages.personal import Personal, columns_of

ADDRESS = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")
HEADER = re.compile(r'"((?:[^"]|"")+)"')
SHORTEST_NAME = 3
"""Signs of a part of a name that is looked for by itself."""
NAMES_SOMEBODY = "it names somebody"


@dataclass(frozen=True, slots=True, kw_only=True)
class Private:
    """The names that must not leave with a text; none where both sides are the same customer."""

    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, start: Migration, end: Migration) -> "Private":
        """Return what is private of `start` where a text goes to `end`."""
        if start.slug == end.slug:
            return cls(pattern=None)
        whole = (start.customer.customer, *(person.name for person in start.customer.people.values()))
        parts = {word for name in whole for word in (name, *name.split()) if len(word) >= SHORTEST_NAME}
        longest = sorted(parts, key=lambda word: (-len(word), word))
        return cls(pattern=re.compile("|".join(rf"\b{re.escape(word)}\b" for word in longest), re.IGNORECASE))

    def is_named_in(self, text: str) -> bool:
        """Whether a text names the customer or one of its people, or holds an address."""
        return self.pattern is not None and bool(self.pattern.search(text) or ADDRESS.search(text))

    def quotes_personal(self, entity: str, read: Read, hidden: Personal) -> bool:
        """Whether the condition of a read holds a text, and a column that a personal field is made of."""
        if self.pattern is None or read.only is None or "'" not in read.only.where:
            return False
        closed = {
            column
            for name, mapping in read.fields.items()
            if hidden.hides_delivered(entity, name)
            for column in columns_of(mapping, read.source)
        }
        named = (each.replace('""', '"') for each in HEADER.findall(read.only.where))
        return any((read.source, header) in closed for header in named)
