"""A delivered table as the compiler sees it: exact headers on the outside, internal names inside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from aformity_pipelines.domain.sql_text import identifier, literal


@dataclass(frozen=True, slots=True, kw_only=True)
class RawRelation:
    """One source's rows: a relation with `row_id`, `row_key` and one text column per header."""

    source: str
    relation: str  # SQL name of the relation
    internal: Mapping[str, str]  # header -> column name, the first column of a repeated header
    blanks: tuple[str, ...] = ()  # texts by which this source says that nothing was entered

    def exact(self, header: str, alias: str = "r") -> str:
        """Return the SQL of the cell as delivered.  KeyError where the delivery lacks the header."""
        return f"{alias}.{identifier(self.internal[header])}"

    def filled(self, header: str, alias: str = "r") -> str:
        """Return the SQL of the cell, NULL where nothing was entered."""
        cell = self.exact(header, alias)
        if not self.blanks:
            return f"nullif({cell}, '')"
        nothing = ", ".join(literal(text) for text in ("", *self.blanks))
        return f"case when {cell} in ({nothing}) then null else {cell} end"


def internal_names(headers: Sequence[str]) -> dict[str, str]:
    """Return header -> `c0001` ...; a repeated header gets `__2`, `__3` behind its name."""
    names: dict[str, str] = {}
    for number, header in enumerate(headers, start=1):
        name, copy = header, 1
        while name in names:
            copy += 1
            name = f"{header}__{copy}"
        names[name] = f"c{number:04d}"
    return names
