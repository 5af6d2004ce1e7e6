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
    rejected: str | None = None
    """SQL name of the relation (row_id, row, row_key, wave, reason, raw) of the records that could not be read; None
    where all could."""
    carried: str | None = None
    """SQL name of the relation with the row ids of the rows that only earlier deliveries held; None where there are none."""
    left_out: bool = False
    """Whether the carried rows become no record, by the source's policy."""

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
    """Return header -> `c0001` ...; a repeated header gets `__2`, `__3` behind its name.

    Where a header alone could mean several columns, `__1` behind it names the first that is called exactly so.
    """
    names: dict[str, str] = {}
    for number, header in enumerate(headers, start=1):
        name, copy = header, 1
        while name in names:
            copy += 1
            name = f"{header}__{copy}"
        names[name] = _column(number)
    for header in _meanings(headers, names):
        name = f"{header}__1"
        while name in names:
            name = f"{name}__1"
        names[name] = _column(headers.index(header) + 1)
    return names


def ambiguous_headers(headers: Sequence[str]) -> dict[str, tuple[tuple[int, str], ...]]:
    """Return each header that could mean several columns -> (number of the column, the name that means it alone)."""
    names = internal_names(headers)
    alone = {column: name for name, column in names.items()}
    return {
        header: tuple((number, alone[_column(number)]) for number in numbers)
        for header, numbers in _meanings(headers, names).items()
    }


def _meanings(headers: Sequence[str], names: Mapping[str, str]) -> dict[str, tuple[int, ...]]:
    """Return the headers that stand more than once, differ by case only, or are the name of another's copy."""
    alike: dict[str, set[int]] = {}
    for number, header in enumerate(headers, start=1):
        alike.setdefault(header.casefold(), set()).add(number)
    meant = {header: alike[header.casefold()] | {int(names[header][1:])} for header in headers}
    return {header: tuple(sorted(numbers)) for header, numbers in meant.items() if len(numbers) > 1}


def _column(number: int) -> str:
    return f"c{number:04d}"
