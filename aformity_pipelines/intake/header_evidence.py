"""What speaks for a row being a header and what against it, column by column.

A name over numbers speaks for it; a number over numbers, or a value that comes again below, against it.
Works on rows of any format.  Keep out: finding where a table begins.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from aformity_pipelines.intake.cell_kind import CellKind, kind_of, kind_of_column

_LOOKED_AT = 100
"""Rows below that are looked at."""
_NEVER_NAMES = frozenset({CellKind.EMAIL, CellKind.WEB})
_WORDS = frozenset(
    re.findall(
        r"\S+",
        """account active address adresse age amount anrede area betrag category child city ciudad
        class code col column comment comments company contact correo cost count country county
        created currency customer date datum day department description email end entity fax fecha
        field file firma first gender group id index industry item key kind kunde label land
        language last lead level link location mail manager mobile model modified month nachname
        name nom nombre notes number nummer order org organisation organization ort owner parent
        password path pays phone plz postcode prenom price product prénom qty quantity rate
        reference region role sales size source stage start state status strasse straße street
        subject sum supplier tags telefon telefono telephone teléfono time title total type unit
        updated url user value var vendor ville vorname website week year zip zipcode""",
    )
)
_WORD = re.compile(r"[^\W\d_]+(?<![A-Z])(?=[A-Z])|[^\W\d_]+")
_IDENTIFIER = re.compile(r"[A-Za-z]\w*_\w+|[a-z]+[A-Z]\w*")


_MISSING = frozenset(
    {"n/a", "na", "n.a.", "nd", "n/d", "null", "none", "nil", "nan", "-", "--", "?", "tbc", "unknown"}
)
_YEAR = re.compile(r"(19|20)\d\d")
_NUMBERED = re.compile(r"[A-Za-z_]+\d{0,3}")
_SHORT = 60
_MOSTLY_NAMED = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Counts of columns: filled in the row, typed below, for the row being a header, against, with a usual name."""

    filled: int
    typed: int
    for_it: int
    against: int
    named: int

    @property
    def is_plain(self) -> bool:
        """Whether the row can only be a header."""
        if self.for_it < 4 * self.against:
            return False
        return 0 < self.for_it >= self.typed / 2 or (
            not self.typed and not self.against and self.named >= max(1, _MOSTLY_NAMED * self.filled)
        )

    @property
    def is_likely(self) -> bool:
        """Whether a header is the better guess."""
        return self.for_it + self.named >= self.against


def evidence(cells: Sequence[str], below: Sequence[Sequence[str]]) -> Evidence:
    """Weigh whether `cells` are the names of the columns whose first cells are in `below`."""
    typed = for_it = against = 0
    for index, cell in enumerate(cells):
        name = cell.strip()
        if not name or name.lower() in _MISSING:
            continue
        column = [row[index] for row in below[:_LOOKED_AT] if index < len(row)]
        kind, shared = kind_of(name), kind_of_column(column)
        is_typed = shared not in {CellKind.TEXT, CellKind.EMPTY}
        typed += is_typed
        if kind in _NEVER_NAMES or _comes_again(name, column):
            against += 1
        elif is_typed:
            is_like = kind is shared and not _is_name_like(name, kind, column)
            for_it += kind is CellKind.TEXT or (kind is CellKind.CODE and not is_like)
            against += is_like
    filled = [cell for cell in cells if cell.strip()]
    return Evidence(
        filled=len(filled),
        typed=typed,
        for_it=for_it,
        against=against,
        named=sum(map(_is_usual_name, filled)),
    )


def is_row_of_names(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row has text over each column of numbers, dates and the like that it fills, and at least over one."""
    over = []
    for index, cell in enumerate(cells):
        column = [row[index] for row in below[:_LOOKED_AT] if index < len(row)]
        if cell.strip() and (shared := kind_of_column(column)) not in {CellKind.TEXT, CellKind.EMPTY}:
            kind = kind_of(cell)
            over.append(kind is CellKind.TEXT or (kind is CellKind.CODE and shared is not CellKind.CODE))
    return bool(over) and all(over)


def _comes_again(name: str, column: Sequence[str]) -> bool:
    return len(column) > 1 and kind_of(name) is CellKind.TEXT and name in {cell.strip() for cell in column}


def _is_name_like(name: str, kind: CellKind, column: Sequence[str]) -> bool:
    """Whether a year over other numbers, or a word with a number over codes of another shape, may be a name."""
    if kind is CellKind.CODE:
        return _is_usual_name(name) or (
            bool(_NUMBERED.fullmatch(name)) and _shape(name) not in {_shape(cell) for cell in column}
        )
    return bool(_YEAR.fullmatch(name)) and not all(_YEAR.fullmatch(cell.strip()) for cell in column)


def _shape(code: str) -> str:
    """Return a code with each run of letters or digits as one sign."""
    return re.sub(r"[A-Za-z]+", "a", re.sub(r"\d+", "9", code.strip()))


def _is_usual_name(cell: str) -> bool:
    name = cell.strip()
    if len(name) > _SHORT:
        return False
    return bool(_IDENTIFIER.fullmatch(name)) or any(word.lower() in _WORDS for word in _WORD.findall(name))
