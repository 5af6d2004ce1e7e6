"""Rows that sum up the records above them and are none themselves.  Keep out: where the records of a table end."""

import re
from collections.abc import Iterable

_TOTAL = re.compile(
    r"(grand |sub)?-?totals?|sum|summe|gesamt(summe)?|total (general|général)|totale|totaal|suma|somme|合計|итого",
    re.IGNORECASE,
)


def is_total(cells: Iterable[str]) -> bool:
    """Whether the first of the cells that say something is a word for a total, such as `Grand total:`."""
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    return _TOTAL.fullmatch(first.rstrip(": ")) is not None
